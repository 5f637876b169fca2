"""The RPCs of jobs. Whoever holds the lease runs what they write: zhongtai.gateway.job.scheduling."""

from dataclasses import replace

from zhongtai.gateway.job import calls, domain, overriding, store
from zhongtai.gateway.job.domain import Job
from zhongtai.gateway.v1 import job_pb2 as v1
from zhongtai.runtime.convert import message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def define_job(request: v1.DefineJobRequest, unit: Unit) -> v1.DefineJobResponse:
    """Keeps a job; one that is new counts from now on."""
    job = value_of(request.job, Job)
    calls.check(job)
    known = store.all_jobs(unit)
    job.must_agree({job_id: kept.job for job_id, kept in known.items()})
    present = known.get(job.job_id)
    kept = domain.define(job, present, today=unit.business_date, now=unit.now)
    if present is None:
        store.jobs.add(unit, kept)
    elif kept != present:
        store.jobs.save(unit, kept)
    if kept != present:
        unit.record(domain.JobDefined(job.job_id, job))
    return v1.DefineJobResponse(job_id=job.job_id)


@rpc
def pause_job(request: v1.PauseJobRequest, unit: Unit) -> v1.PauseJobResponse:
    """Begins no further occasion."""
    _set_paused(unit, request.job_id, paused=True)
    return v1.PauseJobResponse(job_id=request.job_id)


@rpc
def resume_job(request: v1.ResumeJobRequest, unit: Unit) -> v1.ResumeJobResponse:
    """Begins occasions again."""
    _set_paused(unit, request.job_id, paused=False)
    return v1.ResumeJobResponse()


@rpc
def run_job(request: v1.RunJobRequest, unit: Unit) -> v1.RunJobResponse:
    """Takes up the latest occasion where it failed, begins the one that is due, or does the latest again."""
    kept = store.jobs.load(unit, request.job_id)
    latest = store.latest_run(unit, kept.job_id)
    due = replace(kept, paused=False).due(latest, today=unit.business_date, now=unit.now)
    if latest is not None and (latest.status is not domain.JobRunStatus.DONE or due is None):
        run = latest.again(unit.now)
        store.runs.save(unit, run)
    else:
        run = kept.begin(due or kept.job.occasion(today=unit.business_date, now=unit.now), unit.now)
        store.begin(unit, kept, run)
    return v1.RunJobResponse(run=message_of(run, v1.JobRun))


@rpc
def override_job(request: v1.OverrideJobRequest, unit: Unit) -> v1.OverrideJobResponse:
    """Passes over a proof that failed, because two persons answer for it."""
    kept = store.jobs.load(unit, request.job_id)
    failed = store.runs.load(unit, request.job_id, request.occasion)
    run, overridden, told = overriding.override(
        kept,
        failed,
        reason=request.reason,
        asked_by=unit.caller.acting,
        approved_by=unit.call.approved_by,
        now=unit.now,
    )
    store.runs.save(unit, run)
    unit.record(overridden)
    if told is not None:
        store.jobs.save(unit, replace(kept, failing=run.status is domain.JobRunStatus.FAILED))
        unit.record(told)
    return v1.OverrideJobResponse(run=message_of(run, v1.JobRun))


@rpc
def list_jobs(request: v1.ListJobsRequest, view: View) -> v1.ListJobsResponse:
    """The jobs and how they stand."""
    found, page = store.jobs.page(view, request.page)
    latest = store.latest_runs(view)
    return v1.ListJobsResponse(
        jobs=[
            v1.JobState(
                job=message_of(kept.job, v1.Job),
                paused=kept.paused,
                latest=message_of(latest[kept.job_id], v1.JobRun) if kept.job_id in latest else None,
            )
            for kept in found
        ],
        page=page,
    )


@rpc
def list_job_runs(request: v1.ListJobRunsRequest, view: View) -> v1.ListJobRunsResponse:
    """The occasions of a job."""
    kept = store.jobs.load(view, request.job_id)
    found, page = store.runs.page(view, request.page, store.JOB_RUN.c.job_id == kept.job_id)
    return v1.ListJobRunsResponse(runs=[message_of(run, v1.JobRun) for run in found], page=page)


def _set_paused(unit: Unit, job_id: str, *, paused: bool) -> None:
    kept = store.jobs.load(unit, job_id)
    if kept.paused is not paused:
        store.jobs.save(unit, replace(kept, paused=paused))
