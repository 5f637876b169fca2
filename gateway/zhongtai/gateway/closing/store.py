"""Where a close is read: from the jobs, which it is made of. The one that takes a book's dates to CLOSED closes it."""

from datetime import date, timedelta

from zhongtai.gateway.closing.domain import DEFAULT_BOOK, Closing, ClosingNotFound, Night
from zhongtai.gateway.job import calls
from zhongtai.gateway.job import store as job_store
from zhongtai.gateway.job.domain import Job
from zhongtai.operations.v1 import book_day_pb2 as book_day_v1
from zhongtai.runtime.unit import View

_DAY = timedelta(days=1)
_ADVANCE = book_day_v1.DESCRIPTOR.services_by_name["BookDayService"].methods_by_name["AdvanceBookDay"].full_name


def night(view: View, book: str) -> Night:
    """The jobs that close a book, as they are now; refuses where there are none."""
    known = job_store.graph(view)
    name = book or DEFAULT_BOOK
    closed_by = next((job_id for job_id, kept in known.jobs.items() if _closes(kept.job, name)), None)
    if closed_by is None:
        raise ClosingNotFound(book=name)
    return Night(known, closed_by)


def _closes(job: Job, book: str) -> bool:
    """Whether a job takes the dates of a book to their closed state."""
    asked = (calls.message(step) for step in job.steps if step.rpc == _ADVANCE)
    return any(each.book == book and each.to == book_day_v1.BOOK_DAY_STATUS_CLOSED for each in asked)


def closing(view: View, book: str, on: date | None) -> Closing:
    """The close of a date; without one, of the newest that was begun, or of the date before today."""
    known = night(view, book)
    newest = known.newest()
    day = on or (date.fromisoformat(newest) if newest else view.business_date - _DAY)
    steps = known.steps(day)
    runs = {run.job_id: run for run in job_store.runs_on(view, day.isoformat()) if run.job_id in steps}
    return known.closing(book or DEFAULT_BOOK, day, runs)
