"""When jobs are due, what an occasion becomes with each call, and which jobs contradict themselves."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.gateway.job.domain import (
    ATTEMPTS_AT_MOST,
    Job,
    JobFailed,
    JobIntervalMustBeGiven,
    JobMustNotFollowItself,
    JobMustStayOfItsKind,
    JobNotFound,
    JobOfClockMustStandAlone,
    JobRecovered,
    JobRun,
    JobRunStatus,
    JobStep,
    JobTrigger,
    KeptJob,
    define,
)

NOW = datetime(2026, 5, 5, 1, 0, 30, tzinfo=UTC)
TODAY = date(2026, 5, 5)


def job(**changes: object) -> Job:
    one = Job(
        job_id="proof",
        title="Prove",
        title_zh="核对",
        trigger=JobTrigger.EVERY_DATE,
        every_seconds=0,
        after=(),
        each_date=False,
        steps=(JobStep("one"), JobStep("two")),
        calls_at_most=10,
    )
    return replace(one, **changes)  # type: ignore[arg-type]


def kept(since: str = "2026-05-01", **changes: object) -> KeptJob:
    return KeptJob("proof", job(**changes), paused=False, since=since)


def done(occasion: str, status: JobRunStatus = JobRunStatus.DONE) -> JobRun:
    return replace(kept().begin(occasion, NOW), status=status)


def test_a_new_job_counts_from_the_date_it_was_defined_on() -> None:
    made = define(job(), None, today=TODAY, now=NOW)
    assert made.due(None, today=TODAY, now=NOW) is None
    assert made.due(None, today=TODAY + timedelta(days=1), now=NOW) == "2026-05-05"


def test_the_newest_date_stands_for_those_that_were_missed_unless_each_is_made_up_for() -> None:
    assert kept().due(None, today=TODAY, now=NOW) == "2026-05-04"
    assert kept(each_date=True).due(None, today=TODAY, now=NOW) == "2026-05-02"
    assert kept(each_date=True).due(done("2026-05-02"), today=TODAY, now=NOW) == "2026-05-03"
    failed = done("2026-05-02", JobRunStatus.FAILED)
    assert kept(each_date=True).due(failed, today=TODAY, now=NOW) is None
    assert kept().due(failed, today=TODAY, now=NOW) == "2026-05-04"
    assert kept().due(done("2026-05-04"), today=TODAY, now=NOW) is None
    assert replace(kept(), paused=True).due(None, today=TODAY, now=NOW) is None


@pytest.mark.parametrize(
    ("trigger", "today", "expected"),
    [
        (JobTrigger.WORKING_DATE, date(2026, 5, 5), "2026-04-30"),  # the labour day holiday of 2026: 1 to 5 May
        (JobTrigger.MONTH_END, date(2026, 5, 5), "2026-04-30"),
        (JobTrigger.MONTH_END, date(2026, 4, 30), None),
    ],
)
def test_the_calendar_says_which_dates_set_a_job_off(trigger: JobTrigger, today: date, expected: str | None) -> None:
    assert kept("2026-04-20", trigger=trigger).due(None, today=today, now=NOW) == expected


def test_a_job_of_the_clock_takes_the_newest_interval() -> None:
    clock = kept("2026-05-05T00:00:00+00:00", trigger=JobTrigger.CLOCK, every_seconds=60)
    assert clock.due(None, today=TODAY, now=NOW) == "2026-05-05T01:00:00+00:00"
    assert clock.due(done("2026-05-05T01:00:00+00:00"), today=TODAY, now=NOW) is None


def test_an_occasion_goes_through_its_steps_and_ends() -> None:
    one = kept()
    run = one.begin("2026-05-04", NOW)
    run, fact = one.called(run, NOW, more=True, position="x")
    assert (run.step, run.calls, run.position, fact) == (0, 1, "x", None)
    run, _ = one.called(run, NOW, more=False)
    assert (run.step, run.position) == (1, "")
    run, fact = one.called(run, NOW, more=False)
    assert (run.status, fact) == (JobRunStatus.DONE, None)
    assert replace(one, failing=True).called(replace(run, step=1), NOW, more=False)[1] == JobRecovered(
        "proof", "2026-05-04"
    )


def test_what_is_refused_for_good_fails_at_once_and_what_may_pass_is_tried_again() -> None:
    one = kept()
    run = one.begin("2026-05-04", NOW)
    failed, fact = one.refused(run, "NO", "No.", NOW, tries=1)
    assert failed.status is JobRunStatus.FAILED
    assert fact == JobFailed("proof", "Prove", "核对", "2026-05-04", "NO", "No.")
    for attempt in range(1, ATTEMPTS_AT_MOST):
        run, fact = one.refused(run, "BUSY", "Busy.", NOW, tries=ATTEMPTS_AT_MOST)
        assert (run.status, fact, run.attempts) == (JobRunStatus.RUNNING, None, attempt)
        assert run.pause_s == 2 ** (attempt - 1)
    assert one.refused(run, "BUSY", "Busy.", NOW, tries=ATTEMPTS_AT_MOST)[0].status is JobRunStatus.FAILED


def test_an_occasion_has_a_bound_of_calls() -> None:
    one = kept(calls_at_most=2)
    run, _ = one.called(one.begin("2026-05-04", NOW), NOW, more=True)
    run, fact = one.called(run, NOW, more=True)
    assert (run.status, run.reason) == (JobRunStatus.FAILED, "JOB_CALLS_AT_MOST")
    assert isinstance(fact, JobFailed)


def test_somebody_has_it_run_again_where_it_failed_or_anew() -> None:
    failed = replace(done("2026-05-04", JobRunStatus.FAILED), step=1, calls=7, attempts=5)
    again = failed.again(NOW)
    assert (again.step, again.calls, again.rounds, again.attempts) == (1, 7, 1, 0)
    anew = done("2026-05-04").again(NOW)
    assert (anew.step, anew.calls, anew.rounds) == (0, 0, 2)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(["more", "next", "busy", "no", "again"])), max_size=40))
def test_no_two_calls_that_were_answered_have_one_request_id(story: list[tuple[bool, str]]) -> None:
    one, run, answered = kept(calls_at_most=1000), kept().begin("2026-05-04", NOW), list[str]()
    for _, told in story:
        if run.status is not JobRunStatus.RUNNING:
            run = run.again(NOW)
        if told in ("more", "next"):
            answered.append(run.request_id)
            run, _ = one.called(run, NOW, more=told == "more")
        elif told != "again":
            run, _ = one.refused(run, "X", "x", NOW, tries=1 if told == "no" else ATTEMPTS_AT_MOST)
    assert len(answered) == len(set(answered))


def test_a_job_that_contradicts_itself_is_refused() -> None:
    others = {"a": job(job_id="a", after=("b",)), "b": job(job_id="b", after=("proof",))}
    with pytest.raises(JobMustNotFollowItself):
        job(after=("a",)).must_agree(others)
    with pytest.raises(JobNotFound):
        job(after=("nowhere",)).must_agree({})
    with pytest.raises(JobIntervalMustBeGiven):
        job(trigger=JobTrigger.CLOCK).must_agree({})
    with pytest.raises(JobIntervalMustBeGiven):
        job(every_seconds=60).must_agree({})
    clock = job(job_id="clock", trigger=JobTrigger.CLOCK, every_seconds=60)
    with pytest.raises(JobOfClockMustStandAlone):
        job(after=("clock",)).must_agree({"clock": clock})
    with pytest.raises(JobOfClockMustStandAlone):
        replace(clock, job_id="b").must_agree(others | {"a": job(job_id="a", after=("b",))})
    with pytest.raises(JobMustStayOfItsKind):
        define(job(trigger=JobTrigger.CLOCK, every_seconds=60), kept(), today=TODAY, now=NOW)
