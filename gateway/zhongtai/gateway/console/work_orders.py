"""Work orders: the queues, my own, one order with what its decider should know, and the forms that act on it."""

from collections.abc import Callable
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from google.protobuf.message import Message
from starlette.responses import Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console import session
from zhongtai.gateway.console.approvals import difference
from zhongtai.gateway.console.refusals import FileMustBeOfKnownType, NothingHere
from zhongtai.gateway.console.site import HEADERS, Visit
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import delegation_pb2, work_note_pb2, work_order_pb2, work_queue_pb2, workload_pb2
from zhongtai.runtime import contracts
from zhongtai.runtime.convert import instant_of

ROWS = 25
STATUSES = tuple(name.removeprefix("WORK_ORDER_STATUS_") for name in work_order_pb2.WorkOrderStatus.keys()[1:])
ALL = "ALL"
APPROVAL = "approval"
MOST = 200


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
# By how a file's name ends; its bytes are looked at by the service.
MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".txt": "text/plain",
    ".csv": "text/csv",
}
NOTE = "note"
# What a page says was done: a note, and a change of policy that others must approve.
_TOLD = (*VERBS, NOTE, "asked")


async def queue(visit: Visit) -> Response:
    """The queues: what waits for somebody, or what I work on, unless another state is asked for."""
    mine = "mine" in visit.query
    status = visit.query.get("status", STATUSES[1] if mine else STATUSES[0])
    wanted = status if status in STATUSES else "UNSPECIFIED"
    request = work_order_pb2.ListWorkOrdersRequest(
        status=f"WORK_ORDER_STATUS_{wanted}",
        role=visit.query.get("role", "").strip(),
        queue_id=visit.query.get("queue", "").strip(),
        claimed_by=visit.caller.subject if mine else "",
        overdue="overdue" in visit.query,
        page=PageRequest(size=ROWS, token=visit.query.get("page", "")),
    )
    told = await visit.told(request)
    queues = await visit.told(work_queue_pb2.ListWorkQueuesRequest(page=PageRequest(size=MOST)))
    filters = {"status": status if status in STATUSES else ALL, "role": visit.query.get("role", "")}
    return visit.show(
        "work_orders.html",
        told=told,
        queues=queues.reply.queues if queues else (),
        chosen=visit.query.get("queue", ""),
        mine=mine,
        statuses=(*STATUSES, ALL),
        filters=filters,
        overdue="overdue" in visit.query,
        nothing="nothing" in visit.query,
        request_id=visit.console.ids.new("req"),
        state=state,
    )


async def take_next(visit: Visit) -> Response:
    """Claims the most urgent order that the person may decide, and shows it; says so where there is none."""
    fields = await visit.form()
    request = work_order_pb2.ClaimNextWorkOrdersRequest(
        request_id=fields.get("request_id", ""), count=1, queue_id=fields.get("queue", "")
    )
    taken = await visit.ask(request, work_order_pb2.ClaimNextWorkOrdersResponse)
    for order in taken.work_orders:
        return visit.go(f"work-orders/{order.work_order_id}", done="claim")
    return visit.go("work-orders", nothing="1")


async def workload(visit: Visit) -> Response:
    """How much waits and is worked on, in each queue and with each person, and how old it is."""
    told = await visit.told(workload_pb2.GetWorkloadRequest())
    queues = await visit.told(work_queue_pb2.ListWorkQueuesRequest(page=PageRequest(size=MOST)))
    return visit.show(
        "workload.html",
        told=told,
        queues={found.queue_id: found for found in queues.reply.queues} if queues else {},
    )


