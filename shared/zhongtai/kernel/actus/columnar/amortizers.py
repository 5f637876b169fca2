"""LAM, NAM and ANN in columns, told from PAM by what differs, as `amortizers.py` tells them one by one."""

from collections.abc import Iterator
from datetime import date
from functools import cached_property

import numpy as np

from zhongtai.kernel.actus.codes import ContractType, EventType, InterestCalculationBase
from zhongtai.kernel.actus.columnar.days import NEVER, Days, Flags, at, cycles_until
from zhongtai.kernel.actus.columnar.logic import Payoff, Rows, Step
from zhongtai.kernel.actus.columnar.pam import ColumnPam
from zhongtai.kernel.actus.columnar.portfolio import Numbers, datetime_of, day_number
from zhongtai.kernel.actus.schedules import Cycle, DateBeyondCalendar

# A quotient of two amounts as near to a whole number as this is that number: both were decimals of fifteen digits.
_WHOLE = 1e-13
# More payments than a calendar of ten thousand years has days lead beyond it in any case.
_PAYMENTS_MAX = 4e6
_LAST_DAY = day_number(date.max)


class ColumnLam(ColumnPam):
    """A level amount of principal is repaid each cycle, interest on its own cycle."""

    @property
    def redemption_cycle(self) -> Cycle:
        """PRCL."""
        return self.terms.need(self.terms.cycle_of_principal_redemption, "cycleOfPrincipalRedemption")

    @cached_property
    def maturity(self) -> Days:
        """Md at t0: as told, or when the payments that remain have repaid the notional."""
        if self.group.told("maturity_date"):
            return self.group.days("maturity_date")
        return self.repaid_on()

    def repaid_on(self) -> Days:
        """The redemption days by which the payments have repaid the notional. Raises `DateBeyondCalendar`."""
        number = self.redemptions_before + self.redemptions_needed() - 1
        return within_calendar(self.redemption(number), self.redemption_anchor, number)

    def redemptions_needed(self) -> Days:
        """How many payments repay the notional: NT / PRNXT, rounded up. Raises `TermMissing`."""
        if (self.level <= 0).any():
            return self.terms.need(None, "maturityDate")
        return rounded_up(self.group.numbers("notional_principal") / self.level)

    @cached_property
    def redemptions_before(self) -> Days:
        """How many redemptions of the cycle lie at the status date or before it."""
        convention = self.terms.end_of_month_convention
        return cycles_until(self.redemption_anchor, self.redemption_cycle, self.status, convention)

    @property
    def level(self) -> Numbers:
        """PRNXT."""
        return self.group.numbers("next_principal_redemption_payment")

    @property
    def is_level_told(self) -> bool:
        """Whether PRNXT is told."""
        return self.group.told("next_principal_redemption_payment")

    @cached_property
    def redemption_anchor(self) -> Days:
        """PRANX, or one cycle after the exchange."""
        field = "cycle_anchor_date_of_principal_redemption"
        if self.group.told(field):
            return self.group.days(field)
        return at(self.exchange, self.redemption_cycle, np.int64(1), self.terms.end_of_month_convention)

    def redemption(self, number: Days) -> Days:
        """The redemption days so many cycles after the first."""
        return at(self.redemption_anchor, self.redemption_cycle, number, self.terms.end_of_month_convention)

    def redemptions_until(self, end: Days) -> Days:
        """PR by its cycle, from the exchange on, the end its last row."""
        return self.exchanged(self.redemption_anchor, self.redemption_cycle, end, with_end=True)

    @cached_property
    def redemptions(self) -> Days:
        """PR by its cycle up to the maturity, the maturity its last row."""
        return self.redemptions_until(self.maturity)

    def begin(self) -> None:
        """The states of PAM, Prnxt and Ipcb."""
        self.next_payment, self.own_base = np.zeros(len(self.group)), np.zeros(len(self.group))
        super().begin()

    def begin_principal(self, rows: Rows) -> None:
        """Sets Nt, Ipnr and Ipcb."""
        super().begin_principal(rows)
        self.own_base[rows] = self.notional[rows]
        if self.terms.interest_calculation_base is not InterestCalculationBase.NT and self.group.told(
            "interest_calculation_base_amount"
        ):
            self.own_base[rows] = self.sign * self.group.numbers("interest_calculation_base_amount")[rows]

    def begin_level(self, rows: Rows) -> None:
        """Sets Prnxt: as told, or what repays the notional."""
        self.next_payment[rows] = self.sign * self.level[rows] if self.is_level_told else self.first_level(rows)

    def first_level(self, rows: Rows) -> Numbers:
        """The notional over the payments that remain, that of the maturity among them."""
        is_due = (self.redemptions > self.status) & (self.redemptions < NEVER)
        level: Numbers = self.notional[rows] / np.maximum(is_due.sum(axis=0), 1)[rows]
        return level

    @property
    def base(self) -> Numbers:
        """Ipcb."""
        return self.own_base

    def set_base(self, rows: Rows) -> None:
        """Ipcb follows the notional; a lagged one (NTL) waits for its IPCB."""
        if self.terms.interest_calculation_base is not InterestCalculationBase.NTL:
            self.own_base[rows] = self.notional[rows]

    def plan(self) -> Iterator[Days]:
        """The events of PAM, with IPCB where the base lags."""
        yield from super().plan()
        if self.terms.interest_calculation_base is InterestCalculationBase.NTL:
            cycle = self.terms.cycle_of_interest_calculation_base
            times = self.times_within("cycle_anchor_date_of_interest_calculation_base", cycle)
            yield self.cyclic(times, EventType.IPCB)

    def plan_redemption(self) -> Iterator[Days]:
        """PR up to the maturity, MD."""
        yield self.cyclic(self.redemptions[:-1], EventType.PR)
        yield from super().plan_redemption()

    def redeemed(self, step: Step) -> Numbers:
        """What a PR takes off the notional, before what is left bounds it."""
        return self.next_payment[step.rows]

    def pr(self, step: Step) -> Payoff:
        """POF_PR_LAM, STF_PR_LAM and those of NAM."""
        rows = step.rows
        self.accrue(step)
        amount = self.redeemed(step)
        left = self.notional[rows]
        amount = np.minimum(amount, left) if self.sign > 0 else np.maximum(amount, left)
        self.notional[rows] = left - amount
        self.set_base(rows)
        paid: Numbers = self.notional_scaling[rows] * amount
        return paid

    def ipcb(self, step: Step) -> Payoff:
        """STF_IPCB_LAM."""
        self.accrue(step)
        self.own_base[step.rows] = self.notional[step.rows]
        return 0.0

    def end(self, step: Step) -> None:
        """Leaves nothing, no base either."""
        super().end(step)
        self.own_base[step.rows] = 0


