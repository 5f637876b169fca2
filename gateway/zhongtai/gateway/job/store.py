"""How jobs and their occasions rest, and the lease of whoever runs them."""

from datetime import datetime, timedelta

from sqlalchemy import MetaData, Table, bindparam, func, or_, select

from zhongtai.gateway.job.domain import (
    REMEMBERED,
    JobNotFound,
    JobRun,
    JobRunNotFound,
    JobRunStatus,
    JobTrigger,
    KeptJob,
)
from zhongtai.gateway.job.graph import Graph
from zhongtai.runtime.plain import instant_text
from zhongtai.runtime.store import Records, instant, integer, json, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
JOBS_AT_MOST = 500
_LEASE = "jobs"

JOB = Table(
    "gateway_job",
    metadata,
    text("job_id", primary_key=True),
    json("job"),
    integer("paused"),
    text("since"),
    integer("failing"),
)
JOB_RUN = Table(
    "gateway_job_run",
    metadata,
    text("job_id", primary_key=True),
    text("occasion", primary_key=True),
    text("status"),
    integer("step"),
    integer("calls"),
    integer("rounds"),
    integer("attempts"),
    text("reason"),
    text("sentence"),
    instant("started_at"),
    instant("ended_at", nullable=True),
    text("position"),
    json("override", nullable=True),
)
LEASE = Table(
    "gateway_job_lease",
    metadata,
    text("lease_id", primary_key=True),
    text("owner"),
    instant("until"),
)

jobs = Records(JOB, KeptJob, missing=JobNotFound)
runs = Records(JOB_RUN, JobRun, missing=JobRunNotFound)

_JOBS = jobs.query(order_by=JOB.c.job_id, limit=JOBS_AT_MOST)
_RUNS = runs.query(JOB_RUN.c.job_id == bindparam("of_job"), order_by=JOB_RUN.c.occasion.desc(), limit=1)
_ON = runs.query(JOB_RUN.c.occasion == bindparam("of_occasion"), order_by=JOB_RUN.c.job_id, limit=JOBS_AT_MOST)
_UNDER_WAY = runs.query(JOB_RUN.c.status == JobRunStatus.RUNNING.value, order_by=JOB_RUN.c.started_at)
_NEWEST = (
    select(JOB_RUN.c.job_id.label("of_job"), func.max(JOB_RUN.c.occasion).label("newest"))
    .group_by(JOB_RUN.c.job_id)
    .subquery()
)
_LATEST = select(*JOB_RUN.c).join(
    _NEWEST, (JOB_RUN.c.job_id == _NEWEST.c.of_job) & (JOB_RUN.c.occasion == _NEWEST.c.newest)
)
_DONE = select(JOB_RUN.c.job_id, func.max(JOB_RUN.c.occasion)).where(JOB_RUN.c.status == JobRunStatus.DONE.value)
_DONE_THROUGH = _DONE.group_by(JOB_RUN.c.job_id)
_FORGOTTEN = JOB_RUN.delete().where(
    JOB_RUN.c.job_id == bindparam("of_job"),
    JOB_RUN.c.status != JobRunStatus.RUNNING.value,
    JOB_RUN.c.occasion < bindparam("before"),
)
_TAKEN = (
    LEASE.update()
    .where(LEASE.c.lease_id == _LEASE, or_(LEASE.c.owner == bindparam("who"), LEASE.c.until < bindparam("now")))
    .values(owner=bindparam("who"), until=bindparam("then"))
)
_HELD = select(LEASE.c.owner).where(LEASE.c.lease_id == _LEASE)
_FIRST_LEASE = LEASE.insert()


def all_jobs(view: View) -> dict[str, KeptJob]:
    """Every job by its name; no more than can be looked at in one go."""
    return {kept.job_id: kept for kept in _JOBS(view)}


def graph(view: View) -> Graph:
    """The jobs, and how far each is."""
    done = {row[0]: row[1] for row in view.rows(_DONE_THROUGH)}
    return Graph(all_jobs(view), latest_runs(view), done)


def latest_runs(view: View) -> dict[str, JobRun]:
    """The latest occasion of every job that had one."""
    return {row.job_id: runs.value(row) for row in view.rows(_LATEST)}


def latest_run(view: View, job_id: str) -> JobRun | None:
    """The latest occasion of a job, if it had one."""
    return next(iter(_RUNS(view, of_job=job_id)), None)


def runs_on(view: View, occasion: str) -> list[JobRun]:
    """What was begun for an occasion."""
    return _ON(view, of_occasion=occasion)


def under_way(view: View) -> list[JobRun]:
    """The occasions that are called now, or would be if nobody had died."""
    return _UNDER_WAY(view)


def begin(unit: Unit, kept: KeptJob, run: JobRun) -> None:
    """Writes an occasion that begins, and forgets what the clock did long ago."""
    runs.add(unit, run)
    if kept.job.trigger is JobTrigger.CLOCK:
        before = (datetime.fromisoformat(run.occasion) - REMEMBERED).isoformat()
        unit.execute(_FORGOTTEN, {"of_job": kept.job_id, "before": before})


def take_lease(unit: Unit, owner: str, lasts: timedelta) -> bool:
    """Whether `owner` runs the jobs from now on, for so long: nobody else did, or their time is over."""
    now, then = instant_text(unit.now), instant_text(unit.now + lasts)
    if unit.execute(_TAKEN, {"who": owner, "now": now, "then": then}):
        return True
    if unit.rows(_HELD):
        return False
    unit.execute(_FIRST_LEASE, {"lease_id": _LEASE, "owner": owner, "until": then})
    return True
