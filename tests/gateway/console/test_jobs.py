"""The page of jobs, on a platform that runs them: an operator has one run, and its occasion is shown."""

import asyncio

from tests.gateway.console.conftest import SETTLED_WITHIN_S, Bank
from zhongtai.gateway.v1 import job_pb2


async def test_a_job_that_is_run_is_done_and_shown(bank: Bank) -> None:
    reply = await bank.call(job_pb2.RunJobRequest(request_id="run-proof", job_id="exposure_proof"))
    run = reply.run
    async with asyncio.timeout(SETTLED_WITHIN_S):
        while run.status != job_pb2.JOB_RUN_STATUS_DONE:
            assert run.status == job_pb2.JOB_RUN_STATUS_RUNNING, run
            await asyncio.sleep(0.05)
            (run,) = (await bank.call(job_pb2.ListJobRunsRequest(job_id="exposure_proof"))).runs
    async with bank.signed_in(language="zh-CN") as http:
        listed = await http.get("/console/jobs")
        assert "敞口核对" in listed.text
        assert f"<td>{run.occasion}</td>" in listed.text
        page = await http.get("/console/jobs/exposure_proof")
        assert "已完成" in page.text
        missing = await http.get("/console/jobs/nowhere")
        assert "JOB_NOT_FOUND" in missing.text


async def test_whoever_may_not_see_jobs_is_told_so(bank: Bank) -> None:
    async with bank.signed_in("guest") as http:
        assert "SCOPE_MISSING" in (await http.get("/console/jobs")).text
