"""The rows of loan days as columns: one row for each business date and partition, the bytes of an array for a figure.

What closes left of every day is carried over, and what contracts agreed is read from their loans. A partition of
16,384 places becomes two of 8,192: drill-down goes by the new numbers, closes that were posted keep theirs.
"""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "loan_day_0002"
down_revision = "loan_day_0001"
branch_labels = None

_PARTITION = 8_192
_EPOCH = date(1970, 1, 1).toordinal()
_NEVER = "9999-12-31"
_COLUMNS = (
    *("number", "ends_on", "accruing", "accrued", "remainder", "recognised", "accrual", "outstanding", "oldest_due"),
    *("category", "stage", "allowance", "allowance_change", "flags", "category_at_least", "upgradable_from"),
    *("clean_since", "collateral", "guarantee", "undrawn", "initial_loss"),
)
_TERMS = ("profile", "maturity", "effective_rate")
_NEWS = (
    *("told", "number", "ends_on", "accruing", "accrued", "remainder", "recognised", "outstanding", "oldest_due"),
    *("profile", "maturity", "effective_rate", "flags", "category_at_least", "upgradable_from", "collateral"),
    *("guarantee", "undrawn", "initial_loss", "moved"),
)


def upgrade() -> None:
    """Makes the tables of columns, carries the rows over, and takes the old tables away."""
    connection = op.get_bind()
    # A new store has no loans yet, nor their tables: other nouns' revisions may come later.
    was_closed = connection.execute(sa.text("SELECT COUNT(*) FROM credit_loan_day_contract")).scalar_one() > 0
    if was_closed:
        _must_not_be_under_way(connection)
    op.rename_table("credit_loan_day_profile", "credit_loan_day_old_profile")
    op.drop_index("credit_loan_day_profile_of", table_name="credit_loan_day_old_profile")
    op.rename_table("credit_loan_day_contract", "credit_loan_day_old_contract")
    op.drop_index("credit_loan_day_contract_of_loan", table_name="credit_loan_day_old_contract")
    op.drop_index("credit_loan_day_contract_by_hand", table_name="credit_loan_day_old_contract")
    if connection.dialect.name == "postgresql":
        # The constraint of a table that was renamed keeps its name, which the new table's would take.
        for name in ("profile", "contract"):
            op.execute(
                f"ALTER TABLE credit_loan_day_old_{name} "
                f"RENAME CONSTRAINT credit_loan_day_{name}_pkey TO credit_loan_day_old_{name}_pkey"
            )
    _make_tables()
    if connection.dialect.name == "postgresql":
        # Columns hold what is as short as it gets already: to compress it costs time and saves nothing.
        for table, names in (("columns", _COLUMNS), ("terms", _TERMS)):
            for name in names:
                op.execute(f"ALTER TABLE credit_loan_day_{table} ALTER COLUMN {name} SET STORAGE EXTERNAL")
    if was_closed:
        _carry_over(connection)
    for table in ("credit_loan_day", "credit_loan_day_old_profile", "credit_loan_day_old_contract"):
        op.drop_table(table)


def _must_not_be_under_way(connection: Any) -> None:
    under_way = "SELECT business_date FROM credit_end_of_day WHERE phase <> 'CLOSED'"
    for (on,) in connection.execute(sa.text(under_way)).all():
        raise RuntimeError(f"the end of day {on} is under way: finish it with the version that began it, then migrate")


