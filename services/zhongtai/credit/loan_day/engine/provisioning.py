"""How contracts are classified, staged and provided for at a close, in columns.

What one contract gets is what `ClassifyLoan` and `AssessAllowance` give it on the same day: it is their own functions
that are called here, and a property test holds the two together. An allowance follows from the exposure, the months
left, the stage and what is known of the risk. Where none of it moved since the day before, it stands; so a night works
out some hundredths of them: those that changed, and those whose month of the contract ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from zhongtai.credit.allowance import engine as allowance_engine
from zhongtai.credit.allowance.domain import EXPOSURE_MAX
from zhongtai.credit.allowance_model.domain import SHARE_PLACES, AllowanceModel
from zhongtai.credit.classification import engine as classification_engine
from zhongtai.credit.classification.domain import NON_PERFORMING_FROM, Criterion, RuleSet
from zhongtai.credit.loan_day.domain import Profile, RiskBit
from zhongtai.credit.loan_day.engine.columns import RATE_UNIT, Columns, Flags, Integers, Terms, day_number
from zhongtai.kernel import ecl
from zhongtai.kernel.money import Money
from zhongtai.kernel.schedule import TERM_MONTHS_MAX, Amortisation

# Covers and shares are counted in some currency, whichever: their arithmetic is that of minor units.
_ANY = "CNY"


@dataclass(frozen=True)
class Night:
    """What decides a night: the day, the one closed before, rules and model, and the profiles by number, in order.

    `old_model` is the version the day before was closed by; None for the first close.
    """

    on: date
    previous: date | None
    rule_set: RuleSet
    model: AllowanceModel
    old_model: int | None
    profiles: Sequence[tuple[int, Profile]]

    @property
    def day(self) -> int:
        """The day as columns have it."""
        return day_number(self.on)

    def rows(self, terms: Terms) -> Integers:
        """The profile of every contract as its place among the night's."""
        numbers = np.array([number for number, _ in self.profiles], np.int64)
        found: Integers = np.searchsorted(numbers, terms.profile)
        return found


@dataclass(frozen=True)
class Standing:
    """Contracts as they stand at a close, before and after it; `days` are those past due."""

    night: Night
    before: Columns
    after: Columns
    terms: Terms
    days: Integers

    def has(self, bit: RiskBit) -> Flags:
        """Of which contracts something is known."""
        found: Flags = (self.after.flags & bit) != 0
        return found


def categories(standing: Standing) -> Integers:
    """The categories: by lateness, at least what else is known asks for; upgraded by article 13 alone."""
    night, before, after, days = standing.night, standing.before, standing.after, standing.days
    values: dict[Criterion, classification_engine.Column] = {
        Criterion.DAYS_PAST_DUE: days,
        Criterion.TECHNICAL_DELAY: standing.has(RiskBit.TECHNICAL_DELAY),
    }
    first_time = np.full(len(days), classification_engine.FIRST_TIME, np.int8)
    by_days = classification_engine.categories(night.rule_set, values, first_time, np.zeros(len(days), np.bool_))
    found = np.maximum(by_days.astype(np.int64), after.category_at_least)
    upgradable = (after.upgradable_from > 0) & (after.upgradable_from <= night.day) & (days == 0)
    withheld = (before.category >= NON_PERFORMING_FROM) & (found < NON_PERFORMING_FROM) & ~upgradable
    return np.where(withheld, NON_PERFORMING_FROM, found)


def stages(standing: Standing) -> tuple[Integers, Integers]:
    """The stages, from 1, and since when no reason for them holds any more; 0 where one does.

    A better stage than before asks for the months of cure, counted from the first day without a reason (B5.5.27).
    """
    night, before, after = standing.night, standing.before, standing.after
    count = len(standing.days)
    grades = _grades(night)[night.rows(standing.terms)]
    first_time = np.full(count, allowance_engine.FIRST_TIME, np.int8)
    risks = allowance_engine.Risks(
        now=grades[:, 0],
        then=grades[:, 1],
        days_past_due=standing.days,
        credit_impaired=standing.has(RiskBit.CREDIT_IMPAIRED) | (after.category >= NON_PERFORMING_FROM),
        watch_list=standing.has(RiskBit.WATCH_LIST),
        purchased_impaired=standing.has(RiskBit.PURCHASED_IMPAIRED),
        simplified=standing.has(RiskBit.SIMPLIFIED),
        months_clean=np.zeros(count, np.int64),
        previous=first_time,
    )
    by_reasons = allowance_engine.stages(night.model, risks)
    previous = np.where(before.is_owed, before.stage - 1, first_time).astype(np.int8)
    runs = before.is_owed & (before.clean_since > 0)
    since = np.where(runs, before.clean_since, night.day)
    clean = replace(risks, previous=previous, months_clean=_months(since, night.on))
    found = allowance_engine.stages(night.model, clean)
    return found.astype(np.int64) + 1, np.where(found != by_reasons, since, 0)


