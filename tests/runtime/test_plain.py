"""What a store keeps of nested values comes back as it was, and an instant is its own whatever zone told it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest

from zhongtai.kernel.money import Money
from zhongtai.runtime.plain import from_json, instant_text, to_json


class Colour(StrEnum):
    """A name that is not its value."""

    RED = "rot"


@dataclass(frozen=True)
class Part:
    """A nested value."""

    amount: Money
    at: datetime


@dataclass(frozen=True)
class Whole:
    """One field of each kind that is kept."""

    colour: Colour
    colours: frozenset[Colour]
    day: date
    rate: Decimal
    parts: tuple[Part, ...]
    attributes: dict[str, Decimal]
    absent: Part | None
    certain: bool
    text: str
    count: int


WHOLE = Whole(
    colour=Colour.RED,
    colours=frozenset({Colour.RED}),
    day=date(2026, 5, 4),
    rate=Decimal("0.0450"),
    parts=(Part(Money("CNY", -5), datetime(2026, 5, 4, 1, 2, 3, 4, tzinfo=UTC)),),
    attributes={"利率": Decimal("1E+2")},
    absent=None,
    certain=True,
    text='"',
    count=1 << 60,
)
KEPT = (
    '{"colour":"rot","colours":["rot"],"day":"2026-05-04","rate":"0.0450",'
    '"parts":[{"amount":{"currency":"CNY","minor_units":-5},"at":"2026-05-04T01:02:03.000004+00:00"}],'
    '"attributes":{"利率":"1E+2"},"absent":null,"certain":true,"text":"\\"","count":1152921504606846976}'
)


def test_a_value_is_kept_as_compact_text_and_comes_back() -> None:
    assert to_json(WHOLE) == KEPT
    assert from_json(KEPT, Whole) == WHOLE


def test_what_cannot_be_kept_is_a_defect() -> None:
    with pytest.raises(TypeError, match="float"):
        to_json({"rate": 0.1})
    with pytest.raises(ValueError, match="blau"):
        from_json('"blau"', Colour)


def test_instants_that_look_alike_are_told_apart() -> None:
    # Berlin's half past two of that night comes twice, and Python holds both for the same time.
    zone = ZoneInfo("Europe/Berlin")
    first, second = datetime(2026, 10, 25, 2, 30, tzinfo=zone), datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=zone)
    assert first == second
    assert instant_text(first) == "2026-10-25T00:30:00.000000+00:00"
    assert instant_text(second) == "2026-10-25T01:30:00.000000+00:00"
    there = datetime(2026, 5, 4, 9, tzinfo=timezone(timedelta(hours=8)))
    assert instant_text(there) == instant_text(there.astimezone(UTC)) == "2026-05-04T01:00:00.000000+00:00"
