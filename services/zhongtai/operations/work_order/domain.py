"""A work order (工单): what a person in a role must decide, by when.

Always true: one person at a time holds an order, it is decided once, and under four eyes neither whoever asked for the
decision nor whoever opened the order takes it: a name put into a request does not let the caller decide for themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from zhongtai.kernel.refusals import Contended, Denied, Invalid, Missing, Unmet

DUE_AFTER = timedelta(days=1)


class WorkOrderNotFound(Missing):
    """There is no work order {work_order_id}: check the id.

    工单{work_order_id}不存在：请核对编号。
    """

    work_order_id: str


class DueTimeMustBeAhead(Invalid):
    """The order would be due at {due_at}, which is past: state a later time.

    办理时限{due_at}已过：请填写更晚的时间。
    """

    due_at: datetime


class WorkOrderMustBeOpen(Unmet):
    """The work order {work_order_id} is {status}: there is nothing left to decide.

    工单{work_order_id}状态为{status}：无需再处理。
    """

    work_order_id: str
    status: str


class WorkOrderAlreadyClaimed(Contended):
    """{claimed_by} works on the order {work_order_id}: take another one.

    工单{work_order_id}已由{claimed_by}认领：请处理其他工单。
    """

    work_order_id: str
    claimed_by: str


class RoleMustBeHeld(Denied):
    """Only a {role} may decide this: ask somebody in that role.

    仅{role}角色可处理此工单：请联系该角色人员。
    """

    role: str


class FourEyesMustDiffer(Denied):
    """{subject} asked for this decision: somebody else has to take it.

    {subject}为申请人：须由他人处理。
    """

    subject: str


class WorkOrderStatus(StrEnum):
    """How an order stands."""

    OPEN = "OPEN"
    CLAIMED = "CLAIMED"
    DECIDED = "DECIDED"
    CANCELLED = "CANCELLED"


class WorkOrderOutcome(StrEnum):
    """What was decided."""

    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


LIVE = (WorkOrderStatus.OPEN, WorkOrderStatus.CLAIMED)


@dataclass(frozen=True, slots=True)
class WorkOrderOpened:
    """An order waits for a decision."""

    work_order_id: str
    kind: str
    role: str
    subject: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class WorkOrderClaimed:
    """Somebody works on an order."""

    work_order_id: str
    claimed_by: str


@dataclass(frozen=True, slots=True)
class WorkOrderReleased:
    """A claimed order was given back to its role."""

    work_order_id: str
    released_by: str


@dataclass(frozen=True, slots=True)
class WorkOrderDecided:
    """An order was decided."""

    work_order_id: str
    kind: str
    subject: str
    outcome: WorkOrderOutcome
    decided_by: str
    comment: str


@dataclass(frozen=True, slots=True)
class WorkOrderCancelled:
    """An order was withdrawn before it was decided."""

    work_order_id: str
    kind: str
    subject: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts, and the roles they hold."""

    subject: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrder:
    """A work order."""

    work_order_id: str
    kind: str
    role: str
    four_eyes: bool
    subject: str
    title: str
    title_zh: str
    details: dict[str, str]
    requested_by: str
    opened_by: str
    opened_at: datetime
    due_at: datetime
    status: WorkOrderStatus = WorkOrderStatus.OPEN
    claimed_by: str = ""
    claimed_at: datetime | None = None
    outcome: WorkOrderOutcome | None = None
    decided_at: datetime | None = None
    comment: str = ""

    @classmethod
    def open(
        cls,
        work_order_id: str,
        *,
        kind: str,
        role: str,
        four_eyes: bool,
        subject: str,
        title: str,
        title_zh: str,
        details: Mapping[str, str],
        requested_by: str,
        opened_by: str,
        due_at: datetime | None,
        now: datetime,
    ) -> tuple["WorkOrder", WorkOrderOpened]:
        """A new order; without a due time it is due after `DUE_AFTER`."""
        due_at = due_at or now + DUE_AFTER
        if due_at <= now:
            raise DueTimeMustBeAhead(due_at=due_at)
        order = cls(
            work_order_id=work_order_id,
            kind=kind,
            role=role,
            four_eyes=four_eyes,
            subject=subject,
            title=title,
            title_zh=title_zh,
            details=dict(details),
            requested_by=requested_by or opened_by,
            opened_by=opened_by,
            opened_at=now,
            due_at=due_at,
        )
        return order, WorkOrderOpened(work_order_id, kind, role, subject, due_at)

    def overdue(self, now: datetime) -> bool:
        """True when it is past due and nobody has decided it."""
        return self.status in LIVE and self.due_at < now

    def claim(self, person: Person, now: datetime) -> tuple["WorkOrder", WorkOrderClaimed | None]:
        """Takes the order up; claiming one's own again changes nothing."""
        self._must_be_open_to(person)
        if self.status is WorkOrderStatus.CLAIMED:
            return self, None
        claimed = replace(self, status=WorkOrderStatus.CLAIMED, claimed_by=person.subject, claimed_at=now)
        return claimed, WorkOrderClaimed(self.work_order_id, person.subject)

    def release(self, person: Person) -> tuple["WorkOrder", WorkOrderReleased | None]:
        """Gives the order back to its role; one that the person does not hold stays as it is."""
        if self.status is not WorkOrderStatus.CLAIMED or self.claimed_by != person.subject:
            return self, None
        released = replace(self, status=WorkOrderStatus.OPEN, claimed_by="", claimed_at=None)
        return released, WorkOrderReleased(self.work_order_id, person.subject)

    def decide(
        self, person: Person, outcome: WorkOrderOutcome, comment: str, now: datetime
    ) -> tuple["WorkOrder", WorkOrderDecided]:
        """Decides the order; one that nobody holds is claimed with it."""
        self._must_be_open_to(person)
        decided = replace(
            self,
            status=WorkOrderStatus.DECIDED,
            claimed_by=person.subject,
            claimed_at=self.claimed_at or now,
            outcome=outcome,
            decided_at=now,
            comment=comment,
        )
        return decided, WorkOrderDecided(self.work_order_id, self.kind, self.subject, outcome, person.subject, comment)

    def cancel(self) -> tuple["WorkOrder", WorkOrderCancelled | None]:
        """Withdraws the order; one that is decided or cancelled stays as it is."""
        if self.status not in LIVE:
            return self, None
        cancelled = replace(self, status=WorkOrderStatus.CANCELLED)
        return cancelled, WorkOrderCancelled(self.work_order_id, self.kind, self.subject)

    def _must_be_open_to(self, person: Person) -> None:
        if self.role not in person.roles:
            raise RoleMustBeHeld(role=self.role)
        if self.four_eyes and person.subject in (self.requested_by, self.opened_by):
            raise FourEyesMustDiffer(subject=person.subject)
        if self.status not in LIVE:
            raise WorkOrderMustBeOpen(work_order_id=self.work_order_id, status=self.status)
        if self.status is WorkOrderStatus.CLAIMED and self.claimed_by != person.subject:
            raise WorkOrderAlreadyClaimed(work_order_id=self.work_order_id, claimed_by=self.claimed_by)
