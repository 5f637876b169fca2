"""Commands that wait for approval: the list, what one would change, and taking one's own back."""

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console.catalogue import sentences
from zhongtai.gateway.console.site import Told, Visit
from zhongtai.operations.v1 import held_command_pb2 as v1
from zhongtai.runtime import contracts

ROWS = 25
STATUSES = tuple(name.removeprefix("HELD_COMMAND_STATUS_") for name in v1.HeldCommandStatus.keys()[1:])
ALL = "ALL"


@dataclass(frozen=True, slots=True)
class Line:
    """One field of what a command would change, with the sentence of its contract."""

    path: str
    name: str
    sentence: str
    proposed: str
    present: str
    is_known: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """A held command as its approver sees it."""

    told: Told
    status: str
    lines: tuple[Line, ...]


async def listed(visit: Visit) -> Response:
    """The held commands: those that wait, unless others are asked for."""
    status = visit.query.get("status", STATUSES[0])
    wanted = status if status in STATUSES else "UNSPECIFIED"
    mine = visit.caller.subject if "mine" in visit.query else ""
    page = PageRequest(size=ROWS, token=visit.query.get("page", ""), newest_first=True)
    request = v1.ListHeldCommandsRequest(status=f"HELD_COMMAND_STATUS_{wanted}", maker=mine, page=page)
    return visit.show(
        "approvals.html",
        told=await visit.told(request),
        statuses=(*STATUSES, ALL),
        chosen=status if status in STATUSES else ALL,
        mine=bool(mine),
        status=status_of,
        request_id=visit.console.ids.new("req"),
    )


async def withdraw(visit: Visit) -> Response:
    """Takes back a command of one's own."""
    fields = await visit.form()
    held = visit.request.path_params["held_command_id"]
    request = v1.WithdrawHeldCommandRequest(request_id=fields.get("request_id", ""), held_command_id=held)
    await visit.ask(request, v1.WithdrawHeldCommandResponse)
    return visit.go("approvals", status="WITHDRAWN", mine="1")


async def difference(visit: Visit, held_command_id: str) -> Difference:
    """What a command would change, or the refusal that stands in its place."""
    told = await visit.told(v1.GetHeldCommandRequest(held_command_id=held_command_id))
    if not told:
        return Difference(told, "", ())
    method = contracts.find_method(told.reply.held.rpc)
    lines = (
        Line(
            field.path,
            *_named(method and method.descriptor.input_type, field.path),
            field.proposed,
            field.present,
            field.is_known,
        )
        for field in told.reply.fields
    )
    return Difference(told, status_of(told.reply.held), tuple(lines))


def _named(message: Any, path: str) -> tuple[str, str]:
    """The name of the field at the end of a way through a message, and the sentence of its contract."""
    name, sentence = path, ""
    for part in path.split("."):
        field = message.fields_by_name.get(part.partition("[")[0]) if message is not None else None
        if field is None:
            return name, sentence
        name, sentence, message = field.name, sentences().get(field.full_name, ""), field.message_type
    return name, sentence


def status_of(held: v1.HeldCommand) -> str:
    """How a command stands, `AWAITED`."""
    return v1.HeldCommandStatus.Name(held.status).removeprefix("HELD_COMMAND_STATUS_")
