"""Jobs as a graph that dates go through one at a time: proofs that stop it, and two persons who let it go on."""

from datetime import date
from typing import Any

import pytest

from tests.gateway.job.night import CLOSE, CLOSING, PROVE, Busy, Make, Services, job, latest, look
from zhongtai.gateway.job.domain import ATTEMPTS_AT_MOST, PASSING_AT_MOST
from zhongtai.gateway.job.scheduling import Scheduler
from zhongtai.gateway.v1 import job_pb2 as v1
from zhongtai.runtime import contracts
from zhongtai.runtime.call import Call
from zhongtai.testing.doors import Door

PROOF = v1.JobStep(rpc=PROVE, holds_field="proof.proven")
CHAIN = v1.JobStep(
    rpc="zhongtai.operations.v1.LedgerService.VerifyLedger",
    more_field="next_number",
    position_field="from_number",
    holds_field="intact",
)


def override(request_id: str, **fields: str) -> v1.OverrideJobRequest:
    fields = {"job_id": "proof", "occasion": "2026-05-04", "reason": "known, see ticket 7"} | fields
    return v1.OverrideJobRequest(request_id=request_id, **fields)


async def graph(door: Door) -> None:
    """first → proof → last, in step."""
    await door.call(job("first", CLOSING, in_step=True))
    await door.call(job("proof", PROOF, after=["first"], in_step=True))
    await door.call(job("last", CLOSING, after=["proof"], in_step=True))


async def stopped(door: Door, make: Make, services: Services) -> Scheduler:
    """Whoever runs the jobs, after a night whose proof did not hold."""
    await graph(door)
    services.unproven = ATTEMPTS_AT_MOST
    door.today(date(2026, 5, 5))
    scheduler = make()
    await look(scheduler, 4)
    return scheduler


async def test_a_proof_that_comes_to_hold_is_proved_anew_until_it_does(
    door: Door, make: Make, services: Services
) -> None:
    await graph(door)
    services.unproven = 2
    door.today(date(2026, 5, 5))
    await look(make(), 4)
    assert [name for name, _ in services.acted] == ["CloseThrough", *["ProveExposure"] * 3, "CloseThrough"]
    assert await door.facts(v1.JobFailed) == []


async def test_a_proof_that_does_not_hold_stops_what_is_behind_it_and_the_dates_after(
    door: Door, make: Make, services: Services
) -> None:
    scheduler = await stopped(door, make, services)
    run = await latest(door, "proof")
    assert (run.status, run.reason) == (v1.JOB_RUN_STATUS_FAILED, "PROOF_MUST_HOLD")
    assert (await latest(door, "last")).occasion == ""
    door.today(date(2026, 5, 8))
    await look(scheduler, 4)
    assert (await latest(door, "first")).occasion == "2026-05-04", "one date at a time"
    await door.call(v1.RunJobRequest(request_id="again", job_id="proof"))
    await look(scheduler, 8)
    for name in ("first", "proof", "last"):
        occasions = [run.occasion for run in (await door.call(v1.ListJobRunsRequest(job_id=name))).runs]
        assert occasions == ["2026-05-04", "2026-05-07"], "the newest date stands for those that were missed"


async def test_two_persons_let_a_close_go_on_behind_a_proof(door: Door, make: Make, services: Services) -> None:
    scheduler = await stopped(door, make, services)
    door.as_caller("ann", "gateway.job.override")
    alone = override("alone")
    assert (await door.refused(alone)).reason == "OVERRIDE_MUST_BE_APPROVED"
    # That another approved it is said at the door of the service alone: nobody can send it.
    method, caller = contracts.method_of(alone), Call(door.caller, approved_by="bob")
    overridden: Any = await door.service.dispatch(method, override("b"), caller)
    run = overridden.run
    assert (run.status, run.override.asked_by, run.override.approved_by) == (v1.JOB_RUN_STATUS_DONE, "ann", "bob")
    (told,) = await door.facts(v1.JobOverridden)
    assert (told.reason, told.approved_by) == ("known, see ticket 7", "bob")
    assert len(await door.facts(v1.JobRecovered)) == 1
    door.as_caller("tester", "*")
    await look(scheduler, 3)
    assert (await latest(door, "last")).status == v1.JOB_RUN_STATUS_DONE
    assert (await door.refused(override("c"))).reason == "OVERRIDE_MUST_FOLLOW_FAILED_PROOF"
    assert (await door.refused(override("d", occasion="2026-05-09"))).reason == "JOB_RUN_NOT_FOUND"


async def test_a_job_that_failed_otherwise_is_not_passed_over(door: Door, make: Make, services: Services) -> None:
    await graph(door)
    services.refuse["CloseThrough"] = [Busy() for _ in range(PASSING_AT_MOST)]
    door.today(date(2026, 5, 5))
    await look(make(), 2)
    assert (await latest(door, "first")).status == v1.JOB_RUN_STATUS_FAILED
    assert (await door.refused(override("a", job_id="first"))).reason == "OVERRIDE_MUST_FOLLOW_FAILED_PROOF"


async def test_a_proof_may_only_read_and_goes_on_by_number(door: Door, make: Make, services: Services) -> None:
    await door.call(job("chain", CHAIN))
    services.pieces = {"VerifyLedger": 2}
    door.today(date(2026, 5, 5))
    await look(make(), 2)
    assert services.acted == [("VerifyLedger", "0"), ("VerifyLedger", "2"), ("VerifyLedger", "1")]
    assert (await latest(door, "chain")).status == v1.JOB_RUN_STATUS_DONE


@pytest.mark.parametrize(
    "step",
    [
        v1.JobStep(rpc=PROVE, holds_field="proof"),
        v1.JobStep(rpc=PROVE, holds_field="nothing.proven"),
        v1.JobStep(rpc="zhongtai.operations.v1.LedgerService.VerifyLedger"),
        v1.JobStep(rpc=CLOSE, preview=v1.JobLook(rpc=CLOSE)),
        v1.JobStep(rpc=PROVE, breaks=v1.JobLook(rpc="zhongtai.credit.v1.ExposureProofService.Nothing")),
    ],
)
async def test_a_step_that_cannot_prove_or_be_shown_is_refused(door: Door, step: v1.JobStep) -> None:
    assert (await door.refused(job("wrong", step))).reason in ("JOB_STEP_MUST_FIT_ITS_RPC", "JOB_RPC_UNKNOWN")
