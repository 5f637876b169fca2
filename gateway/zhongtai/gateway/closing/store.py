"""Where a close is read: from the jobs, which it is made of, and the list of books with the job that closes each."""

import json as json_text
from datetime import date, timedelta
from importlib.resources import files

from zhongtai.gateway.closing.domain import DEFAULT_BOOK, Closing, ClosingNotFound, Night
from zhongtai.gateway.job import store as job_store
from zhongtai.runtime.unit import View

_DAY = timedelta(days=1)
LAST_JOBS: dict[str, str] = json_text.loads((files(__package__) / "books.json").read_text(encoding="utf-8"))


def night(view: View) -> Night:
    """What the jobs are now."""
    return Night(job_store.all_jobs(view), job_store.latest_runs(view), job_store.done_through(view))


def last_job(known: Night, book: str) -> str:
    """The job that closes a book; refuses where there is none."""
    last = LAST_JOBS.get(book or DEFAULT_BOOK, "")
    if last not in known.jobs:
        raise ClosingNotFound(book=book)
    return last


def closing(view: View, known: Night, book: str, on: date | None) -> Closing:
    """The close of a date; without one, of the newest that was begun, or of the date before today."""
    last = last_job(known, book)
    newest = known.newest(last)
    day = on or (date.fromisoformat(newest) if newest else view.business_date - _DAY)
    graph = known.graph(last)
    runs = {run.job_id: run for run in job_store.runs_on(view, day.isoformat()) if run.job_id in graph}
    return known.closing(book or DEFAULT_BOOK, last, day, runs)
