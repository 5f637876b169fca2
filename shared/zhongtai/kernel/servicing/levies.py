"""The charges of one account while they are worked on: what each is, took, and puts on which instalment."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from zhongtai.kernel.money import rounded
from zhongtai.kernel.servicing.instalments import (
    FEE,
    INTEREST,
    PENALTY,
    PRINCIPAL,
    Instalment,
    first_regular_number,
    parts,
    within,
)
from zhongtai.kernel.servicing.terms import Charge, ChargeBasis, ChargeTime, Component


@dataclass(slots=True, eq=False)
class Slice:
    """The part of an instalment fee that falls on one instalment."""

    amount: int
    paid: int = 0
    waived: int = 0

    @property
    def outstanding(self) -> int:
        """What is still owed of it."""
        return self.amount - self.paid - self.waived


@dataclass(slots=True, eq=False)
class Levy:
    """One charge of the account. `slices`: of an instalment fee (or a re-aged charge), by instalment number."""

    id: str
    charge: Charge
    submitted_on: date
    sequence: int
    amount: int
    paid: int = 0
    waived: int = 0
    written_off: int = 0
    active: bool = True
    at_disbursement: bool = False
    slices: dict[int, Slice] = field(default_factory=dict)

    @property
    def due_on(self) -> date | None:
        """The day it falls due, where it has one."""
        return self.charge.due_on

    @property
    def component(self) -> Component:
        """Under which part of an instalment it stands."""
        return PENALTY if self.charge.penalty else FEE

    @property
    def by_instalment(self) -> bool:
        """Whether it falls on every instalment."""
        return self.charge.time is ChargeTime.INSTALMENT

    @property
    def on_a_day(self) -> bool:
        """Whether it falls due on a day of its own."""
        return self.charge.time in (ChargeTime.SPECIFIED_DUE_DATE, ChargeTime.OVERDUE)

    @property
    def outstanding(self) -> int:
        """What is still owed of it."""
        return self.amount - self.paid - self.waived - self.written_off

    @property
    def effective_on(self) -> date | None:
        """The day it enters history: raised, or due where it was raised later than due."""
        if self.due_on is not None and self.due_on < self.submitted_on:
            return self.due_on
        return self.submitted_on

    def falls_in(self, instalment: Instalment, first_number: int) -> bool:
        """Whether it falls due within the instalment's period."""
        return within(self.due_on, instalment.start, instalment.due, instalment.number == first_number)

    def forget_payments(self) -> None:
        """Unpaid and on no instalment yet, before a replay; what was taken from the money paid out stays paid.

        What was waived of an instalment stays waived.
        """
        if self.at_disbursement:
            return
        self.paid = 0
        self.slices = {number: Slice(0, waived=part.waived) for number, part in self.slices.items() if part.waived}

    def forget_paid(self) -> None:
        """Unpaid again on the instalments it stands on."""
        if not self.at_disbursement:
            self.paid = 0
            for part in self.slices.values():
                part.paid = 0

    def take(self, amount: int, number: int | None) -> int:
        """Pays it out of `amount`; for an instalment fee the slice of that instalment. The part it took."""
        if self.by_instalment:
            part = self.slices.get(number) if number is not None else None
            if part is None:
                unpaid = [key for key in sorted(self.slices) if self.slices[key].outstanding > 0]
                part = self.slices[unpaid[0]] if unpaid else None
            if part is None:
                return 0
            amount = min(amount, part.outstanding)
            part.paid += amount
        taken = min(amount, self.outstanding)
        self.paid += taken
        return taken

    def give(self, amount: int, number: int | None) -> int:
        """Gives back of what was paid. The part given back."""
        if self.by_instalment:
            paid = [key for key in sorted(self.slices, reverse=True) if self.slices[key].paid > 0]
            key = number if number is not None and number in self.slices else (paid[0] if paid else None)
            if key is None:
                return 0
            amount = min(amount, self.slices[key].paid)
            self.slices[key].paid -= amount
        given = min(amount, self.paid)
        self.paid -= given
        return given


