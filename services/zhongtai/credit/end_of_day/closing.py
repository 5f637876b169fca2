"""One step of a close: contracts that changed, from their loans, or a partition from its columns of the day before.

A step is read and worked out on a view, beside the writer, and then written in one short transaction, if the close is
still where it was. It follows from what is stored alone: a close that was killed goes on where its last step ended, and
leaves what it would have left. What became of a contract that changed is kept as news of its place; a partition then
reads its columns and its news, is worked out in columns, and writes its columns of the day.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from zhongtai.credit.allowance.domain import monthly_rate
from zhongtai.credit.allowance_model.domain import AllowanceModel
from zhongtai.credit.classification.domain import CATEGORIES, RuleSet
from zhongtai.credit.end_of_day import store as end_of_day_store
from zhongtai.credit.end_of_day.domain import CloseMovement, EndOfDay, PartitionFigures, Phase
from zhongtai.credit.loan.domain import LoanStatus, LoanSummary
from zhongtai.credit.loan_day import changes, domain, drilldown, store
from zhongtai.credit.loan_day.changes import ChangedLoan
from zhongtai.credit.loan_day.domain import Accrual, Period, Profile, RiskBit
from zhongtai.credit.loan_day.engine import causes, nights
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
from zhongtai.credit.loan_risk import reading
from zhongtai.credit.loan_risk.domain import RiskFacts
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
    """A day's close as its steps see it.

    `old_model` is the version of the model the day before was closed by; where model or rules are others now, all
    contracts are looked at `anew`.
    """

    on: date
    previous: date | None
    rule_set: RuleSet
    model: AllowanceModel
    old_model: int | None
    anew: bool

    @classmethod
    def of(cls, view: View, day: EndOfDay) -> "Close":
        """The close of a day."""
        rule_set, model = store.rules_of(view, day.rule_set_version, day.model_version)
        before = end_of_day_store.ends_of_day.find(view, day.previous_date.isoformat()) if day.previous_date else None
        old_model = before.model_version if before else None
        old_rules = before.rule_set_version if before else None
        anew = before is not None and (old_rules, old_model) != (day.rule_set_version, day.model_version)
        return cls(day.business_date, day.previous_date, rule_set, model, old_model, anew)

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

    def movements(self, figures: PartitionFigures, *, same_model: bool) -> list[CloseMovement]:
        """Why the allowances of the partition moved."""
        moved = causes.movements(self.before, self.after, same_model=same_model)
        return [figures.movement(cause, amount) for cause, amount in moved.items()]


@dataclass(frozen=True, slots=True)
class Step:
    """The next piece of a close that is where `began` says: writes it, and answers how far the close is then."""

    began: EndOfDay
    write: Callable[[Unit], EndOfDay]


def next_step(view: View, day: EndOfDay) -> Step:
    """Works out the next piece of a close."""
    began, close = day, Close.of(view, day)
    if day.phase is Phase.TAKING:
        # Only what the writer takes is taken once.
        return Step(began, lambda unit: _take(unit, close, began))
    if day.phase is Phase.CHANGED:
        if read := changes.taken(view, close.on, day.cursor):
            profiles = Profiles(view)
            found = arrivals(view, close, read, profiles)
            return Step(began, lambda unit: _keep(unit, began, found, profiles, read[-1].loan.loan_id))
        day = day.with_partitions(store.partition_count(view))
    if day.partitions_closed == day.partitions:
        return Step(began, lambda unit: _finish(unit, day))
    partition = day.partitions_closed + 1
    line = store.partition_of(view, partition)
    closed = worked_out(view, close, partition, store.news(view, partition), store.profiles(view, *line))
    figures = closed.figures(close.on, partition, line)
    moved = closed.movements(figures, same_model=close.old_model in (None, close.model.version))
    return Step(began, lambda unit: _finish(unit, _close_partition(unit, day, figures, moved, closed)))


def written(unit: Unit, step: Step) -> EndOfDay:
    """Writes a step, if the close is where it was; answers how far it is."""
    stored = end_of_day_store.ends_of_day.load(unit, step.began.business_date.isoformat())
    if stored != step.began:
        return stored
    further = step.write(unit)
    if further != stored:
        end_of_day_store.ends_of_day.save(unit, further)
    return further


def arrivals(view: View, close: Close, read: Sequence[ChangedLoan], profiles: Profiles) -> list[Arrival]:
    """What became of contracts that changed; of those that never were owed at a close, nothing did."""
    found = [one for one in read if one.place is not None or _is_owed(one.loan)]
    asked = [one.loan.loan_id for one in found if not one.loan.serviced and _is_told_anew(one)]
    schedules = changes.schedules(view, close.on, asked)
    facts = reading.facts_on(
        view,
        [one.loan for one in found],
        close.on,
        rule_set=close.rule_set,
        model=close.model,
        after=close.previous,
    )
    return [
        Arrival(one, _is_owed(one.loan), _news(close, one, schedules, facts[one.loan.loan_id], profiles))
        for one in found
    ]


def worked_out(view: View, close: Close, partition: int, news: News, profiles: Sequence[tuple[int, Profile]]) -> Closed:
    """A partition's columns of the day."""
    rows, terms_before = store.columns(view, partition, close.previous), store.terms(view, partition)
    before, terms = nights.grown(rows, terms_before, news)
    night = close.night(profiles)
    at = nights.rolling(night, before, news)
    periods = changes.periods(view, store.places_of(partition)["first"], at, before.number[at])
    return Closed(before, nights.closed(night, before, terms, news, periods), terms_before, terms)


