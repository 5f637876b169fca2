"""The columns beside the reference: random contracts of every type, the vectors, and what they refuse."""

import json
import math
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
from tests.kernel.actus.contracts import EPOCH, MARKETS, alike, horizons
from zhongtai.kernel.actus.checks import TermsContradict
from zhongtai.kernel.actus.codes import (
    BusinessDayConvention,
    Calendar,
    ContractPerformance,
    ContractType,
    DayCountConvention,
    DeliverySettlement,
    EventType,
    FeeBasis,
    PrepaymentEffect,
    ReferenceRole,
    ReferenceType,
)
from zhongtai.kernel.actus.columnar.days import NEVER, DayCount
from zhongtai.kernel.actus.columnar.engine import KINDS, flows, parts
from zhongtai.kernel.actus.columnar.portfolio import Group, TermNotColumnar, datetime_of, day_number, portfolio_of
from zhongtai.kernel.actus.conventions import year_fraction
from zhongtai.kernel.actus.engine import cash_flows
from zhongtai.kernel.actus.observed import MarketNotObserved, Observed, ObservedEvent
from zhongtai.kernel.actus.schedules import Cycle, DateBeyondCalendar
from zhongtai.kernel.actus.terms import Reference, TermMissing, TermNotUnderstood, Terms, terms_of, time_of

CASES = Path(os.environ.get("ZHONGTAI_CASES", "../shared/cases")) / "actus"
TOLERANCE = 1e-9

Row = tuple[datetime, EventType, str, datetime | None, float, float, float, float, float]


