"""A run (流程实例): one walk through a scenario product, and what its journal says of it.

Always true: a run that has ended stays as it ended; a run that turned back never goes forward again.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from zhongtai.kernel.refusals import Denied, Limited, Missing, Refusal, Unmet


class RunNotFound(Missing):
    """There is no run {run_id}: check the id.

    流程实例{run_id}不存在：请核对编号。
    """

    run_id: str


class ProductNotFound(Missing):
    """There is no product {product}: check the name. There are: {known}.

    产品{product}不存在：请核对名称。现有：{known}。
    """

    product: str
    known: str


class ProductVersionNotOpen(Unmet):
    """Version {version} of {product} is not open to new runs: use version {newest}, or leave the version out.

    {product}的版本{version}不再受理：请使用版本{newest}，或不指定版本。
    """

    product: str
    version: int
    newest: int


class PartnerNotAdmitted(Denied):
    """The client {client_id} is no partner of {product}: ask the bank to admit it.

    客户端{client_id}不是{product}的合作方：请向银行申请。
    """

    client_id: str
    product: str


class TooManyRuns(Limited):
    """Too many runs of {product} are at work: wait {retry_after_seconds} s, then try again with the same request id.

    {product}的在办流程过多：请等待{retry_after_seconds}秒后用同一请求号重试。
    """

    product: str
    retry_after_seconds: int = 1


class RunStatus(StrEnum):
    """How a run stands."""

    RUNNING = "RUNNING"
    WAITING = "WAITING"
    UNDOING = "UNDOING"
    COMPLETED = "COMPLETED"
    DECLINED = "DECLINED"
    FAILED = "FAILED"

    @property
    def ended(self) -> bool:
        """True where nothing more happens."""
        return self in (RunStatus.COMPLETED, RunStatus.DECLINED, RunStatus.FAILED)


class StepKind(StrEnum):
    """What a step of a run is."""

    CALL = "CALL"
    HUMAN = "HUMAN"
    WAIT = "WAIT"
    EMIT = "EMIT"
    UNDO = "UNDO"


class StepStatus(StrEnum):
    """How a step stands."""

    DONE = "DONE"
    REFUSED = "REFUSED"
    WAITING = "WAITING"
    LAPSED = "LAPSED"
    TRYING = "TRYING"


@dataclass(frozen=True, slots=True)
class RunReason:
    """Why a run ended as it did, or what came in the way of a step."""

    code: str
    text: str
    text_zh: str


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run began."""

    run_id: str
    product: str
    version: int
    client_id: str


@dataclass(frozen=True, slots=True)
class RunWaiting:
    """A run waits for a person or an event."""

    run_id: str
    product: str
    step: str
    subject: str
    until: datetime


@dataclass(frozen=True, slots=True)
class RunResumed:
    """What a run waited for came, or did not come in time."""

    run_id: str
    product: str
    step: str
    came: bool


@dataclass(frozen=True, slots=True)
class RunTurnedBack:
    """A run turned back: it takes back what it did."""

    run_id: str
    product: str
    outcome: str


