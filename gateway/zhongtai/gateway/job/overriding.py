"""Going on although a proof failed (强制放行): one person asks and says why, another one approves.

Always true: only a proof that failed is passed over, never by one person alone, and the occasion keeps who and why. The
two meet as for any other command: a policy that ships has it held until somebody else approves it. Where that policy
is not in force nobody passes over anything.
"""

from dataclasses import replace
from datetime import datetime

from zhongtai.gateway.job.domain import (
    UNPROVEN,
    JobFailed,
    JobOverridden,
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


class OverrideMustBeApproved(Denied):
    """{subject} alone passes over no proof: put OverrideJob under an approval policy, so that another approves it.

    {subject}不能单人强制放行：请先为OverrideJob设置复核规则，由他人复核。
    """

    subject: str


def override(
    kept: KeptJob, run: JobRun, *, reason: str, asked_by: str, approved_by: str, now: datetime
) -> tuple[JobRun, JobOverridden, JobRecovered | JobFailed | None]:
    """The occasion behind the proof that failed, who answers for that, and what it came to where it ended."""
    if run.status is not JobRunStatus.FAILED or run.reason != UNPROVEN:
        raise OverrideMustFollowFailedProof(job_id=run.job_id, occasion=run.occasion)
    if not approved_by:
        raise OverrideMustBeApproved(subject=asked_by)
    passed = replace(run.again(now), override=Override(reason, asked_by, approved_by, now))
    after, told = kept.called(passed, now, more=False)
    return after, JobOverridden(run.job_id, run.occasion, reason, asked_by, approved_by), told
