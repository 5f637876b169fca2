"""Confirmed credit (供应链债权凭证): who holds which part of what a core enterprise owes, passed on and financed.

Always true: all holdings of a receivable together are what its debtor owes, and no part of one is locked behind two
loans. A supplier pays its own supplier with a part of what it holds; whoever holds a part may have it financed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from zhongtai.credit.receivable.domain import Receivable
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Denied, Invalid, Limited, Missing, Taken, Unmet

HOLDINGS_MAX = 500


class HoldingNotFound(Missing):
    """The receivable {receivable_id} has no holding {holding_id}: check the id.

    应收账款{receivable_id}没有编号为{holding_id}的债权凭证：请核对编号。
    """

    receivable_id: str
    holding_id: str


class HoldingExhausted(Unmet):
    """Only {free} of the holding is free: ask for less.

    该凭证可用余额仅{free}：请减少金额。
    """

    free: Money


class HolderMustDiffer(Invalid):
    """{holder_id} holds it already: name the next in the chain.

    {holder_id}已持有该凭证：请填写下一级供应商。
    """

    holder_id: str


class TooManyHoldings(Limited):
    """A receivable is split into {most} holdings at most: pass on larger parts.

    每笔应收账款最多拆分为{most}张凭证：请合并后转让。
    """

    most: int


class LoanMustBeOfHolder(Denied):
    """The loan {loan_id} is another customer's: finance a holding by a loan to its holder.

    贷款{loan_id}不属于持有人：请使用持有人名下的贷款。
    """

    loan_id: str


class LoanAlreadyFinanced(Taken):
    """The loan {loan_id} rests on the holding {holding_id}: a loan rests on one.

    贷款{loan_id}已以凭证{holding_id}融资：一笔贷款只对应一张凭证。
    """

    loan_id: str
    holding_id: str


class DilutionMustNotExceedFree(Unmet):
    """Only {free} is still free in the seller's hand: what was passed on or financed is owed in full.

    卖方尚可用余额仅{free}：已转让或融资的部分须足额支付。
    """

    free: Money


class SettlementMustBeWhole(Unmet):
    """{confirmed} is owed, {amount} was told: the debtor pays the whole promise at once.

    应付{confirmed}，而非{amount}：须按确权余额一次足额支付。
    """

    confirmed: Money
    amount: Money


@dataclass(frozen=True, slots=True)
class ReceivableConfirmed:
    """A debtor promised to pay; the promise is whole in the seller's hand."""

    receivable_id: str
    holding_id: str
    debtor_id: str
    confirmed: Money


@dataclass(frozen=True, slots=True)
class ReceivableDiluted:
    """A debtor owes less."""

    receivable_id: str
    amount: Money
    confirmed: Money
    reason: str


@dataclass(frozen=True, slots=True)
class CreditTransferred:
    """A part of a holding was passed on."""

    receivable_id: str
    holding_id: str
    transferred_id: str
    holder_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class CreditFinanced:
    """A part of a holding is locked behind a loan."""

    receivable_id: str
    holding_id: str
    loan_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class FinancingReleased:
    """What a loan had locked is free."""

    receivable_id: str
    holding_id: str
    loan_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class SettlementShare:
    """What one hand gets; `loan_id` is empty where the holder does."""

    holding_id: str
    holder_id: str
    loan_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class ReceivableSettled:
    """A debtor paid."""

    receivable_id: str
    payment_id: str
    amount: Money
    shares: tuple[SettlementShare, ...]


