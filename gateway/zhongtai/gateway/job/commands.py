"""`zhongtai jobs`: what the running platform does by itself, and how each job stands."""

import asyncio
from typing import Annotated, cast
from uuid import uuid4

import typer
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from rich.console import Console
from rich.table import Table

from zhongtai.gateway.v1 import job_pb2 as v1
from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime.commands.local import ask, local_calls

app = typer.Typer(add_completion=False)
console = Console()


@app.command()
def jobs(
    run: Annotated[str, typer.Option("--run", help="Have this job run now; one that failed goes on.")] = "",
    pause: Annotated[str, typer.Option("--pause", help="Begin no further occasion of this job.")] = "",
    resume: Annotated[str, typer.Option("--resume", help="Begin occasions of this job again.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """List the jobs and how each stands, after what was asked for."""
    try:
        listed = asyncio.run(_asked(run, pause, resume))
    except Refusal as refusal:
        Console(stderr=True).print(f"{refusal.reason}: {refusal.sentence()}", style="red")
        raise typer.Exit(1) from None
    if json:
        console.print_json(data=MessageToDict(listed))
    else:
        _show(listed)


async def _asked(run: str, pause: str, resume: str) -> v1.ListJobsResponse:
    asked: list[Message] = []
    if run:
        asked.append(v1.RunJobRequest(request_id=str(uuid4()), job_id=run))
    if pause:
        asked.append(v1.PauseJobRequest(request_id=str(uuid4()), job_id=pause))
    if resume:
        asked.append(v1.ResumeJobRequest(request_id=str(uuid4()), job_id=resume))
    async with local_calls() as calls:
        for request in asked:
            await ask(calls, request)
        return cast(v1.ListJobsResponse, await ask(calls, v1.ListJobsRequest()))


def _show(listed: v1.ListJobsResponse) -> None:
    table = Table("job", "what it does", "when", "behind", "latest", "stands", "calls", "why", box=None)
    for state in listed.jobs:
        job, latest = state.job, state.latest
        trigger = v1.JobTrigger.Name(job.trigger).removeprefix("JOB_TRIGGER_").lower().replace("_", " ")
        stands = v1.JobRunStatus.Name(latest.status).removeprefix("JOB_RUN_STATUS_").lower()
        table.add_row(
            job.job_id,
            job.title,
            f"every {job.every_seconds} s" if job.every_seconds else trigger,
            ", ".join(job.after),
            latest.occasion or "never",
            "paused" if state.paused else stands if latest.occasion else "",
            str(latest.calls or ""),
            latest.reason,
        )
    console.print(table)
