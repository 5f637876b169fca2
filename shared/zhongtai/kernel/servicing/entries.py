"""The account's transactions while they are worked on, and the order in which history is told."""

from copy import copy
from dataclasses import dataclass, field
from datetime import date

from zhongtai.kernel.servicing.instalments import Instalment, Parts, parts, portions
from zhongtai.kernel.servicing.operations import Operation
from zhongtai.kernel.servicing.terms import Component
from zhongtai.kernel.servicing.transactions import Transaction, TransactionType

T = TransactionType

PAYMENTS = frozenset(
    {
        T.REPAYMENT,
        T.DOWN_PAYMENT,
        T.MERCHANT_ISSUED_REFUND,
        T.PAYOUT_REFUND,
        T.GOODWILL_CREDIT,
        T.INTEREST_PAYMENT_WAIVER,
        T.INTEREST_REFUND,
        T.CHARGE_ADJUSTMENT,
        T.CAPITALIZED_INCOME_ADJUSTMENT,
    }
)
ACCRUALS = frozenset({T.ACCRUAL, T.ACCRUAL_ADJUSTMENT})

# What is only told, and moves nothing the customer owes.
MEMORANDA = frozenset(
    {
        T.ACCRUAL,
        T.ACCRUAL_ADJUSTMENT,
        T.ACCRUAL_ACTIVITY,
        T.CHARGE_OFF,
        T.RE_AGE,
        T.RE_AMORTIZE,
        T.CONTRACT_TERMINATION,
        T.CAPITALIZED_INCOME_AMORTIZATION,
        T.CAPITALIZED_INCOME_AMORTIZATION_ADJUSTMENT,
        T.BUY_DOWN_FEE,
        T.BUY_DOWN_FEE_ADJUSTMENT,
        T.BUY_DOWN_FEE_AMORTIZATION,
        T.BUY_DOWN_FEE_AMORTIZATION_ADJUSTMENT,
    }
)
REPLAYED = frozenset({T.CHARGE_OFF, T.RE_AGE, T.RE_AMORTIZE, T.CONTRACT_TERMINATION, T.ACCRUAL_ACTIVITY})


@dataclass(slots=True, eq=False)
class Met:
    """How much of an entry went to one instalment."""

    instalment: Instalment
    amounts: Parts = field(default_factory=parts)


@dataclass(slots=True, eq=False)
class Entry:
    """One transaction. `sequence` is the order of booking; `cause` the operation whose parameters it needs
    (the close of a day has none).

    `amount` is what was given; `amounts` how it was shared out; `overpaid` what is left. `charges` tells how much of
    it each charge took, by charge and instalment number (None: of no instalment). `replaced`: reverted by the account
    itself, because history came out otherwise; `fresh`: not worked by any replay yet.
    """

    id: str
    type: TransactionType
    dated: date
    booked_on: date
    sequence: int
    amount: int
    cause: Operation | None
    amounts: Parts = field(default_factory=parts)
    overpaid: int = 0
    balance: int = 0
    reverted: bool = False
    replayed: bool = False
    of: str | None = None
    met: list[Met] = field(default_factory=list)
    charges: dict[tuple[str, int | None], int] = field(default_factory=dict)
    charged_off: bool = False
    fraud: bool = False
    fresh: bool = True
    replaced: bool = False

    @property
    def root(self) -> str:
        """The name it had when it was booked first; a replay books it again under the same root."""
        return self.id.partition("@")[0]

    @property
    def pays(self) -> bool:
        """Whether it reduces what is owed, by a waterfall."""
        return self.type in PAYMENTS

    @property
    def told_in_replay(self) -> bool:
        """Whether a replay works it again."""
        return not self.reverted and (self.type not in MEMORANDA or self.type in REPLAYED)

    def again(self) -> "Entry":
        """A copy to be worked on anew."""
        fresh = copy(self)
        fresh.amounts, fresh.met, fresh.charges = dict(self.amounts), [], {}
        if self.type in (T.CHARGE_PAYMENT, T.REPAYMENT_AT_DISBURSEMENT):
            fresh.charges = dict(self.charges)
        return fresh

    def replace(self) -> None:
        """Reverts it because something else stands in its place."""
        self.reverted = self.replaced = True

    def clear(self) -> None:
        """Nothing is shared out yet."""
        self.amounts, self.overpaid = parts(), 0

    def same_amounts(self, other: "Entry") -> bool:
        """Whether the replay changed nothing of it."""
        return self.amount == other.amount and self.amounts == other.amounts and self.overpaid == other.overpaid

    def share(self, instalment: Instalment) -> Parts:
        """The part of it that goes to the instalment, to be added to."""
        for met in self.met:
            if met.instalment is instalment:
                return met.amounts
        met = Met(instalment)
        self.met.append(met)
        return met.amounts

    def set_components(self, amounts: Parts) -> None:
        """The entry is exactly these parts."""
        self.amounts = dict(amounts)
        self.amount = sum(amounts.values())

    def told(self) -> Transaction:
        """The frozen value that leaves the account."""
        by_charge: dict[str, int] = {}
        for (charge, _), amount in self.charges.items():
            by_charge[charge] = by_charge.get(charge, 0) + amount
        return Transaction(
            id=self.id,
            type=self.type,
            dated=self.dated,
            booked_on=self.booked_on,
            amount=self.amount,
            portions=portions(self.amounts),
            overpaid=self.overpaid,
            balance=self.balance,
            reverted=self.reverted,
            replayed=self.replayed,
            operation=self.root.partition("/")[0],
            of=self.of,
            charged_off=self.charged_off,
            fraud=self.fraud,
            charges_paid=tuple(by_charge.items()),
        )


def chronological(entry: Entry) -> tuple[date, bool, date, int]:
    """The order of history: by day; accrual activity last; then as booked."""
    return entry.dated, entry.type is T.ACCRUAL_ACTIVITY, entry.booked_on, entry.sequence


def total(entries: list[Entry], types: frozenset[TransactionType], component: Component) -> int:
    """The sum of one component over the standing entries of these types."""
    return sum(each.amounts[component] for each in entries if not each.reverted and each.type in types)


BALANCED = (
    T.DISBURSEMENT,
    T.REPAYMENT_AT_DISBURSEMENT,
    T.CAPITALIZED_INCOME,
    T.CHARGEBACK,
    T.CREDIT_BALANCE_REFUND,
    T.WAIVE_CHARGES,
    T.REFUND,
    T.WRITE_OFF,
    T.CHARGE_PAYMENT,
)
"""Beside payments, the transactions that tell what is outstanding after them."""


def balance_after(entry: Entry, outstanding: int, *, by_order: bool) -> int:
    """The principal outstanding after the transaction; `by_order`: charge-backs are put on components in an order."""
    principal = entry.amounts[Component.PRINCIPAL]
    if entry.type in (T.DISBURSEMENT, T.CAPITALIZED_INCOME):
        return outstanding + entry.amount - entry.overpaid
    if entry.type in (T.CHARGEBACK, T.CREDIT_BALANCE_REFUND):
        put = principal
        if entry.overpaid:
            if by_order:
                put = principal - sum(met.amounts[Component.PRINCIPAL] for met in entry.met)
            else:
                put = entry.amount - entry.overpaid
        return outstanding + max(put, 0)
    moves = entry.pays or entry.type in (T.WRITE_OFF, T.CHARGE_PAYMENT, T.REPAYMENT_AT_DISBURSEMENT, T.RECOVERY)
    return outstanding - principal if moves else outstanding
