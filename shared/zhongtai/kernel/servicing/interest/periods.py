"""What one repayment period of a progressive loan owes, worked out from what has happened in it.

A period is cut into slices: runs of days on which neither the balance nor the rate changes. Amounts put on a
slice (lent, credited, corrected) take effect on the day it ends. Interest that finds no room in the period's
instalment is *unrecognised* and handed on to the next one, so every period depends on the ones before it:
derived figures are kept until something they stand on changes, and then forgotten for the period and all later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

from zhongtai.kernel.servicing.interest.factors import CONTEXT, rounded
from zhongtai.kernel.servicing.interest.spans import within
from zhongtai.kernel.servicing.terms import InterestMethod

_ZERO = Decimal(0)
_keep = object.__setattr__


class Slice:
    """A run of days (start, due] inside a period, and the amounts that change the balance on its last day.

    `balance` is what bears interest on these days. `instalment_factor` and `interest_factor` are rate factors: of
    these days, and from the slice's start to the period's end (interest is the latter's share by days).
    """

    __slots__ = (
        "balance",
        "capitalised",
        "correction",
        "credited_interest",
        "credited_principal",
        "disbursed",
        "due",
        "instalment_factor",
        "interest_factor",
        "paused",
        "period",
        "start",
    )

    period: "RepaymentPeriod"
    start: date
    due: date
    instalment_factor: Decimal
    interest_factor: Decimal
    credited_principal: int
    credited_interest: int
    disbursed: int
    correction: int
    balance: int
    capitalised: int
    paused: bool

    def __init__(self, period: "RepaymentPeriod", start: date, due: date, *, paused: bool = False) -> None:
        _keep(self, "period", period)
        _keep(self, "start", start)
        _keep(self, "due", due)
        _keep(self, "instalment_factor", _ZERO)
        _keep(self, "interest_factor", _ZERO)
        _keep(self, "credited_principal", 0)
        _keep(self, "credited_interest", 0)
        _keep(self, "disbursed", 0)
        _keep(self, "correction", 0)
        _keep(self, "balance", 0)
        _keep(self, "capitalised", 0)
        _keep(self, "paused", paused)

    def __setattr__(self, name: str, value: Any) -> None:
        if getattr(self, name) != value:
            _keep(self, name, value)
            self.period.forget_interest()

    def copy_to(self, period: "RepaymentPeriod") -> "Slice":
        """The same slice in a copy of its period."""
        copy = Slice.__new__(Slice)
        for name, value in zip(Slice.__slots__, _SLICE(self), strict=True):
            _keep(copy, name, value)
        _keep(copy, "period", period)
        return copy

    @property
    def days(self) -> int:
        """Days counted; 0 for a slice that only carries amounts."""
        return (self.due - self.start).days

    @property
    def balance_at_end(self) -> int:
        """The balance once the amounts of the slice's last day are in."""
        return self.balance + self.correction + self.capitalised + self.disbursed

    def interest(self) -> Decimal:
        """Unrounded interest of these days in minor units, with interest charged back in them."""
        period = self.period
        if self.paused or period.re_aged:
            return Decimal(self.credited_interest)
        till_due = (period.due - self.start).days
        if till_due == 0:
            return Decimal(max(0, self.credited_interest))
        flat = period.method is InterestMethod.FLAT
        base = period.lent_before(self) if flat else self.balance
        whole = CONTEXT.multiply(base, self.interest_factor)
        earned = CONTEXT.multiply(CONTEXT.divide(whole, till_due), self.days)
        return max(_ZERO, CONTEXT.add(earned, self.credited_interest))


@dataclass(frozen=True, slots=True)
class _Due:
    """The figures of a period that follow from all it holds and from the period before it."""

    calculated_interest: int
    interest: int
    principal: int
    room: int
    unrecognised: int


class RepaymentPeriod:
    """One repayment period (start, due]: its instalment, what has been paid of it, and its slices.

    `instalment` is principal and interest together, without what was charged back into the period.
    `deferred_interest` was earned after the loan's last open period and is recognised here instead;
    `interest_moved_later` and `interest_moved_earlier` mark periods whose own interest another period bears.
    `fixed_interest` is interest spread by a re-age or re-amortisation, on top of what the balance earns.
    """

    __slots__ = (
        "_due",
        "_interest",
        "credited_interest_moved",
        "credited_principal_moved",
        "deferred_interest",
        "due",
        "fixed_interest",
        "holds_early_repayment",
        "instalment",
        "interest_grace",
        "interest_moved_earlier",
        "interest_moved_later",
        "lent_before_start",
        "method",
        "next",
        "original_instalment",
        "paid_interest",
        "paid_principal",
        "previous",
        "re_aged",
        "slices",
        "start",
    )

    _due: _Due | None
    _interest: int | None
    previous: "RepaymentPeriod | None"
    next: "RepaymentPeriod | None"
    method: InterestMethod
    start: date
    due: date
    slices: list[Slice]
    instalment: int
    original_instalment: int
    paid_principal: int
    paid_interest: int
    deferred_interest: int
    fixed_interest: int
    interest_moved_earlier: bool
    interest_moved_later: bool
    interest_grace: bool
    re_aged: bool
    holds_early_repayment: bool
    lent_before_start: int
    credited_principal_moved: int
    credited_interest_moved: int

    def __init__(self, previous: "RepaymentPeriod | None", start: date, due: date, method: InterestMethod) -> None:
        for name in RepaymentPeriod.__slots__:
            _keep(self, name, 0)
        for name in ("interest_moved_earlier", "interest_moved_later", "interest_grace", "re_aged"):
            _keep(self, name, False)
        _keep(self, "holds_early_repayment", False)
        _keep(self, "start", start)
        _keep(self, "due", due)
        _keep(self, "method", method)
        _keep(self, "_due", None)
        _keep(self, "_interest", None)
        _keep(self, "next", None)
        _keep(self, "slices", [Slice(self, start, due)])
        self.follow(previous)

    def follow(self, previous: "RepaymentPeriod | None") -> None:
        """Takes its place after `previous`."""
        _keep(self, "previous", previous)
        if previous is not None:
            _keep(previous, "next", self)

    def end_chain(self) -> None:
        """Is the last period."""
        _keep(self, "next", None)

    def copy_after(self, previous: "RepaymentPeriod | None") -> "RepaymentPeriod":
        """The same period, in a chain of copies."""
        copy = RepaymentPeriod.__new__(RepaymentPeriod)
        for name, value in zip(RepaymentPeriod.__slots__, _PERIOD(self), strict=True):
            _keep(copy, name, value)
        _keep(copy, "next", None)
        _keep(copy, "slices", [piece.copy_to(copy) for piece in self.slices])
        copy.follow(previous)
        return copy

    def __setattr__(self, name: str, value: Any) -> None:
        if getattr(self, name) != value:
            _keep(self, name, value)
            if name in ("re_aged", "lent_before_start", "start", "due"):
                self.forget_interest()
            else:
                self.forget()

    def forget(self) -> None:
        """Drops what was derived here and in every later period; where one has nothing, those after have nothing."""
        period: RepaymentPeriod | None = self
        while period is not None and period._due is not None:
            _keep(period, "_due", None)
            period = period.next

    def forget_interest(self) -> None:
        """Drops the interest of the slices as well."""
        _keep(self, "_interest", None)
        self.forget()

    def replace_slices(self, slices: Iterable[Slice]) -> None:
        """Puts other slices in place of the present ones."""
        self.slices[:] = slices
        self.forget_interest()

    # -- what was put on the slices --

    @property
    def disbursed(self) -> int:
        """Lent in this period."""
        return sum(piece.disbursed for piece in self.slices)

    @property
    def capitalised(self) -> int:
        """Income added to the balance in this period."""
        return sum(piece.capitalised for piece in self.slices)

    @property
    def credited_principal(self) -> int:
        """Principal charged back in this period."""
        return max(0, sum(piece.credited_principal for piece in self.slices))

    @property
    def credited_interest(self) -> int:
        """Interest charged back in this period."""
        return max(0, sum(piece.credited_interest for piece in self.slices))

    @property
    def credited(self) -> int:
        """Charged back here and still due here: a re-age carries off what it spreads anew."""
        moved = self.credited_interest_moved + self.credited_principal_moved
        return self.credited_principal + self.credited_interest - moved

    @property
    def added_principal(self) -> int:
        """All that raised the principal in this period: lent, capitalised, charged back."""
        return sum(piece.disbursed + piece.capitalised + piece.credited_principal for piece in self.slices)

    def lent_before(self, till: Slice | None) -> int:
        """Lent and capitalised up to a slice: the base of flat interest."""
        total = self.lent_before_start
        for piece in self.slices:
            if piece is till:
                break
            if piece.due != self.start:
                total += piece.disbursed + piece.capitalised
        return total

    # -- what is derived --

    def _own_interest(self) -> int:
        if self._interest is None:
            _keep(self, "_interest", rounded(sum((piece.interest() for piece in self.slices), _ZERO)))
        assert self._interest is not None
        return self._interest

    def _derive(self) -> _Due:
        if self._due is None:
            _keep(self, "_due", self._derived())
        assert self._due is not None
        return self._due

    def _derived(self) -> _Due:
        calculated = self.fixed_interest + self.deferred_interest
        if not self.interest_moved_later and not self.interest_moved_earlier:
            calculated += self._own_interest()
        if self.previous is not None:
            calculated += self.previous._derive().unrecognised
        calculated = max(0, calculated)
        room = self.instalment + self.credited + self.deferred_interest
        if self.interest_grace or self.paid_principal > max(0, room - calculated):
            interest = self.paid_interest
        else:
            interest = max(min(calculated, room), self.paid_interest)
        principal = max(0, room - interest, self.paid_principal)
        return _Due(calculated, interest, principal, room, max(0, calculated - interest))

    @property
    def calculated_interest(self) -> int:
        """All interest that falls on this period, whether or not its instalment has room for it."""
        return self._derive().calculated_interest

    def fixed_interest_to_date(self) -> int:
        """The part of the fixed interest that the days of the present slices have earned."""
        if not self.fixed_interest or not self.slices or self.due == self.start:
            return self.fixed_interest
        counted = (self.slices[-1].due - self.slices[0].start).days
        share = CONTEXT.divide(counted, (self.due - self.start).days)
        return rounded(CONTEXT.multiply(share, self.fixed_interest))

    @property
    def due_interest(self) -> int:
        """Interest due: what the instalment has room for, and never less than what was paid."""
        return self._derive().interest

    @property
    def due_principal(self) -> int:
        """Principal due: the rest of the instalment, and never less than what was paid."""
        return self._derive().principal

    @property
    def room(self) -> int:
        """The instalment with what was charged back and deferred into it."""
        return self._derive().room

    @property
    def unrecognised_interest(self) -> int:
        """Interest the instalment had no room for."""
        return self._derive().unrecognised

    @property
    def paid(self) -> int:
        """Principal and interest paid."""
        return self.paid_principal + self.paid_interest

    @property
    def is_paid(self) -> bool:
        """Whether exactly the instalment is paid."""
        return self.room == self.paid

    @property
    def outstanding_interest(self) -> int:
        """Interest due and not paid."""
        return max(0, self.due_interest - self.paid_interest)

    @property
    def outstanding_principal(self) -> int:
        """Principal due and not paid."""
        return max(0, self.due_principal - self.paid_principal)

    @property
    def balance_after(self) -> int:
        """The balance once this period's principal is paid."""
        return max(0, self.slices[-1].balance_at_end + self.paid_principal - self.due_principal)

    @property
    def balance_to_amortise(self) -> int:
        """The balance that equal instalments from this period on have to pay."""
        before = self.previous.balance_after if self.previous is not None else 0
        return before + self.disbursed + self.capitalised

    @property
    def instalment_factor(self) -> Decimal:
        """1 + the rate factors of the period's days."""
        return sum((piece.instalment_factor for piece in self.slices), Decimal(1))

    def carry_credits_off(self) -> None:
        """Marks what was charged back here as spread anew elsewhere."""
        self.credited_principal_moved = self.credited_principal
        self.credited_interest_moved = self.credited_interest

    def slice_at(self, day: date) -> Slice | None:
        """The last slice that holds the day."""
        found: Slice | None = None
        for index, piece in enumerate(self.slices):
            if within(day, piece.start, piece.due, first=index == 0 and self.previous is None):
                found = piece
        return found


# All fields of a slice, of a period, at once: a question about a day copies every one of them.
_SLICE = attrgetter(*Slice.__slots__)
_PERIOD = attrgetter(*RepaymentPeriod.__slots__)
