"""Expressions: exact money, checked types, and the quirks of the young CEL library that are mended."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from google.type import date_pb2, decimal_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from zhongtai.common.v1 import money_pb2
from zhongtai.gateway.scenario.expressions import ExpressionFailedError, compile_formula
from zhongtai.gateway.scenario.kinds import (
    DATE,
    DECIMAL,
    INT,
    MONEY,
    STRING,
    Kind,
    decode,
    encode,
    kind_of_message,
    messages,
    parse_kind,
)
from zhongtai.gateway.scenario.names import ExpressionInvalidError, Names
from zhongtai.gateway.scenario.tokens import conjuncts
from zhongtai.kernel.money import Money, Rounding
from zhongtai.risk.v1 import decision_pb2

NAMES = Names(
    {
        "input.amount": MONEY,
        "input.other": MONEY,
        "input.tags": Kind("map", STRING),
        "input.count": INT,
        "input.rate": DECIMAL,
        "run.business_date": DATE,
        "decision": kind_of_message(messages()["risk.DecideResponse"]),
    }
)
FEN = st.integers(-(10**12), 10**12)


def value(text: str, **values: Any) -> Any:
    """What an expression comes to."""
    return compile_formula(text, NAMES)({name.replace("__", "."): found for name, found in values.items()})


def cny(units: int) -> money_pb2.Money:
    """An amount in fen."""
    return money_pb2.Money(currency_code="CNY", minor_units=units)


@settings(max_examples=60, deadline=None)
@given(FEN, FEN)
def test_money_is_exact(left: int, right: int) -> None:
    amounts = {"input__amount": cny(left), "input__other": cny(right)}
    assert value("money.add(input.amount, input.other)", **amounts) == cny(left + right)
    assert value("money.subtract(input.amount, input.other)", **amounts) == cny(left - right)
    assert value("money.min(input.amount, input.other)", **amounts) == cny(min(left, right))
    assert value("money.gte(input.amount, input.other)", **amounts) == (left >= right)
    assert value("money.eq(input.amount, input.other)", **amounts) == (left == right)


@settings(max_examples=60, deadline=None)
@given(FEN, st.decimals(-10, 10, places=6))
def test_money_times_a_decimal_rounds_half_up_as_the_kernel_does(units: int, factor: Decimal) -> None:
    exact = Money("CNY", units).times(factor, Rounding.HALF_UP)
    rate = decimal_pb2.Decimal(value=str(factor))
    assert value("money.times(input.amount, input.rate)", input__amount=cny(units), input__rate=rate) == cny(
        exact.minor_units
    )


def test_two_currencies_do_not_mix() -> None:
    dollars = money_pb2.Money(currency_code="USD", minor_units=1)
    with pytest.raises(ExpressionFailedError, match="different currencies"):
        value("money.add(input.amount, input.other)", input__amount=cny(1), input__other=dollars)


def test_what_has_no_value_is_said_and_not_handed_on() -> None:
    with pytest.raises(ExpressionFailedError, match="Key not found"):
        value("input.tags.colour", input__tags={})
    with pytest.raises(ExpressionFailedError, match="divide by zero"):
        value("input.count / 0", input__count=1)


def test_a_loop_within_loops_is_stopped() -> None:
    ten = "[1,2,3,4,5,6,7,8,9,10]"
    deep = f"{ten}.all(a, {ten}.all(b, {ten}.all(c, {ten}.all(d, {ten}.all(e, a > 0)))))"
    with pytest.raises(ExpressionFailedError, match="budget"):
        value(deep)


def test_a_chain_that_ends_in_what_is_not_set_is_nothing() -> None:
    assert value("decision.maximum_amount", decision=decision_pb2.DecideResponse()) is None
    assert value("has(decision.maximum_amount)", decision=decision_pb2.DecideResponse()) is False


@pytest.mark.parametrize(
    ("text", "outcome", "expected"),
    [
        ("decision.outcome == 'REFER'", "OUTCOME_REFER", True),
        ("'REFER' == decision.outcome", "OUTCOME_REFER", True),
        ("decision.outcome != 'REFER'", "OUTCOME_REFER", False),
        ("decision.outcome in ['APPROVE', 'REFER']", "OUTCOME_APPROVE", True),
        ("decision.outcome in ['APPROVE', 'REFER']", "OUTCOME_DECLINE", False),
    ],
)
def test_an_enum_is_compared_by_name(text: str, outcome: str, expected: bool) -> None:
    assert value(text, decision=decision_pb2.DecideResponse(outcome=outcome)) is expected


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("input.amount.minor_units", "ZT023"),
        ("input.amount.`minor_units` * 2", "ZT023"),
        ("input.amount == input.amount || input.amount < input.other", "ZT023"),
        ("0.1", "ZT023"),
        ("double(input.count)", "ZT024"),
        ("dyn(input.amount)", "ZT024"),
        ("type(input.amount)", "ZT024"),
        ("zhongtai.common.v1.Money{minor_units: 1}", "ZT024"),
        ("has(input.amount)", "ZT024"),
        ("decision.outcome == 'MAYBE'", "ZT015"),
        ("decision.reasons.exists(r, r.cod == 'X')", "ZT012"),
        ("sum(input.count)", "ZT014"),
        ("input.count ; 1", "ZT020"),
        ("(input.count", "ZT020"),
        ("x" * 3000, "ZT020"),
    ],
)
def test_what_may_not_be_said_does_not_compile(text: str, number: str) -> None:
    with pytest.raises(ExpressionInvalidError) as caught:
        compile_formula(text, NAMES)
    assert caught.value.number == number


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("inputamoung.,()[]'\"=&|!?:+-*/ 019`{}\\\n"), max_size=40))
def test_nonsense_is_refused_and_never_crashes(text: str) -> None:
    with suppress(ExpressionInvalidError):
        compile_formula(text, NAMES)


def test_dates() -> None:
    day = date_pb2.Date(year=2026, month=2, day=28)
    assert value("date.text(date.plus_days(run.business_date, 1))", run__business_date=day) == "2026-03-01"


@pytest.mark.parametrize(
    ("kind", "given_value", "told"),
    [
        ("money", "CNY 1,234.56", {"currencyCode": "CNY", "minorUnits": "123456"}),
        ("money", {"currency_code": "CNY", "minor_units": 5}, {"currencyCode": "CNY", "minorUnits": "5"}),
        ("decimal", "0.0325", "0.0325"),
        ("date", "2026-05-04", "2026-05-04"),
        ("list<int>", [1, 2.0, "3"], [1, 2, 3]),
        ("map<string, string>", {"a": "b"}, {"a": "b"}),
    ],
)
def test_values_are_read_and_told(kind: str, given_value: Any, told: Any) -> None:
    found = parse_kind(kind)
    assert found is not None
    assert encode(found, decode(found, given_value)) == told


@pytest.mark.parametrize(
    ("kind", "given_value"),
    [
        ("money", 12.5),
        ("money", {"currencyCode": "XXX", "minorUnits": "1"}),
        ("money", {"minorUnits": "1"}),
        ("int", 1.5),
        ("int", True),
        ("decimal", 0.1),
        ("decimal", "NaN"),
        ("date", "2026-02-30"),
        ("string", "x" * 2000),
        ("bool", "true"),
    ],
)
def test_values_that_do_not_fit_are_refused(kind: str, given_value: Any) -> None:
    found = parse_kind(kind)
    assert found is not None
    with pytest.raises(ValueError, match=r"must|not"):
        decode(found, given_value)


def test_a_condition_is_the_sum_of_its_parts_whatever_its_spelling() -> None:
    assert conjuncts("a == 'x' && (b || c)") == conjuncts('(b||c)&&a=="x"')
    assert conjuncts("a || b") != conjuncts("a && b")
