"""The jobs of dates as one graph: how far each is done, how far it may go, whether those behind it keep up."""

from collections.abc import Mapping
from dataclasses import dataclass

from zhongtai.gateway.job.domain import JobRun, KeptJob, leading_to


@dataclass(frozen=True, slots=True)
class Graph:
    """The jobs, the latest occasion of each that had one, and the last that is done."""

    jobs: Mapping[str, KeptJob]
    latest: Mapping[str, JobRun]
    done: Mapping[str, str]

    def through(self, job_id: str) -> str:
        """The date through which a job of dates has nothing left to do."""
        return self.jobs[job_id].through(self.done.get(job_id, ""))

    def reach(self, kept: KeptJob) -> str | None:
        """The date through which all that a job waits for is done; None where it waits for nothing."""
        return min(map(self.through, kept.job.after)) if kept.job.after else None

    def is_in_step(self, kept: KeptJob) -> bool:
        """Whether all behind a job that keep in step with it are done with its last date."""
        if not kept.job.in_step:
            return True
        jobs = {job_id: each.job for job_id, each in self.jobs.items()}
        behind = [name for name, job in jobs.items() if job.in_step and kept.job_id in leading_to(name, jobs)]
        return all(self.through(name) >= self.done.get(kept.job_id, "") for name in behind)
