"""The RPCs of work orders: message → value → verb → save → fact → reply."""

from datetime import datetime, timedelta

from zhongtai.credit.v1 import exposure_proof_pb2 as proof_v1
from zhongtai.credit.v1 import rating_review_pb2 as review_v1
from zhongtai.gateway.v1 import job_pb2 as job_v1
from zhongtai.operations.v1 import work_order_pb2 as v1
from zhongtai.operations.work_order import store
from zhongtai.operations.work_order.domain import Person, WorkOrder, WorkOrderOutcome
from zhongtai.runtime.call import Caller
from zhongtai.runtime.convert import date_of, instant_of, message_of, money_of
from zhongtai.runtime.unit import Unit, View, on, rpc

_ROLE = "role:"
_EXPOSURE_BREAK = "exposure_break"
_RATING_REVIEW = "rating_review"
_JOB = "job"


@rpc
def open_work_order(request: v1.OpenWorkOrderRequest, unit: Unit) -> v1.OpenWorkOrderResponse:
    """Opens an order for a role."""
    order, opened = WorkOrder.open(
        unit.new_id("wo"),
        kind=request.kind,
        role=request.role,
        four_eyes=request.four_eyes,
        subject=request.subject,
        title=request.title,
        title_zh=request.title_zh,
        details=request.details,
        requested_by=request.requested_by,
        opened_by=_person(unit.caller).subject,
        due_at=_due_at(request, unit.now),
        now=unit.now,
    )
    store.work_orders.add(unit, order)
    unit.record(opened)
    return v1.OpenWorkOrderResponse(work_order_id=order.work_order_id, work_order=_message(order, unit.now))


@rpc
def claim_work_order(request: v1.ClaimWorkOrderRequest, unit: Unit) -> v1.ClaimWorkOrderResponse:
    """Takes an order up."""
    order, claimed = store.work_orders.load(unit, request.work_order_id).claim(_person(unit.caller), unit.now)
    if claimed:
        store.work_orders.save(unit, order)
        unit.record(claimed)
    return v1.ClaimWorkOrderResponse(work_order=_message(order, unit.now))


@rpc
def release_work_order(request: v1.ReleaseWorkOrderRequest, unit: Unit) -> v1.ReleaseWorkOrderResponse:
    """Gives a claimed order back."""
    order, released = store.work_orders.load(unit, request.work_order_id).release(_person(unit.caller))
    if released:
        store.work_orders.save(unit, order)
        unit.record(released)
    return v1.ReleaseWorkOrderResponse(work_order=_message(order, unit.now))


@rpc
def decide_work_order(request: v1.DecideWorkOrderRequest, unit: Unit) -> v1.DecideWorkOrderResponse:
    """Decides an order, once."""
    outcome = WorkOrderOutcome(v1.WorkOrderOutcome.Name(request.outcome).removeprefix("WORK_ORDER_OUTCOME_"))
    order, decided = store.work_orders.load(unit, request.work_order_id).decide(
        _person(unit.caller), outcome, request.comment, unit.now
    )
    store.work_orders.save(unit, order)
    unit.record(decided)
    return v1.DecideWorkOrderResponse(work_order=_message(order, unit.now))


@rpc
def cancel_work_order(request: v1.CancelWorkOrderRequest, unit: Unit) -> v1.CancelWorkOrderResponse:
    """Withdraws an order that is not decided."""
    order, cancelled = store.work_orders.load(unit, request.work_order_id).cancel()
    if cancelled:
        store.work_orders.save(unit, order)
        unit.record(cancelled)
    return v1.CancelWorkOrderResponse(work_order=_message(order, unit.now))


@rpc
def get_work_order(request: v1.GetWorkOrderRequest, view: View) -> v1.GetWorkOrderResponse:
    """One order as it stands now."""
    order = store.work_orders.load(view, request.work_order_id)
    return v1.GetWorkOrderResponse(work_order=_message(order, view.now))


@rpc
def list_work_orders(request: v1.ListWorkOrdersRequest, view: View) -> v1.ListWorkOrdersResponse:
    """Orders, page by page."""
    status = v1.WorkOrderStatus.Name(request.status).removeprefix("WORK_ORDER_STATUS_") if request.status else ""
    conditions = store.about(status, request.role, request.subject, view.now if request.overdue else None)
    orders, page = store.work_orders.page(view, request.page, *conditions)
    return v1.ListWorkOrdersResponse(work_orders=[_message(order, view.now) for order in orders], page=page)