@dataclass(frozen=True, slots=True)
class RunLate:
    """A run works for longer than it may, and goes on: somebody should look."""

    run_id: str
    product: str
    step: str
    reason: str


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run ended."""

    run_id: str
    product: str
    version: int
    status: RunStatus
    outcome: str
    reasons: tuple[str, ...]
    took_ms: int
    over_budget: bool


@dataclass(frozen=True, slots=True)
class ProductAnnounced:
    """What a product tells the world in a step of its own."""

    run_id: str
    product: str
    version: int
    topic: str
    subject: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `given` (its input) and `result` (its output) are JSON text; `fingerprint` is that of the request
    which started it.

    `personal` names the inputs that contracts call personal (C2): they are masked wherever the run is shown.
    """

    run_id: str
    product: str
    version: int
    status: RunStatus
    outcome: str
    reasons: tuple[RunReason, ...]
    given: str
    result: str
    business_date: date
    client_id: str
    started_by: str
    request_id: str
    fingerprint: str
    started_at: datetime
    personal: tuple[str, ...] = ()
    ended_at: datetime | None = None
    waiting_in: str = ""
    late: bool = False

    def begun(self) -> RunStarted:
        """The fact of its beginning."""
        return RunStarted(self.run_id, self.product, self.version, self.client_id)

    def waits(self, step: str, subject: str, until: datetime) -> tuple["Run", RunWaiting]:
        """It waits in a step for an event, until an instant."""
        assert self.status is RunStatus.RUNNING, "only a run at work begins to wait"
        waiting = replace(self, status=RunStatus.WAITING, waiting_in=step)
        return waiting, RunWaiting(self.run_id, self.product, step, subject, until)

    def resumes(self, came: bool, business_date: date) -> tuple["Run", RunResumed]:
        """What it waited for came, or did not: it goes on, on the business date of now."""
        assert self.status is RunStatus.WAITING, "only a run that waits is resumed"
        working = replace(self, status=RunStatus.RUNNING, waiting_in="", business_date=business_date)
        return working, RunResumed(self.run_id, self.product, self.waiting_in, came)

    def turns_back(self, outcome: str, reasons: tuple[RunReason, ...]) -> tuple["Run", RunTurnedBack]:
        """It takes back what it did; how it will end is settled now."""
        assert self.status is RunStatus.RUNNING, "only a run at work turns back"
        turned = replace(self, status=RunStatus.UNDOING, outcome=outcome, reasons=reasons, waiting_in="")
        return turned, RunTurnedBack(self.run_id, self.product, outcome)

    def becomes_late(self, step: str, reason: str) -> tuple["Run", RunLate]:
        """A step of it does not get done."""
        return replace(self, late=True), RunLate(self.run_id, self.product, step, reason)

    def ends(
        self,
        status: RunStatus,
        outcome: str,
        reasons: tuple[RunReason, ...],
        *,
        result: str,
        now: datetime,
        over_budget: bool,
    ) -> tuple["Run", RunEnded]:
        """It ends."""
        assert status.ended, "an end is one of the ends"
        assert not self.status.ended, "a run ends once"
        assert self.status is not RunStatus.UNDOING or status is not RunStatus.COMPLETED, (
            "what turned back is not completed"
        )
        ended = replace(
            self, status=status, outcome=outcome, reasons=reasons, result=result, ended_at=now, waiting_in=""
        )
        took_ms = max(0, round((now - self.started_at).total_seconds() * 1000))
        codes = tuple(reason.code for reason in reasons)
        return ended, RunEnded(self.run_id, self.product, self.version, status, outcome, codes, took_ms, over_budget)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a run did. `sent` and `answered` are the bytes of its request and reply; `subject` says of which
    RPC or event.
    """

    run_id: str
    name: str
    position: int
    kind: StepKind
    subject: str
    status: StepStatus
    attempts: int
    request_id: str
    started_at: datetime
    ended_at: datetime | None
    sent: bytes
    answered: bytes
    refusal: RunReason | None = None


class WaitStatus(StrEnum):
    """How a wait stands."""

    OPEN = "OPEN"
    ARRIVED = "ARRIVED"
    LAPSED = "LAPSED"


@dataclass(frozen=True, slots=True)
class Wait:
    """What a run waits for: an event whose field has a value, until an instant. `payload` is the event that came."""

    run_id: str
    step: str
    subject: str
    field: str
    value: str
    opened_at: datetime
    until: datetime
    status: WaitStatus = WaitStatus.OPEN
    payload: bytes = b""

    def arrives(self, payload: bytes) -> "Wait":
        """The event came; a wait that is over stays as it is."""
        return replace(self, status=WaitStatus.ARRIVED, payload=payload) if self.status is WaitStatus.OPEN else self

    def lapses(self) -> "Wait":
        """The event did not come in time; a wait that is over stays as it is."""
        return replace(self, status=WaitStatus.LAPSED) if self.status is WaitStatus.OPEN else self


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event that came before a run waited for it."""

    subject: str
    field: str
    value: str
    event_id: str
    payload: bytes
    arrived_at: datetime


def reason_of(refusal: Refusal) -> RunReason:
    """A refusal as a reason."""
    return RunReason(refusal.reason, refusal.sentence("en"), refusal.sentence("zh-CN"))


class AgainRefused(Unmet):
    """{text}

    {text_zh}
    """

    text: str
    text_zh: str

    @classmethod
    def by(cls, reason: RunReason) -> "AgainRefused":
        """The refusal that the journal keeps, for a run that is taken up again."""
        again = cls(text=reason.text, text_zh=reason.text_zh)
        vars(again)["reason"] = reason.code
        return again
