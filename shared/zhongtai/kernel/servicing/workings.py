"""The account in the middle of a replay: instalments, interest model, charges and what was overpaid so far."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum

from zhongtai.kernel.servicing.entries import Entry
from zhongtai.kernel.servicing.instalments import INTEREST, PRINCIPAL, Instalment, Parts, parts, within
from zhongtai.kernel.servicing.interest.model import InterestModel
from zhongtai.kernel.servicing.levies import Levy, earliest_unpaid
from zhongtai.kernel.servicing.terms import Component, Terms
from zhongtai.kernel.servicing.transactions import TransactionType


class VariationKind(StrEnum):
    """How the terms of a running loan change, in the order they are worked when they begin on one day."""

    RATE = "RATE"
    PAUSE = "PAUSE"
    EXTENSION = "EXTENSION"
    DUE_DATE = "DUE_DATE"
    GRACE = "GRACE"


@dataclass(frozen=True, slots=True)
class Variation:
    """A change of the terms from `from_on` on: a new `rate` (percent per year), a pause until `until`, `extra`
    instalments, the due date `from_on` moved to `until`, or grace for so many instalments.

    `operation` is the reference of what gave it.
    """

    kind: VariationKind
    from_on: date
    operation: str
    sequence: int
    until: date | None = None
    rate: Decimal | None = None
    extra: int = 0
    grace_principal: int = 0
    grace_interest: int = 0


@dataclass(slots=True, eq=False)
class Change:
    """A transaction the replay changed: `old` is reverted (None: nothing was booked), `new` stands instead."""

    old: Entry | None
    new: Entry


@dataclass(slots=True, eq=False)
class Workings:
    """What a replay works on. `history` is what it has worked so far, `changes` what came out otherwise than booked.

    `accruals` are the accruals and their adjustments that stand in the books; `paid_afterwards`: what an earlier
    payment left over has paid a later charge.
    """

    terms: Terms
    model: InterestModel | None
    variations: list[Variation]
    business_date: date
    instalments: list[Instalment]
    levies: list[Levy]
    disbursed_on: date
    overpaid: int = 0
    history: list[Entry] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    overpaying: list[Entry] = field(default_factory=list)
    accruals: list[Entry] = field(default_factory=list)
    charged_off: bool = False
    written_off: bool = False
    terminated: bool = False
    interest_refunded: int = 0
    prepaying: bool = False
    passed_over: list[Instalment] = field(default_factory=list)
    paid_afterwards: bool = False
    opening: "Callable[[], Workings] | None" = None

    def __getstate__(self) -> dict[str, object]:
        """Everything but how it was opened: whoever wakes it says so."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "opening"}

    def __setstate__(self, state: dict[str, object]) -> None:
        for name, value in state.items():
            setattr(self, name, value)
        self.opening = None

    @property
    def bears_interest(self) -> bool:
        """Whether the loan bears interest at all."""
        return self.terms.interest.rate > 0 or any((each.rate or 0) > 0 for each in self.variations)

    @property
    def recalculates(self) -> bool:
        """Whether interest follows what is really owed (the loan bears interest and its terms say so)."""
        return self.bears_interest and self.terms.recalculation is not None

    @property
    def follows_model(self) -> bool:
        """Whether payments go through the interest model now: not once the loan has ended otherwise."""
        return self.recalculates and not (self.charged_off or self.written_off or self.terminated)

    @property
    def interest_model(self) -> InterestModel:
        """The interest model of a progressive loan."""
        assert self.model is not None, "only the progressive convention keeps an interest model"
        return self.model

    def regular(self) -> list[Instalment]:
        """The instalments the interest model keeps."""
        return [each for each in self.instalments if each.regular]

    def outstanding(self) -> Parts:
        """What is owed in all."""
        owed = parts()
        for instalment in self.instalments:
            for component in Component:
                owed[component] += instalment.owed(component)
        return owed

    def instalment_at(self, on: date) -> Instalment | None:
        """The instalment whose period holds the day; the first one counts its start."""
        first = min((each.number for each in self.instalments if not each.down_payment), default=0)
        for instalment in self.instalments:
            if not instalment.down_payment and within(on, instalment.start, instalment.due, instalment.number == first):
                return instalment
        return None

    def of(self, start: date, due: date) -> Instalment | None:
        """The instalment with exactly this period."""
        for instalment in self.instalments:
            if instalment.due == due and instalment.start == start and not instalment.down_payment:
                return instalment
        return None

    def follow_model(self, on: date) -> None:
        """Takes principal, interest and credits of every period over from the model."""
        for period in self.interest_model.periods:
            instalment = self.of(period.start, period.due)
            if instalment is not None:
                instalment.charged[PRINCIPAL] = period.due_principal
                instalment.charged[INTEREST] = period.due_interest
                instalment.credited[INTEREST] = period.credited_interest
                instalment.credited[PRINCIPAL] = period.credited_principal
                instalment.settle(on)

    def take_recalculated(self) -> None:
        """Takes principal and interest over after overdue amounts were reckoned into the model."""
        for period in self.interest_model.periods:
            instalment = self.of(period.start, period.due)
            if instalment is not None:
                instalment.charged[PRINCIPAL] = period.due_principal
                instalment.charged[INTEREST] = period.due_interest
                instalment.recalculated = True

    def recalculate(self, on: date) -> None:
        """Reckons what is overdue until `on` into interest, where the terms let past-due principal bear it."""
        if not (self.follows_model and self.instalments and self.terms.interest.on_past_due):
            return
        if self.interest_model.recalculate_overdue(on, paying_off=self.prepaying):
            self.take_recalculated()

    def pay_charges(self, entry: Entry, amount: int, levies: list[Levy], number: int | None) -> None:
        """Tells which charges the part of a payment went to, the one due earliest first."""
        remaining, candidates = amount, list(levies)
        while remaining > 0:
            levy = earliest_unpaid(candidates)
            if levy is None:
                return
            taken = levy.take(remaining, number)
            if taken == 0:
                candidates.remove(levy)
                continue
            entry.charges[levy.id, number] = entry.charges.get((levy.id, number), 0) + taken
            remaining -= taken

    def unpay_charges(self, entry: Entry, amount: int, levies: list[Levy], number: int | None) -> None:
        """Gives back what charges were paid, the one due latest first."""
        remaining, candidates = amount, [levy for levy in levies if levy.paid > 0]
        candidates.sort(key=lambda levy: (levy.due_on or date.max, levy.sequence), reverse=True)
        for levy in candidates:
            given = levy.give(remaining, number)
            if given:
                entry.charges[levy.id, None] = entry.charges.get((levy.id, None), 0) - given
                remaining -= given

    def stands(self, type_: TransactionType) -> list[Entry]:
        """The entries of a type worked so far that still stand."""
        return [each for each in self.history if each.type is type_ and not each.reverted]

    def fresh(self) -> "Workings":
        """The same account before anything happened to it: empty instalments, an empty model, charges unpaid."""
        assert self.opening is not None, "workings are opened by the replay"
        return self.opening()
