"""What a message may carry and the world does not have is refused, never a defect; what it has comes back as it was."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage
from hypothesis import given
from hypothesis import strategies as any_

from zhongtai.credit.limit.domain import Limit
from zhongtai.credit.v1 import limit_pb2
from zhongtai.kernel.money import Money
from zhongtai.operations.account.domain import Side
from zhongtai.operations.v1 import ledger_pb2
from zhongtai.runtime.convert import (
    DateMustExist,
    InstantMustExist,
    NumberMustBeDecimal,
    ValueMustBeListed,
    date_message,
    date_of,
    decimal_message,
    decimal_of,
    instant_message,
    instant_of,
    message_of,
    value_of,
)


@dataclass(frozen=True)
class Leg:
    """A leg of which nothing need be told."""

    side: Side | None = None
    amount: Money | None = None


@dataclass(frozen=True)
class Draft:
    """A draft of which nothing need be told."""

    value_date: date | None = None
    legs: tuple[Leg | ledger_pb2.Leg, ...] = ()


@dataclass(frozen=True)
class Posting:
    """What holds a draft."""

    draft: Draft | None = None


@pytest.mark.parametrize(
    ("year", "month", "day"), [(2026, 2, 30), (2026, 13, 1), (2026, 5, 0), (0, 1, 1), (10_000, 1, 1)]
)
def test_a_date_that_is_none(year: int, month: int, day: int) -> None:
    with pytest.raises(DateMustExist) as refused:
        date_of(Date(year=year, month=month, day=day))
    assert refused.value.written == f"{year:04}-{month:02}-{day:02}"


@pytest.mark.parametrize("text", ["", "much", "NaN", "-Infinity", "1e65", "1e-65", "0e99", "1" * 65, "0." + "1" * 65])
def test_a_number_that_is_none_or_too_long(text: str) -> None:
    with pytest.raises(NumberMustBeDecimal):
        decimal_of(DecimalMessage(value=text))


def test_a_number_of_a_million_digits_is_refused_unread() -> None:
    with pytest.raises(NumberMustBeDecimal) as refused:
        decimal_of(DecimalMessage(value="9" * 1_000_000))
    assert len(refused.value.text) == 64


@pytest.mark.parametrize("seconds", [-(1 << 62), 1 << 62, 253_402_300_800])
def test_an_instant_beyond_the_calendar(seconds: int) -> None:
    with pytest.raises(InstantMustExist):
        instant_of(Timestamp(seconds=seconds))


def test_an_enum_value_the_contract_does_not_list() -> None:
    message = limit_pb2.Limit(limit_id="lim_1", status=99)  # type: ignore[arg-type]
    with pytest.raises(ValueMustBeListed):
        value_of(message, Limit, granted=None, held=None, used=None, standing=None)


@given(any_.dates())
def test_a_date_comes_back(day: date) -> None:
    assert date_of(date_message(day)) == day


@given(any_.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30, places=30))
def test_a_number_comes_back_exactly(number: Decimal) -> None:
    assert decimal_of(decimal_message(number)) == number


@given(any_.datetimes(timezones=any_.just(UTC)))
def test_an_instant_comes_back(instant: datetime) -> None:
    assert instant_of(instant_message(instant)) == instant


@given(any_.datetimes(timezones=any_.just(timezone(timedelta(hours=8)))))
def test_an_instant_of_another_zone_is_the_same_instant(instant: datetime) -> None:
    expected = Timestamp()
    expected.FromDatetime(instant)
    assert instant_message(instant) == expected


def test_a_value_is_written_whole_and_what_is_none_is_left_out() -> None:
    given_as_message = ledger_pb2.Leg(account_id="acc_1")
    draft = Draft(date(2026, 5, 4), (Leg(Side.DEBIT, Money("CNY", 0)), Leg(), given_as_message))
    written = message_of(Posting(draft), ledger_pb2.PostEntryRequest, request_id="r1")
    by_hand = ledger_pb2.PostEntryRequest(request_id="r1")
    by_hand.draft.value_date.MergeFrom(Date(year=2026, month=5, day=4))
    paid = by_hand.draft.legs.add(side=ledger_pb2.SIDE_DEBIT)
    paid.amount.currency_code = "CNY"
    paid.amount.minor_units = 0
    by_hand.draft.legs.add()
    by_hand.draft.legs.add(account_id="acc_1")
    assert written == by_hand


def test_a_value_of_which_nothing_is_told_is_there_all_the_same() -> None:
    assert message_of(Posting(Draft()), ledger_pb2.PostEntryRequest).HasField("draft")
    assert not message_of(Posting(), ledger_pb2.PostEntryRequest).HasField("draft")
