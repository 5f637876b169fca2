"""The tables of the days of loans.

Decision: the detail of what is posted rests in columns, one row for each business date and partition, `PARTITION`
places of one product and currency; each figure is the bytes of an array, one value for each place, as wide as it needs
(`columns.packed`): some 37 bytes a contract and night. A night reads a row, works it out in columns and writes a row,
no statement for a contract. Not chosen: narrower rows for each contract (a plain copy of the rows alone took longer
than was wanted of the close); columns in files beside the store (two things to commit). A contract is found by its
place; what it agreed (`credit_loan_day_terms`) is written again only where some of its partition is new. A partition is
as large as a write of a few milliseconds allows, for that long others wait.
Held by `tests/credit/loan_day`; `tests/load/end_of_day.py` measures it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import Index, MetaData, Table, bindparam, func, select

from zhongtai.credit.allowance_model import store as model_store
from zhongtai.credit.allowance_model.domain import AllowanceModel
from zhongtai.credit.classification import store as classification_store
from zhongtai.credit.classification.domain import RuleSet
from zhongtai.credit.loan_day.domain import LoanDay, LoanDayNotFound, Profile
from zhongtai.credit.loan_day.engine.columns import (
    BEHIND,
    COLUMNS,
    NEWS,
    NO_ROW,
    TERMS,
    Columns,
    Integers,
    News,
    Terms,
    day_of,
    end_of,
    packed,
    unpacked,
)
from zhongtai.kernel.rates import DayCount
from zhongtai.runtime.store import day, decimal, integer, octets, text
from zhongtai.runtime.unit import Unit, View

# A partition is closed in one short transaction: so long, at most, an online repayment waits for it.
PARTITION = 8_192
# The rules and the model that a close goes by, in the versions in force on its day.
RULE_SET = "cn_five_category"
MODEL = "ifrs9"

metadata = MetaData()
PLACES = Table(
    "credit_loan_day_places",
    metadata,
    integer("partition", primary_key=True, autoincrement=False),
    text("product_id"),
    text("currency"),
    integer("taken"),
    Index("credit_loan_day_places_of_product", "product_id", "currency", "partition"),
)
# One tree instead of two, here and below: looked up by their key for every contract that changed.
CONTRACT = Table(
    "credit_loan_day_contract",
    metadata,
    integer("place", primary_key=True, autoincrement=False),
    text("loan_id"),
    # Whether it was owed when it was last looked at.
    integer("owed"),
    Index("credit_loan_day_contract_of_loan", "loan_id", unique=True),
    sqlite_with_rowid=False,
)
PROFILE = Table(
    "credit_loan_day_profile",
    metadata,
    integer("profile", primary_key=True, autoincrement=False),
    text("product_id"),
    text("currency"),
    text("grade"),
    text("agreed_grade"),
    decimal("nominal_interest_rate"),
    text("day_count"),
    text("amortisation"),
    Index("credit_loan_day_profile_of_product", "product_id", "currency", "profile"),
    sqlite_with_rowid=False,
)
TERMS_OF = Table(
    "credit_loan_day_terms",
    metadata,
    integer("partition", primary_key=True, autoincrement=False),
    integer("places"),
    *(octets(name) for name in TERMS),
)
LOAN_DAY = Table(
    "credit_loan_day_columns",
    metadata,
    day("business_date", primary_key=True),
    integer("partition", primary_key=True, autoincrement=False),
    integer("places"),
    *(octets(name) for name in COLUMNS),
)
# The loans that a close under way looks at, set aside from the changes that are booked on.
TAKEN = Table(
    "credit_loan_day_taken",
    metadata,
    text("loan_id", primary_key=True),
    integer("terms_changed"),
)
# What is known anew of contracts, until their partition is closed.
NEWS_OF = Table(
    "credit_loan_day_news",
    metadata,
    integer("place", primary_key=True, autoincrement=False),
    *(integer(name) for name in NEWS[1:]),
    sqlite_with_rowid=False,
)

_RULE_SET = select(classification_store.RULE_SET).where(
    classification_store.RULE_SET.c.rule_set_id == RULE_SET,
    classification_store.RULE_SET.c.version == bindparam("of_version"),
)
_MODEL = select(model_store.MODEL).where(
    model_store.MODEL.c.model_id == MODEL, model_store.MODEL.c.version == bindparam("of_version")
)
_PLACE_OF = select(CONTRACT.c.place).where(CONTRACT.c.loan_id == bindparam("loan_id"))
_ADD_CONTRACT = CONTRACT.insert()
_SET_OWED = CONTRACT.update().where(CONTRACT.c.place == bindparam("at_place")).values(owed=bindparam("is_owed"))
_FREEST = (
    select(PLACES.c.partition, PLACES.c.taken)
    .where(
        PLACES.c.product_id == bindparam("product_id"),
        PLACES.c.currency == bindparam("currency"),
        PLACES.c.taken < PARTITION,
    )
    .order_by(PLACES.c.partition.desc())
    .limit(1)
)
_PARTITIONS = select(func.coalesce(func.max(PLACES.c.partition), 0))
_PARTITION = select(PLACES.c.product_id, PLACES.c.currency).where(PLACES.c.partition == bindparam("of_partition"))
_ADD_PLACES = PLACES.insert()
_TAKE_PLACE = PLACES.update().where(PLACES.c.partition == bindparam("of_partition")).values(taken=PLACES.c.taken + 1)
_PROFILES = (
    select(PROFILE)
    .where(PROFILE.c.product_id == bindparam("product_id"), PROFILE.c.currency == bindparam("currency"))
    .order_by(PROFILE.c.profile)
)
_NEWEST_PROFILE = select(func.coalesce(func.max(PROFILE.c.profile), 0))
_ADD_PROFILE = PROFILE.insert()
_TERMS = select(TERMS_OF).where(TERMS_OF.c.partition == bindparam("of_partition"))
_ADD_TERMS = TERMS_OF.insert()
_SET_TERMS = (
    TERMS_OF.update()
    .where(TERMS_OF.c.partition == bindparam("of_partition"))
    .values({TERMS_OF.c[name]: bindparam(f"new_{name}") for name in ("places", *TERMS)})
)
_DAY = select(LOAN_DAY).where(
    LOAN_DAY.c.business_date == bindparam("on_date"), LOAN_DAY.c.partition == bindparam("of_partition")
)
_DAYS_OF = (
    select(LOAN_DAY.c.business_date)
    .where(LOAN_DAY.c.partition == bindparam("of_partition"), LOAN_DAY.c.business_date <= bindparam("last"))
    .order_by(LOAN_DAY.c.business_date)
)
_LATEST = select(func.max(LOAN_DAY.c.business_date)).where(LOAN_DAY.c.partition == bindparam("of_partition"))
_ADD_DAY = LOAN_DAY.insert()
_NEWS = select(NEWS_OF).where(NEWS_OF.c.place.between(bindparam("first"), bindparam("last"))).order_by(NEWS_OF.c.place)
_ADD_NEWS = NEWS_OF.insert()
_FORGET_NEWS = NEWS_OF.delete().where(NEWS_OF.c.place.between(bindparam("first"), bindparam("last")))


def in_force(view: View, on: date) -> tuple[int, int]:
    """The versions of the classification rules and of the allowance model in force on a day.

    Raises `ClassificationRulesNotFound`, `AllowanceModelNotFound`.
    """
    rule_set = classification_store.in_force(view, RULE_SET, on)
    return rule_set.version, model_store.valid_on(view, MODEL, on).version


def rules_of(view: View, rule_set_version: int, model_version: int) -> tuple[RuleSet, AllowanceModel]:
    """The rules and the model of two versions."""
    (rule_set,) = view.rows(_RULE_SET, {"of_version": rule_set_version})
    (model,) = view.rows(_MODEL, {"of_version": model_version})
    return _rule_set(tuple(rule_set)), _model(tuple(model))


def partition_count(view: View) -> int:
    """How many partitions there are."""
    return int(view.rows(_PARTITIONS)[0][0])


def partition_of(view: View, partition: int) -> tuple[str, str]:
    """The product and the currency of a partition's contracts."""
    product_id, currency = view.rows(_PARTITION, {"of_partition": partition})[0]
    return product_id, currency


