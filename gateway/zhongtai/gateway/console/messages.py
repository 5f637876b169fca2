"""Messages to the staff: those of whoever looks, and of their roles; the first who reads one reads it for the role."""

from starlette.responses import Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console.site import Visit
from zhongtai.operations.v1 import staff_message_pb2 as v1
from zhongtai.runtime import contracts

ROWS = 25


async def listed(visit: Visit) -> Response:
    """The messages nobody has read, the newest first, or all."""
    every = "all" in visit.query
    page = PageRequest(size=ROWS, token=visit.query.get("page", ""), newest_first=True)
    return visit.show(
        "messages.html",
        told=await visit.told(v1.ListStaffMessagesRequest(unread=not every, page=page)),
        every=every,
        may_read=visit.may(contracts.method_of(v1.MarkStaffMessageReadRequest)),
        request_id=visit.console.ids.new("req"),
    )


async def read(visit: Visit) -> Response:
    """Marks one read."""
    fields = await visit.form()
    message = visit.request.path_params["notification_id"]
    request = v1.MarkStaffMessageReadRequest(request_id=fields.get("request_id", ""), notification_id=message)
    await visit.ask(request, v1.MarkStaffMessageReadResponse)
    return visit.go("messages")