@dataclass(frozen=True, slots=True)
class Financing:
    """What a loan locked of a holding; kept under the loan's id, so that a loan rests on one holding."""

    loan_id: str
    receivable_id: str
    holding_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Holding:
    """A part of a confirmed receivable in one hand; `from_holding_id` is empty for the seller's."""

    receivable_id: str
    holding_id: str
    holder_id: str
    from_holding_id: str
    amount: Money
    locked: Money

    def __post_init__(self) -> None:
        assert Money(self.amount.currency, 0) <= self.locked <= self.amount, "no more is locked than is held"

    @property
    def free(self) -> Money:
        """What of it is not locked behind loans."""
        return self.amount - self.locked

    def less(self, amount: Money) -> "Holding":
        """The holding without a free part of it."""
        if amount > self.free:
            raise HoldingExhausted(free=self.free)
        return replace(self, amount=self.amount - amount)

    def transfer(
        self, transferred_id: str, holder_id: str, amount: Money, *, holdings: int
    ) -> tuple["Holding", "Holding", CreditTransferred]:
        """What is left of the holding, and the part that was passed on; `holdings` is how many there are by now."""
        if holder_id == self.holder_id:
            raise HolderMustDiffer(holder_id=holder_id)
        if holdings >= HOLDINGS_MAX:
            raise TooManyHoldings(most=HOLDINGS_MAX)
        left = self.less(amount)
        passed = Holding(self.receivable_id, transferred_id, holder_id, self.holding_id, amount, amount.nothing)
        fact = CreditTransferred(self.receivable_id, self.holding_id, transferred_id, holder_id, amount)
        return left, passed, fact

    def finance(
        self, loan_id: str, borrower_id: str, amount: Money, earlier: Financing | None
    ) -> tuple["Holding", Financing, CreditFinanced]:
        """Locks a part behind a loan to the holder; `earlier` is what the loan locks already, if anything."""
        if borrower_id != self.holder_id:
            raise LoanMustBeOfHolder(loan_id=loan_id)
        if earlier is not None:
            raise LoanAlreadyFinanced(loan_id=loan_id, holding_id=earlier.holding_id)
        if amount > self.free:
            raise HoldingExhausted(free=self.free)
        financing = Financing(loan_id, self.receivable_id, self.holding_id, amount)
        fact = CreditFinanced(self.receivable_id, self.holding_id, loan_id, amount)
        return replace(self, locked=self.locked + amount), financing, fact

    def release(self, financing: Financing) -> tuple["Holding", FinancingReleased]:
        """Frees what a loan had locked."""
        fact = FinancingReleased(self.receivable_id, self.holding_id, financing.loan_id, financing.amount)
        return replace(self, locked=self.locked - financing.amount), fact


def confirm(receivable: Receivable, holding_id: str, amount: Money) -> tuple[Receivable, Holding, ReceivableConfirmed]:
    """The debtor's promise, whole in the seller's hand."""
    confirmed = receivable.confirm(amount)
    holding = Holding(receivable.receivable_id, holding_id, receivable.seller_id, "", amount, amount.nothing)
    return confirmed, holding, ReceivableConfirmed(receivable.receivable_id, holding_id, receivable.debtor_id, amount)


def dilute(
    receivable: Receivable, sellers: Holding, amount: Money, reason: str
) -> tuple[Receivable, Holding, ReceivableDiluted]:
    """The debtor owes less: the seller's free part shrinks, for it alone answers for its goods."""
    receivable.must_be_confirmed()
    if amount > sellers.free:
        raise DilutionMustNotExceedFree(free=sellers.free)
    diluted = receivable.dilute(amount)
    fact = ReceivableDiluted(receivable.receivable_id, amount, diluted.confirmed, reason)
    return diluted, sellers.less(amount), fact


def settle(
    receivable: Receivable, amount: Money, payment_id: str, holdings: Sequence[Holding], financings: Iterable[Financing]
) -> tuple[Receivable, ReceivableSettled]:
    """The debtor's payment, shared out: what loans locked goes to them, the rest of each holding to its holder."""
    settled = receivable.settle(payment_id)
    if amount != receivable.confirmed:
        raise SettlementMustBeWhole(confirmed=receivable.confirmed, amount=amount)
    by_id = {holding.holding_id: holding for holding in holdings}
    shares = [
        SettlementShare(one.holding_id, by_id[one.holding_id].holder_id, one.loan_id, one.amount) for one in financings
    ]
    shares += [SettlementShare(one.holding_id, one.holder_id, "", one.free) for one in holdings if one.free]
    assert sum((share.amount for share in shares), amount.nothing) == amount, "the promise is held whole"
    return settled, ReceivableSettled(receivable.receivable_id, payment_id, amount, tuple(shares))