def by_reference(terms: Terms, observed: Observed, until: datetime | None) -> list[Row]:
    """The events the reference tells."""
    return [
        (
            event.time,
            event.type,
            event.currency,
            event.state.exercise_date,
            float(event.payoff),
            float(event.state.notional_principal),
            float(event.state.nominal_interest_rate),
            float(event.state.accrued_interest),
            math.nan if event.state.exercise_amount is None else float(event.state.exercise_amount),
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
        time, exercised = (int(column[row]) for column in (found.time, found.exercise_date))
        numbers = (found.payoff, found.notional, found.rate, found.accrued, found.exercise_amount)
        codes_told = KINDS[found.kind[row]], str(found.currency[row])
        days_told = EPOCH + timedelta(days=time), None if exercised == NEVER else EPOCH + timedelta(days=exercised)
        payoff, notional, rate, accrued, amount = (float(column[row]) for column in numbers)
        told = (days_told[0], *codes_told, days_told[1], payoff, notional, rate, accrued, amount)
        rows[found.contract[row]].append(told)
    return rows


def assert_agree(expected: list[Row], actual: list[Row], terms: Terms) -> None:
    """Both tell the same events in the same order; numbers to 1e-9, absolute or relative."""
    assert [row[:4] for row in actual] == [row[:4] for row in expected], terms
    for wanted, got in zip(expected, actual, strict=True):
        assert got[4:] == pytest.approx(wanted[4:], rel=TOLERANCE, abs=TOLERANCE, nan_ok=True), terms


@pytest.mark.parametrize("kind", ContractType)
@settings(max_examples=40)
@given(data=st.data())
def test_columns_and_reference_agree(kind: ContractType, data: st.DataObject) -> None:
    drawn = data.draw(alike(kind))
    until = data.draw(horizons(drawn))
    expected: dict[int, list[Row]] = {}
    for place, terms in enumerate(drawn.contracts):
        try:
            expected[place] = by_reference(terms, drawn.observed, until)
        except TermMissing:
            continue
    known = [drawn.contracts[place] for place in expected]
    for terms, wanted, got in zip(known, expected.values(), by_columns(known, drawn.observed, until), strict=True):
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
@pytest.mark.parametrize("kind", ContractType)
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
AT_THE_LAST_SECOND = {
    **{"pam25": "maturityDate", "ann19": "terminationDate", "lam18": "terminationDate"},
    **{"fxout01": "maturityDate", "fxout06": "maturityDate", "fxout07": "maturityDate", "fxout08": "maturityDate"},
    **{"fxout10": "terminationDate", "swppv13": "purchaseDate", "swppv14": "purchaseDate", "swaps09": "purchaseDate"},
}
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


_LAST_SECOND = datetime(2027, 1, 2, 23, 59, 59)  # noqa: DTZ001
_OPTION = Reference(
    role=ReferenceRole.COVE,
    type=ReferenceType.CNT,
    contract=replace(LOAN, contract_type=ContractType.OPTNS),
)


@pytest.mark.parametrize(
    ("terms", "name"),
    [
        ({"day_count_convention": None}, "dayCountConvention"),
        ({"maturity_date": _LAST_SECOND}, "maturityDate"),
        ({"array_cycle_anchor_date_of_interest_payment": (_LAST_SECOND,)}, "arrayCycleAnchorDateOfInterestPayment"),
        ({"contract_type": ContractType.CEG, "contract_structure": (_OPTION,)}, "contractStructure"),
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


# A Saturday, a Sunday and the Monday all are paid on; and resets with what comes behind them.
_WEEKEND = replace(
    LOAN,
    contract_type=ContractType.PAM,
    calendar=Calendar.MF,
    business_day_convention=BusinessDayConvention.CSF,
    cycle_anchor_date_of_interest_payment=datetime(2026, 6, 27),  # noqa: DTZ001
    cycle_of_interest_payment=Cycle.of("P1DL0"),
    maturity_date=datetime(2026, 6, 29),  # noqa: DTZ001
)
_RESET = replace(LOAN, cycle_of_rate_reset=Cycle.of("P1ML0"), market_object_code_of_rate_reset="RATE")


@pytest.mark.parametrize("leg", [_WEEKEND, _RESET])
@pytest.mark.parametrize("settlement", DeliverySettlement)
def test_legs_with_several_events_of_a_day_are_told_in_order(leg: Terms, settlement: DeliverySettlement) -> None:
    roles = (ReferenceRole.FIL, ReferenceRole.SEL)
    legs = (leg, replace(leg, contract_id="second", nominal_interest_rate=Decimal("0.2")))
    structure = tuple(
        Reference(role=role, type=ReferenceType.CNT, contract=one) for role, one in zip(roles, legs, strict=True)
    )
    swap = replace(
        LOAN,
        contract_id="swap",
        contract_type=ContractType.SWAPS,
        delivery_settlement=settlement,
        contract_structure=structure,
    )
    observed = Observed(MARKETS)
    assert_agree(by_reference(swap, observed, None), by_columns([swap], observed, None)[0], swap)


@pytest.mark.parametrize("basis", FeeBasis)
def test_fees_of_a_guarantee_begin_anew_with_each_payment(basis: FeeBasis) -> None:
    guarantee = replace(
        LOAN,
        contract_id="guarantee",
        contract_type=ContractType.CEG,
        fee_basis=basis,
        fee_rate=Decimal("0.02"),
        cycle_anchor_date_of_fee=datetime(2026, 3, 1),  # noqa: DTZ001
        cycle_of_fee=Cycle.of("P2ML1"),
        contract_structure=(Reference(role=ReferenceRole.COVE, type=ReferenceType.CNT, contract=LOAN),),
    )
    defaulted = ObservedEvent(
        datetime(2026, 8, 20),  # noqa: DTZ001
        EventType.CE,
        contract_id="loan",
        performance=ContractPerformance.DF,
    )
    late = replace(defaulted, time=datetime(2026, 7, 1), performance=ContractPerformance.DQ)  # noqa: DTZ001
    for observed in (Observed(), Observed(events=(late, defaulted))):
        expected = by_reference(guarantee, observed, None)
        assert_agree(expected, by_columns([guarantee], observed, None)[0], guarantee)


def test_a_column_that_is_no_term_is_refused() -> None:
    with pytest.raises(TermNotColumnar):
        flows([Group(LOAN, np.arange(1), {"notional": np.ones(1)})])


def test_a_column_has_a_value_for_each_contract() -> None:
    with pytest.raises(TermNotUnderstood):
        flows([Group(LOAN, np.arange(2), {"notional_principal": np.ones(3)})])


def test_more_events_of_a_kind_than_an_event_can_tell_apart_are_refused() -> None:
    daily = replace(LOAN, prepayment_effect=PrepaymentEffect.A, cycle_of_optionality=Cycle.of("P1DL0"))
    long = replace(daily, maturity_date=datetime(2040, 1, 2))  # noqa: DTZ001
    with pytest.raises(TermNotColumnar):
        flows([Group(long, np.arange(1), {})])


def test_columns_end_at_a_midnight() -> None:
    with pytest.raises(TermNotUnderstood):
        flows([Group(LOAN, np.arange(1), {})], until=_LAST_SECOND)


def test_a_contract_observed_within_a_day_is_handed_over() -> None:
    seen = ObservedEvent(_LAST_SECOND, EventType.AD, contract_id="loan")
    observed = Observed({}, (seen,))
    assert portfolio_of([LOAN, replace(LOAN, contract_id="two")], observed).others == {0: "observed events"}


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
