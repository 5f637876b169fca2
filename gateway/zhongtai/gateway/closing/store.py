"""Where a close is read: from the jobs, which it is made of, and the ends of each book's graph."""

from datetime import date, timedelta

from zhongtai.gateway.closing.domain import DEFAULT_BOOK, Closing, ClosingNotFound, Night
from zhongtai.gateway.job import store as job_store
from zhongtai.runtime.plain import shipped
from zhongtai.runtime.unit import View

_DAY = timedelta(days=1)
ENDS: dict[str, list[str]] = shipped(__package__, "books.json")


def night(view: View, book: str) -> Night:
    """The jobs that close a book, as they are now; refuses where there are none."""
    known = job_store.graph(view)
    ends = tuple(name for name in ENDS.get(book or DEFAULT_BOOK, ()) if name in known.jobs)
    if not ends:
        raise ClosingNotFound(book=book)
    return Night(known, ends)


def closing(view: View, book: str, on: date | None) -> Closing:
    """The close of a date; without one, of the newest that was begun, or of the date before today."""
    known = night(view, book)
    newest = known.newest()
    day = on or (date.fromisoformat(newest) if newest else view.business_date - _DAY)
    steps = known.steps(day)
    runs = {run.job_id: run for run in job_store.runs_on(view, day.isoformat()) if run.job_id in steps}
    return known.closing(book or DEFAULT_BOOK, day, runs)