def _take(unit: Unit, close: Close, day: EndOfDay) -> EndOfDay:
    """Takes the next loans that changed; all that are owed where rules or model are not those of the day before."""
    through = changes.take(unit, close.on, day.cursor, anew=close.anew)
    return day.at(Phase.TAKING, through) if through else day.at(Phase.CHANGED)


def _keep(unit: Unit, day: EndOfDay, found: Sequence[Arrival], profiles: Profiles, through: str) -> EndOfDay:
    """Keeps what became of contracts as news of their places."""
    rows, owed = [], []
    for one in found:
        loan, place = one.changed.loan, one.changed.place
        if place is None:
            place = store.take_place(unit, loan.loan_id, loan.product_id, loan.outstanding.currency)
        elif one.is_owed is not one.changed.was_owed:
            owed.append((place, one.is_owed))
        rows.append((place, *one.news))
    store.add_profiles(unit, profiles.added)
    store.set_owed(unit, owed)
    store.add_news(unit, rows)
    changes.forget_taken(unit, day.cursor, through)
    return day.at(Phase.CHANGED, through)


def _is_owed(loan: LoanSummary) -> bool:
    return loan.status is LoanStatus.ACTIVE


def _is_told_anew(one: ChangedLoan) -> bool:
    return one.terms_changed or one.was_owed is not _is_owed(one.loan)


def _news(
    close: Close, one: ChangedLoan, schedules: Mapping[str, Any], facts: RiskFacts, profiles: Profiles
) -> tuple[int, ...]:
    """What became of a contract, in the order of `columns.News`."""
    loan = one.loan
    profile = Profile(
        product_id=loan.product_id,
        currency=loan.outstanding.currency,
        grade=facts.grade or loan.grade,
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
        *_risk(facts),
    )


def _risk(facts: RiskFacts) -> tuple[int, ...]:
    """What is known of a contract's risk, in the order of `columns.News`."""
    bits = {
        RiskBit.CREDIT_IMPAIRED: facts.credit_impaired,
        RiskBit.WATCH_LIST: facts.watch_list,
        RiskBit.PURCHASED_IMPAIRED: facts.purchased_impaired,
        RiskBit.SIMPLIFIED: facts.simplified,
        RiskBit.TECHNICAL_DELAY: facts.technical_delay,
    }
    return (
        sum(bit for bit, holds in bits.items() if holds),
        facts.category_at_least,
        day_number(facts.upgradable_from),
        facts.collateral_minor,
        facts.guarantee_minor,
        facts.undrawn_minor,
        facts.initial_expected_loss_minor,
        facts.moved_minor,
    )


def _interest(close: Close, one: ChangedLoan, profile: Profile, schedule: Any) -> tuple[Told, Accrual]:
    """What is told of the interest of a contract that changed."""
    if one.loan.serviced:
        if _is_owed(one.loan):
            return Told.ELSEWHERE, Accrual(0, domain.NEVER, 0, 0, 0, 0)
        return Told.ELSEWHERE_ENDED, Accrual(0, None, 0, 0, 0, 0)
    if schedule is None:
        told = Told.NOTHING if _is_owed(one.loan) else Told.ELSEWHERE_ENDED
        return told, Accrual(0, None, 0, 0, 0, 0)
    if not _is_owed(one.loan):
        return Told.ENDED, Accrual(0, None, 0, 0, 0, schedule.paid_interest)
    running = None
    if schedule.number is not None:
        starts_on = date.fromisoformat(schedule.starts_on) if schedule.starts_on else one.loan.start_date
        running = Period(schedule.number, starts_on, date.fromisoformat(schedule.ends_on), schedule.balance)
    return Told.OPENED, domain.opened(profile, schedule.due_interest, schedule.last_number, running, close.on)


def _close_partition(
    unit: Unit, day: EndOfDay, figures: PartitionFigures, moved: Sequence[CloseMovement], closed: Closed
) -> EndOfDay:
    """Writes a partition's columns, and what is posted and told of it."""
    partition, on = figures.partition, figures.business_date
    store.add_columns(unit, partition, on, closed.after)
    store.save_terms(unit, partition, closed.terms_before, closed.terms)
    store.forget_news(unit, partition)
    end_of_day_store.figures.add(unit, figures)
    end_of_day_store.movements.add_all(unit, moved)
    unit.record(figures.posted())
    if figures.reclassified:
        unit.record_all(_reclassified(unit, on, figures, closed))
    return day.with_partition(figures)


def _finish(unit: Unit, day: EndOfDay) -> EndOfDay:
    """The close, done where all its partitions are."""
    if day.phase is Phase.CLOSED or day.partitions_closed < day.partitions:
        return day
    done, fact = day.closed()
    unit.record(fact)
    return done


def _reclassified(view: View, on: date, figures: PartitionFigures, found: Closed) -> list[domain.LoanReclassified]:
    """The facts of contracts that moved, in the order of their places."""
    first = store.places_of(figures.partition)["first"]
    offsets = np.flatnonzero(nights.reclassified(found.before, found.after)).tolist()
    loans = drilldown.loans_at(view, [first + offset for offset in offsets])
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
