"""One instalment while it is being worked on, and the parts an amount is made of.

Everything here is mutable and lives inside one replay; `transactions.ScheduleRow` is what leaves it.
"""

from copy import copy
from dataclasses import dataclass, field
from datetime import date

from zhongtai.kernel.servicing.terms import Component
from zhongtai.kernel.servicing.transactions import Portions

PRINCIPAL, INTEREST, FEE, PENALTY = Component.PRINCIPAL, Component.INTEREST, Component.FEE, Component.PENALTY

Parts = dict[Component, int]


def parts(principal: int = 0, interest: int = 0, fee: int = 0, penalty: int = 0) -> Parts:
    """The four parts of an amount, in minor units."""
    return {PRINCIPAL: principal, INTEREST: interest, FEE: fee, PENALTY: penalty}


def portions(amounts: Parts) -> Portions:
    """The parts as the frozen value that leaves the replay."""
    return Portions(amounts[PRINCIPAL], amounts[INTEREST], amounts[FEE], amounts[PENALTY])


@dataclass(slots=True, eq=False)
class Instalment:
    """What falls due on one day, and what became of it.

    `down_payment`: part of a disbursement, due on its day. `additional`: an instalment behind the last one, made
    for what came after it (a charge, a charge-back). `re_aged`: made by a re-age. `recalculated`: its interest was
    reckoned again because something was overdue; its instalment fee no longer follows it.
    """

    number: int
    start: date
    due: date
    charged: Parts = field(default_factory=parts)
    paid: Parts = field(default_factory=parts)
    waived: Parts = field(default_factory=parts)
    written_off: Parts = field(default_factory=parts)
    credited: Parts = field(default_factory=parts)
    in_advance: int = 0
    late: int = 0
    met: bool = False
    met_on: date | None = None
    down_payment: bool = False
    additional: bool = False
    re_aged: bool = False
    recalculated: bool = False
    fees: dict[str, int] = field(default_factory=dict)

    def copied(self) -> "Instalment":
        """An equal one: nothing done to it is seen here."""
        twin = copy(self)
        twin.charged, twin.paid, twin.waived = dict(self.charged), dict(self.paid), dict(self.waived)
        twin.written_off, twin.credited, twin.fees = dict(self.written_off), dict(self.credited), dict(self.fees)
        return twin

    def owed(self, component: Component) -> int:
        """What is still owed of one component."""
        return self.charged[component] - self.paid[component] - self.waived[component] - self.written_off[component]

    @property
    def outstanding(self) -> int:
        """What is still owed in all."""
        return (
            sum(self.charged.values())
            - sum(self.paid.values())
            - sum(self.waived.values())
            - sum(self.written_off.values())
        )

    @property
    def total(self) -> int:
        """What was due in all."""
        return sum(self.charged.values())

    @property
    def total_paid(self) -> int:
        """What was paid in all."""
        return sum(self.paid.values())

    @property
    def regular(self) -> bool:
        """Neither a down payment nor an additional instalment: the interest model keeps it."""
        return not self.down_payment and not self.additional

    def check(self, on: date | None) -> None:
        """Says anew whether it is met, and since `on`."""
        self.met = self.outstanding == 0
        self.met_on = on if self.met else None

    def settle(self, on: date | None) -> None:
        """Says whether it is met; the day it was met first stays."""
        met = self.outstanding == 0
        if met != self.met:
            self.met, self.met_on = met, (on if met else None)

    def pay(self, component: Component, on: date, amount: int) -> int:
        """Takes what is owed of the component out of `amount`; the part it took."""
        if amount == 0:
            return 0
        taken = min(amount, self.owed(component))
        self.paid[component] += taken
        self.check(on)
        if on < self.due:
            self.in_advance += taken
        elif on > self.due:
            self.late += taken
        return taken

    def unpay(self, component: Component, on: date, amount: int) -> int:
        """Gives back of what was paid; the part given back."""
        given = min(amount, self.paid[component])
        self.paid[component] -= given
        self.check(on)
        if component is not PENALTY:
            if on < self.due:
                self.in_advance = max(self.in_advance - given, 0)
            elif on > self.due:
                self.late = max(self.late - given, 0)
        return given

    def write_off(self, on: date) -> Parts:
        """Gives up what is owed."""
        given_up = {component: self.owed(component) for component in Component}
        for component, amount in given_up.items():
            self.written_off[component] = amount
            self.check(on)
        return given_up

    def credit(self, component: Component, amount: int) -> None:
        """Owed again, or in addition: what a charge-back puts on it."""
        self.credited[component] += amount
        self.charged[component] += amount

    def forget_payments(self) -> None:
        """Back to what it was before anything was paid, waived or credited."""
        for component in Component:
            self.charged[component] -= self.credited[component]
            self.paid[component] = self.waived[component] = self.written_off[component] = 0
            self.credited[component] = 0
        self.in_advance = self.late = 0
        self.met, self.met_on = False, None


def first_regular_number(instalments: list[Instalment]) -> int:
    """The number of the first instalment that is no down payment."""
    return min(instalment.number for instalment in instalments if not instalment.down_payment)


def within(on: date | None, start: date, due: date, first: bool) -> bool:
    """Whether the day lies in the period: after its start, up to its due date; the first one counts its start."""
    return on is not None and (start <= on <= due if first else start < on <= due)


def number_anew(instalments: list[Instalment]) -> None:
    """Orders by due date, numbers from 1 and lets each begin where the one before it ends."""
    instalments.sort(key=lambda each: (each.due, each.start))
    before: date | None = None
    for number, instalment in enumerate(instalments, start=1):
        instalment.number = number
        if before is not None and instalment.start != before and not instalment.down_payment:
            instalment.start = before
        before = instalment.due
    instalments.sort(key=lambda each: (each.due, each.start))
