"""Repayment periods: the dates a loan falls due on."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from zhongtai.kernel.schedule import months_later
from zhongtai.kernel.servicing.terms import Holidays, Unit


@dataclass(frozen=True, slots=True)
class Span:
    """One repayment period: interest runs from `start`, and the instalment falls due on `due`."""

    start: date
    due: date


def within(day: date, start: date, due: date, *, first: bool) -> bool:
    """Whether the day belongs to (start, due]; the first period holds its start as well."""
    return (start <= day if first else start < day) and day <= due


def add_units(start: date, unit: Unit, count: int) -> date:
    """The day `count` units after (or before) `start`; a month without that day gives its last."""
    if unit is Unit.DAYS:
        return start + timedelta(days=count)
    if unit is Unit.WEEKS:
        return start + timedelta(weeks=count)
    return months_later(start, count * (12 if unit is Unit.YEARS else 1))


def units_between(start: date, end: date, unit: Unit) -> int:
    """How many whole units lie between two days, toward zero."""
    if unit in (Unit.DAYS, Unit.WEEKS):
        days = (end - start).days
        whole = abs(days) // (7 if unit is Unit.WEEKS else 1)
        return whole if days >= 0 else -whole
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        months -= 1
    elif months < 0 and end.day > start.day:
        months += 1
    whole = abs(months) // (12 if unit is Unit.YEARS else 1)
    return whole if months >= 0 else -whole


def next_due(last: date, unit: Unit, every: int, seed: date) -> date:
    """The due date after `last`: a loan that began on the 29th to 31st returns to that day where the month has it."""
    due = add_units(last, unit, every)
    if unit is Unit.MONTHS and seed.day > 28 and due.day >= 28:
        return due.replace(day=min(seed.day, monthrange(due.year, due.month)[1]))
    return due


def repayment_spans(
    start: date,
    unit: Unit,
    every: int,
    count: int,
    *,
    seed: date | None = None,
    first_due: date | None = None,
    fixed_length: int | None = None,
) -> tuple[Span, ...]:
    """`count` periods one after the other from `start`.

    `first_due` names the first due date instead of computing it; `fixed_length` ends the last period that many
    units after the start; `seed` is the day whose day of the month is kept (the start by default).
    """
    spans: list[Span] = []
    last = start
    for number in range(1, count + 1):
        due = next_due(last, unit, every, seed or start)
        if number == 1 and first_due is not None:
            due = first_due
        if number == count and fixed_length is not None:
            due = add_units(start, unit, fixed_length)
        spans.append(Span(last, due))
        last = due
    return tuple(spans)


def off_holidays(spans: Sequence[Span], holidays: Holidays | None) -> tuple[Span, ...]:
    """The same periods with their due dates on business days; the first start stays, being a day of payment out.

    A start behind it is the due date of the period before, and goes where that went.
    """
    if holidays is None:
        return tuple(spans)
    return tuple(
        Span(span.start if number == 0 else holidays.moved(span.start), holidays.moved(span.due))
        for number, span in enumerate(spans)
    )


def shifted_days(spans: Sequence[Span], holidays: Holidays | None) -> tuple[tuple[date, date], ...]:
    """The due dates that go elsewhere, agreed and moved, where interest counts the days agreed; as far as is known."""
    if holidays is None or not holidays.by_agreed_days:
        return ()
    last_year = holidays.calendar.last_year
    pairs = ((span.due, holidays.moved(span.due)) for span in spans if span.due.year <= last_year)
    return tuple((agreed, moved) for agreed, moved in pairs if agreed != moved)


def repayment_spans_on_grid(seed: date, unit: Unit, every: int, existing: int, count: int) -> tuple[Span, ...]:
    """`count` periods after the first `existing` ones counted from the seed."""
    dates = [add_units(seed, unit, number * every) for number in range(existing, existing + count + 1)]
    return tuple(Span(start, due) for start, due in pairwise(dates))
