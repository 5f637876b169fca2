"""The RPCs of work orders: message → value → verb → save → fact → reply; and the events that open and withdraw them."""

import re
from datetime import datetime, timedelta
from itertools import islice

from google.protobuf.message import Message

from zhongtai.operations.delegation import store as delegation_store
from zhongtai.operations.delegation.domain import Person
from zhongtai.operations.opening_rule.domain import OpeningRule, Wish
from zhongtai.operations.v1 import work_order_pb2 as v1
from zhongtai.operations.work_order import store
from zhongtai.operations.work_order.domain import WorkOrder, WorkOrderOutcome
from zhongtai.operations.work_queue import store as queue_store
from zhongtai.runtime.convert import date_of, instant_of, message_of, money_of, text_of, value_of
from zhongtai.runtime.unit import Unit, View, on_each, rpc

_LONGEST_TITLE, _LONGEST_DETAIL = 200, 1000


@rpc
def open_work_order(request: v1.OpenWorkOrderRequest, unit: Unit) -> v1.OpenWorkOrderResponse:
    """Opens an order in a queue, or for a role."""
    wish = value_of(request, Wish, due_at=_due_at(request, unit.now))
    order = _open(unit, wish, request.queue_id, unit.caller.acting)
    return v1.OpenWorkOrderResponse(work_order_id=order.work_order_id, work_order=_message(order, unit.now))


@rpc
def claim_work_order(request: v1.ClaimWorkOrderRequest, unit: Unit) -> v1.ClaimWorkOrderResponse:
    """Takes an order up."""
    order, claimed = store.work_orders.load(unit, request.work_order_id).claim(_person(unit), unit.now)
    if claimed:
        store.work_orders.save(unit, order)
        unit.record(claimed)
    return v1.ClaimWorkOrderResponse(work_order=_message(order, unit.now))


@rpc
def claim_next_work_orders(request: v1.ClaimNextWorkOrdersRequest, unit: Unit) -> v1.ClaimNextWorkOrdersResponse:
    """Takes up the next orders that the caller may decide."""
    person = _person(unit)
    may = (order for order in store.open_to(unit, person, request.queue_id) if order.may_be_taken_by(person))
    found = list(islice(may, request.count))
    claimed = [order.claim(person, unit.now) for order in found]
    store.work_orders.change_all(unit, zip(found, (order for order, _ in claimed), strict=True))
    unit.record_all([fact for _, fact in claimed if fact])
    return v1.ClaimNextWorkOrdersResponse(work_orders=[_message(order, unit.now) for order, _ in claimed])


@rpc
def release_work_order(request: v1.ReleaseWorkOrderRequest, unit: Unit) -> v1.ReleaseWorkOrderResponse:
    """Gives a claimed order back."""
    order, released = store.work_orders.load(unit, request.work_order_id).release(_person(unit))
    if released:
        store.work_orders.save(unit, order)
        unit.record(released)
    return v1.ReleaseWorkOrderResponse(work_order=_message(order, unit.now))


@rpc
def decide_work_order(request: v1.DecideWorkOrderRequest, unit: Unit) -> v1.DecideWorkOrderResponse:
    """Decides an order, once, or approves it as one of several."""
    outcome = WorkOrderOutcome(v1.WorkOrderOutcome.Name(request.outcome).removeprefix("WORK_ORDER_OUTCOME_"))
    order, decided = store.work_orders.load(unit, request.work_order_id).decide(
        _person(unit), outcome, request.comment, unit.now
    )
    store.work_orders.save(unit, order)
    unit.record(decided)
    return v1.DecideWorkOrderResponse(work_order=_message(order, unit.now))


@rpc
def cancel_work_order(request: v1.CancelWorkOrderRequest, unit: Unit) -> v1.CancelWorkOrderResponse:
    """Withdraws an order that is not decided."""
    order = _cancel(unit, store.work_orders.load(unit, request.work_order_id))
    return v1.CancelWorkOrderResponse(work_order=_message(order, unit.now))


@rpc
def sweep_work_orders(request: v1.SweepWorkOrdersRequest, unit: Unit) -> v1.SweepWorkOrdersResponse:
    """Moves the clocks of orders on."""
    _ = request
    queues = {queue.queue_id: queue for queue in queue_store.every(unit)}
    role_of = {queue_id: queue.role for queue_id, queue in queues.items()}
    found = store.to_move(unit, unit.now)
    swept = found[: store.SWEPT_AT_ONCE]
    moved = [order.move_on(queues.get(order.queue_id), unit.now, role_of) for order in swept]
    store.work_orders.change_all(unit, zip(swept, (order for order, _ in moved), strict=True))
    unit.record_all([fact for _, facts in moved for fact in facts])
    return v1.SweepWorkOrdersResponse(moved=len(swept), more=len(found) > len(swept))


