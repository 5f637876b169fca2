"""The columns beside the reference: random contracts of each type they take, the vectors, and what they refuse."""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases.actus import observed_of
from zhongtai.kernel.actus.checks import TermsContradict
from zhongtai.kernel.actus.codes import (
    BusinessDayConvention,
    Calendar,
    Code,
    ContractRole,
    ContractType,
    DayCountConvention,
    EndOfMonthConvention,
    EventType,
    FeeBasis,
    InterestCalculationBase,
    PrepaymentEffect,
    ScalingEffect,
)
from zhongtai.kernel.actus.column_days import DayCount
from zhongtai.kernel.actus.columns import KINDS, flows, parts
from zhongtai.kernel.actus.conventions import year_fraction
from zhongtai.kernel.actus.engine import cash_flows
from zhongtai.kernel.actus.observed import MarketNotObserved, Observed, ObservedEvent
from zhongtai.kernel.actus.portfolio import COLUMNAR, Group, TermNotColumnar, datetime_of, day_number, portfolio_of
from zhongtai.kernel.actus.schedules import Cycle, DateBeyondCalendar, Period
from zhongtai.kernel.actus.terms import TermMissing, TermNotUnderstood, Terms, terms_of, time_of

CASES = Path(os.environ.get("ZHONGTAI_CASES", "../shared/cases")) / "actus"
TOLERANCE = 1e-9
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - ACTUS knows no time zones
MARKET = Observed(
    {
        "RATE": tuple(
            (EPOCH + timedelta(days=97 * step, hours=step % 3), Decimal(3 + step * 7 % 11) / 100) for step in range(300)
        ),
        "INDEX": tuple((EPOCH + timedelta(days=61 * step), Decimal(100 + step)) for step in range(480)),
    }
)

Row = tuple[datetime, EventType, float, float, float, float]

days = st.integers(10_000, 14_000).map(lambda day: EPOCH + timedelta(days=day))
month_ends = st.sampled_from(["2004-01-31", "2004-02-29", "2005-02-28", "2006-11-30"]).map(datetime.fromisoformat)
cycles = st.sampled_from(["P1ML0", "P1ML1", "P3ML0", "P2ML1", "P1QL1", "P1YL0", "P5WL1", "P40DL0"]).map(Cycle.of)
rates = st.decimals("-0.02", "0.2", places=4)
amounts = st.decimals("100", "100000", places=2)