def places_of(partition: int) -> dict[str, int]:
    """The first and the last place of a partition."""
    return {"first": (partition - 1) * PARTITION, "last": partition * PARTITION - 1}


def partition_at(place: int) -> int:
    """The partition of a place."""
    return place // PARTITION + 1


def take_place(unit: Unit, loan_id: str, product_id: str, currency: str) -> int:
    """A place for a contract that never had one, in a partition of its product and currency."""
    rows = unit.rows(_FREEST, {"product_id": product_id, "currency": currency})
    partition, taken = rows[0] if rows else (0, PARTITION)
    if taken == PARTITION:
        partition, taken = partition_count(unit) + 1, 0
        unit.execute(_ADD_PLACES, {"partition": partition, "product_id": product_id, "currency": currency, "taken": 0})
    unit.execute(_TAKE_PLACE, {"of_partition": partition})
    place = int((partition - 1) * PARTITION + taken)
    unit.execute(_ADD_CONTRACT, {"place": place, "loan_id": loan_id, "owed": 1})
    return place


def set_owed(unit: Unit, places: Iterable[tuple[int, bool]]) -> None:
    """Keeps which contracts are owed."""
    unit.execute(_SET_OWED, [{"at_place": place, "is_owed": int(owed)} for place, owed in places])


def profiles(view: View, product_id: str, currency: str) -> list[tuple[int, Profile]]:
    """The profiles of a product and currency with their numbers, in order."""
    found = view.rows(_PROFILES, {"product_id": product_id, "currency": currency})
    return [(row[0], _profile(row[1:])) for row in found]


