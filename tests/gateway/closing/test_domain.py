"""A close is what its jobs are: its order, its states, and what begins it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from zhongtai.gateway.closing.domain import (
    ClosingBeforeMustBeDone,
    ClosingDateMustBeOver,
    ClosingState,
    ClosingStepState,
    Night,
)
from zhongtai.gateway.job.domain import Job, JobRun, JobRunStatus, JobStep, JobTrigger, KeptJob, Override

NOW = datetime(2026, 5, 5, 1, tzinfo=UTC)
MAY_4, MAY_5 = date(2026, 5, 4), date(2026, 5, 5)
AFTER = {"cut": (), "loans": ("cut",), "deposits": ("cut",), "posted": ("loans", "deposits"), "closed": ("posted",)}
ORDER = ("cut", "deposits", "loans", "posted", "closed")


def kept(name: str, after: tuple[str, ...]) -> KeptJob:
    steps = (JobStep("rpc", holds_field="holds" if name == "posted" else ""),)
    job = Job(name, name, name, JobTrigger.EVERY_DATE, 0, after, False, steps, 10, in_step=True)
    return KeptJob(name, job, paused=False, since="2026-05-01")


JOBS = {name: kept(name, after) for name, after in (AFTER | {"other": ()}).items()}


def run(name: str, status: JobRunStatus = JobRunStatus.DONE, on: date = MAY_4) -> JobRun:
    begun = JOBS[name].begin(on.isoformat(), NOW)
    return replace(
        begun, status=status, ended_at=None if status is JobRunStatus.RUNNING else NOW + timedelta(seconds=5)
    )


def night(*runs: JobRun) -> Night:
    done = {each.job_id: each.occasion for each in runs if each.status is JobRunStatus.DONE}
    return Night(JOBS, {each.job_id: each for each in runs}, done)


def test_the_steps_stand_behind_those_they_wait_for() -> None:
    found = night().closing("general", "closed", MAY_4, {})
    assert tuple(step.job.job_id for step in found.steps) == ORDER
    assert [step.depth for step in found.steps] == [0, 1, 1, 2, 3]
    assert [step.proof for step in found.steps] == [False, False, False, True, False]
    assert (found.state, found.done, found.started_at) == (ClosingState.WAITING, 0, None)


def test_a_close_is_under_way_stopped_or_closed_as_its_steps_are() -> None:
    for status, state, done in (
        (JobRunStatus.RUNNING, ClosingState.UNDER_WAY, 1),
        (JobRunStatus.FAILED, ClosingState.STOPPED, 1),
        (JobRunStatus.DONE, ClosingState.UNDER_WAY, 2),
    ):
        runs = [run("cut"), run("loans", status)]
        found = night(*runs).closing("general", "closed", MAY_4, {each.job_id: each for each in runs})
        assert (found.state, found.done, found.ended_at) == (state, done, None)
    runs = [run(name) for name in ORDER]
    overridden = replace(runs[3], override=Override("known", "ann", NOW, "bob", NOW))
    found = night(*runs).closing(
        "general", "closed", MAY_4, {each.job_id: each for each in [*runs[:3], overridden, runs[4]]}
    )
    assert (found.state, found.done, found.ended_at) == (ClosingState.CLOSED, 5, NOW + timedelta(seconds=5))
    assert found.steps[3].state is ClosingStepState.OVERRIDDEN


def test_a_date_that_a_later_close_stands_for_is_closed() -> None:
    found = night(*(run(name) for name in ORDER)).closing("general", "closed", MAY_4 - timedelta(days=1), {})
    assert {step.state for step in found.steps} == {ClosingStepState.PASSED_OVER}
    assert found.state is ClosingState.CLOSED


def test_a_close_begins_with_what_waits_for_nothing_and_goes_on_where_it_failed() -> None:
    again, begun = night().begin("closed", MAY_4, MAY_5, NOW)
    assert (again, [each.job_id for each in begun]) == ([], ["cut"])
    again, begun = night(run("cut"), run("loans", JobRunStatus.FAILED)).begin("closed", MAY_4, MAY_5, NOW)
    assert ([(each.job_id, each.status) for each in again], begun) == ([("loans", JobRunStatus.RUNNING)], [])
    assert night(*(run(name) for name in ORDER)).begin("closed", MAY_4, MAY_5, NOW) == ([], [])
    assert night(run("cut", JobRunStatus.RUNNING)).begin("closed", MAY_4, MAY_5, NOW) == ([], [])


def test_a_close_begins_neither_before_its_time_nor_beside_another() -> None:
    with pytest.raises(ClosingDateMustBeOver):
        night().begin("closed", MAY_5, MAY_5, NOW)
    with pytest.raises(ClosingBeforeMustBeDone):
        night(run("cut"), run("loans", JobRunStatus.RUNNING)).begin("closed", MAY_5, MAY_5 + timedelta(days=1), NOW)
