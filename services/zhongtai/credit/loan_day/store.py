"""The tables of the days of loans.

`credit_loan_day` holds one row for each contract and day: the detail of what is posted. Contracts are named there by
their place, a number, because a million rows with a text for a key take three times as long to write. A place belongs
to a partition, `PARTITION` places of one product and currency.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Index, MetaData, Table, bindparam, func, select
from sqlalchemy import text as sql

from zhongtai.credit.allowance_model import store as model_store
from zhongtai.credit.allowance_model.domain import AllowanceModel
from zhongtai.credit.classification import store as classification_store
from zhongtai.credit.classification.domain import CATEGORIES, RiskCategory
from zhongtai.credit.loan_day.domain import (
    LoanDay,
    LoanDayNotFound,
    NightRates,
    Profile,
    Rules,
)
from zhongtai.kernel.rates import DayCount
from zhongtai.runtime.store import Records, day, decimal, integer, text
from zhongtai.runtime.unit import Unit, View

# A partition is closed in one short transaction: so long, at most, an online repayment waits for it.
PARTITION = 16_384
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
CONTRACT = Table(
    "credit_loan_day_contract",
    metadata,
    integer("place", primary_key=True, autoincrement=False),
    text("loan_id"),
    integer("by_hand"),
    day("ended_on", nullable=True),
    Index("credit_loan_day_contract_of_loan", "loan_id", unique=True),
    Index("credit_loan_day_contract_by_hand", "by_hand", "loan_id"),
    # One tree instead of two, here and below: looked up by their key for every contract of every day.
    sqlite_with_rowid=False,
)
PROFILE = Table(
    "credit_loan_day_profile",
    metadata,
    integer("profile", primary_key=True, autoincrement=False),
    text("product_id"),
    text("currency"),
    text("grade"),
    decimal("nominal_interest_rate"),
    text("day_count"),
    text("amortisation"),
    integer("maturity_month"),
    # What the night of the close under way makes of it.
    integer("nightly"),
    integer("unit"),
    integer("loss_1"),
    integer("loss_2"),
    integer("loss_3"),
    Index(
        "credit_loan_day_profile_of",
        "product_id",
        "currency",
        "grade",
        "nominal_interest_rate",
        "day_count",
        "amortisation",
        "maturity_month",
        unique=True,
    ),
    sqlite_with_rowid=False,
)
LOAN_DAY = Table(
    "credit_loan_day",
    metadata,
    day("business_date", primary_key=True),
    integer("place", primary_key=True, autoincrement=False),
    integer("profile"),
    integer("number"),
    day("ends_on", nullable=True),
    integer("accruing_minor"),
    integer("accrued_minor"),
    integer("remainder"),
    integer("recognised_minor"),
    integer("accrual_minor"),
    integer("outstanding_minor"),
    day("oldest_due_date", nullable=True),
    integer("days_past_due"),
    integer("category"),
    integer("stage"),
    integer("allowance_minor"),
    integer("allowance_change_minor"),
    integer("moved"),
    sqlite_with_rowid=False,
)

loan_days = Records(LOAN_DAY, LoanDay)

_PLACE_OF = select(CONTRACT.c.place).where(CONTRACT.c.loan_id == bindparam("loan_id"))
_LOAN_AT = select(CONTRACT.c.loan_id).where(CONTRACT.c.place == bindparam("at_place"))
_ADD_CONTRACT = CONTRACT.insert()
_SET_CONTRACT = (
    CONTRACT.update()
    .where(CONTRACT.c.place == bindparam("at_place"))
    .values(by_hand=bindparam("is_by_hand"), ended_on=bindparam("has_ended_on"))
)
_FREEST = (
    select(PLACES.c.partition, PLACES.c.taken)
    .where(PLACES.c.product_id == bindparam("product_id"), PLACES.c.currency == bindparam("currency"))
    .order_by(PLACES.c.partition.desc())
    .limit(1)
)
_PARTITIONS = select(func.coalesce(func.max(PLACES.c.partition), 0))
_PARTITION = select(PLACES.c.product_id, PLACES.c.currency).where(PLACES.c.partition == bindparam("of_partition"))
_ADD_PLACES = PLACES.insert()
_TAKE_PLACE = PLACES.update().where(PLACES.c.partition == bindparam("of_partition")).values(taken=PLACES.c.taken + 1)
_PROFILES = select(PROFILE).order_by(PROFILE.c.profile)
_PROFILE = select(PROFILE).where(PROFILE.c.profile == bindparam("of_profile"))
_ADD_PROFILE = PROFILE.insert()
_SET_RATES = (
    PROFILE.update()
    .where(PROFILE.c.profile == bindparam("of_profile"))
    .values({PROFILE.c[name]: bindparam(f"night_{name}") for name in ("nightly", "unit", "loss_1", "loss_2", "loss_3")})
)
_ADD_ROWS = LOAN_DAY.insert()
_FORGET_CHANGES = sql("DELETE FROM credit_loan_change WHERE changed_on <= :on_date")


def in_force(view: View, on: date) -> tuple[int, int]:
    """The versions of the classification rules and of the allowance model in force on a day.

    Raises `ClassificationRulesNotFound`, `AllowanceModelNotFound`.
    """
    rule_set = classification_store.in_force(view, RULE_SET, on)
    return rule_set.version, model_store.valid_on(view, MODEL, on).version


def rules_of(view: View, rule_set_version: int, model_version: int) -> tuple[Rules, AllowanceModel]:
    """The rules that two versions make, and the model."""
    rule_set = classification_store.rule_sets.load(view, RULE_SET, rule_set_version)
    model = model_store.models.load(view, MODEL, model_version)
    return Rules.of(rule_set, model), model


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


def take_place(unit: Unit, loan_id: str, product_id: str, currency: str, *, by_hand: bool) -> int:
    """A place for a contract that never had one, in a partition of its product and currency."""
    rows = unit.rows(_FREEST, {"product_id": product_id, "currency": currency})
    partition, taken = rows[0] if rows else (0, PARTITION)
    if taken == PARTITION:
        partition, taken = partition_count(unit) + 1, 0
        unit.execute(_ADD_PLACES, {"partition": partition, "product_id": product_id, "currency": currency, "taken": 0})
    unit.execute(_TAKE_PLACE, {"of_partition": partition})
    place = int((partition - 1) * PARTITION + taken)
    unit.execute(_ADD_CONTRACT, {"place": place, "loan_id": loan_id, "by_hand": int(by_hand), "ended_on": None})
    return place


def set_contract(unit: Unit, place: int, *, by_hand: bool, ended_on: date | None) -> None:
    """Keeps how a contract is closed from now on, or the day of its last row."""
    ended = ended_on and ended_on.isoformat()
    unit.execute(_SET_CONTRACT, {"at_place": place, "is_by_hand": int(by_hand), "has_ended_on": ended})


def profiles(view: View) -> dict[int, tuple[Profile, NightRates]]:
    """Every profile with what the night of the close under way makes of it."""
    return {row[0]: (_profile(row[1:8]), NightRates(*row[8:13])) for row in view.rows(_PROFILES)}


def add_profile(unit: Unit, number: int, profile: Profile, rates: NightRates) -> None:
    """Writes a profile no contract had before."""
    row = asdict(profile) | asdict(rates) | {"profile": number}
    row |= {"nominal_interest_rate": str(profile.nominal_interest_rate), "day_count": profile.day_count.value}
    unit.execute(_ADD_PROFILE, row)


def set_rates(unit: Unit, rates: Mapping[int, NightRates]) -> None:
    """Keeps what the night of the close that begins makes of every profile."""
    unit.execute(
        _SET_RATES,
        [
            {"of_profile": number, **{f"night_{name}": value for name, value in asdict(of_night).items()}}
            for number, of_night in rates.items()
        ],
    )


def add_rows(unit: Unit, rows: Sequence[LoanDay]) -> None:
    """Writes rows made one by one."""
    unit.execute(_ADD_ROWS, [loan_days.row(row) for row in rows])


def forget_changes(unit: Unit, on: date) -> None:
    """Forgets how loans stood before the changes of closed days."""
    unit.execute(_FORGET_CHANGES, {"on_date": on.isoformat()})


def load(view: View, loan_id: str, on: date) -> LoanDay:
    """A loan's row of a day, or `LoanDayNotFound`."""
    places = view.rows(_PLACE_OF, {"loan_id": loan_id})
    found = loan_days.find(view, on.isoformat(), places[0][0]) if places else None
    if found is None:
        raise LoanDayNotFound(loan_id=loan_id, business_date=on)
    return found


def of_day(on: date, partition: int, category: RiskCategory | None) -> list[ColumnElement[bool]]:
    """The conditions of a day's rows, of one partition (0 is any) and one category (None is any)."""
    conditions = [LOAN_DAY.c.business_date == on.isoformat()]
    if partition:
        places = places_of(partition)
        conditions.append(LOAN_DAY.c.place.between(places["first"], places["last"]))
    if category:
        conditions.append(LOAN_DAY.c.category == CATEGORIES.index(category))
    return conditions


def loan_at(view: View, place: int) -> str:
    """The loan that has a place."""
    return str(view.rows(_LOAN_AT, {"at_place": place})[0][0])


def partition_at(place: int) -> int:
    """The partition of a place."""
    return place // PARTITION + 1


def _profile(row: Sequence[Any]) -> Profile:
    product_id, currency, grade, rate, day_count, amortisation, maturity_month = row
    return Profile(product_id, currency, grade, Decimal(rate), DayCount(day_count), amortisation, maturity_month)