def newest_profile(view: View) -> int:
    """The highest number of a profile; 0 where there is none."""
    return int(view.rows(_NEWEST_PROFILE)[0][0])


def add_profiles(unit: Unit, numbered: Iterable[tuple[int, Profile]]) -> None:
    """Writes profiles no contract had before."""
    for number, profile in numbered:
        row = asdict(profile) | {"profile": number, "day_count": profile.day_count.value}
        unit.execute(_ADD_PROFILE, row | {"nominal_interest_rate": str(profile.nominal_interest_rate)})


def columns(view: View, partition: int, on: date | None) -> Columns:
    """The rows of a partition of a day; none where it is not closed."""
    rows = view.rows(_DAY, {"of_partition": partition, "on_date": on.isoformat()}) if on else ()
    return Columns(*(unpacked(data, rows[0].places) for data in rows[0][3:]) if rows else _nothing(COLUMNS))


def terms(view: View, partition: int) -> Terms:
    """What the contracts of a partition agreed."""
    rows = view.rows(_TERMS, {"of_partition": partition})
    return Terms(*(unpacked(data, rows[0].places) for data in rows[0][2:]) if rows else _nothing(TERMS))


def news(view: View, partition: int) -> News:
    """What is known anew of contracts of a partition."""
    return news_of(partition, news_rows(view, partition))


def news_rows(view: View, partition: int) -> list[tuple[int, ...]]:
    """The same, as rows of `NEWS_OF`."""
    return [tuple(row) for row in view.rows(_NEWS, places_of(partition))]


def news_of(partition: int, rows: Sequence[Sequence[int]]) -> News:
    """News of the rows of `NEWS_OF`; of two of one place the later holds."""
    found = np.array(rows, np.int64).reshape(-1, len(NEWS)).T
    return News(found[0] - places_of(partition)["first"], *found[1:])


def add_columns(unit: Unit, partition: int, on: date, rows: Columns) -> None:
    """Writes the rows of a partition of a day."""
    row = {name: packed(getattr(rows, name)) for name in COLUMNS}
    unit.execute(
        _ADD_DAY, {"business_date": on.isoformat(), "partition": partition, "places": len(rows.ends_on), **row}
    )


def save_terms(unit: Unit, partition: int, before: Terms, after: Terms) -> None:
    """Writes what the contracts of a partition agreed, where it is not as it was."""
    if all(np.array_equal(getattr(before, name), getattr(after, name)) for name in TERMS):
        return
    row = {"places": len(after.profile)} | {name: packed(getattr(after, name)) for name in TERMS}
    if len(before.profile):
        unit.execute(_SET_TERMS, {f"new_{name}": value for name, value in row.items()} | {"of_partition": partition})
    else:
        unit.execute(_ADD_TERMS, row | {"partition": partition})