class ColumnNam(ColumnLam):
    """A level payment of which interest is taken first; what lacks raises the notional."""

    def repaid_on(self) -> Days:
        """The redemption days by which the payments have repaid the notional, moved to days of business."""
        return self.moved(super().repaid_on())

    def redemptions_needed(self) -> Days:
        """How many payments repay the notional, by what the first of them redeems. Raises `TermMissing`."""
        first, notional = self.redemption(self.redemptions_before), self.group.numbers("notional_principal")
        next_one = self.redemption(self.redemptions_before + 1)
        years = (self.day_count.serial(next_one) - self.day_count.serial(first)) / self.day_count.basis
        told = self.group.told("nominal_interest_rate")
        rate = self.group.numbers("nominal_interest_rate") if told else np.zeros(len(self.group))
        repaid = self.level - notional * years * rate
        if (repaid <= 0).any():
            return self.terms.need(None, "maturityDate")
        return rounded_up(notional / repaid)

    def set_base(self, rows: Rows) -> None:
        """Ipcb follows the notional where that is the base (NT)."""
        if self.terms.interest_calculation_base is InterestCalculationBase.NT:
            super().set_base(rows)

    def ipci(self, step: Step) -> Payoff:
        """STF_IPCI_LAM: what is capitalised bears interest, unless the base lags."""
        super().ipci(step)
        super().set_base(step.rows)
        return 0.0

    def redeemed(self, step: Step) -> Numbers:
        """Prnxt less the interest accrued."""
        rest: Numbers = self.next_payment[step.rows] - self.accrued[step.rows]
        return rest

    @cached_property
    def interest_times(self) -> Days:
        """IP by its own cycle before the first redemption, then with each redemption."""
        if not self.group.told("nominal_interest_rate"):
            return self.none
        anchor = "cycle_anchor_date_of_interest_payment"
        if self.group.told(anchor) and (self.group.days(anchor) >= self.redemption_anchor).all():
            return self.redemptions
        before = self.interest_cycle(with_end=False)
        return np.concatenate([np.where(before < self.redemption_anchor, before, NEVER), self.redemptions])


