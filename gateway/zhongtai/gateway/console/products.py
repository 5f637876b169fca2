"""The scenario products: each drawn from its compiled plan, with everything its file says."""

import asyncio

from markupsafe import Markup
from starlette.responses import Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.credit.v1 import product_pb2
from zhongtai.gateway.console.catalogue import plans
from zhongtai.gateway.console.refusals import NothingHere
from zhongtai.gateway.console.site import Visit
from zhongtai.gateway.scenario.drawing import draw
from zhongtai.gateway.scenario.plan import CallStep, Plan

MOST = 200


async def listed(visit: Visit) -> Response:
    """Every scenario product that ships, and every credit product offered today."""
    found = await asyncio.to_thread(plans)
    credit = await visit.told(product_pb2.ListProductsRequest(page=PageRequest(size=MOST)))
    return visit.show("products.html", products=list(found.values()), calls=_calls, credit=credit)


async def one(visit: Visit) -> Response:
    """One product."""
    name = visit.request.path_params["product"]
    plan = (await asyncio.to_thread(plans)).get(name)
    if plan is None:
        raise NothingHere(name=name[:64])
    # `draw` escapes every text it puts in.
    drawing = Markup(draw(plan, visit.words.language))
    return visit.show("product.html", plan=plan, drawing=drawing)


def _calls(plan: Plan) -> int:
    """How many steps call a service."""
    return sum(isinstance(step, CallStep) for _, step in plan.walkthrough())
