"""A close is what its jobs are: its order, its states, and what begins it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from zhongtai.gateway.closing.domain import (
    Begun,
    ClosingDateMustBeOver,
    ClosingState,
    ClosingStepState,
    Night,
)
from zhongtai.gateway.job.domain import Job, JobRun, JobRunStatus, JobStep, JobTrigger, KeptJob, Override
from zhongtai.gateway.job.graph import Graph

NOW = datetime(2026, 5, 5, 1, tzinfo=UTC)
MAY_4, MAY_5 = date(2026, 5, 4), date(2026, 5, 5)
AFTER = {"cut": (), "loans": ("cut",), "deposits": ("cut",), "posted": ("loans", "deposits"), "closed": ("posted",)}
ORDER = ("cut", "deposits", "loans", "posted", "closed")


def kept(name: str, after: tuple[str, ...]) -> KeptJob:
    steps = (JobStep("rpc", holds_field="holds" if name == "posted" else ""),)
    job = Job(name, name, name, JobTrigger.EVERY_DATE, 0, after, True, steps, 10, in_step=True)
    return KeptJob(name, job, paused=False, since="2026-05-03")


JOBS = {name: kept(name, after) for name, after in (AFTER | {"other": ()}).items()}


def run(name: str, status: JobRunStatus = JobRunStatus.DONE, on: date = MAY_4) -> JobRun:
    begun = JOBS[name].begin(on.isoformat(), NOW)
    return replace(
        begun, status=status, ended_at=None if status is JobRunStatus.RUNNING else NOW + timedelta(seconds=5)
    )


def night(*runs: JobRun) -> Night:
    done = {each.job_id: each.occasion for each in runs if each.status is JobRunStatus.DONE}
    return Night(Graph(JOBS, {each.job_id: each for each in runs}, done), "closed")


def test_the_steps_stand_behind_those_they_wait_for() -> None:
    found = night().closing("general", MAY_4, {})
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
        found = night(*runs).closing("general", MAY_4, {each.job_id: each for each in runs})
        assert (found.state, found.done, found.ended_at) == (state, done, None)
    runs = [run(name) for name in ORDER]
    overridden = replace(runs[3], override=Override("known", "ann", "bob", NOW))
    found = night(*runs).closing("general", MAY_4, {each.job_id: each for each in [*runs[:3], overridden, runs[4]]})
    assert (found.state, found.done, found.ended_at) == (ClosingState.CLOSED, 5, NOW + timedelta(seconds=5))
    assert found.steps[3].state is ClosingStepState.OVERRIDDEN


def test_a_date_that_a_later_close_stands_for_is_closed() -> None:
    found = night(*(run(name) for name in ORDER)).closing("general", MAY_4 - timedelta(days=1), {})
    assert {step.state for step in found.steps} == {ClosingStepState.PASSED_OVER}
    assert found.state is ClosingState.CLOSED


def test_a_close_begins_with_what_waits_for_nothing_and_goes_on_where_it_failed() -> None:
    begun = night().begin(MAY_4, MAY_5, NOW)
    assert (begun.again, [(each.job_id, each.occasion) for each in begun.fresh]) == ((), [("cut", "2026-05-04")])
    begun = night(run("cut"), run("loans", JobRunStatus.FAILED)).begin(MAY_4, MAY_5, NOW)
    assert ([(each.job_id, each.status) for each in begun.again], begun.fresh) == (
        [("loans", JobRunStatus.RUNNING)],
        (),
    )
    for runs in ([run(name) for name in ORDER], [run("cut", JobRunStatus.RUNNING)]):
        assert night(*runs).begin(MAY_4, MAY_5, NOW) == Begun(MAY_4)


def test_dates_that_were_missed_are_closed_one_by_one_and_first() -> None:
    later, today = MAY_5 + timedelta(days=2), MAY_5 + timedelta(days=9)
    begun = night(*(run(name) for name in ORDER)).begin(later, today, NOW)
    assert (begun.business_date, [each.occasion for each in begun.fresh]) == (MAY_5, ["2026-05-05"])
    assert night(run("cut")).begin(later, today, NOW) == Begun(MAY_4), "one is under way"
    begun = night(run("cut"), run("loans", JobRunStatus.FAILED)).begin(later, today, NOW)
    assert (begun.business_date, [each.occasion for each in begun.again]) == (MAY_4, ["2026-05-04"])


def test_a_close_does_not_begin_before_its_date_is_over() -> None:
    with pytest.raises(ClosingDateMustBeOver):
        night().begin(MAY_5, MAY_5, NOW)


def test_a_step_of_month_ends_belongs_to_those_dates_only() -> None:
    month = Job("month", "m", "m", JobTrigger.MONTH_END, 0, ("closed",), True, (JobStep("rpc"),), 10)
    jobs = {**JOBS, "month": KeptJob("month", month, paused=False, since="2026-05-01")}
    whole = Night(Graph(jobs, {}, {}), "closed")
    assert "month" not in whole.steps(MAY_4)
    assert whole.steps(date(2026, 5, 31)) == (*ORDER, "month")
    assert whole.graph.through("month") == "2026-05-30"


def test_a_close_that_waits_for_a_paused_step_alone_has_stopped() -> None:
    jobs = {**JOBS, "loans": replace(JOBS["loans"], paused=True)}
    runs = {"cut": run("cut"), "deposits": run("deposits")}
    assert Night(Graph(jobs, runs, {}), "closed").closing("general", MAY_4, runs).state is ClosingState.STOPPED
    del runs["deposits"]
    found = Night(Graph(jobs, runs, {}), "closed").closing("general", MAY_4, runs)
    assert found.state is ClosingState.UNDER_WAY, "another is about to begin"
    runs["deposits"] = run("deposits", JobRunStatus.RUNNING)
    assert Night(Graph(jobs, runs, {}), "closed").closing("general", MAY_4, runs).state is ClosingState.UNDER_WAY
