"""Rows of loan days become columns: what was closed is told as before, and the next close goes on."""

from datetime import date
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from tests.credit.loan_day.examples import columns, terms
from zhongtai.credit.allowance.domain import monthly_rate
from zhongtai.credit.end_of_day import store as end_of_day_store
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan_day import store
from zhongtai.credit.loan_day.engine.columns import BEHIND, COLUMNS, LAST_ROW, RATE_UNIT, TERMS, day_number, unpacked

_OLD = import_module("zhongtai.credit.migrations.loan_day_0001")
_NEW = import_module("zhongtai.credit.migrations.loan_day_0002")
_DAYS = ("2026-06-29", "2026-06-30")


def old_row(on: str, place: int, ends_on: str | None, recognised: int) -> dict[str, Any]:
    """A row as the first revision had it."""
    names = [column.name for column in sa.Table("credit_loan_day", sa.MetaData(), *_old_columns()).columns]
    row: dict[str, Any] = dict.fromkeys(names, 0) | {"business_date": on, "place": place, "profile": 1, "number": 3}
    row |= {"ends_on": ends_on, "recognised_minor": recognised, "accrual_minor": -5, "outstanding_minor": 10**12}
    return row | {"oldest_due_date": "2026-06-20", "category": 1, "stage": 2, "allowance_minor": 300, "remainder": -9}


def _old_columns() -> list[sa.Column[Any]]:
    text = "business_date place profile number ends_on accruing_minor accrued_minor remainder recognised_minor"
    text += " accrual_minor outstanding_minor oldest_due_date days_past_due category stage allowance_minor"
    return [sa.Column(name) for name in (*text.split(), "allowance_change_minor", "moved")]


def _add(connection: sa.Connection, table: str, *rows: dict[str, Any]) -> None:
    for row in rows:
        marks = ", ".join(f":{name}" for name in row)
        connection.execute(sa.text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"), row)


@pytest.fixture
def connection(tmp_path: Path) -> Any:
    """A store as the first revision of loan days left it: three contracts, one of which has ended."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'store.db'}")
    with engine.begin() as opened:
        loan_store.metadata.create_all(opened)
        end_of_day_store.metadata.create_all(opened)
        with Operations.context(MigrationContext.configure(opened)):
            _OLD.upgrade()
        for place in (0, 1, 8_192):
            loan = {column.name: "" for column in loan_store.LOAN.columns} | {"loan_id": f"loan_{place}"}
            loan |= {"product_id": "p", "outstanding_currency": "CNY", "grade": "BB", "nominal_interest_rate": "0.12"}
            loan |= {"annual_percentage_rate": "0.126825", "maturity_date": "2027-03-04", "day_count": "ACT_365"}
            _add(opened, "credit_loan", loan | {"amortisation": "BULLET"})
            ended = {"by_hand": 0, "ended_on": _DAYS[0] if place == 1 else None}
            _add(opened, "credit_loan_day_contract", {"place": place, "loan_id": f"loan_{place}", **ended})
        _add(opened, "credit_loan_day_places", {"partition": 1, "product_id": "p", "currency": "CNY", "taken": 8_193})
        first, last = _DAYS
        _add(opened, "credit_loan_day", old_row(first, 0, "2026-07-04", 70), old_row(first, 1, None, 80))
        _add(opened, "credit_loan_day", old_row(last, 0, "2026-07-04", 75), old_row(last, 8_192, "9999-12-31", 90))
        yield opened
    engine.dispose()


def _migrate(connection: sa.Connection) -> None:
    with Operations.context(MigrationContext.configure(connection)):
        _NEW.upgrade()


def _cells(row: Any, names: tuple[str, ...], place: int) -> dict[str, int]:
    return {name: int(unpacked(getattr(row, name), row.places)[place]) for name in names}


def test_rows_of_every_day_become_columns(connection: sa.Connection) -> None:
    _migrate(connection)
    found = {(row.business_date, row.partition): row for row in connection.execute(sa.select(store.LOAN_DAY))}
    assert sorted(found) == [(_DAYS[0], 1), (_DAYS[1], 1), (_DAYS[1], 2)]
    told = {"number": 3, "remainder": -9, "accrual": -5, "outstanding": 10**12, "category": 1, "stage": 2}
    told |= {"allowance": 300, "oldest_due": day_number(date(2026, 6, 20))}
    (row,) = (columns([told | {"ends_on": day_number(date(2026, 7, 4)), "recognised": 75}]),)
    assert _cells(found[_DAYS[1], 1], COLUMNS, 0) == {name: int(getattr(row, name)[0]) for name in COLUMNS}
    assert _cells(found[_DAYS[0], 1], COLUMNS, 1)["ends_on"] == LAST_ROW
    gone = columns([{"number": 3, "recognised": 80}])
    assert _cells(found[_DAYS[1], 1], COLUMNS, 1) == {name: int(getattr(gone, name)[0]) for name in COLUMNS}
    assert _cells(found[_DAYS[1], 2], COLUMNS, 0)["ends_on"] == BEHIND


def test_terms_places_and_contracts_are_carried_over(connection: sa.Connection) -> None:
    _migrate(connection)
    agreed = {row.partition: row for row in connection.execute(sa.select(store.TERMS_OF))}
    rate = int(monthly_rate(Decimal("0.126825")) * RATE_UNIT)
    expected = terms([{"profile": 1, "maturity": day_number(date(2027, 3, 4)), "effective_rate": rate}])
    found = _cells(agreed[2], TERMS, 0)
    assert found == {name: int(getattr(expected, name)[0]) for name in TERMS}
    assert connection.execute(sa.select(store.PROFILE)).all() == [
        (1, "p", "CNY", "BB", "BB", "0.12", "ACT_365", "BULLET")
    ]
    taken = sa.select(store.PLACES.c.partition, store.PLACES.c.taken)
    assert connection.execute(taken).all() == [(1, 8_192), (2, 1)]
    assert connection.execute(sa.select(store.CONTRACT)).all() == [
        (0, "loan_0", 1),
        (1, "loan_1", 0),
        (8_192, "loan_8192", 1),
    ]
    assert "credit_loan_day" not in sa.inspect(connection).get_table_names()


def test_a_close_under_way_is_finished_first(connection: sa.Connection) -> None:
    day = {column.name: 0 for column in end_of_day_store.END_OF_DAY.columns} | {"business_date": "2026-07-01"}
    _add(connection, "credit_end_of_day", day | {"phase": "PARTITIONS", "cursor": "1"})
    with pytest.raises(RuntimeError, match="2026-07-01 is under way"):
        _migrate(connection)
