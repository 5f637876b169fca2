"""The reads of holds; what changes them are the commands of limits, in the same transaction."""

from zhongtai.credit.limit import store as limit_store
from zhongtai.credit.limit_hold import store
from zhongtai.credit.v1 import limit_pb2 as v1
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import View, rpc


@rpc
def list_holds(request: v1.ListHoldsRequest, view: View) -> v1.ListHoldsResponse:
    """The holds ever taken on a limit, as they stand now."""
    limit = limit_store.limits.load(view, request.limit_id)
    found, page = store.holds.page(view, request.page, store.HOLD.c.limit_id == limit.limit_id)
    return v1.ListHoldsResponse(holds=[message_of(hold.as_of(view.now), v1.Hold) for hold in found], page=page)
