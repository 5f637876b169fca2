"""One step of a close: some contracts from the loans themselves, or a partition from its rows of the day before.

Each step is one short transaction, and follows from what is stored alone: a close that was killed goes on where its
last step ended, and leaves what it would have left. The row of a contract that changed on the day is made from its
loan; all others are made from their rows of the day before, by two statements for a partition.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from zhongtai.credit.classification.domain import CATEGORIES
from zhongtai.credit.end_of_day import store as end_of_day_store
from zhongtai.credit.end_of_day.domain import EndOfDay, PartitionFigures, Phase
from zhongtai.credit.loan.domain import LoanStatus
from zhongtai.credit.loan_day import carrying, domain, engine, store
from zhongtai.credit.loan_day.domain import (
    Accrual,
    LoanDay,
    NightRates,
    Period,
    Profile,
    Rules,
    Standing,
)
from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount
from zhongtai.runtime.unit import Unit, View

# So many contracts are made one by one in a step: about as long as a partition that is carried.
AT_ONCE = 2_048
# The row of the day before is the end of what `carrying.CONTRACTS` answer.
_BEFORE = -len(carrying.COLUMNS)


class Profiles:
    """The profiles by number and by content, and what the night makes of each; new ones are numbered on."""

    def __init__(self, view: View, on: date, model: engine.LossModel) -> None:
        self._on = on
        self._model = model
        self._by_number = store.profiles(view)
        self._numbers = {profile: number for number, (profile, _) in self._by_number.items()}
        self.added: list[int] = []

    def rates(self, number: int) -> NightRates:
        """What the night makes of a profile."""
        return self._by_number[number][1]

    def number(self, profile: Profile) -> int:
        """The number of a profile."""
        if profile not in self._numbers:
            number = len(self._numbers) + 1
            (rates,) = engine.night_rates([profile], self._on, self._model)
            self._numbers[profile] = number
            self._by_number[number] = (profile, rates)
            self.added.append(number)
        return self._numbers[profile]

    def save_added(self, unit: Unit) -> None:
        """Writes the profiles that were numbered."""
        for number in self.added:
            store.add_profile(unit, number, *self._by_number[number])


@dataclass(frozen=True, slots=True)
class Made:
    """A contract's row made from its loan; `place` is None where it never had one."""

    loan_id: str
    product_id: str
    currency: str
    place: int | None
    was_by_hand: bool
    by_hand: bool
    before: LoanDay | None
    row: LoanDay


@dataclass(frozen=True, slots=True)
class Close:
    """A day's close as its steps see it."""

    on: date
    previous: date | None
    rules: Rules
    model: engine.LossModel

    @property
    def dates(self) -> dict[str, str | None]:
        """The dates of every statement."""
        return {"on_date": self.on.isoformat(), "previous": self.previous.isoformat() if self.previous else None}

    @classmethod
    def of(cls, view: View, day: EndOfDay) -> "Close":
        """The close of a day."""
        rules, model = store.rules_of(view, day.rule_set_version, day.model_version)
        return cls(day.business_date, day.previous_date, rules, engine.by_model(model))


def begin(unit: Unit, day: EndOfDay) -> None:
    """Keeps what the night makes of every profile."""
    close = Close.of(unit, day)
    known = store.profiles(unit)
    rates = engine.night_rates([profile for profile, _ in known.values()], close.on, close.model)
    store.set_rates(unit, dict(zip(known, rates, strict=True)))


def step(unit: Unit, day: EndOfDay) -> EndOfDay:
    """Does the next piece of a close, and answers how far it is."""
    close = Close.of(unit, day)
    while day.phase in (Phase.CHANGED, Phase.BY_HAND):
        if read := contracts(unit, close, day.phase, day.cursor):
            _keep(unit, close, read)
            return day.at(day.phase, cursor_of(read))
        day = day.at(Phase.BY_HAND) if day.phase is Phase.CHANGED else day.with_partitions(store.partition_count(unit))
    if day.phase is Phase.PARTITIONS and day.partitions_closed < day.partitions:
        day = day.with_partition(_close_partition(unit, close, day.partitions_closed + 1))
    if day.phase is Phase.PARTITIONS and day.partitions_closed == day.partitions:
        day, fact = day.closed()
        store.forget_changes(unit, day.business_date)
        unit.record(fact)
    return day


def contracts(view: View, close: Close, which: str, cursor: str, **places: int) -> Sequence[Any]:
    """The next contracts to be made from their loans, in order."""
    changed_on, _, loan_id = cursor.rpartition("/")
    parameters = close.dates | {"changed_on": changed_on, "loan_id": loan_id, "most": AT_ONCE} | places
    return view.rows(carrying.CONTRACTS[which], parameters)


def cursor_of(read: Sequence[Any]) -> str:
    """Where the contracts behind these begin."""
    return f"{read[-1].changed_on}/{read[-1].loan_id}"


def made(view: View, close: Close, read: Sequence[Any], profiles: Profiles) -> list[Made]:
    """The rows of contracts; those not owed at the close, then or the day before, have none."""
    rows = {row.loan_id: row for row in read if row.made_place is None and (row.place is not None or _is_owed(row))}
    terms_changed = {row.loan_id for row in read if row.terms_changed}
    before = {loan_id: _row_before(row) for loan_id, row in rows.items()}
    asked = [
        loan_id
        for loan_id, row in rows.items()
        if loan_id in terms_changed or not _is_owed(row) or not _is_open(before[loan_id])
    ]
    parameters = {"on_date": close.on.isoformat(), "loan_ids": asked}
    schedules = {row.loan_id: row for row in view.rows(carrying.INSTALMENTS, parameters)} if asked else {}
    each = (_made(close, row, before[loan_id], schedules.get(loan_id), profiles) for loan_id, row in rows.items())
    return [one for one in each if one is not None]


