"""Who stands in for whom: what I have lent and been lent, the form that lends roles of mine, and what ends it."""

from datetime import datetime, time, timedelta
from typing import Any

from starlette.responses import Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console.refusals import FormMalformed
from zhongtai.gateway.console.site import Visit
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import delegation_pb2 as v1
from zhongtai.runtime.clock import BANK_ZONE
from zhongtai.runtime.convert import instant_of

ROWS = 25
ROLE = "role:"
STATES = ("AHEAD", "LENT", "OVER", "ENDED")


async def listed(visit: Visit) -> Response:
    """My delegations, or everybody's."""
    return await _show(visit)


async def lend(visit: Visit) -> Response:
    """Lends roles of mine to somebody from the beginning of one day to the end of another."""
    fields = await visit.form()
    request = v1.DelegateRolesRequest(
        request_id=fields.get("request_id", ""),
        delegate=fields.get("delegate", "").strip(),
        roles=[name.removeprefix(ROLE) for name in fields if name.startswith(ROLE)],
    )
    if fields.get("from"):
        request.valid_from.FromDatetime(_midnight(fields["from"]))
    request.valid_until.FromDatetime(_midnight(fields.get("until", "")) + timedelta(days=1))
    told = await visit.act(request)
    return visit.go("delegations", done="lend") if told else await _show(visit, told.refusal, fields)


async def end(visit: Visit) -> Response:
    """Ends one before its time."""
    fields = await visit.form()
    told = await visit.act(
        v1.EndDelegationRequest(
            request_id=fields.get("request_id", ""), delegation_id=visit.request.path_params["delegation_id"]
        )
    )
    return visit.go("delegations", done="end") if told else await _show(visit, told.refusal)


async def _show(visit: Visit, refusal: Refusal | None = None, fields: dict[str, str] | None = None) -> Response:
    every, me = "all" in visit.query, visit.caller.subject
    page = PageRequest(size=ROWS, token=visit.query.get("page", ""), newest_first=True)
    done = visit.query.get("done", "")
    return visit.show(
        "delegations.html",
        told=await visit.told(v1.ListDelegationsRequest(person="" if every else me, page=page)),
        every=every,
        roles=sorted(scope.removeprefix(ROLE) for scope in visit.caller.scopes if scope.startswith(ROLE)),
        state=lambda one: _state(one, visit.console.given.clock.now()),
        today=visit.console.given.clock.now().astimezone(BANK_ZONE).date().isoformat(),
        fields=fields or {},
        refusal=refusal,
        done=done if done in ("lend", "end") else "",
        request_id=visit.console.ids.new("req"),
    )


def _state(one: Any, now: datetime) -> str:
    if one.HasField("ended_at"):
        return "ENDED"
    if now < instant_of(one.valid_from):
        return "AHEAD"
    return "LENT" if now < instant_of(one.valid_until) else "OVER"


def _midnight(day: str) -> datetime:
    """The beginning of a day at the bank."""
    try:
        return datetime.combine(datetime.fromisoformat(day).date(), time(), BANK_ZONE)
    except ValueError:
        raise FormMalformed from None
