"""Re-age (重新计龄) and re-amortisation (重新摊还) on the interest model: spreading what is overdue over other periods.

A re-age ends the loan on a day and gives it new periods; a re-amortisation keeps the periods that are to come and
has them bear what the ones before left open. Past periods keep what was paid of them and nothing more.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from zhongtai.kernel.servicing.interest.factors import divided
from zhongtai.kernel.servicing.interest.model import InterestModel, Outstanding
from zhongtai.kernel.servicing.interest.periods import RepaymentPeriod
from zhongtai.kernel.servicing.interest.solving import even_out, settle_last, solve
from zhongtai.kernel.servicing.interest.spans import Span, add_units, repayment_spans
from zhongtai.kernel.servicing.terms import Unit


@dataclass(frozen=True, slots=True)
class NewPeriods:
    """The periods a re-age makes: `count` of them, every so many units, the first due on `first_due`."""

    first_due: date
    every: int
    unit: Unit
    count: int


@dataclass(frozen=True, slots=True)
class EqualShares:
    """An amount in equal shares, the last of which takes `rest` more (or less)."""

    total: int
    count: int
    value: int
    rest: int

    def __add__(self, other: "EqualShares") -> "EqualShares":
        total, value, rest = self.total + other.total, self.value + other.value, self.rest + other.rest
        return EqualShares(total, self.count, value, rest)

    def share(self, index: int) -> int:
        """The share of one instalment, counted from 0; where rounding up took too much, the end gets nothing."""
        if self.value + self.rest < 0:
            return 0 if self.total < self.value * (index + 1) else self.value
        return self.value + self.rest if index == self.count - 1 else self.value


def equal_shares(total: int, count: int, multiple: int = 0) -> EqualShares:
    """An amount in equal shares, each rounded half to even (to the multiple, where there is one)."""
    if total <= 0:
        return EqualShares(total, count, 0, 0)
    value = divided(total, count)
    if multiple:
        value = divided(value, multiple) * multiple
    return EqualShares(total, count, value, total - value * count)


def remaining_shares(part: int, total: int, others: int, count: int, multiple: int = 0) -> EqualShares:
    """The shares of one part of a total, so that with the `others` of an instalment they make equal shares of it."""
    value = equal_shares(total, count, multiple).value - others
    return EqualShares(part, count, value, part - value * count)


def re_age(model: InterestModel, on: date, start: date, new: NewPeriods, principal: int) -> None:
    """Spreads `principal` in equal instalments over new periods; unpaid interest of the past goes into them."""
    credited = _credited_later(model, on)
    paid = _paid_from(model, on)
    _end_on(model, on)
    model.credit_principal(on, credited)
    _leave_only_paid(model, on)
    _join_stubs(model)
    rules = replace(model.rules.one_tranche(), unit=new.unit, every=new.every, count=new.count)
    draft = InterestModel.open(repayment_spans(start, new.unit, new.every, new.count, seed=new.first_due), rules)
    draft.disburse(start, principal)
    if paid.principal or paid.interest:
        _hold_early_repayment(model, paid)
    _attach(model, draft, on, new.first_due)


def re_age_equal(
    model: InterestModel, on: date, new: NewPeriods, owed: Outstanding, *, charges: int = 0, charge_share: int = 0
) -> None:
    """Spreads `owed` in equal parts, interest too, over new periods that earn no interest of their own.

    `charges` outstanding are spread beside it, `charge_share` to an instalment: the whole is level.
    """
    maturity = model.maturity
    paid = _paid_from(model, on)
    credited = _credited_later(model, on)
    _end_on(model, on)
    model.credit_principal(on, credited)
    for period in model.periods:
        period.slices[-1].credited_interest -= min(period.outstanding_interest, period.credited_interest)
        period.instalment = period.paid
        period.carry_credits_off()
        period.interest_moved_earlier = True
    if maturity >= on:
        _hold_early_repayment(model, paid)
        model.periods[-1].re_aged = True
    _join_stubs(model)
    added = _append_re_aged(model, new)
    interest = equal_shares(owed.interest, new.count)
    whole = owed.principal + owed.interest + charges
    principal = remaining_shares(owed.principal, whole, interest.value + charge_share, new.count)
    both = principal + interest
    for index, period in enumerate(added):
        period.fixed_interest = interest.share(index)
        period.instalment = period.original_instalment = both.share(index)
    model.update_balances()
    model.rates.setdefault(min(on, maturity), Decimal(0))
    settle_last(model, on)


def _credited_later(model: InterestModel, on: date) -> int:
    """Principal charged back in periods that have not begun."""
    return sum(period.credited_principal for period in model.periods if period.start >= on and period.due > on)


def _paid_from(model: InterestModel, on: date) -> Outstanding:
    """What was paid of the periods due from a day on."""
    later = model.due_from(on)
    return Outstanding(sum(each.paid_principal for each in later), sum(each.paid_interest for each in later))


def _end_on(model: InterestModel, on: date) -> None:
    """Ends the loan on a day: the period that holds it is due then, and none follows."""
    period = model.period_at(on)
    if period is None:
        return
    period.holds_early_repayment = True
    if period.due != on:
        period.due = on
        period.slices[-1].due = on
        model.update_factors([period])
    model.remove_periods([each for each in model.periods if each.due > on])


def _leave_only_paid(model: InterestModel, on: date) -> None:
    """Has the open periods begun by a day keep what was paid; what they leave open no longer weighs twice."""
    still_open = [(each, each.outstanding_principal) for each in model.periods if each.start <= on and not each.is_paid]
    for period, left in still_open:
        for piece in period.slices:
            if piece.due == on:
                piece.correction = 0
        last = period.slices[-1]
        if last.correction:
            last.correction -= left
        period.instalment = period.paid
        period.carry_credits_off()


def _is_stub(period: RepaymentPeriod) -> bool:
    nothing = not (period.instalment or period.due_principal or period.due_interest)
    return period.holds_early_repayment and nothing


def _join_stubs(model: InterestModel) -> None:
    """Joins empty periods that earlier re-ages left one after the other."""
    index = 0
    while index + 1 < len(model.periods):
        period, following = model.periods[index], model.periods[index + 1]
        if _is_stub(period) and _is_stub(following):
            model.remove_periods([following])
            period.due = following.due
            period.slices[-1].due = following.due
            model.update_factors([period])
        else:
            index += 1


def _hold_early_repayment(model: InterestModel, paid: Outstanding) -> None:
    """Keeps what had been paid of the periods that are gone in the one the loan was ended with."""
    last = model.periods[-1]
    last.paid_interest = paid.interest
    last.paid_principal = paid.principal
    last.instalment = last.paid
    last.holds_early_repayment = True
    model.update_factors([last])


def _append_re_aged(model: InterestModel, new: NewPeriods) -> list[RepaymentPeriod]:
    added: list[RepaymentPeriod] = []
    due = new.first_due
    for _ in range(new.count):
        last = model.periods[-1]
        period = model.append(Span(last.due, due))
        period.lent_before_start = last.lent_before_start
        period.re_aged = True
        added.append(period)
        due = add_units(due, new.unit, new.every)
    return added


def _attach(model: InterestModel, draft: InterestModel, on: date, first_due: date) -> None:
    """Puts the new periods behind those the model kept, with the instalments of the draft."""
    lent = model.periods[0].lent_before_start
    for index, part in enumerate(draft.periods):
        instalment = part.due_principal + part.due_interest
        if index == 0 and first_due == model.start:
            period = model.periods[0]
            period.due = part.due
            period.slices[-1].due = part.due
        else:
            period = model.append(Span(model.maturity if index == 0 else part.start, part.due))
            period.lent_before_start = lent
            period.original_instalment = instalment
        period.instalment = instalment
        model.update_factors([period])
    re_aged = [each for each in model.periods if (each.start, each.due) == (on, first_due) or each.start >= first_due]
    model.update_balances()
    settle_last(model, on)
    even_out(model, re_aged)


# -- re-amortisation --


def re_amortise(model: InterestModel, on: date) -> None:
    """Has the periods due after a day share, in equal instalments, what the ones before left open."""
    _leave_only_paid(model, on)
    _share_anew(model, on, [period for period in model.periods if period.due > on])


def re_amortise_equal_interest(model: InterestModel, on: date) -> None:
    """As `re_amortise`, with overdue interest split equally over those periods, which does not bear interest."""
    overdue = [period for period in model.periods if period.due <= on and not period.is_paid]
    later = [period for period in model.periods if period.due > on]
    interest = sum(period.due_interest - period.paid_interest for period in overdue)
    share = divided(interest, len(later)) if later and interest > 0 else 0
    for period in model.periods:
        for piece in period.slices:
            piece.correction = 0
    for period in model.periods:
        if period.is_paid and period.due <= on:
            credited_next = period.next.credited_principal if period.next else 0
            period.slices[-1].correction -= max(0, period.paid_principal - credited_next)
    for period in overdue:
        period.slices[-1].correction -= max(0, period.paid_principal)
        period.instalment = period.paid
        period.carry_credits_off()
        period.interest_moved_earlier = True
    model.update_factors(later)
    for period in later:
        period.fixed_interest += share
    _share_anew(model, on, later)


def _share_anew(model: InterestModel, on: date, periods: list[RepaymentPeriod]) -> None:
    solve(model, periods)
    model.update_balances()
    settle_last(model, on)
    even_out(model, periods)


# -- ending a loan early --


def accelerate(model: InterestModel, on: date) -> RepaymentPeriod | None:
    """Has everything fall due on a day: the period that holds it bears the principal of all that followed."""
    begun = [period for period in model.periods if period.start < on]
    if not begun:
        return None
    last = begun[-1]
    later = [period for period in model.periods if period.start >= on]
    principal = sum(period.due_principal for period in later)
    fixed = sum(period.fixed_interest for period in later if period.re_aged)
    last.replace_slices([piece for piece in last.slices if piece.start < on])
    last.due = on
    last.slices[-1].due = min(last.slices[-1].due, on)
    model.remove_periods(later)
    interest = model.interest_till(last.start, last.due, on, fixed_by_day=False)
    last.fixed_interest += max(0, fixed)
    last.instalment = last.due_principal + principal + interest + max(0, fixed)
    model.update_factors([last])
    model.instalments_move = False
    return last


def forget_payments(period: RepaymentPeriod) -> None:
    """Nothing has been paid of this period."""
    period.paid_principal = period.paid_interest = 0