def add_news(unit: Unit, rows: Sequence[Sequence[int]]) -> None:
    """Keeps what is known anew of contracts; `rows` are in the order of `NEWS_OF`'s columns."""
    names = ("place", *NEWS[1:])
    unit.execute(_ADD_NEWS, [dict(zip(names, row, strict=True)) for row in rows])


def forget_news(unit: Unit, partition: int) -> None:
    """Forgets what was known anew of a partition that is closed."""
    unit.execute(_FORGET_NEWS, places_of(partition))


def closed_days(view: View, partition: int, last: date) -> list[date]:
    """The days of which a partition has rows, through a day, in order."""
    found = view.rows(_DAYS_OF, {"of_partition": partition, "last": last.isoformat()})
    return [date.fromisoformat(row[0]) for row in found]


def offset_of(place: int) -> int:
    """Where a place is in its partition's columns."""
    return place % PARTITION


def load(view: View, loan_id: str, on: date) -> LoanDay:
    """A loan's row of a day, or `LoanDayNotFound`."""
    place = place_of(view, loan_id)
    found = None if place is None else _row(view, place, on)
    if found is None:
        raise LoanDayNotFound(loan_id=loan_id, business_date=on)
    return found


def last(view: View, loan_id: str) -> LoanDay | None:
    """A loan's row of the last day that was closed, if it was owed then."""
    place = place_of(view, loan_id)
    if place is None:
        return None
    latest = view.rows(_LATEST, {"of_partition": partition_at(place)})[0][0]
    return _row(view, place, date.fromisoformat(latest)) if latest else None


def loan_day(rows: Columns, offset: int, place: int, on: date) -> LoanDay:
    """One contract's row of a partition's."""
    one = {name: int(getattr(rows, name)[offset]) for name in COLUMNS}
    oldest_due = day_of(one["oldest_due"])
    late = one["ends_on"] >= BEHIND and oldest_due is not None and oldest_due < on
    return LoanDay(
        business_date=on,
        place=place,
        number=one["number"],
        ends_on=end_of(one["ends_on"]),
        accruing_minor=one["accruing"],
        accrued_minor=one["accrued"],
        remainder=one["remainder"],
        recognised_minor=one["recognised"],
        accrual_minor=one["accrual"],
        outstanding_minor=one["outstanding"],
        oldest_due_date=oldest_due,
        days_past_due=(on - oldest_due).days if late and oldest_due else 0,
        category=one["category"],
        stage=one["stage"],
        allowance_minor=one["allowance"],
        allowance_change_minor=one["allowance_change"],
        flags=one["flags"],
        category_at_least=one["category_at_least"],
        clean_since=day_of(one["clean_since"]),
    )


@lru_cache(maxsize=16)
def _rule_set(row: tuple[Any, ...]) -> RuleSet:
    """A version never changes: it is read from its text once, for all pieces of all closes."""
    return classification_store.rule_sets.value(row)


@lru_cache(maxsize=16)
def _model(row: tuple[Any, ...]) -> AllowanceModel:
    return model_store.models.value(row)


def place_of(view: View, loan_id: str) -> int | None:
    """The place of a loan, None where no close ever had it."""
    rows = view.rows(_PLACE_OF, {"loan_id": loan_id})
    return int(rows[0][0]) if rows else None


def _row(view: View, place: int, on: date) -> LoanDay | None:
    rows, offset = columns(view, partition_at(place), on), offset_of(place)
    if offset >= len(rows.ends_on) or rows.ends_on[offset] == NO_ROW:
        return None
    return loan_day(rows, offset, place, on)


def _nothing(names: Sequence[str]) -> Iterable[Integers]:
    return [np.zeros(0, np.int64) for _ in names]


def _profile(row: Sequence[Any]) -> Profile:
    product_id, currency, grade, agreed_grade, rate, day_count, amortisation = row
    return Profile(product_id, currency, grade, agreed_grade, Decimal(rate), DayCount(day_count), amortisation)