def _make_tables() -> None:
    op.create_table(
        "credit_loan_day_contract",
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("owed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("place"),
        sqlite_with_rowid=False,
    )
    op.create_index("credit_loan_day_contract_of_loan", "credit_loan_day_contract", ["loan_id"], unique=True)
    op.create_table(
        "credit_loan_day_profile",
        sa.Column("profile", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("agreed_grade", sa.Text(), nullable=False),
        sa.Column("nominal_interest_rate", sa.Text(), nullable=False),
        sa.Column("day_count", sa.Text(), nullable=False),
        sa.Column("amortisation", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("profile"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "credit_loan_day_profile_of_product",
        "credit_loan_day_profile",
        ["product_id", "currency", "profile"],
        unique=False,
    )
    op.create_table(
        "credit_loan_day_terms",
        sa.Column("partition", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("places", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in _TERMS),
        sa.PrimaryKeyConstraint("partition"),
    )
    op.create_table(
        "credit_loan_day_columns",
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("partition", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("places", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in _COLUMNS),
        sa.PrimaryKeyConstraint("business_date", "partition"),
    )
    op.create_table(
        "credit_loan_day_taken",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("terms_changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("loan_id"),
    )
    op.create_table(
        "credit_loan_day_news",
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _NEWS),
        sa.PrimaryKeyConstraint("place"),
        sqlite_with_rowid=False,
    )


def _carry_over(connection: Any) -> None:
    _split_partitions(connection)
    connection.execute(
        sa.text(
            """
            INSERT INTO credit_loan_day_contract (place, loan_id, owed)
            SELECT place, loan_id, CASE WHEN ended_on IS NULL THEN 1 ELSE 0 END FROM credit_loan_day_old_contract
            """
        )
    )
    profiles: dict[tuple[Any, ...], int] = {}
    terms = {place: _terms(row, profiles) for place, row in _agreed(connection)}
    insert = """
        INSERT INTO credit_loan_day_profile
            (profile, product_id, currency, grade, agreed_grade, nominal_interest_rate, day_count, amortisation)
        VALUES (:profile, :product_id, :currency, :grade, :grade, :rate, :day_count, :amortisation)
    """
    names = ("product_id", "currency", "grade", "rate", "day_count", "amortisation")
    for profile, number in profiles.items():
        connection.execute(sa.text(insert), {"profile": number, **dict(zip(names, profile, strict=True))})
    for partition, places in groupby(sorted(terms), key=lambda place: place // _PARTITION + 1):
        of_partition = {place % _PARTITION: terms[place] for place in places}
        row = _packed(of_partition, _TERMS, (0,) * len(_TERMS))
        _insert(connection, "credit_loan_day_terms", {"partition": partition, **row})
    _carry_days(connection)


def _split_partitions(connection: Any) -> None:
    old = connection.execute(sa.text("SELECT partition, product_id, currency, taken FROM credit_loan_day_places")).all()
    connection.execute(sa.text("DELETE FROM credit_loan_day_places"))
    for partition, product_id, currency, taken in old:
        for half in range(2):
            of_half = min(max(taken - half * _PARTITION, 0), _PARTITION)
            row = {"partition": 2 * partition - 1 + half, "product_id": product_id, "currency": currency}
            _insert(connection, "credit_loan_day_places", {**row, "taken": of_half})


def _agreed(connection: Any) -> Iterator[tuple[int, Any]]:
    """What the loan of each place agreed, and its grade."""
    statement = """
        SELECT k.place, l.product_id, l.outstanding_currency, l.grade, l.nominal_interest_rate, l.day_count,
            l.amortisation, l.maturity_date, l.annual_percentage_rate
        FROM credit_loan_day_old_contract AS k JOIN credit_loan AS l ON l.loan_id = k.loan_id ORDER BY k.place
    """
    for row in connection.execute(sa.text(statement)):
        yield row[0], row[1:]


def _terms(row: Any, profiles: dict[tuple[Any, ...], int]) -> tuple[int, ...]:
    *profile, maturity, annual = row
    number = profiles.setdefault(tuple(profile), len(profiles) + 1)
    with localcontext(prec=34, rounding=ROUND_HALF_EVEN):
        monthly = (1 + Decimal(annual)) ** (1 / Decimal(12)) - 1
    return number, _day(maturity), int(monthly.quantize(Decimal("1e-12")) * 10**12)


def _carry_days(connection: Any) -> None:
    statement = """
        SELECT business_date, place, number, ends_on, accruing_minor, accrued_minor, remainder, recognised_minor,
            accrual_minor, outstanding_minor, oldest_due_date, category, stage, allowance_minor, allowance_change_minor
        FROM credit_loan_day WHERE business_date = :on_date ORDER BY place
    """
    last: dict[int, tuple[int, int]] = {}
    counts = dict(connection.execute(sa.text("SELECT partition, taken FROM credit_loan_day_places")).all())
    dates = "SELECT DISTINCT business_date FROM credit_loan_day ORDER BY business_date"
    for (on,) in connection.execute(sa.text(dates)).all():
        rows = {row[1]: row for row in connection.execute(sa.text(statement), {"on_date": on})}
        owed_or_ended = sorted(rows.keys() | last.keys())
        for partition, places in groupby(owed_or_ended, key=lambda place: place // _PARTITION + 1):
            of_partition = {}
            for place in places:
                cells = _cells(rows[place][2:]) if place in rows else _gone(*last[place])
                of_partition[place % _PARTITION] = cells
                last[place] = cells[0], cells[5]
            row = _packed(of_partition, _COLUMNS, _gone(0, 0), counts.get(partition, 0))
            _insert(connection, "credit_loan_day_columns", {"business_date": on, "partition": partition, **row})


def _cells(row: Any) -> tuple[int, ...]:
    """The cells of one contract's row, in the order of the columns; nothing is known yet of what they add."""
    number, ends_on, accruing, accrued, remainder, recognised, accrual, outstanding, oldest_due, *rest = row
    end = 1 if ends_on is None else 2 if ends_on == _NEVER else _day(ends_on)
    told = (number, end, accruing, accrued, remainder, recognised, accrual, outstanding, _day(oldest_due), *rest)
    return told + (0,) * (len(_COLUMNS) - len(told))


def _gone(number: int, recognised: int) -> tuple[int, ...]:
    """The cells of a contract that was owed no more, or not yet: only these and the best stage are kept."""
    found = dict.fromkeys(_COLUMNS, 0) | {"number": number, "recognised": recognised, "stage": 1}
    return tuple(found[name] for name in _COLUMNS)


def _day(text: str | None) -> int:
    return date.fromisoformat(text).toordinal() - _EPOCH if text else 0


def _packed(
    cells: dict[int, tuple[int, ...]], names: tuple[str, ...], nothing: tuple[int, ...], least: int = 0
) -> dict[str, Any]:
    """Each column as little-endian integers of the least width that holds them; nothing where all are 0."""
    count = max(max(cells) + 1, least)
    columns = zip(*(cells.get(offset, nothing) for offset in range(count)), strict=True)
    packed = {name: _bytes(column) for name, column in zip(names, columns, strict=True)}
    return {"places": count, **packed}


def _bytes(column: tuple[int, ...]) -> bytes:
    if not any(column):
        return b""
    lowest, highest = min(column), max(column)
    width = next(width for width in (1, 2, 4, 8) if -(1 << 8 * width - 1) <= lowest and highest < 1 << 8 * width - 1)
    return b"".join(value.to_bytes(width, "little", signed=True) for value in column)


def _insert(connection: Any, table: str, row: dict[str, Any]) -> None:
    marks = ", ".join(f":{name}" for name in row)
    connection.execute(sa.text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"), row)
