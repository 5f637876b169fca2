"""One event: what it says, with personal data masked as in the logs."""

from starlette.responses import Response

from zhongtai.gateway.console import formats
from zhongtai.gateway.console.site import Visit
from zhongtai.reporting.v1 import fact_pb2
from zhongtai.runtime import contracts
from zhongtai.runtime.logs import loggable


async def one(visit: Visit) -> Response:
    """The event as reporting keeps it."""
    request = fact_pb2.GetFactRequest(event_id=visit.request.path_params["event_id"])
    fact = (await visit.ask(request, fact_pb2.GetFactResponse)).fact
    kind = contracts.events().get(fact.subject)
    said = formats.pretty(loggable(kind.FromString(fact.payload))) if kind else ""
    return visit.show("event.html", fact=fact, said=said)