async def attachment(visit: Visit) -> Response:
    """The file of a note, to be saved: it is never opened within the console."""
    request = work_note_pb2.GetWorkAttachmentRequest(work_note_id=visit.request.path_params["work_note_id"])
    found = await visit.ask(request, work_note_pb2.GetWorkAttachmentResponse)
    name = quote(found.note.file_name)
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}", "x-content-type-options": "nosniff"}
    return Response(found.content, headers={**HEADERS, **headers}, media_type="application/octet-stream")


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
    told = await visit.act(make(fields.get("request_id", ""), order, fields.get("comment", "").strip()))
    if not told:
        return await _show(visit, told.refusal)
    return visit.go(f"work-orders/{order}", done=visit.request.path_params["verb"])


async def note(visit: Visit) -> Response:
    """Adds a comment, a file or both; what the service refuses stands above the order."""
    fields, file = await visit.upload()
    order = visit.request.path_params["work_order_id"]
    request = work_note_pb2.AddWorkNoteRequest(
        request_id=fields.get("request_id", ""), work_order_id=order, comment=fields.get("comment", "").strip()
    )
    if file is not None:
        media_type = MEDIA_TYPES.get(PurePath(file.name).suffix.lower())
        if media_type is None:
            return await _show(visit, FileMustBeOfKnownType(name=file.name[:128], endings=", ".join(MEDIA_TYPES)))
        request.file_name, request.media_type, request.content = file.name, media_type, file.content
    told = await visit.act(request)
    return await _show(visit, told.refusal) if not told else visit.go(f"work-orders/{order}", done=NOTE)


async def _show(visit: Visit, refusal: Refusal | None = None) -> Response:
    request = work_order_pb2.GetWorkOrderRequest(work_order_id=visit.request.path_params["work_order_id"])
    order = (await visit.ask(request, work_order_pb2.GetWorkOrderResponse)).work_order
    done = visit.query.get("done", "")
    decide = contracts.method_of(work_order_pb2.DecideWorkOrderRequest)
    # A role is held by its own name only, or lent: not even `*` makes anybody a credit officer.
    held = {decide.operation.scope: visit.may(decide), f"role:{order.role}": await _has_role(visit, order.role)}
    held |= {f"skill:{skill}": f"skill:{skill}" in visit.caller.scopes for skill in order.skills}
    return visit.show(
        "work_order.html",
        order=order,
        status=state(order),
        outcome=work_order_pb2.WorkOrderOutcome.Name(order.outcome).removeprefix("WORK_ORDER_OUTCOME_"),
        refusal=refusal,
        done=done if done in _TOLD else "",
        endings=",".join(MEDIA_TYPES),
        kibibytes=session.LARGEST_FILE // 1024,
        missing=[scope for scope, there in held.items() if not there],
        mine=order.claimed_by == visit.caller.subject,
        notes=await visit.told(
            work_note_pb2.ListWorkNotesRequest(work_order_id=order.work_order_id, page=PageRequest(size=MOST))
        ),
        difference=await difference(visit, order.subject) if order.kind == APPROVAL else None,
        request_id=visit.console.ids.new("req"),
        note_id=visit.console.ids.new("req"),
    )


async def _has_role(visit: Visit, role: str) -> bool:
    """Whether the person holds a role, or somebody has lent it to them for now."""
    if f"role:{role}" in visit.caller.scopes:
        return True
    asked = delegation_pb2.ListDelegationsRequest(
        person=visit.caller.subject, page=PageRequest(size=MOST, newest_first=True)
    )
    told = await visit.told(asked)
    return bool(told) and any(_is_lent(visit, role, one) for one in told.reply.delegations)


def _is_lent(visit: Visit, role: str, one: Any) -> bool:
    now = visit.console.given.clock.now()
    in_time = instant_of(one.valid_from) <= now < instant_of(one.valid_until) and not one.HasField("ended_at")
    return in_time and one.delegate == visit.caller.subject and role in one.roles


def state(order: work_order_pb2.WorkOrder) -> str:
    """How an order stands, `OPEN`."""
    return work_order_pb2.WorkOrderStatus.Name(order.status).removeprefix("WORK_ORDER_STATUS_")