def allowances(standing: Standing, news: Integers) -> Integers:
    """The allowances of all contracts; those of the places `news` are told are worked out whatever they rest on."""
    night, before, after = standing.night, standing.before, standing.after
    months = _months_left(standing.terms.maturity, night.on)
    moved = ~before.is_owed | (after.stage != before.stage) | standing.has(RiskBit.SIMPLIFIED)
    if night.previous is None or night.old_model != night.model.version:
        moved[:] = True
    else:
        moved |= months != _months_left(standing.terms.maturity, night.previous)
    moved[news] = True
    at = np.flatnonzero(moved & after.is_owed)
    found = np.where(after.is_owed, before.allowance, 0)
    if len(at):
        found[at] = _losses(standing, at, months[at])
    return found


def _losses(standing: Standing, at: NDArray[np.intp], months: Integers) -> Integers:
    """The allowances at some places, by the model; what a float does not hold to the minor unit in equal parts."""
    night, after = standing.night, standing.after
    rows = night.rows(standing.terms)[at]
    exposure = _exposure(night.model, after.outstanding[at], after.undrawn[at])
    parts = exposure // EXPOSURE_MAX + 1
    repayment, contract_rate = _repayment(night)
    loans = ecl.Loans(
        repayment=repayment[rows],
        grade=_grades(night)[rows, 0].astype(np.int16),
        months=months.astype(np.int16),
        contract_rate=contract_rate[rows],
        effective_rate=standing.terms.effective_rate[at] / RATE_UNIT,
        exposure=exposure // parts,
        loss_given_default=_loss_given_default(night.model, exposure, after.collateral[at], after.guarantee[at]),
    )
    stage = (after.stage[at] - 1).astype(np.int8)
    book = allowance_engine.Book(loans, stage, standing.days[at], after.initial_loss[at])
    return allowance_engine.losses(night.model, book).allowance * parts


def _grades(night: Night) -> Integers:
    """The rows of the model of each profile's grades now and agreed, (profiles, 2); of unknown ones the worst."""
    known = {term.grade: row for row, term in enumerate(night.model.grades)}
    worst = max((row for row, term in enumerate(night.model.grades) if term.one_year < 1), default=0)
    rows = [[known.get(it.grade, worst), known.get(it.agreed_grade, worst)] for _, it in night.profiles]
    return np.array(rows, np.int64).reshape(-1, 2)


def _repayment(night: Night) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """How the principal of each profile comes back, and its nominal rate of a month; (profiles,) each."""
    kinds = allowance_engine.REPAYMENTS
    found = [kinds.get(Amortisation(it.amortisation), ecl.Repayment.AT_END) for _, it in night.profiles]
    rates = [(it.nominal_interest_rate / ecl.MONTHS_OF_YEAR).quantize(SHARE_PLACES) for _, it in night.profiles]
    return np.array(found, np.int8), np.array([float(rate) for rate in rates])


def _exposure(model: AllowanceModel, outstanding: Integers, undrawn: Integers) -> Integers:
    """What is at risk: the principal owed, and what will be drawn while any is."""
    exposure = outstanding.copy()
    for row in np.flatnonzero((undrawn > 0) & (outstanding > 0)).tolist():
        exposure[row] += Money(_ANY, int(undrawn[row])).times(model.undrawn_conversion).minor_units
    return exposure


def _loss_given_default(
    model: AllowanceModel, exposure: Integers, collateral: Integers, guarantee: Integers
) -> NDArray[np.float64]:
    """What is lost in default by what covers each exposure: exact decimals where anything does."""
    found = np.full(len(exposure), float(model.unsecured_loss))
    for row in np.flatnonzero((collateral > 0) | (guarantee > 0)).tolist():
        owed, pledged, promised = (Money(_ANY, int(it[row])) for it in (exposure, collateral, guarantee))
        found[row] = float(model.loss_given_default(owed, pledged, promised))
    return found


def _months(since: Integers, on: date) -> Integers:
    """The whole months from days to a day."""
    months, of_month = _calendar(since)
    return on.year * 12 + on.month - 1 - months - (of_month > on.day)


def _months_left(maturity: Integers, on: date) -> Integers:
    """`allowance.domain.months_left` of many, as far as the model goes."""
    months, of_month = _calendar(maturity)
    return np.clip(months - (on.year * 12 + on.month - 1) + (of_month > on.day), 1, TERM_MONTHS_MAX)


def _calendar(days: Integers) -> tuple[Integers, Integers]:
    """The months since year 0, and the day of the month from 1, of days."""
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    first = months.astype("datetime64[D]").astype(np.int64)
    return months.astype(np.int64) + 1970 * 12, days - first + 1
