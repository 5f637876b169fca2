"""Work orders: the queue, one order with what its decider should know, and the forms that claim and decide it."""

from collections.abc import Callable
from http import HTTPStatus

from google.protobuf.message import Message
from starlette.responses import Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console.refusals import NothingHere
from zhongtai.gateway.console.site import Visit
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import work_order_pb2
from zhongtai.runtime import contracts
from zhongtai.runtime.errors import Defect, http_status

ROWS = 25
STATUSES = tuple(name.removeprefix("WORK_ORDER_STATUS_") for name in work_order_pb2.WorkOrderStatus.keys()[1:])
ALL = "ALL"


def _decision(outcome: work_order_pb2.WorkOrderOutcome) -> Callable[[str, str, str], Message]:
    return lambda request_id, order, comment: work_order_pb2.DecideWorkOrderRequest(
        request_id=request_id, work_order_id=order, outcome=outcome, comment=comment
    )


# What each button asks for: a request id of the form, the order, the words of the decider.
VERBS: dict[str, Callable[[str, str, str], Message]] = {
    "claim": lambda request_id, order, _: work_order_pb2.ClaimWorkOrderRequest(
        request_id=request_id, work_order_id=order
    ),
    "release": lambda request_id, order, _: work_order_pb2.ReleaseWorkOrderRequest(
        request_id=request_id, work_order_id=order
    ),
    "approve": _decision(work_order_pb2.WORK_ORDER_OUTCOME_APPROVED),
    "reject": _decision(work_order_pb2.WORK_ORDER_OUTCOME_REJECTED),
}


async def queue(visit: Visit) -> Response:
    """The queue: what waits for somebody, unless another state is asked for."""
    status = visit.query.get("status", STATUSES[0])
    wanted = status if status in STATUSES else "UNSPECIFIED"
    request = work_order_pb2.ListWorkOrdersRequest(
        status=f"WORK_ORDER_STATUS_{wanted}",
        role=visit.query.get("role", "").strip(),
        overdue="overdue" in visit.query,
        page=PageRequest(size=ROWS, token=visit.query.get("page", "")),
    )
    told = await visit.told(request)
    filters = {"status": status if status in STATUSES else ALL, "role": visit.query.get("role", "")}
    return visit.show(
        "work_orders.html",
        told=told,
        statuses=(*STATUSES, ALL),
        filters=filters,
        overdue="overdue" in visit.query,
        state=state,
    )


async def one(visit: Visit) -> Response:
    """One order."""
    return await _show(visit)


async def act(visit: Visit) -> Response:
    """Claims, gives back or decides an order; what the service refuses stands above the order as it is."""
    fields = await visit.form()
    make = VERBS.get(visit.request.path_params["verb"])
    if make is None:
        raise NothingHere(name=visit.request.path_params["verb"][:40])
    order = visit.request.path_params["work_order_id"]
    # The id is the form's: a form that is sent twice asks once.
    request = make(fields.get("request_id", ""), order, fields.get("comment", "").strip())
    try:
        await visit.console.given.calls.call(request, visit.call())
    except Defect:
        raise
    except Refusal as refusal:
        return await _show(visit, refusal)
    return visit.go(f"work-orders/{order}", done=visit.request.path_params["verb"])


async def _show(visit: Visit, refusal: Refusal | None = None) -> Response:
    request = work_order_pb2.GetWorkOrderRequest(work_order_id=visit.request.path_params["work_order_id"])
    order = (await visit.ask(request, work_order_pb2.GetWorkOrderResponse)).work_order
    done = visit.query.get("done", "")
    decide = contracts.method_of(work_order_pb2.DecideWorkOrderRequest)
    # A role is held by its own name only: not even `*` makes anybody a credit officer.
    role = f"role:{order.role}"
    held = {decide.operation.scope: visit.may(decide), role: role in visit.caller.scopes}
    return visit.show(
        "work_order.html",
        http_status(refusal) if refusal else HTTPStatus.OK,
        order=order,
        status=state(order),
        outcome=work_order_pb2.WorkOrderOutcome.Name(order.outcome).removeprefix("WORK_ORDER_OUTCOME_"),
        refusal=refusal,
        done=done if done in VERBS else "",
        missing=[scope for scope, there in held.items() if not there],
        mine=order.claimed_by == visit.caller.subject,
        request_id=visit.console.ids.new("req"),
    )


def state(order: work_order_pb2.WorkOrder) -> str:
    """How an order stands, `OPEN`."""
    return work_order_pb2.WorkOrderStatus.Name(order.status).removeprefix("WORK_ORDER_STATUS_")