def _made(close: Close, row: Any, before: LoanDay | None, schedule: Any, profiles: Profiles) -> Made | None:
    by_hand = bool(row.by_hand)
    standing = Standing(row.outstanding_minor, row.oldest_due_date and date.fromisoformat(row.oldest_due_date))
    if not _is_owed(row):
        if before is None or not _is_open(before):
            return None
        number, accrual, standing = before.profile, domain.ended(before, schedule.paid_interest), Standing(0, None)
    elif schedule is not None:
        profile = _profile(row)
        number, by_hand = profiles.number(profile), profile.is_too_wide(row.principal_minor)
        accrual = _opened(profile, row, schedule, close.on)
    else:
        assert before is not None, "what is not opened was open"
        number = before.profile
        accrual = _continued(row, before, profiles.rates(number))
    place = -1 if row.place is None else row.place
    made_row = domain.row(
        accrual,
        standing,
        before,
        place=place,
        profile=number,
        on=close.on,
        rules=close.rules,
        rates=profiles.rates(number),
    )
    return Made(
        loan_id=row.loan_id,
        product_id=row.product_id,
        currency=row.outstanding_currency,
        place=row.place,
        was_by_hand=bool(row.by_hand),
        by_hand=by_hand,
        before=before,
        row=made_row,
    )


def _opened(profile: Profile, row: Any, schedule: Any, on: date) -> Accrual:
    running = None
    if schedule.number is not None:
        starts_on = date.fromisoformat(schedule.starts_on or row.start_date)
        running = Period(schedule.number, starts_on, date.fromisoformat(schedule.ends_on), schedule.balance)
    return domain.opened(profile, schedule.due_interest, schedule.last_number, running, on)


def _continued(row: Any, before: LoanDay, rates: NightRates) -> Accrual:
    if row.ended_interest is None:
        return domain.carried(before, rates)
    begun = None
    if row.next_number is not None:
        starts_on, ends_on = date.fromisoformat(row.ended_due_date), date.fromisoformat(row.next_due_date)
        begun = Period(row.next_number, starts_on, ends_on, row.next_balance)
    return domain.rolled(before, row.ended_interest, begun, rates)


def _keep(unit: Unit, close: Close, read: Sequence[Any]) -> None:
    """Makes rows one by one, and writes them with what is to be known of their contracts."""
    profiles = Profiles(unit, close.on, close.model)
    rows = []
    for one in made(unit, close, read, profiles):
        if one.place is None:
            place = store.take_place(unit, one.loan_id, one.product_id, one.currency, by_hand=one.by_hand)
            rows.append(one.row.at(place))
            continue
        rows.append(one.row)
        ends, ended = one.row.ends_on is None, one.before is not None and not _is_open(one.before)
        if ends or ended or one.by_hand is not one.was_by_hand:
            store.set_contract(unit, one.place, by_hand=one.by_hand, ended_on=close.on if ends else None)
    profiles.save_added(unit)
    store.add_rows(unit, rows)


def _close_partition(unit: Unit, close: Close, partition: int) -> PartitionFigures:
    places = store.places_of(partition)
    unit.execute(carrying.roll(close.rules), close.dates | places)
    unit.execute(carrying.carry(close.rules), close.dates | places)
    product_id, currency = store.partition_of(unit, partition)
    (sums,) = unit.rows(carrying.FIGURES, {"on_date": close.on.isoformat(), **places})
    closed = PartitionFigures(close.on, partition, product_id, currency, *map(int, sums))
    end_of_day_store.figures.add(unit, closed)
    unit.record(closed.posted())
    if closed.reclassified:
        moved = unit.rows(carrying.MOVED, close.dates | places)
        unit.record_all([_reclassified(close.on, currency, row) for row in moved])
    return closed


def _reclassified(on: date, currency: str, row: Any) -> domain.LoanReclassified:
    return domain.LoanReclassified(
        loan_id=row.loan_id,
        business_date=on,
        days_past_due=row.days_past_due,
        category=CATEGORIES[row.category],
        category_before=CATEGORIES[row.was_category],
        stage=row.stage,
        stage_before=row.was_stage,
        allowance=Money(currency, row.allowance_minor),
    )


def _is_owed(row: Any) -> bool:
    return bool(row.status == LoanStatus.ACTIVE)


def _is_open(before: LoanDay | None) -> bool:
    return before is not None and before.ends_on is not None


def _row_before(row: Any) -> LoanDay | None:
    values = row[_BEFORE:]
    return None if values[0] is None else store.loan_days.value(values)


def _profile(row: Any) -> Profile:
    maturity = date.fromisoformat(row.maturity_date)
    return Profile(
        product_id=row.product_id,
        currency=row.outstanding_currency,
        grade=row.grade,
        nominal_interest_rate=Decimal(row.nominal_interest_rate),
        day_count=DayCount(row.day_count),
        amortisation=row.amortisation,
        maturity_month=maturity.year * 12 + maturity.month - 1,
    )