def optional(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """A term that is told or not."""
    return st.none() | values


def codes(kind: type[Code]) -> st.SearchStrategy[object]:
    """Any code of a kind."""
    return st.sampled_from(list(kind))


RESETS: dict[str, st.SearchStrategy[object]] = {
    "cycle_of_rate_reset": cycles,
    "market_object_code_of_rate_reset": st.just("RATE"),
    "rate_spread": rates,
    "next_reset_rate": optional(rates),
    "period_floor": optional(st.just(Decimal("-0.02"))),
    "period_cap": optional(st.just(Decimal("0.01"))),
    "life_floor": optional(st.just(Decimal("0.04"))),
    "life_cap": optional(st.just(Decimal("0.1"))),
}
FEES: dict[str, st.SearchStrategy[object]] = {
    "fee_basis": codes(FeeBasis),
    "fee_rate": rates,
    "cycle_of_fee": cycles,
    "fee_accrued": optional(rates),
}
INDEX: dict[str, st.SearchStrategy[object]] = {
    "scaling_effect": codes(ScalingEffect),
    "market_object_code_of_scaling_index": st.just("INDEX"),
    "scaling_index_at_contract_deal_date": st.just(Decimal(90)),
    "cycle_of_scaling_index": cycles,
    "interest_scaling_multiplier": rates,
}


@st.composite
def alike(draw: st.DrawFn, kind: ContractType) -> list[Terms]:
    """A few contracts of one shape with different dates and numbers."""
    shape: dict[str, object] = draw(
        st.fixed_dictionaries(
            {
                "contract_role": st.sampled_from([ContractRole.RPA, ContractRole.RPL]),
                "business_day_convention": codes(BusinessDayConvention),
                "calendar": codes(Calendar),
                "day_count_convention": codes(DayCountConvention),
                "end_of_month_convention": codes(EndOfMonthConvention),
                "cycle_of_interest_payment": optional(cycles),
                "cycle_of_principal_redemption": cycles,
                "interest_calculation_base": codes(InterestCalculationBase),
                "interest_calculation_base_amount": optional(amounts),
                "cycle_of_interest_calculation_base": cycles,
            }
        )
    )
    for together in (RESETS, FEES, INDEX):
        shape |= draw(st.fixed_dictionaries(together)) if draw(st.booleans()) else {}
    has = {name: draw(st.booleans()) for name in _OWN}
    shape["contract_type"] = kind
    return [_contract(draw, shape, has, number) for number in range(draw(st.integers(1, 4)))]


_OWN = ("anchor", "purchase", "termination", "capitalized", "level", "maturity", "accrued", "amortization", "rate")


def _contract(draw: st.DrawFn, shape: dict[str, object], has: dict[str, bool], number: int) -> Terms:
    exchange = draw(days | month_ends)
    maturity = exchange + timedelta(days=draw(st.integers(60, 1200)))

    def within() -> datetime:
        return exchange + timedelta(days=draw(st.integers(0, 900)))

    anchors = [name for name in _ANCHORS if has["anchor"] or name == "cycle_anchor_date_of_principal_redemption"]
    own: dict[str, object] = {name: exchange + timedelta(days=draw(st.integers(-20, 100))) for name in anchors}
    notional = draw(amounts)
    choices: dict[str, dict[str, object]] = {
        "purchase": {"purchase_date": within(), "price_at_purchase_date": notional},
        "termination": {"termination_date": within() + timedelta(days=901), "price_at_termination_date": notional},
        "capitalized": {"capitalization_end_date": within()},
        "accrued": {"accrued_interest": draw(amounts) / 100},
        "amortization": {"amortization_date": maturity + timedelta(days=draw(st.integers(0, 400)))},
        "rate": {"nominal_interest_rate": draw(rates)},
    }
    for name, terms in choices.items():
        own |= terms if has[name] else {}
    needs_level = shape["contract_type"] is ContractType.NAM or not has["maturity"]
    if has["level"] or needs_level:
        own["next_principal_redemption_payment"] = round(notional / draw(st.integers(3, 40)), 2)
    if has["maturity"] or shape["contract_type"] is ContractType.PAM:
        own["maturity_date"] = maturity
    status = exchange + timedelta(days=draw(st.sampled_from([-3, -1, 0, 1, 200, 500])))
    return Terms(
        **{
            "contract_id": f"c{number}",
            "currency": "CNY",
            "status_date": status,
            "initial_exchange_date": exchange,
            "notional_principal": notional,
            "premium_discount_at_ied": draw(rates),
            **shape,
            **own,
        }  # type: ignore[arg-type]
    )


_ANCHORS = (
    "cycle_anchor_date_of_interest_payment",
    "cycle_anchor_date_of_principal_redemption",
    "cycle_anchor_date_of_rate_reset",
    "cycle_anchor_date_of_fee",
    "cycle_anchor_date_of_interest_calculation_base",
    "cycle_anchor_date_of_scaling_index",
)


def by_reference(terms: Terms, observed: Observed, until: datetime | None) -> list[Row]:
    """The events the reference tells."""
    return [
        (
            event.time,
            event.type,
            float(event.payoff),
            float(event.state.notional_principal),
            float(event.state.nominal_interest_rate),
            float(event.state.accrued_interest),
        )
        for event in cash_flows(terms, observed, until)
    ]


def by_columns(contracts: Sequence[Terms], observed: Observed, until: datetime | None) -> list[list[Row]]:
    """The events the columns tell, for each contract."""
    portfolio = portfolio_of(contracts, observed)
    assert not portfolio.others
    found = flows(portfolio.groups, observed.markets, until)
    rows: list[list[Row]] = [[] for _ in contracts]
    for row in range(len(found)):
        time, kind = EPOCH + timedelta(days=int(found.time[row])), KINDS[found.kind[row]]
        amounts_after = (found.notional[row], found.rate[row], found.accrued[row])
        rows[found.contract[row]].append((time, kind, found.payoff[row], *map(float, amounts_after)))
    return rows


def assert_agree(expected: list[Row], actual: list[Row], terms: Terms) -> None:
    """Both tell the same events in the same order; numbers to 1e-9, absolute or relative."""
    assert [row[:2] for row in actual] == [row[:2] for row in expected], terms
    for wanted, got in zip(expected, actual, strict=True):
        assert got[2:] == pytest.approx(wanted[2:], rel=TOLERANCE, abs=TOLERANCE), terms


@pytest.mark.parametrize("kind", sorted(COLUMNAR))
@settings(max_examples=120)
@given(data=st.data())
def test_columns_and_reference_agree(kind: ContractType, data: st.DataObject) -> None:
    contracts = data.draw(alike(kind))
    until = data.draw(st.none() | days)
    expected: dict[int, list[Row]] = {}
    for place, terms in enumerate(contracts):
        try:
            expected[place] = by_reference(terms, MARKET, until)
        except TermMissing:
            continue
    known = [contracts[place] for place in expected]
    for terms, wanted, got in zip(known, expected.values(), by_columns(known, MARKET, until), strict=True):
        assert_agree(wanted, got, terms)


@pytest.mark.parametrize("convention", DayCountConvention)
@pytest.mark.parametrize("calendar", Calendar)
def test_a_day_count_is_a_difference_of_serial_numbers(convention: DayCountConvention, calendar: Calendar) -> None:
    count = DayCount(convention, calendar)
    for end in (datetime(2024, 2, 29), datetime(2023, 2, 28), datetime(2023, 2, 27)):  # noqa: DTZ001
        starts = [end - timedelta(days=before) for before in (*range(70), *range(330, 430))]
        numbers, maturity = np.array([day_number(start) for start in starts]), np.full(170, day_number(end))
        for ends in (maturity, maturity + 31):
            passed = (count.serial_end(ends, maturity) - count.serial(numbers)) / count.basis
            last = datetime_of(int(ends[0]))
            exact = [float(year_fraction(start, last, convention, maturity=end, calendar=calendar)) for start in starts]
            # From the maturity to itself is nothing; the walk takes nothing below that.
            assert list(np.maximum(passed, 0)) == pytest.approx(exact, abs=1e-12)


@pytest.mark.cases
@pytest.mark.skipif(not CASES.exists(), reason=f"{CASES} is not there: set ZHONGTAI_CASES")
@pytest.mark.parametrize("kind", sorted(COLUMNAR))
def test_columns_and_reference_agree_on_the_vectors(kind: ContractType) -> None:
    handed_over = {}
    for name, case in json.loads((CASES / f"{kind.lower()}.json").read_text(), parse_float=Decimal).items():
        terms, observed = terms_of(case["terms"]), observed_of(case)
        until = time_of(case["to"]) if case.get("to") else None
        if others := portfolio_of([terms], observed).others:
            handed_over[name] = others[0]
            continue
        assert_agree(by_reference(terms, observed, until), by_columns([terms], observed, until)[0], terms)
    assert handed_over.items() <= AT_THE_LAST_SECOND.items()


# Dates at 23:59:59 are no whole days: the reference takes these.
AT_THE_LAST_SECOND = {"pam25": "maturityDate", "ann19": "terminationDate", "lam18": "terminationDate"}
LOAN = Terms(
    contract_id="loan",
    contract_type=ContractType.ANN,
    currency="CNY",
    status_date=datetime(2026, 1, 1),  # noqa: DTZ001
    initial_exchange_date=datetime(2026, 1, 2),  # noqa: DTZ001
    maturity_date=datetime(2027, 1, 2),  # noqa: DTZ001
    notional_principal=Decimal(12000),
    nominal_interest_rate=Decimal("0.06"),
    day_count_convention=DayCountConvention.A365,
    cycle_of_principal_redemption=Cycle.of("P1ML0"),
    cycle_of_interest_payment=Cycle.of("P1ML0"),
)


def test_contracts_alike_are_walked_together_and_told_by_place() -> None:
    other = replace(LOAN, contract_type=ContractType.LAM)
    contracts = [
        LOAN,
        other,
        replace(LOAN, notional_principal=Decimal(500)),
        replace(other, nominal_interest_rate=None),
    ]
    portfolio = portfolio_of(contracts)
    assert [list(group.places) for group in portfolio.groups] == [[0, 2], [1], [3]]
    assert list(np.unique(flows(portfolio.groups).contract)) == [0, 1, 2, 3]
    for terms, got in zip(contracts, by_columns(contracts, Observed(), None), strict=True):
        assert_agree(by_reference(terms, Observed(), None), got, terms)


def test_a_group_is_a_pattern_and_columns() -> None:
    group = Group(LOAN, np.arange(3), {"notional_principal": np.array([1000.0, 2000.0, 3000.0])})
    found = flows([group])
    first, last = found.payoff[found.contract == 0], found.payoff[found.contract == 2]
    assert last == pytest.approx(3 * first, rel=TOLERANCE, abs=TOLERANCE)
    assert sum(len(part) for part in parts([group])) == len(found) == 3 * len(first)


def test_more_contracts_than_are_walked_at_once_are_all_told() -> None:
    many = 5000
    group = Group(LOAN, np.arange(many), {"notional_principal": np.arange(1.0, many + 1)})
    found = flows([group], until=LOAN.initial_exchange_date)
    paid_out = found.kind == EventType.IED.sequence
    assert list(found.contract[paid_out]) == list(range(many))
    assert list(found.payoff[paid_out]) == list(-np.arange(1.0, many + 1))


def test_no_contracts_have_no_events() -> None:
    assert len(flows([])) == 0


@pytest.mark.parametrize(
    ("terms", "name"),
    [
        ({"contract_type": ContractType.LAX}, "contractType"),
        ({"prepayment_effect": PrepaymentEffect.A}, "prepaymentEffect"),
        ({"settlement_currency": "USD"}, "settlementCurrency"),
        ({"day_count_convention": None}, "dayCountConvention"),
        ({"grace_period": Period.of("P1M")}, "gracePeriod"),
        ({"maturity_date": datetime(2027, 1, 2, 23, 59, 59)}, "maturityDate"),  # noqa: DTZ001
    ],
)
def test_what_columns_do_not_know_is_named(terms: dict[str, Any], name: str) -> None:
    unknown = replace(LOAN, **terms)
    portfolio = portfolio_of([LOAN, unknown])
    assert portfolio.others == {1: name}
    assert [list(group.places) for group in portfolio.groups] == [[0]]
    with pytest.raises(TermNotColumnar) as refused:
        flows([Group(unknown, np.arange(1), {})])
    assert refused.value.name == name


def test_a_column_that_is_no_term_is_refused() -> None:
    with pytest.raises(TermNotColumnar):
        flows([Group(LOAN, np.arange(1), {"notional": np.ones(1)})])


def test_a_contract_with_observed_events_is_handed_over() -> None:
    seen = ObservedEvent(datetime(2026, 5, 5), EventType.AD, contract_id="loan")  # noqa: DTZ001
    assert portfolio_of([LOAN, replace(LOAN, contract_id="two")], Observed({}, (seen,))).others == {
        0: "observed events"
    }


def test_what_the_reference_refuses_is_refused() -> None:
    resets = {"cycle_of_rate_reset": Cycle.of("P1ML0"), "market_object_code_of_rate_reset": "LPR"}
    day = np.array([0])
    for terms, columns, refusal in (
        ({}, {"maturity_date": day}, TermsContradict),
        ({"scaling_index_at_contract_deal_date": Decimal(0)}, {}, TermNotUnderstood),
        (resets, {}, MarketNotObserved),
        ({"cycle_of_principal_redemption": None}, {}, TermMissing),
        (_LEVEL, {"next_principal_redemption_payment": np.array([0.0])}, TermMissing),
        (_LEVEL, {"next_principal_redemption_payment": np.array([60.0001])}, DateBeyondCalendar),
    ):
        with pytest.raises(refusal):
            flows([Group(replace(LOAN, **terms), np.arange(1), columns)])


_LEVEL = {
    "contract_type": ContractType.NAM,
    "maturity_date": None,
    "next_principal_redemption_payment": Decimal(1),
    "day_count_convention": DayCountConvention.THIRTY_E_360,
}
