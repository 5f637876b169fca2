"""Jobs: what the platform does by itself, how each stands, and the occasions of one."""

from starlette.responses import Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console.site import Visit
from zhongtai.gateway.v1 import job_pb2

ROWS = 25


async def listed(visit: Visit) -> Response:
    """The jobs, each with its latest occasion."""
    told = await visit.told(job_pb2.ListJobsRequest(page=PageRequest(size=ROWS, token=visit.query.get("page", ""))))
    return visit.show("jobs.html", told=told, trigger=trigger, status=status)


async def one(visit: Visit) -> Response:
    """The occasions of one job, the newest first."""
    job_id = visit.request.path_params["job_id"]
    page = PageRequest(size=ROWS, token=visit.query.get("page", ""), newest_first=True)
    told = await visit.told(job_pb2.ListJobRunsRequest(job_id=job_id, page=page))
    return visit.show("job.html", told=told, job_id=job_id, status=status)


def trigger(job: job_pb2.Job) -> str:
    """What sets a job off, `EVERY_DATE`."""
    return job_pb2.JobTrigger.Name(job.trigger).removeprefix("JOB_TRIGGER_")


def status(run: job_pb2.JobRun) -> str:
    """How an occasion stands, `DONE`."""
    return job_pb2.JobRunStatus.Name(run.status).removeprefix("JOB_RUN_STATUS_")
