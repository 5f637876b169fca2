"""One step of a close: contracts that changed, from their loans, or a partition from its columns of the day before.

Each step is one short transaction, and follows from what is stored alone: a close that was killed goes on where its
last step ended, and leaves what it would have left. What became of a contract that changed is kept as news of its
place; a partition then reads its columns and its news, is worked out in columns, and writes its columns of the day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from zhongtai.credit.allowance.domain import monthly_rate
from zhongtai.credit.allowance_model.domain import AllowanceModel
from zhongtai.credit.classification.domain import CATEGORIES, RuleSet
from zhongtai.credit.end_of_day import store as end_of_day_store
from zhongtai.credit.end_of_day.domain import EndOfDay, PartitionFigures, Phase
from zhongtai.credit.loan.domain import LoanStatus, LoanSummary
from zhongtai.credit.loan_day import changes, domain, store
from zhongtai.credit.loan_day.changes import ChangedLoan
from zhongtai.credit.loan_day.domain import Accrual, Period, Profile
from zhongtai.credit.loan_day.engine import nights
from zhongtai.credit.loan_day.engine.columns import (
    RATE_UNIT,
    Columns,
    News,
    Terms,
    Told,
    day_number,
    period_end,
)
from zhongtai.credit.loan_day.engine.provisioning import Night
from zhongtai.kernel.money import Money
from zhongtai.runtime.unit import Unit, View


class Profiles:
    """The profiles of products by number and by content; new ones are numbered on."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._numbers: dict[tuple[str, str], dict[Profile, int]] = {}
        self._newest = store.newest_profile(view)
        self.added: list[tuple[int, Profile]] = []

    def number(self, profile: Profile) -> int:
        """The number of a profile."""
        numbers = self._of(profile.product_id, profile.currency)
        if profile not in numbers:
            self._newest += 1
            numbers[profile] = self._newest
            self.added.append((self._newest, profile))
        return numbers[profile]

    def of(self, product_id: str, currency: str) -> list[tuple[int, Profile]]:
        """The profiles of a product and currency, in the order of their numbers."""
        return [(number, profile) for profile, number in self._of(product_id, currency).items()]

    def _of(self, product_id: str, currency: str) -> dict[Profile, int]:
        line = product_id, currency
        if line not in self._numbers:
            found = store.profiles(self._view, product_id, currency)
            self._numbers[line] = {profile: number for number, profile in found}
        return self._numbers[line]


@dataclass(frozen=True, slots=True)
class Close:
    """A day's close as its steps see it; `old_model` is the version of the model the day before was closed by."""

    on: date
    previous: date | None
    rule_set: RuleSet
    model: AllowanceModel
    old_model: int | None

    @classmethod
    def of(cls, view: View, day: EndOfDay) -> "Close":
        """The close of a day."""
        rule_set, model = store.rules_of(view, day.rule_set_version, day.model_version)
        before = end_of_day_store.ends_of_day.find(view, day.previous_date.isoformat()) if day.previous_date else None
        return cls(day.business_date, day.previous_date, rule_set, model, before.model_version if before else None)

    def night(self, profiles: Sequence[tuple[int, Profile]]) -> Night:
        """What decides the night of contracts of these profiles."""
        return Night(self.on, self.previous, self.rule_set, self.model, self.old_model, profiles)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of a contract; `news` are `columns.News` of one, without its place."""

    changed: ChangedLoan
    is_owed: bool
    news: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Closed:
    """A partition, worked out: its columns before and after, and its terms before and after."""

    before: Columns
    after: Columns
    terms_before: Terms
    terms: Terms

    def figures(self, on: date, partition: int, line: tuple[str, str]) -> PartitionFigures:
        """What it comes to; `line` is its product and currency."""
        product_id, currency = line
        return PartitionFigures(on, partition, product_id, currency, **nights.totals(self.before, self.after))


def step(unit: Unit, day: EndOfDay) -> EndOfDay:
    """Does the next piece of a close, and answers how far it is."""
    close = Close.of(unit, day)
    if day.phase is Phase.CHANGED:
        if read := changes.by_loan(unit, close.on, day.cursor):
            _keep(unit, close, read)
            last = read[-1].loan.loan_id
            changes.forget(unit, close.on, day.cursor, last)
            return day.at(Phase.CHANGED, last)
        day = day.with_partitions(store.partition_count(unit))
    if day.phase is Phase.PARTITIONS and day.partitions_closed < day.partitions:
        day = day.with_partition(_close_partition(unit, close, day.partitions_closed + 1))
    if day.phase is Phase.PARTITIONS and day.partitions_closed == day.partitions:
        day, fact = day.closed()
        unit.record(fact)
    return day


def arrivals(view: View, close: Close, read: Sequence[ChangedLoan], profiles: Profiles) -> list[Arrival]:
    """What became of contracts that changed; of those not owed at the close, then or the day before, nothing did."""
    found = [one for one in read if one.was_owed or _is_owed(one.loan)]
    asked = [one.loan.loan_id for one in found if not one.loan.serviced and _is_told_anew(one)]
    schedules = changes.schedules(view, close.on, asked)
    return [Arrival(one, _is_owed(one.loan), _news(close, one, schedules, profiles)) for one in found]


def worked_out(view: View, close: Close, partition: int, news: News, profiles: Sequence[tuple[int, Profile]]) -> Closed:
    """A partition's columns of the day."""
    rows, terms_before = store.columns(view, partition, close.previous), store.terms(view, partition)
    before, terms = nights.grown(rows, terms_before, news)
    night = close.night(profiles)
    at = nights.rolling(night, before, news)
    periods = changes.periods(view, store.places_of(partition)["first"], at, before.number[at])
    return Closed(before, nights.closed(night, before, terms, news, periods), terms_before, terms)


