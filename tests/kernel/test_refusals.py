"""Refusals: name, kind, sentence in two languages, metadata."""

from datetime import date

from zhongtai.kernel import calendar, identifiers, money, rates, schedule
from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.refusals import Invalid, Unmet

ROOMS = (calendar, identifiers, money, rates, schedule)


class BalanceTooLow(Unmet):
    """Only {available} is there on {day}:
    pay in first.

    {day}余额仅{available}：请先存入。
    """

    available: Money
    day: date


def test_a_refusal_is_read_by_people_and_by_programs() -> None:
    refusal = BalanceTooLow(available=Money("CNY", 123_456), day=date(2026, 5, 4))
    assert (refusal.kind, refusal.reason) == ("Unmet", "BALANCE_TOO_LOW")
    assert refusal.metadata == {"available": "CNY 1,234.56", "day": "2026-05-04"}
    assert refusal.sentence() == "Only CNY 1,234.56 is there on 2026-05-04: pay in first."
    assert refusal.sentence("zh-CN") == "2026-05-04余额仅CNY 1,234.56：请先存入。"
    assert str(refusal) == "BALANCE_TOO_LOW: Only CNY 1,234.56 is there on 2026-05-04: pay in first."


def test_braces_in_a_field_are_text() -> None:
    assert "{available}" in CurrencyMustMatch(left="{available}", right="CNY").sentence()


def refusals_below(parent: type[Invalid]) -> list[type[Invalid]]:
    return [each for child in parent.__subclasses__() for each in (child, *refusals_below(child))]


def test_every_refusal_of_the_kernel_speaks_both_languages() -> None:
    """A placeholder that is no field would fail only when somebody is refused; so each is filled once here."""
    kernel = [each for each in refusals_below(Invalid) if each.__module__ in {room.__name__ for room in ROOMS}]
    assert len(kernel) >= 20
    for refusal in kernel:
        values = dict.fromkeys(refusal.__dataclass_fields__, "x")
        english, chinese = refusal(**values).sentence(), refusal(**values).sentence("zh-CN")
        assert english.isascii(), refusal
        assert any("一" <= character <= "鿿" for character in chinese), refusal