@on
def exposure_break_found(event: proof_v1.ExposureBreakFound, unit: Unit) -> None:
    """Opens an order to look into a difference between limits, loans and the ledger."""
    counted, owed = money_of(event.counted), money_of(event.owed)
    order, opened = WorkOrder.open(
        unit.new_id("wo"),
        kind=_EXPOSURE_BREAK,
        role="limit_controller",
        four_eyes=False,
        subject=event.break_id,
        title="Find out why two figures of exposure differ",
        title_zh="查明敞口差异原因",
        details={
            "compared": proof_v1.BreakKind.Name(event.kind).removeprefix("BREAK_KIND_"),
            "subject": event.subject,
            "counted": str(counted),
            "owed": str(owed),
            "difference": str(counted - owed),
        },
        requested_by="",
        opened_by=unit.caller.subject,
        due_at=None,
        now=unit.now,
    )
    store.work_orders.add(unit, order)
    unit.record(opened)


@on
def exposure_break_resolved(event: proof_v1.ExposureBreakResolved, unit: Unit) -> None:
    """Withdraws the order of a difference that is gone, where nobody has decided it."""
    _cancel_all(unit, _EXPOSURE_BREAK, event.break_id)


@on
def rating_review_opened(event: review_v1.RatingReviewOpened, unit: Unit) -> None:
    """Opens an order to rate a customer again."""
    order, opened = WorkOrder.open(
        unit.new_id("wo"),
        kind=_RATING_REVIEW,
        role="rating_officer",
        four_eyes=False,
        subject=event.review_id,
        title="Rate a customer again",
        title_zh="重新评级",
        details={
            "customer_id": event.customer_id,
            "rating_id": event.rating_id,
            "trigger": review_v1.ReviewTrigger.Name(event.trigger).removeprefix("REVIEW_TRIGGER_"),
            "cause": event.cause,
        },
        requested_by="",
        opened_by=unit.caller.subject,
        due_at=unit.now + (date_of(event.due_on) - date_of(event.opened_on)),
        now=unit.now,
    )
    store.work_orders.add(unit, order)
    unit.record(opened)


@on
def rating_review_done(event: review_v1.RatingReviewDone, unit: Unit) -> None:
    """Withdraws the order of a review that a new rating has ended, where nobody has decided it."""
    _cancel_all(unit, _RATING_REVIEW, event.review_id)


@on
def job_failed(event: job_v1.JobFailed, unit: Unit) -> None:
    """Opens an order to look into a job that failed, where none is open: it may fail at every occasion."""
    if store.live_about(unit, _JOB, event.job_id):
        return
    order, opened = WorkOrder.open(
        unit.new_id("wo"),
        kind=_JOB,
        role="operator",
        four_eyes=False,
        subject=event.job_id,
        title=f"Find out why a job failed: {event.title}",
        title_zh=f"查明作业失败原因：{event.title_zh}",
        details={"occasion": event.occasion, "reason": event.reason, "sentence": event.sentence},
        requested_by="",
        opened_by=unit.caller.subject,
        due_at=None,
        now=unit.now,
    )
    store.work_orders.add(unit, order)
    unit.record(opened)


@on
def job_recovered(event: job_v1.JobRecovered, unit: Unit) -> None:
    """Withdraws the order of a job that is done again, where nobody has decided it."""
    _cancel_all(unit, _JOB, event.job_id)


def _cancel_all(unit: Unit, kind: str, subject: str) -> None:
    for found in store.live_about(unit, kind, subject):
        order, cancelled = found.cancel()
        store.work_orders.save(unit, order)
        unit.record(cancelled)


def _due_at(request: v1.OpenWorkOrderRequest, now: datetime) -> datetime | None:
    if request.HasField("due_at"):
        return instant_of(request.due_at)
    return now + timedelta(minutes=request.sla_minutes) if request.sla_minutes else None


def _person(caller: Caller) -> Person:
    """Who acts, with the roles their scopes name: `role:credit_officer` is the role credit_officer, `*` is none.

    Where a channel or the gateway acts for somebody, it is that somebody who acts.
    """
    roles = (scope.removeprefix(_ROLE) for scope in caller.scopes if scope.startswith(_ROLE))
    return Person(caller.on_behalf_of or caller.subject, frozenset(roles))


def _message(order: WorkOrder, now: datetime) -> v1.WorkOrder:
    return message_of(order, v1.WorkOrder, overdue=order.overdue(now))