def _keep(unit: Unit, close: Close, read: Sequence[ChangedLoan]) -> None:
    """Keeps what became of contracts as news of their places."""
    profiles = Profiles(unit)
    rows, owed = [], []
    for one in arrivals(unit, close, read, profiles):
        loan, place = one.changed.loan, one.changed.place
        if place is None:
            place = store.take_place(unit, loan.loan_id, loan.product_id, loan.outstanding.currency)
        elif one.is_owed is not one.changed.was_owed:
            owed.append((place, one.is_owed))
        rows.append((place, *one.news))
    store.add_profiles(unit, profiles.added)
    store.set_owed(unit, owed)
    store.add_news(unit, rows)


def _is_owed(loan: LoanSummary) -> bool:
    return loan.status is LoanStatus.ACTIVE


def _is_told_anew(one: ChangedLoan) -> bool:
    return one.terms_changed or one.was_owed is not _is_owed(one.loan)


def _news(close: Close, one: ChangedLoan, schedules: Mapping[str, Any], profiles: Profiles) -> tuple[int, ...]:
    """What became of a contract, in the order of `columns.News`."""
    loan = one.loan
    profile = Profile(
        product_id=loan.product_id,
        currency=loan.outstanding.currency,
        grade=loan.grade,
        agreed_grade=loan.grade,
        nominal_interest_rate=loan.nominal_interest_rate,
        day_count=loan.day_count,
        amortisation=loan.amortisation.value,
    )
    told, accrual = _interest(close, one, profile, schedules.get(loan.loan_id))
    owed = _is_owed(loan)
    return (
        told,
        accrual.number,
        period_end(accrual.ends_on),
        accrual.accruing_minor,
        accrual.accrued_minor,
        accrual.remainder,
        accrual.recognised_minor,
        loan.outstanding.minor_units if owed else 0,
        day_number(loan.oldest_due_date) if owed else 0,
        profiles.number(profile),
        day_number(loan.maturity_date),
        int(monthly_rate(loan.annual_percentage_rate) * RATE_UNIT),
        *(0 for _ in range(8)),
    )


def _interest(close: Close, one: ChangedLoan, profile: Profile, schedule: Any) -> tuple[Told, Accrual]:
    """What is told of the interest of a contract that changed."""
    if one.loan.serviced:
        if _is_owed(one.loan):
            return Told.ELSEWHERE, Accrual(0, domain.NEVER, 0, 0, 0, 0)
        return Told.ELSEWHERE_ENDED, Accrual(0, None, 0, 0, 0, 0)
    if schedule is None:
        return Told.NOTHING, Accrual(0, None, 0, 0, 0, 0)
    if not _is_owed(one.loan):
        return Told.ENDED, Accrual(0, None, 0, 0, 0, schedule.paid_interest)
    running = None
    if schedule.number is not None:
        starts_on = date.fromisoformat(schedule.starts_on) if schedule.starts_on else one.loan.start_date
        running = Period(schedule.number, starts_on, date.fromisoformat(schedule.ends_on), schedule.balance)
    return Told.OPENED, domain.opened(profile, schedule.due_interest, schedule.last_number, running, close.on)


def _close_partition(unit: Unit, close: Close, partition: int) -> PartitionFigures:
    line = store.partition_of(unit, partition)
    found = worked_out(unit, close, partition, store.news(unit, partition), store.profiles(unit, *line))
    figures = found.figures(close.on, partition, line)
    store.add_columns(unit, partition, close.on, found.after)
    store.save_terms(unit, partition, found.terms_before, found.terms)
    store.forget_news(unit, partition)
    end_of_day_store.figures.add(unit, figures)
    unit.record(figures.posted())
    if figures.reclassified:
        unit.record_all(_reclassified(unit, close.on, figures, found))
    return figures


def _reclassified(view: View, on: date, figures: PartitionFigures, found: Closed) -> list[domain.LoanReclassified]:
    """The facts of contracts that moved, in the order of their places."""
    first = store.places_of(figures.partition)["first"]
    offsets = np.flatnonzero(nights.reclassified(found.before, found.after)).tolist()
    loans = store.loans_at(view, [first + offset for offset in offsets])
    facts = []
    for offset in offsets:
        row = store.loan_day(found.after, offset, first + offset, on)
        facts.append(
            domain.LoanReclassified(
                loan_id=loans[row.place],
                business_date=on,
                days_past_due=row.days_past_due,
                category=CATEGORIES[row.category],
                category_before=CATEGORIES[int(found.before.category[offset])],
                stage=row.stage,
                stage_before=int(found.before.stage[offset]),
                allowance=Money(figures.currency, row.allowance_minor),
            )
        )
    return facts
