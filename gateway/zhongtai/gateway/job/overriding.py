"""Going on although a proof failed (强制放行): one person asks and says why, another one approves.

Always true: only a proof that failed is passed over, never by one person alone, and the occasion keeps who and why.
"""

from dataclasses import replace
from datetime import datetime

from zhongtai.gateway.job.domain import (
    UNPROVEN,
    JobFailed,
    JobOverridden,
    JobOverrideAsked,
    JobRecovered,
    JobRun,
    JobRunStatus,
    KeptJob,
    Override,
)
from zhongtai.kernel.refusals import Denied, Unmet


class OverrideMustFollowFailedProof(Unmet):
    """{job_id} on {occasion} is not a proof that failed: only such a one may be overridden; have others run again.

    作业{job_id}（{occasion}）并非核对未通过：仅核对未通过的步骤可强制放行，其余请重新运行。
    """

    job_id: str
    occasion: str


class OverrideMustBeAskedFor(Unmet):
    """Nobody has asked to override {job_id} on {occasion}: ask first, and say why.

    尚无人申请强制放行{job_id}（{occasion}）：请先申请并说明原因。
    """

    job_id: str
    occasion: str


class OverrideMustHaveTwoPersons(Denied):
    """{subject} asked for it: somebody else must approve it.

    该申请由{subject}提出：须由另一人批准。
    """

    subject: str


def ask(run: JobRun, reason: str, asked_by: str, now: datetime) -> tuple[JobRun, JobOverrideAsked]:
    """The occasion with the wish to pass over the proof that failed; a second wish takes the place of the first."""
    _must_be_unproven(run)
    return replace(run, override=Override(reason, asked_by, now)), JobOverrideAsked(
        run.job_id, run.occasion, reason, asked_by
    )


def approve(
    kept: KeptJob, run: JobRun, approved_by: str, now: datetime
) -> tuple[JobRun, JobOverridden, JobRecovered | JobFailed | None]:
    """The occasion behind the proof that failed, once a second person has approved; what it came to, where it ended."""
    _must_be_unproven(run)
    asked = run.override
    if asked is None:
        raise OverrideMustBeAskedFor(job_id=run.job_id, occasion=run.occasion)
    if asked.asked_by == approved_by:
        raise OverrideMustHaveTwoPersons(subject=approved_by)
    approved = replace(asked, approved_by=approved_by, approved_at=now)
    after, told = kept.called(replace(run.again(now), override=approved), now, more=False)
    return after, JobOverridden(run.job_id, run.occasion, asked.reason, asked.asked_by, approved_by), told


def _must_be_unproven(run: JobRun) -> None:
    if run.status is not JobRunStatus.FAILED or run.reason != UNPROVEN:
        raise OverrideMustFollowFailedProof(job_id=run.job_id, occasion=run.occasion)
