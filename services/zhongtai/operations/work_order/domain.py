"""A work order (工单): what a person in a role must decide, by when.

Always true: one person at a time holds an order, it is decided once, and under four eyes neither whoever asked for the
decision nor whoever opened the order takes it: a name put into a request does not let the caller decide for themselves,
and neither does a delegation. Where several must approve, they are different people, none of whom has acted for
another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from zhongtai.kernel.refusals import Contended, Denied, Invalid, Missing, Unmet
from zhongtai.operations.delegation.domain import Person
from zhongtai.operations.opening_rule.domain import Wish
from zhongtai.operations.work_queue.domain import EscalationStep, WorkQueue

DUE_AFTER = timedelta(days=1)
PRIORITY = 3


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


class SkillsMustBeHeld(Denied):
    """This takes somebody who knows {skills}: ask a colleague who does.

    处理此工单须具备技能{skills}：请联系具备该技能的人员。
    """

    skills: str


class FourEyesMustDiffer(Denied):
    """{subject} asked for this decision or has taken part in it: somebody else has to take it.

    {subject}为申请人或已参与处理：须由他人处理。
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
class WorkOrderEndorsed:
    """One of several who must approve an order has; it waits for the next."""

    work_order_id: str
    endorsed_by: str
    approvals: int
    approvers_needed: int


@dataclass(frozen=True, slots=True)
class WorkOrderWarned:
    """An order is soon due and not decided."""

    work_order_id: str
    role: str
    claimed_by: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class WorkOrderBreached:
    """An order is past due and not decided."""

    work_order_id: str
    role: str
    claimed_by: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class WorkOrderEscalated:
    """An order went to another role or queue, or became more urgent, because nobody decided it."""

    work_order_id: str
    queue_id: str
    role: str
    priority: int
    taken_from: str