@rpc
def get_work_order(request: v1.GetWorkOrderRequest, view: View) -> v1.GetWorkOrderResponse:
    """One order as it stands now."""
    order = store.work_orders.load(view, request.work_order_id)
    return v1.GetWorkOrderResponse(work_order=_message(order, view.now))


@rpc
def list_work_orders(request: v1.ListWorkOrdersRequest, view: View) -> v1.ListWorkOrdersResponse:
    """Orders, page by page."""
    conditions = store.conditions(
        overdue_at=view.now if request.overdue else None,
        status=v1.WorkOrderStatus.Name(request.status).removeprefix("WORK_ORDER_STATUS_") if request.status else "",
        role=request.role,
        subject=request.subject,
        queue_id=request.queue_id,
        claimed_by=request.claimed_by,
        kind=request.kind,
    )
    orders, page = store.work_orders.page(view, request.page, *conditions)
    return v1.ListWorkOrdersResponse(work_orders=[_message(order, view.now) for order in orders], page=page)


@on_each(store.OPENED_BY)
def event_of_a_rule(event: Message, unit: Unit) -> None:
    """Opens or withdraws an order as the event's rule says."""
    rule = store.OPENED_BY[event.DESCRIPTOR.full_name]
    if any(_told(event, name) == told for name, told in rule.unless.items()):
        return
    live = store.live_about(unit, rule.kind, _told(event, rule.subject))
    if rule.withdraws:
        for order in live:
            _cancel(unit, order)
    elif not live:
        _open(unit, _wish(rule, event, unit.now), rule.queue_id, unit.caller.subject)


def _open(unit: Unit, wish: Wish, queue_id: str, opened_by: str) -> WorkOrder:
    queue = queue_store.load(unit, queue_id) if queue_id else None
    order, opened = WorkOrder.open(unit.new_id("wo"), wish, queue, opened_by=opened_by, now=unit.now)
    store.work_orders.add(unit, order)
    unit.record(opened)
    return order


def _cancel(unit: Unit, order: WorkOrder) -> WorkOrder:
    order, cancelled = order.cancel()
    if cancelled:
        store.work_orders.save(unit, order)
        unit.record(cancelled)
    return order


def _due_at(request: v1.OpenWorkOrderRequest, now: datetime) -> datetime | None:
    if request.HasField("due_at"):
        return instant_of(request.due_at)
    return now + timedelta(minutes=request.sla_minutes) if request.sla_minutes else None


def _person(unit: Unit) -> Person:
    """Who acts: where a channel or the gateway acts for somebody, it is that somebody."""
    subject = unit.caller.acting
    return Person.of(subject, unit.caller.scopes, delegation_store.lent_to(unit, subject, unit.now))


def _message(order: WorkOrder, now: datetime) -> v1.WorkOrder:
    return message_of(order, v1.WorkOrder, overdue=order.overdue(now))


def _wish(rule: OpeningRule, event: Message, now: datetime) -> Wish:
    """The order that an event asks for by its rule."""
    days = date_of(getattr(event, rule.days_to)) - date_of(getattr(event, rule.days_from)) if rule.days_to else None
    return Wish(
        kind=rule.kind,
        subject=_told(event, rule.subject),
        title=_filled(rule.title, event),
        title_zh=_filled(rule.title_zh, event),
        details={name: _told(event, what) for name, what in rule.details.items()},
        requested_by=_told(event, rule.requested_by) if rule.requested_by else "",
        four_eyes=bool(rule.requested_by),
        due_at=now + days if days else None,
    )


def _filled(title: str, event: Message) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: _told(event, found[1]), title)[:_LONGEST_TITLE]


def _told(event: Message, what: str) -> str:
    """A field of an event, or the difference of two amounts, as a text for a person."""
    if " - " in what:
        counted, owed = (money_of(getattr(event, name)) for name in what.split(" - "))
        return str(counted - owed)
    return (text_of(event.DESCRIPTOR.fields_by_name[what], getattr(event, what)) or "")[:_LONGEST_DETAIL]
