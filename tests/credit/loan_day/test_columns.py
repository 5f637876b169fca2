"""The columns of a night held against the rules for one contract: interest, category, stage, allowance."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.credit.loan_day.examples import (
    MODEL,
    NIGHT,
    RATES_OF_YEARS,
    RULE_SET,
    TODAY,
    columns,
    news,
    night,
    periods,
    profile,
    terms,
)
from zhongtai.credit.allowance import domain as allowance
from zhongtai.credit.allowance import engine as allowance_engine
from zhongtai.credit.allowance.domain import STAGES, ImpairmentStage
from zhongtai.credit.classification import domain as classification
from zhongtai.credit.classification.domain import CATEGORIES
from zhongtai.credit.loan.domain import Loan
from zhongtai.credit.loan_day import domain
from zhongtai.credit.loan_day.domain import Accrual, Period, Profile, RiskBit, night_rates
from zhongtai.credit.loan_day.engine import nights
from zhongtai.credit.loan_day.engine.columns import (
    BEHIND,
    LAST_ROW,
    NO_ROW,
    RATE_UNIT,
    Columns,
    Told,
    day_number,
    day_of,
    packed,
    period_end,
    total,
    unpacked,
)
from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.schedule import Amortisation, months_later

_NAMES = ("number", "ends_on", "accruing", "accrued", "remainder", "recognised")
_LATE_LOAN = {"profile": 1, "maturity": day_number(date(2028, 1, 9)), "effective_rate": 10**10}


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-200, 200)))
def test_a_column_comes_back_from_its_bytes_and_adds_up_exactly(values: list[int]) -> None:
    column = np.array(values, np.int64)
    assert unpacked(packed(column), len(values)).tolist() == values
    assert total(column) == sum(values)


def test_a_column_is_as_wide_as_it_needs() -> None:
    widths = [len(packed(np.array([0, value]))) // 2 for value in (0, 127, -128, 128, 2**15, 2**31)]
    assert widths == [0, 1, 1, 2, 4, 8]


@st.composite
def contracts(draw: st.DrawFn) -> tuple[Profile, Accrual, int | None]:
    """A profile, how far the interest of a contract is, and the balance of the period after the one that ends."""
    of = profile(draw(RATES_OF_YEARS | st.decimals("0", "0.36", places=12)), draw(st.sampled_from(DayCount)))
    balance = st.integers(0, 10**11) | st.integers(0, 9 * 10**17)
    accrual = Accrual(
        number=draw(st.integers(1, 36)),
        ends_on=TODAY + NIGHT * draw(st.integers(0, 30)),
        accruing_minor=draw(balance),
        accrued_minor=draw(st.integers(0, 10**9)),
        remainder=draw(st.integers(-(of.unit // 2), of.unit // 2)),
        recognised_minor=draw(st.integers(0, 10**12)),
    )
    return of, accrual, draw(st.none() | balance)


@given(given_contracts=st.lists(contracts(), min_size=1, max_size=8), interest=st.integers(0, 10**9))
def test_columns_carry_and_roll_interest_as_the_rules_do(
    given_contracts: list[tuple[Profile, Accrual, int | None]], interest: int
) -> None:
    expected, ended = [], []
    for at, (of, accrual, balance) in enumerate(given_contracts):
        rates = night_rates(of, TODAY)
        if accrual.ends_on != TODAY:
            expected.append(domain.carried(accrual, rates))
            continue
        begun = None if balance is None else Period(accrual.number + 1, TODAY, TODAY + 31 * NIGHT, balance)
        expected.append(domain.rolled(accrual, interest, begun, rates))
        row = {"at": at, "interest": interest, "ends_on": period_end(begun.ends_on if begun else domain.NEVER)}
        ended.append(row | ({"accruing": begun.balance_minor} if begun else {}))
    before = columns([_interest(accrual) | {"outstanding": 100} for _, accrual, _ in given_contracts])
    of_night = night([of for of, _, _ in given_contracts])
    agreed = terms([_LATE_LOAN | {"profile": at + 1} for at in range(len(given_contracts))])
    assert nights.rolling(of_night, before, news()).tolist() == [row["at"] for row in ended]
    after = nights.closed(of_night, before, agreed, news(), periods(ended))
    found = [[int(getattr(after, name)[at]) for name in _NAMES] for at in range(len(expected))]
    assert found == [list(_interest(accrual).values()) for accrual in expected]
    grown = [
        new.recognised_minor - old.recognised_minor for new, (_, old, _) in zip(expected, given_contracts, strict=True)
    ]
    assert after.accrual.tolist() == grown


def _interest(accrual: Accrual) -> dict[str, int]:
    parts = [getattr(accrual, field.name) for field in fields(Accrual)]
    parts[1] = period_end(accrual.ends_on)
    return dict(zip(_NAMES, parts, strict=True))


def test_half_a_minor_unit_goes_to_the_even_sum() -> None:
    # A night of half a fen: 100 fen at 1.825 a year.
    of = profile(Decimal("1.825"), DayCount.ACT_365)
    rows = [{"ends_on": day_number(TODAY) + 9, "accruing": 100, "accrued": 6 + at} for at in range(2)]
    after = nights.closed(night([of]), columns(rows), terms([_LATE_LOAN] * 2), news(), periods())
    assert after.accrued.tolist() == [6, 8]
    assert (2 * after.remainder).tolist() == [of.unit, -of.unit]


@st.composite
def risks(draw: st.DrawFn) -> dict[str, Any]:
    """A contract with what is known of it at a close, and how the day before left it."""
    grade, agreed = (draw(st.sampled_from([term.grade for term in MODEL.grades])) for _ in range(2))
    outstanding = draw(st.integers(1, 10**11))
    cover = st.integers(0, 2 * outstanding) | st.just(0)
    late = draw(st.none() | st.integers(-40, 400))
    stage, flag = draw(st.integers(0, 5)), st.booleans()
    return {
        "profile": profile(
            draw(RATES_OF_YEARS), DayCount.ACT_365, grade, agreed, draw(st.sampled_from(Amortisation)).value
        ),
        "annual": draw(st.decimals("0", "0.4", places=6)),
        "maturity": TODAY + NIGHT * draw(st.integers(-100, 3000)),
        "outstanding": outstanding,
        "oldest_due": None if late is None else TODAY - NIGHT * late,
        "collateral": draw(cover),
        "guarantee": draw(cover),
        "undrawn": draw(cover),
        "initial_loss": draw(st.integers(0, 10**9)),
        "flags": {bit: draw(flag) for bit in RiskBit},
        "category_at_least": draw(st.integers(0, 4)),
        "upgradable": draw(flag),
        "category_before": draw(st.integers(0, 4)),
        "stage_before": stage,
        "clean_days": draw(st.none() | st.integers(0, 400)) if stage in (2, 3) else None,
    }


@given(st.lists(risks(), min_size=1, max_size=6))
def test_a_close_gives_what_a_single_request_gives(loans: list[dict[str, Any]]) -> None:
    before = columns([_row(it) for it in loans])
    told = news([_news(it, at) for at, it in enumerate(loans)])
    _, agreed = nights.grown(before, terms([{}] * len(loans)), told)
    after = nights.closed(night([it["profile"] for it in loans]), before, agreed, told, periods())
    for at, it in enumerate(loans):
        category, stage, amount = _requested(it)
        found = int(after.category[at]), int(after.stage[at]), int(after.allowance[at])
        assert found == (category, stage.code + 1, amount)
    assert after.allowance_change.tolist() == [
        int(amount) - (77 if it["stage_before"] else 0) - 5 for amount, it in zip(after.allowance, loans, strict=True)
    ]


def _row(it: dict[str, Any]) -> dict[str, int]:
    """How the day before left it; a contract without a stage was not there."""
    if not it["stage_before"]:
        return {}
    clean = it["clean_days"]
    return {
        "ends_on": BEHIND,
        "allowance": 77,
        "stage": it["stage_before"],
        "category": it["category_before"],
        "clean_since": 0 if clean is None else day_number(TODAY) - clean,
    }


def _news(it: dict[str, Any], at: int) -> dict[str, int]:
    return {
        "at": at,
        "told": Told.ELSEWHERE,
        "ends_on": BEHIND,
        "profile": at + 1,
        "maturity": day_number(it["maturity"]),
        "effective_rate": int(allowance.monthly_rate(it["annual"]) * RATE_UNIT),
        "oldest_due": day_number(it["oldest_due"]),
        "flags": sum(bit for bit, holds in it["flags"].items() if holds),
        "upgradable_from": day_number(TODAY) if it["upgradable"] else 0,
        "moved": 5,
        **{name: it[name] for name in ("outstanding", "collateral", "guarantee", "undrawn", "initial_loss")},
        "category_at_least": it["category_at_least"],
    }


def _requested(it: dict[str, Any]) -> tuple[int, ImpairmentStage, int]:
    """Category, stage and allowance as `ClassifyLoan` and `AssessAllowance` come to them."""
    flags, days = it["flags"], classification.days_past_due(it["oldest_due"], TODAY)
    rule = next(one for one in RULE_SET.rules if one.criterion is classification.Criterion.PURPOSE_CHANGED)
    told = replace(rule, category=CATEGORIES[it["category_at_least"]])
    by_days = tuple(one for one in RULE_SET.rules if one.criterion is classification.Criterion.DAYS_PAST_DUE)
    classified, _ = classification.classify(
        replace(RULE_SET, rules=(told, *by_days), upgrade_months=0, upgrade_payments=0),
        classification.Facts(
            purpose_changed=True,
            technical_delay=flags[RiskBit.TECHNICAL_DELAY],
            arrears_cleared_on=TODAY if it["upgradable"] else None,
            able_to_perform=True,
        ),
        classification_id="c",
        loan_id="l",
        customer_id="c",
        days_past_due=days,
        previous=CATEGORIES[it["category_before"]] if it["stage_before"] else None,
        on=TODAY,
    )
    of = it["profile"]
    loan = SimpleNamespace(
        grade=of.agreed_grade,
        principal=Money("CNY", 1),
        outstanding=Money("CNY", it["outstanding"]),
        annual_percentage_rate=it["annual"],
        nominal_interest_rate=of.nominal_interest_rate,
        amortisation=Amortisation(of.amortisation),
        maturity_date=it["maturity"],
    )
    since = day_of(day_number(TODAY) - it["clean_days"]) if it["clean_days"] is not None else TODAY
    facts = allowance.Facts(
        undrawn=Money("CNY", it["undrawn"]),
        collateral=Money("CNY", it["collateral"]),
        guarantee=Money("CNY", it["guarantee"]),
        initial_expected_loss=Money("CNY", it["initial_loss"]),
        grade=of.grade,
        credit_impaired=flags[RiskBit.CREDIT_IMPAIRED] or classified.category.code >= 2,
        watch_list=flags[RiskBit.WATCH_LIST],
        purchased_impaired=flags[RiskBit.PURCHASED_IMPAIRED],
        simplified=flags[RiskBit.SIMPLIFIED],
        months_clean=_months(since, TODAY) if since else 0,
    )
    stood = STAGES[it["stage_before"] - 1] if it["stage_before"] else None
    risk = allowance.risk_of(MODEL, cast(Loan, loan), facts, days_past_due=days, previous=stood)
    stage, _ = allowance.stage_of(MODEL, risk)
    position = allowance.position_of(MODEL, cast(Loan, loan), facts, stage=stage, days_past_due=days, on=TODAY)
    amounts = allowance_engine.step_by_step(position, MODEL, position, position, MODEL)
    return classified.category.code, stage, amounts.steps[-1]


def _months(since: date, on: date) -> int:
    return (on.year - since.year) * 12 + on.month - since.month - (since.day > on.day)


@given(st.lists(risks(), min_size=1, max_size=6), st.integers(1, 40))
def test_an_allowance_stands_only_where_working_it_out_anew_comes_to_the_same(
    loans: list[dict[str, Any]], later: int
) -> None:
    told = news([_news(it, at) for at, it in enumerate(loans)])
    before, agreed = nights.grown(columns([_row(it) for it in loans]), terms([{}] * len(loans)), told)
    profiles = [it["profile"] for it in loans]
    rows = nights.closed(night(profiles), before, agreed, told, periods())
    on = TODAY
    for _ in range(later):
        on += NIGHT
        next_night = night(profiles, on)
        anew = nights.closed(replace(next_night, old_model=None), rows, agreed, news(), periods())
        rows = nights.closed(next_night, rows, agreed, news(), periods())
        _must_be_equal(rows, anew)


def _must_be_equal(found: Columns, expected: Columns) -> None:
    for field in fields(Columns):
        assert getattr(found, field.name).tolist() == getattr(expected, field.name).tolist(), field.name


@pytest.mark.parametrize(
    ("days", "before", "category", "stage"),
    [
        *((0, 0, 0, 1), (1, 0, 1, 1), (30, 1, 1, 1), (31, 1, 1, 2), (90, 1, 1, 2), (91, 1, 2, 3)),
        *((270, 2, 2, 3), (271, 2, 3, 3), (360, 3, 3, 3), (361, 3, 4, 3), (0, 4, 2, 3), (5, 2, 2, 3)),
    ],
)
def test_the_thresholds_are_exceeded_not_reached(days: int, before: int, category: int, stage: int) -> None:
    row = {"ends_on": BEHIND, "category": before, "outstanding": 100, "oldest_due": day_number(TODAY) - days}
    after = nights.closed(
        night([profile(Decimal("0.12"), DayCount.ACT_365)]), columns([row]), terms([_LATE_LOAN]), news(), periods()
    )
    assert (int(after.category[0]), int(after.stage[0])) == (category, stage)


def test_a_better_stage_asks_for_the_months_of_cure_from_the_first_day_without_a_reason() -> None:
    of_night = night([profile(Decimal("0.12"), DayCount.ACT_365)])
    row = {"ends_on": BEHIND, "outstanding": 100, "stage": 2, "oldest_due": day_number(TODAY) + 900}
    rows, agreed = columns([row]), terms([_LATE_LOAN])
    cured = months_later(TODAY, MODEL.cure_months)
    for on, stage, since in ((TODAY, 2, TODAY), (cured - NIGHT, 2, TODAY), (cured, 1, None)):
        rows = nights.closed(replace(of_night, on=on), rows, agreed, news(), periods())
        assert (int(rows.stage[0]), day_of(int(rows.clean_since[0]))) == (stage, since)


def test_a_contract_that_ends_has_a_last_row_then_none_and_may_be_owed_again() -> None:
    of_night = night([profile(Decimal("0.12"), DayCount.ACT_365)])
    row = {"ends_on": day_number(TODAY) + 9, "number": 3, "recognised": 40, "outstanding": 9, "allowance": 7}
    rows, agreed = columns([row]), terms([_LATE_LOAN])
    ended = news([_LATE_LOAN | {"told": Told.ENDED, "ends_on": LAST_ROW, "recognised": 44}])
    rows = nights.closed(of_night, rows, agreed, ended, periods())
    assert (int(rows.ends_on[0]), int(rows.accrual[0]), int(rows.allowance_change[0])) == (LAST_ROW, 4, -7)
    rows = nights.closed(of_night, rows, agreed, news(), periods())
    assert (int(rows.ends_on[0]), int(rows.accrual[0]), int(rows.allowance_change[0])) == (NO_ROW, 0, 0)
    again = news([_LATE_LOAN | {"told": Told.OPENED, "ends_on": day_number(TODAY) + 9, "recognised": 50}])
    rows = nights.closed(of_night, rows, agreed, again, periods())
    assert (int(rows.accrual[0]), int(rows.number[0]), int(rows.stage[0])) == (6, 0, 1)


def test_grades_the_model_does_not_have_are_its_worst_and_large_exposures_are_provided_for_in_parts() -> None:
    worst = max((term for term in MODEL.grades if term.one_year < 1), key=lambda term: term.one_year)
    profiles = [profile(Decimal("0.12"), DayCount.ACT_365, grade) for grade in ("no such grade", worst.grade)]
    rows = columns([{"ends_on": BEHIND, "outstanding": 10**17}] * 2)
    agreed = terms([_LATE_LOAN | {"profile": 1 + at} for at in range(2)])
    of_night = night(profiles, old_model=None)
    after = nights.closed(of_night, rows, agreed, news(), periods())
    small = nights.closed(of_night, replace(rows, outstanding=rows.outstanding // 1000), agreed, news(), periods())
    assert abs(int(after.allowance[0]) - 1000 * int(small.allowance[0])) <= 1000
    assert after.allowance[0] == after.allowance[1]