Moved = WorkOrderWarned | WorkOrderBreached | WorkOrderEscalated


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
    entered_at: datetime
    status: WorkOrderStatus = WorkOrderStatus.OPEN
    claimed_by: str = ""
    claimed_at: datetime | None = None
    outcome: WorkOrderOutcome | None = None
    decided_at: datetime | None = None
    comment: str = ""

    queue_id: str = ""
    priority: int = PRIORITY
    skills: tuple[str, ...] = ()
    approvers_needed: int = 1
    approved_by: tuple[str, ...] = ()
    # Whose eyes have seen it: those who approved, and those who had lent them a role then.
    seen_for: tuple[str, ...] = ()
    warn_at: datetime | None = None
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    steps_taken: int = 0
    escalations: int = 0
    # When the clock has to look at it again: the next warning, due time or step; None when there is no more to come.
    next_at: datetime | None = None

    @classmethod
    def open(
        cls, work_order_id: str, wish: Wish, queue: WorkQueue | None, *, opened_by: str, now: datetime
    ) -> tuple["WorkOrder", WorkOrderOpened]:
        """A new order, in a queue or for a role alone; without a clock of a queue's it is due after `DUE_AFTER`."""
        due_at = wish.due_at or (queue.after(now, queue.sla_minutes) if queue else now + DUE_AFTER)
        if due_at <= now:
            raise DueTimeMustBeAhead(due_at=due_at)
        warned = queue is not None and queue.warn_minutes > 0
        warn_at = queue.after(now, queue.sla_minutes - queue.warn_minutes) if queue and warned else None
        order = cls(
            work_order_id=work_order_id,
            kind=wish.kind,
            role=queue.role if queue else wish.role,
            four_eyes=wish.four_eyes or (queue is not None and queue.four_eyes),
            subject=wish.subject,
            title=wish.title,
            title_zh=wish.title_zh,
            details=dict(wish.details),
            requested_by=wish.requested_by or opened_by,
            opened_by=opened_by,
            opened_at=now,
            due_at=due_at,
            queue_id=queue.queue_id if queue else "",
            priority=wish.priority or (queue.priority if queue else PRIORITY),
            skills=tuple(sorted({*wish.skills, *(queue.skills if queue else ())})),
            approvers_needed=max(wish.approvers_needed, queue.approvers_needed if queue else 1),
            entered_at=now,
            warn_at=warn_at if warn_at and warn_at < due_at else None,
        )
        told = WorkOrderOpened(work_order_id, wish.kind, order.role, wish.subject, due_at)
        return replace(order, next_at=order._next(queue)), told

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
        return self._freed(), WorkOrderReleased(self.work_order_id, person.subject)

    def decide(
        self, person: Person, outcome: WorkOrderOutcome, comment: str, now: datetime
    ) -> tuple["WorkOrder", WorkOrderDecided | WorkOrderEndorsed]:
        """Decides the order, or approves it as one of several; one that nobody holds is claimed with it."""
        self._must_be_open_to(person)
        approved_by, seen_for = self.approved_by, self.seen_for
        if outcome is WorkOrderOutcome.APPROVED:
            approved_by, seen_for = (*approved_by, person.subject), (*seen_for, *sorted(person.identities))
            if len(approved_by) < self.approvers_needed:
                waiting = replace(self._freed(), approved_by=approved_by, seen_for=seen_for)
                return waiting, WorkOrderEndorsed(
                    self.work_order_id, person.subject, len(approved_by), self.approvers_needed
                )
        decided = replace(
            self,
            status=WorkOrderStatus.DECIDED,
            claimed_by=person.subject,
            claimed_at=self.claimed_at or now,
            outcome=outcome,
            decided_at=now,
            comment=comment,
            approved_by=approved_by,
            seen_for=seen_for,
            next_at=None,
        )
        return decided, WorkOrderDecided(self.work_order_id, self.kind, self.subject, outcome, person.subject, comment)

    def cancel(self) -> tuple["WorkOrder", WorkOrderCancelled | None]:
        """Withdraws the order; one that is decided or cancelled stays as it is."""
        if self.status not in LIVE:
            return self, None
        cancelled = replace(self, status=WorkOrderStatus.CANCELLED, next_at=None)
        return cancelled, WorkOrderCancelled(self.work_order_id, self.kind, self.subject)

    def move_on(
        self, queue: WorkQueue | None, now: datetime, role_of: Mapping[str, str]
    ) -> tuple["WorkOrder", tuple[Moved, ...]]:
        """The order after everything its clock had to do by now; `role_of` knows the role of each queue."""
        order, told = self, list[Moved]()
        if order.warn_at and order.warned_at is None and order.warn_at <= now:
            order = replace(order, warned_at=now)
            # Whoever hears at once that an order is past due needs no warning that it will be.
            if now < order.due_at:
                told.append(WorkOrderWarned(order.work_order_id, order.role, order.claimed_by, order.due_at))
        if order.breached_at is None and order.due_at <= now:
            order = replace(order, breached_at=now)
            told.append(WorkOrderBreached(order.work_order_id, order.role, order.claimed_by, order.due_at))
        while queue and (step := queue.step_due(order.steps_taken, order.entered_at, now)):
            order, escalated = order._escalated(step, now, role_of)
            told.append(escalated)
            if step.queue_id:
                # The clock of the queue it came into begins now, and is looked at when this one is next due.
                return replace(order, next_at=now), tuple(told)
        return replace(order, next_at=order._next(queue)), tuple(told)

    def may_be_taken_by(self, person: Person) -> bool:
        """True where the person may decide the order as it stands."""
        parties = self._askers() | set(self.seen_for)
        able = self.role in person.roles and set(self.skills) <= person.skills
        return able and self.status is WorkOrderStatus.OPEN and not parties & person.identities

    def _freed(self) -> "WorkOrder":
        """The order held by nobody."""
        return replace(self, status=WorkOrderStatus.OPEN, claimed_by="", claimed_at=None)

    def _askers(self) -> set[str]:
        """Who may not decide it because they asked for it."""
        return {self.requested_by, self.opened_by} if self.four_eyes else set()

    def _must_be_open_to(self, person: Person) -> None:
        if self.role not in person.roles:
            raise RoleMustBeHeld(role=self.role)
        if missing := set(self.skills) - person.skills:
            raise SkillsMustBeHeld(skills=", ".join(sorted(missing)))
        if askers := self._askers() & person.identities:
            raise FourEyesMustDiffer(subject=min(askers))
        if self.status not in LIVE:
            raise WorkOrderMustBeOpen(work_order_id=self.work_order_id, status=self.status)
        if seen := set(self.seen_for) & person.identities:
            raise FourEyesMustDiffer(subject=min(seen))
        if self.status is WorkOrderStatus.CLAIMED and self.claimed_by != person.subject:
            raise WorkOrderAlreadyClaimed(work_order_id=self.work_order_id, claimed_by=self.claimed_by)

    def _escalated(
        self, step: EscalationStep, now: datetime, role_of: Mapping[str, str]
    ) -> tuple["WorkOrder", WorkOrderEscalated]:
        """The order after a step: taken from whoever held it where another role is to decide."""
        role = step.role or role_of.get(step.queue_id, self.role)
        order = replace(
            self,
            role=role,
            priority=step.priority or self.priority,
            steps_taken=self.steps_taken + 1,
            escalations=self.escalations + 1,
        )
        if step.queue_id:
            order = replace(order, queue_id=step.queue_id, steps_taken=0, entered_at=now)
        taken_from = self.claimed_by if role != self.role else ""
        if taken_from:
            order = order._freed()
        told = WorkOrderEscalated(order.work_order_id, order.queue_id, role, order.priority, taken_from)
        return order, told

    def _next(self, queue: WorkQueue | None) -> datetime | None:
        """When the clock has to look again."""
        moments = [self.warn_at] if self.warn_at and self.warned_at is None else []
        moments += [self.due_at] if self.breached_at is None else []
        step_at = queue.step_at(self.steps_taken, self.entered_at) if queue else None
        return min([*moments, step_at] if step_at else moments, default=None)
