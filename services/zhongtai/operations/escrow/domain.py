"""An escrow (资金监管): money that the bank keeps until a condition is met.

Always true: paid in = released + returned + kept, and none of them is below nothing. Who may say that the condition is
met, and who that it failed, is agreed when it is opened; what is kept after the last date goes back to the payer.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Denied, Invalid, Missing, Taken, Unmet
from zhongtai.operations.payment.domain import AccountsMustDiffer


class EscrowNotFound(Missing):
    """There is no escrow {escrow_id}: check the id.

    资金监管{escrow_id}不存在：请核对编号。
    """

    escrow_id: str


class EscrowReferenceMustBeUnique(Taken):
    """The reference {end_to_end_id} is that of the escrow {escrow_id}, which differs: use another reference.

    端到端标识{end_to_end_id}已用于内容不同的资金监管{escrow_id}：请更换标识。
    """

    end_to_end_id: str
    escrow_id: str


class EscrowMustEndAhead(Invalid):
    """The last date {expires_on} is before the business date {business_date}: state a later one.

    到期日{expires_on}早于营业日{business_date}：请填写更晚的日期。
    """

    expires_on: date
    business_date: date


class EscrowMustBeOpen(Unmet):
    """Nothing is kept in the escrow {escrow_id} any more, or its last date {expires_on} has gone by.

    资金监管{escrow_id}已结清或已过到期日{expires_on}：不可再划付。
    """

    escrow_id: str
    expires_on: date


class EscrowPartyMustDecide(Denied):
    """The {party} has no say in this of the escrow {escrow_id}: ask one of {parties}.

    {party}无权决定资金监管{escrow_id}的此项划付：请由{parties}确认。
    """

    escrow_id: str
    party: str
    parties: str


class EscrowAmountExhausted(Unmet):
    """Only {kept} is kept in the escrow {escrow_id}: move that or less.

    资金监管{escrow_id}余额仅{kept}：请减少金额。
    """

    escrow_id: str
    kept: Money


class EscrowStatus(StrEnum):
    """How an escrow stands."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


class EscrowParty(StrEnum):
    """Whose word moves the money."""

    PAYER = "PAYER"
    PAYEE = "PAYEE"
    ARBITER = "ARBITER"


@dataclass(frozen=True, slots=True)
class EscrowOpened:
    """Money is kept."""

    escrow_id: str
    payer_account_id: str
    payee_account_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class EscrowReleased:
    """Money was released to the payee."""

    escrow_id: str
    amount: Money
    party: EscrowParty
    entry_id: str


@dataclass(frozen=True, slots=True)
class EscrowReturned:
    """Money was given back to the payer; without a party its last date had gone by."""

    escrow_id: str
    amount: Money
    party: EscrowParty | None
    entry_id: str


@dataclass(frozen=True, slots=True)
class Escrow:
    """An escrow and what became of its money."""

    escrow_id: str
    end_to_end_id: str
    initiating_party: str
    payer_account_id: str
    payee_account_id: str
    condition: str
    amount: Money
    released_by: tuple[EscrowParty, ...]
    returned_by: tuple[EscrowParty, ...]
    expires_on: date
    released: Money
    returned: Money
    status: EscrowStatus = EscrowStatus.OPEN
    entry_ids: tuple[str, ...] = ()

    def opened(self, business_date: date) -> EscrowOpened:
        """The fact that money is kept; refuses one account on both sides, and a last date that is past."""
        if self.payer_account_id == self.payee_account_id:
            raise AccountsMustDiffer()
        if self.expires_on < business_date:
            raise EscrowMustEndAhead(expires_on=self.expires_on, business_date=business_date)
        return EscrowOpened(self.escrow_id, self.payer_account_id, self.payee_account_id, self.amount)

    def must_be(self, other: "Escrow") -> "Escrow":
        """The escrow itself; refuses where another one was opened under the same reference."""
        names = ("payer_account_id", "payee_account_id", "condition", "amount", "released_by", "returned_by")
        if any(getattr(self, name) != getattr(other, name) for name in (*names, "expires_on")):
            raise EscrowReferenceMustBeUnique(end_to_end_id=self.end_to_end_id, escrow_id=self.escrow_id)
        return self

    @property
    def kept(self) -> Money:
        """What is neither released nor returned."""
        return self.amount - self.released - self.returned

    def release(self, amount: Money, party: EscrowParty, business_date: date) -> "Escrow":
        """The escrow after a release on a party's word."""
        self._must_let(party, self.released_by, amount, business_date)
        return replace(self, released=self.released + amount)._closed()

    def give_back(self, amount: Money, party: EscrowParty, business_date: date) -> "Escrow":
        """The escrow after money went back on a party's word."""
        self._must_let(party, self.returned_by, amount, business_date)
        return replace(self, returned=self.returned + amount)._closed()

    def expire(self) -> "Escrow":
        """The escrow after all that was kept went back."""
        return replace(self, returned=self.returned + self.kept)._closed()

    def booked(self, entry_id: str) -> "Escrow":
        """The escrow with one more of its ledger entries."""
        return replace(self, entry_ids=(*self.entry_ids, entry_id))

    def _must_let(
        self, party: EscrowParty, parties: tuple[EscrowParty, ...], amount: Money, business_date: date
    ) -> None:
        if self.status is not EscrowStatus.OPEN or business_date > self.expires_on:
            raise EscrowMustBeOpen(escrow_id=self.escrow_id, expires_on=self.expires_on)
        if party not in parties:
            raise EscrowPartyMustDecide(escrow_id=self.escrow_id, party=party, parties=", ".join(parties))
        if amount > self.kept:
            raise EscrowAmountExhausted(escrow_id=self.escrow_id, kept=self.kept)

    def _closed(self) -> "Escrow":
        return self if self.kept else replace(self, status=EscrowStatus.CLOSED)