class ColumnAnn(ColumnNam):
    """The level payment repays the notional by the amortization date, and is set anew with the rate."""

    @cached_property
    def maturity(self) -> Days:
        """Md at t0: as told, or the amortization date, or when the level payment has repaid the notional."""
        for field in ("maturity_date", "amortization_date"):
            if self.group.told(field):
                return self.group.days(field)
        return self.repaid_on()

    @cached_property
    def due(self) -> Days:
        """The payments the level is measured by, ascending: up to the amortization date, maybe behind the maturity."""
        field = "amortization_date"
        due = self.redemptions_until(self.group.days(field)) if self.group.told(field) else self.redemptions
        return due if (due[1:] >= due[:-1]).all() else np.sort(due, axis=0)

    @cached_property
    def due_ends(self) -> Days:
        """The serial numbers of those payments as the end of a period."""
        return self.day_count.serial_end(self.due, self.maturity)

    @cached_property
    def due_years(self) -> Numbers:
        """The years from each of those payments to the next one; nothing behind the last."""
        passed = np.maximum(self.due_ends[1:] - self.day_count.serial(self.due)[:-1], 0)
        return np.where(self.due[1:] < NEVER, passed, 0) / self.day_count.basis

    def first_level(self, rows: Rows) -> Numbers:
        """The annuity amount."""
        return self.annuity(rows, self.status[rows])

    def annuity(self, rows: Rows, day: Days) -> Numbers:
        """A(s, T, n, a, r) of section 3.8: the level payment after a day that repays notional and interest."""
        since = self.day_count.serial(np.maximum(day, self.exchange[rows]))
        if self.is_due_told and (self.due[0, rows] > day).all():
            # Every payment lies ahead of everyone, as when a loan is paid out: nothing has to be left out.
            interest = self.due_interest(rows, self.due_ends[0, rows] - since)
            return (self.notional[rows] + self.accrued[rows] + interest) * self.levelled(rows, None)
        due = self.due[:, rows]
        gone = (due <= day).sum(axis=0)
        is_over = gone >= (due < NEVER).sum(axis=0)
        first = np.minimum(gone, len(due) - 1)
        ends = np.take_along_axis(self.due_ends[:, rows], first[np.newaxis], axis=0)[0]
        owed = self.notional[rows] + self.accrued[rows] + np.where(is_over, 0, self.due_interest(rows, ends - since))
        share = self.levelled(rows, (due[:-1] > day) & (due[1:] < NEVER))
        return np.where(is_over, self.notional[rows], owed * share)

    @cached_property
    def is_due_told(self) -> bool:
        """Whether every contract has as many payments as any."""
        return bool((self.due < NEVER).all())

    def due_interest(self, rows: Rows, passed: Days) -> Numbers:
        """The interest of so many serial numbers on the notional."""
        years: Numbers = np.maximum(passed, 0) / self.day_count.basis
        return years * self.rate[rows] * self.notional[rows]

    def levelled(self, rows: Rows, is_counted: Flags | None) -> Numbers:
        """The level payment that repays a unit owed at the first of the payments that count; None if all do."""
        # From the last payment back: what a unit of each earlier one has grown to by then.
        rate = self.rate[rows]
        growth, worth = np.ones(len(rate)), np.ones(len(rate))
        for number in range(len(self.due_years) - 1, -1, -1):
            gained = rate * self.due_years[number, rows]
            if is_counted is None:
                growth += growth * gained
                worth += growth
            else:
                growth += growth * gained * is_counted[number]
                worth += growth * is_counted[number]
        return growth / worth

    def plan_redemption(self) -> Iterator[Days]:
        """PR, MD, and PRF a day before the first PR where no level is told."""
        yield from super().plan_redemption()
        fixed = self.redemption_anchor - 1
        if not self.is_level_told:
            yield self.once(np.where(fixed >= self.exchange, fixed, NEVER), EventType.PRF)

    def plan_rates(self) -> Iterator[Days]:
        """RR and RRF, each with the PRF that sets the level anew."""
        for times, kind in self.resets():
            yield self.cyclic(times, kind)
            # The level is set on the day the reset was moved to, as on any other.
            yield self.cyclic(self.moved(times), EventType.PRF, behind=kind)

    def prf(self, step: Step) -> Payoff:
        """The level payment by A(s, T, n, a, r)."""
        self.accrue(step)
        self.next_payment[step.rows] = self.annuity(step.rows, self.moments_now.scheduled[step])
        return 0.0


def rounded_up(quotient: Numbers) -> Days:
    """How many payments a quotient of amounts is."""
    return np.ceil(np.minimum(quotient, _PAYMENTS_MAX) * (1 - _WHOLE)).astype(np.int64)


def within_calendar(days: Days, anchor: Days, number: Days) -> Days:
    """Those days, so many cycles behind the anchors. Raises `DateBeyondCalendar`."""
    if (days > _LAST_DAY).any():
        row = int(np.argmax(days))
        raise DateBeyondCalendar(start=datetime_of(int(anchor[row])), times=int(number[row]))
    return days


TYPES = {ContractType.LAM: ColumnLam, ContractType.NAM: ColumnNam, ContractType.ANN: ColumnAnn}
