"""Which lines of a piece can move: tried in memory one after the other, on what the ones before leave.

A line is held to the balances, to the limits of the accounts' classes and, where somebody collects for themselves, to
what each payer agreed to. What can move is counted on these bounds; it is posted afterwards, all in one posting.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import Account, Side
from zhongtai.operations.account_class import store as class_store
from zhongtai.operations.account_class.domain import AccountUse
from zhongtai.operations.collection_agreement import store as agreement_store
from zhongtai.operations.collection_agreement.domain import CollectionAgreement, collect_from
from zhongtai.operations.ledger.domain import Draft, Leg
from zhongtai.operations.payment import bounds
from zhongtai.operations.payment_batch.domain import BatchKind, PaymentBatch
from zhongtai.runtime.unit import Unit

_Use = tuple[Account, str, Money, AccountUse]


def refusals(unit: Unit, batch: PaymentBatch, drafts: Sequence[Draft]) -> list[Refusal | None]:
    """What each draft is refused with; None where it can move."""
    moved = {leg.account_id for draft in drafts for leg in draft.legs}
    collects = batch.kind is BatchKind.COLLECTION and bool(
        account_store.accounts.load(unit, batch.account_id).customer_id
    )
    trial = _Trial(
        unit,
        bounds.classed(unit, moved),
        agreement_store.in_force(unit, batch.account_id, moved) if collects else None,
    )
    found = [trial.refusal(draft) for draft in drafts]
    if trial.agreements:
        agreement_store.agreements.save_all(unit, trial.agreements.values())
    return found


@dataclass(slots=True)
class _Trial:
    """What the drafts so far leave; without `agreements` nobody has to have agreed."""

    unit: Unit
    classed: frozenset[str]
    agreements: dict[str, CollectionAgreement] | None
    accounts: dict[str, Account] = field(default_factory=dict)

    def refusal(self, draft: Draft) -> Refusal | None:
        """What the draft is refused with; where it is not, it is counted."""
        after: dict[str, Account] = {}
        uses: list[_Use] = []
        try:
            agreements = self._agreed(draft)
            for leg, other in zip(draft.legs, reversed(draft.legs), strict=True):
                account = self.accounts.get(leg.account_id) or account_store.accounts.load(self.unit, leg.account_id)
                after[leg.account_id] = self._moved(account, leg)
                if leg.account_id in self.classed:
                    use = AccountUse.OUTWARD if leg.side is Side.DEBIT else AccountUse.INWARD
                    uses.append((account, other.account_id, leg.amount, use))
                    class_store.must_allow(self.unit, *uses[-1])
        except Refusal as refusal:
            return refusal
        for each in uses:
            class_store.use_of_limits(self.unit, *each)
        if self.agreements is not None:
            self.agreements |= agreements
        self.accounts |= after
        return None

    def _agreed(self, draft: Draft) -> dict[str, CollectionAgreement]:
        """The agreement of who pays, after the collection; refuses where there is none, or it does not allow it."""
        if self.agreements is None:
            return {}
        (debit,) = (leg for leg in draft.legs if leg.side is Side.DEBIT)
        after = collect_from(debit.account_id, debit.amount, self.agreements, self.unit.business_date)
        return {debit.account_id: after}

    def _moved(self, account: Account, leg: Leg) -> Account:
        if account.currency_code != leg.amount.currency:
            raise CurrencyMustMatch(left=account.currency_code, right=leg.amount.currency)
        return account.move(leg.side, leg.amount, self.unit.now)
