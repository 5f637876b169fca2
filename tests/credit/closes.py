"""What the tests of the end of day share: closing dates through the door, and what is then in the tables."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import create_engine, select

from tests.credit.examples import request_id
from tests.load.commands import CALL
from zhongtai.credit.end_of_day import store as end_of_day_store
from zhongtai.credit.loan_day import drilldown, store
from zhongtai.credit.loan_day.domain import LoanDay
from zhongtai.credit.v1 import end_of_day_pb2 as v1
from zhongtai.runtime import journal
from zhongtai.runtime.convert import date_message
from zhongtai.runtime.transactions import Reading
from zhongtai.testing.doors import Door

NIGHT = timedelta(days=1)
_DAYS = select(store.LOAN_DAY.c.business_date).distinct().order_by(store.LOAN_DAY.c.business_date)


async def close(door: Door, on: date) -> v1.EndOfDay:
    """Closes a date, on the day after it."""
    door.today(on + NIGHT)
    await door.call(v1.BeginEndOfDayRequest(request_id=request_id(), business_date=date_message(on)))
    return await go_on(door, on)


async def go_on(door: Door, on: date) -> v1.EndOfDay:
    """Goes on with a close until it is done."""
    while True:
        reply = await door.call(v1.ContinueEndOfDayRequest(request_id=request_id(), business_date=date_message(on)))
        if reply.end_of_day.phase == v1.END_OF_DAY_PHASE_CLOSED:
            closed: v1.EndOfDay = reply.end_of_day
            return closed


async def closed_through(door: Door, first: date, last: date) -> None:
    """Closes every date from the first to the last."""
    while first <= last:
        await close(door, first)
        first += NIGHT


async def rows(door: Door, on: date | None = None) -> list[LoanDay]:
    """The rows of a day, or of all days, by day and place."""

    def read(reading: Reading) -> list[LoanDay]:
        view = door.service.view(reading, CALL)
        days = [on] if on else [date.fromisoformat(row[0]) for row in view.rows(_DAYS)]
        return [row for day in days for row in drilldown.at(view, drilldown.places_of_day(view, day, 0, None), day)]

    return await door.service.store.read(read)


def everything(url: str) -> dict[str, list[Any]]:
    """All rows of the tables of a close and all it told, of a store nobody has open for writing."""
    engine = create_engine(url, connect_args={"options": "-csearch_path=credit"} if "postgresql" in url else {})
    tables = [*store.metadata.sorted_tables, *end_of_day_store.metadata.sorted_tables]
    told = select(journal.OUTBOX.c.subject, journal.OUTBOX.c.key, journal.OUTBOX.c.payload).order_by("sequence")
    with engine.connect() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in tables
        }
        found["told"] = [tuple(row) for row in connection.execute(told)]
    engine.dispose()
    return found
