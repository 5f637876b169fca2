"""Jobs as they run: what is called and when, one at a time, through refusals, crashes and two gateways."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.gateway.job.night import (
    CLOSING,
    COVER,
    COVERING,
    PROVE,
    PROVING,
    Busy,
    Make,
    MustNotBe,
    Services,
    job,
    latest,
    look,
)
from zhongtai.gateway.job import store
from zhongtai.gateway.job.domain import PASSING_AT_MOST
from zhongtai.gateway.job.scheduling import LEASE_LASTS
from zhongtai.gateway.v1 import job_pb2 as v1
from zhongtai.runtime.call import Call
from zhongtai.runtime.seeds import seeds
from zhongtai.testing.doors import Door


async def test_a_night_is_called_until_done_in_the_order_of_its_jobs(
    door: Door, make: Make, services: Services
) -> None:
    services.pieces = {"CloseThrough": 3, "SweepCoverage": 2}
    await door.call(job("close", CLOSING))
    await door.call(job("a_proof", PROVING, COVERING, after=["close"]))
    scheduler = make()
    await look(scheduler)
    assert services.acted == []
    door.today(date(2026, 5, 5))
    await look(scheduler, 3)
    closed = [("CloseThrough", "2026-05-04")] * 4
    assert services.acted == [
        *closed, ("ProveExposure", ""), ("SweepCoverage", ""), ("SweepCoverage", "loan_2"), ("SweepCoverage", "loan_1")
    ]  # fmt: skip
    assert (await latest(door, "a_proof")).status == v1.JOB_RUN_STATUS_DONE
    await look(scheduler, 2)
    assert len(services.acted) == 8


async def test_a_date_begins_when_its_last_events_have_had_their_time(
    door: Door, make: Make, services: Services
) -> None:
    await door.call(job("close", CLOSING))
    scheduler = make(settle_seconds=300)
    await look(scheduler)
    door.today(date(2026, 5, 5))
    await look(scheduler)
    door.now(door.clock.now() + timedelta(seconds=299))
    await look(scheduler)
    assert services.acted == []
    door.now(door.clock.now() + timedelta(seconds=1))
    await look(scheduler)
    assert len(services.acted) == 1


async def test_midnight_where_the_bank_is_sets_a_date_off_and_holidays_are_made_up_for(
    door: Door, make: Make, services: Services
) -> None:
    door.clock.today = None
    door.now(datetime(2026, 9, 30, 15, 59, tzinfo=UTC))
    await door.call(job("close", CLOSING, each_date=True, in_step=True))
    scheduler = make(settle_seconds=300)
    await look(scheduler)
    door.now(datetime(2026, 9, 30, 16, 1, tzinfo=UTC))
    await look(scheduler)
    assert services.acted == []
    door.now(datetime(2026, 9, 30, 16, 6, tzinfo=UTC))
    await look(scheduler)
    assert services.acted == [("CloseThrough", "2026-09-30")]
    # The platform was off over the National Day holidays.
    again = make(settle_seconds=300)
    for minute in (0, 6):
        door.now(datetime(2026, 10, 8, 1, minute, tzinfo=UTC))
        await look(again, 10)
    assert [on for _, on in services.acted] == ["2026-09-30", *(f"2026-10-0{day}" for day in range(1, 8))]


async def test_whoever_runs_a_job_that_makes_up_for_dates_skips_none(
    door: Door, make: Make, services: Services
) -> None:
    await door.call(job("close", CLOSING, each_date=True))
    door.today(date(2026, 5, 8))
    scheduler = make(settle_seconds=3600)
    for number, day in enumerate((4, 5, 6, 7, 7)):
        run = (await door.call(v1.RunJobRequest(request_id=f"run-{number}", job_id="close"))).run
        assert run.occasion == f"2026-05-0{day}"
        await look(scheduler)
    assert len(services.acted) == 5


async def test_a_process_that_dies_in_the_middle_is_taken_over_and_nothing_acts_twice(
    door: Door, make: Make, services: Services
) -> None:
    services.pieces = {"CloseThrough": 4}
    await door.call(job("close", CLOSING))
    door.today(date(2026, 5, 5))
    # The reply of the second call never arrives, and the process is gone.
    first = make()
    services.refuse["CloseThrough"] = []
    await first.look()
    services.died_after = "CloseThrough"
    await first.settled()
    await first.close()
    services.died_after = ""
    acted = len(services.acted)
    assert acted < 5
    second = make()
    await look(second)
    assert len(services.acted) == acted, "the lease is still the first one's"
    door.now(door.clock.now() + LEASE_LASTS + timedelta(seconds=1))
    await door.call(v1.RunJobRequest(request_id="again", job_id="close"))
    await look(second)
    assert services.acted == [("CloseThrough", "2026-05-04")] * 5
    assert (await latest(door, "close")).status == v1.JOB_RUN_STATUS_DONE


async def test_two_gateways_do_the_work_of_one(door: Door, make: Make, services: Services) -> None:
    services.pieces = {"CloseThrough": 5}
    await door.call(job("close", CLOSING))
    door.today(date(2026, 5, 5))
    first, second = make(), make()
    await first.look()
    await second.look()
    await second.settled()
    await first.settled()
    assert len(services.acted) == 6


async def test_what_fails_is_told_once_and_goes_on_where_it_failed(door: Door, make: Make, services: Services) -> None:
    services.pieces = {"CloseThrough": 2}
    services.refuse["CloseThrough"] = [Busy() for _ in range(PASSING_AT_MOST - 1)]
    services.refuse["ProveExposure"] = [MustNotBe()]
    await door.call(job("night", CLOSING, PROVING))
    await door.call(job("behind", PROVING, after=["night"]))
    door.today(date(2026, 5, 5))
    scheduler = make()
    await look(scheduler, 3)
    run = await latest(door, "night")
    assert (run.status, run.reason, run.calls) == (v1.JOB_RUN_STATUS_FAILED, "MUST_NOT_BE", 3)
    (told,) = await door.facts(v1.JobFailed)
    assert (told.job_id, told.occasion, told.sentence) == ("night", "2026-05-04", "It must not be.")
    assert [value for figure, value, _ in scheduler.samples() if figure.name == "zhongtai.jobs.failing"] == [1]
    assert ("ProveExposure", "") not in services.acted, "what waits for it does not begin"
    await door.call(v1.RunJobRequest(request_id="again", job_id="night"))
    await look(scheduler, 3)
    assert services.acted == [("CloseThrough", "2026-05-04")] * 3 + [("ProveExposure", "")] * 2
    assert await door.facts(v1.JobRecovered) == [v1.JobRecovered(job_id="night", occasion="2026-05-04")]


async def test_a_job_of_the_clock_is_paused_resumed_and_forgotten(door: Door, make: Make, services: Services) -> None:
    by_clock = {"trigger": v1.JOB_TRIGGER_CLOCK, "every_seconds": 60}
    await door.call(job("sweep", COVERING, **by_clock))
    scheduler = make()
    began: datetime = door.clock.now()
    for minute in range(1, 4):
        door.now(began + timedelta(minutes=minute))
        await look(scheduler, 2)
    assert len(services.acted) == 3
    await door.call(v1.PauseJobRequest(request_id="p1", job_id="sweep"))
    door.now(began + timedelta(days=2))
    await look(scheduler)
    assert len(services.acted) == 3
    await door.call(v1.ResumeJobRequest(request_id="r1", job_id="sweep"))
    await look(scheduler)
    runs = (await door.call(v1.ListJobRunsRequest(job_id="sweep"))).runs
    assert len(runs) == 1


async def test_the_jobs_that_ship_are_sound_and_stand_in_order(door: Door) -> None:
    for request in seeds("gateway"):
        await door.call(request)
    jobs = {state.job.job_id: state.job for state in (await door.call(v1.ListJobsRequest())).jobs}
    shipped = [request.job.job_id for request in seeds("gateway") if isinstance(request, v1.DefineJobRequest)]
    assert sorted(shipped) == sorted(jobs), "each ships once"
    assert list(jobs["exposure_proof"].after) == ["book_posted"]
    close = {job_id: job for job_id, job in jobs.items() if job.in_step}
    assert {name for job in close.values() for name in job.after} == close.keys() - {"book_closed"}
    assert all(job.each_date for job in close.values()), "each date is closed by itself"
    assert jobs["limits_by_clock"].every_seconds == 60
    for request in seeds("gateway"):
        request.request_id += "-again"  # type: ignore[attr-defined]
        await door.call(request)
    assert len(await door.facts(v1.JobDefined)) == len(jobs)


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (v1.JobStep(rpc="zhongtai.credit.v1.ExposureProofService.Nothing"), "JOB_RPC_UNKNOWN"),
        (v1.JobStep(rpc="zhongtai.credit.v1.ExposureProofService.GetExposureProof"), "JOB_RPC_UNKNOWN"),
        (v1.JobStep(rpc=PROVE, date_field="through"), "JOB_STEP_MUST_FIT_ITS_RPC"),
        (v1.JobStep(rpc=PROVE, more_field="found"), "JOB_STEP_MUST_FIT_ITS_RPC"),
        (v1.JobStep(rpc=PROVE, request='{"nothing": 1}'), "JOB_STEP_MUST_FIT_ITS_RPC"),
        (v1.JobStep(rpc=PROVE, request='{"requestId": "x"}'), "JOB_STEP_MUST_FIT_ITS_RPC"),
        (v1.JobStep(rpc=COVER, more_field="next_position", position_field="loans"), "JOB_STEP_MUST_FIT_ITS_RPC"),
    ],
)
async def test_a_step_that_does_not_fit_its_contract_is_refused(door: Door, step: v1.JobStep, reason: str) -> None:
    assert (await door.refused(job("wrong", step))).reason == reason
    assert not (await door.call(v1.ListJobsRequest())).jobs


async def test_a_lease_is_one_owners_until_it_ends(door: Door) -> None:
    async def take(owner: str) -> bool:
        service = door.service
        return await service.store.change(
            lambda writing: store.take_lease(service.unit(writing, Call(door.caller), "x"), owner, LEASE_LASTS)
        )

    assert await take("a")
    assert not await take("b")
    assert await take("a")
    door.now(door.clock.now() + LEASE_LASTS + timedelta(seconds=1))
    assert await take("b")
    assert not await take("a")


async def test_the_rights_of_jobs(door: Door) -> None:
    assert (await door.refused(v1.RunJobRequest(request_id="x", job_id="nowhere"))).reason == "JOB_NOT_FOUND"
    door.as_caller("clerk", "gateway.job.read")
    assert (await door.refused(job("close", CLOSING))).reason == "SCOPE_MISSING"