def percentage(amount: int, percent: Decimal) -> int:
    """`percent` of the amount, rounded half to even."""
    share = Fraction(percent) * amount / 100
    return rounded(share.numerator, share.denominator)


def base_of(basis: ChargeBasis, principal: int, interest: int) -> int:
    """What a percentage is taken of."""
    if basis is ChargeBasis.PERCENT_OF_AMOUNT_AND_INTEREST:
        return principal + interest
    return interest if basis is ChargeBasis.PERCENT_OF_INTEREST else principal


def figure(charge: Charge, principal: int, interest: int) -> int:
    """What the charge comes to on this principal and interest."""
    if charge.basis is ChargeBasis.FLAT:
        return charge.amount
    return percentage(base_of(charge.basis, principal, interest), charge.percent)


def put_on(levy: Levy, instalments: list[Instalment]) -> None:
    """Puts the charge on the instalments it falls due with; down payments bear none.

    A charge due behind the last instalment makes an additional one, or moves the one there is.
    """
    if levy.charge.time is ChargeTime.DISBURSEMENT or levy.charge.time is ChargeTime.TRANCHE_DISBURSEMENT:
        return
    if levy.on_a_day:
        reach(instalments, levy.due_on)
    first = first_regular_number(instalments)
    before: date | None = None
    for instalment in instalments:
        if instalment.down_payment:
            continue
        start = before if before is not None else instalment.start
        due = waived = 0
        if levy.by_instalment:
            if not instalment.recalculated and not instalment.additional:
                due = figure(levy.charge, instalment.charged[PRINCIPAL], instalment.charged[INTEREST])
                part = levy.slices.setdefault(instalment.number, Slice(due))
                part.amount = due
                waived = part.waived
        elif within(levy.due_on, start, instalment.due, instalment.number == first):
            due, waived = levy.amount, levy.waived
        instalment.charged[levy.component] += due
        instalment.waived[levy.component] += waived
        instalment.check(instalment.met_on)
        before = instalment.due
    if levy.by_instalment:
        levy.amount = sum(part.amount for part in levy.slices.values())


def reach(instalments: list[Instalment], on: date | None) -> None:
    """Lets the last instalment reach the day: an additional one is moved there, or made."""
    last = next(instalment for instalment in reversed(instalments) if not instalment.down_payment)
    if on is None or on <= last.due:
        return
    if last.additional:
        last.due = on
        return
    added = Instalment(len(instalments) + 1, last.due, on, additional=True)
    added.settle(instalments[0].start)
    instalments.append(added)


def of_instalment(levies: list[Levy], instalment: Instalment, first_number: int) -> list[Levy]:
    """The charges that fall due with the instalment."""
    return [
        levy
        for levy in levies
        if (levy.by_instalment and instalment.number in levy.slices)
        or (instalment.re_aged and instalment.number in levy.slices)
        or levy.falls_in(instalment, first_number)
    ]


def earliest_unpaid(levies: list[Levy]) -> Levy | None:
    """The charge that is paid first: the one due earliest."""
    unpaid = [levy for levy in levies if levy.outstanding > 0 and not levy.at_disbursement]
    return min(unpaid, key=lambda levy: (levy.due_on or date.max, levy.sequence), default=None)


def refigure_fees(levies: list[Levy], instalments: list[Instalment], on: date) -> None:
    """Instalment fees raised before the day follow the instalments' new principal and interest."""
    fees = [levy for levy in levies if levy.active and levy.by_instalment and levy.submitted_on < on]
    for instalment in instalments:
        if not fees or instalment.met or instalment.additional or instalment.down_payment:
            continue
        sums = parts()
        for levy in fees:
            amount = figure(levy.charge, instalment.charged[PRINCIPAL], instalment.charged[INTEREST])
            levy.slices.setdefault(instalment.number, Slice(amount)).amount = amount
            sums[levy.component] += amount
            levy.amount = sum(part.amount for part in levy.slices.values())
        instalment.charged.update({component: amount for component, amount in sums.items() if amount})
