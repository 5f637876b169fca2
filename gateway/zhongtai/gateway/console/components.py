"""The catalogue of components: services, their nouns, and what each RPC does and asks."""

import asyncio

from starlette.responses import Response

from zhongtai.gateway.console.catalogue import components
from zhongtai.gateway.console.refusals import NothingHere
from zhongtai.gateway.console.site import Visit


async def listed(visit: Visit) -> Response:
    """Every component by its service."""
    return visit.show("components.html", services=await asyncio.to_thread(components))


async def one(visit: Visit) -> Response:
    """One component with everything its contract says."""
    service, name = visit.request.path_params["service"], visit.request.path_params["component"]
    found = next((each for each in (await asyncio.to_thread(components)).get(service, ()) if each.name == name), None)
    if found is None:
        raise NothingHere(name=f"{service}/{name}"[:80])
    held = {rpc.scope: visit.caller.may(rpc.scope) for rpc in found.rpcs}
    return visit.show("component.html", component=found, held=held)
