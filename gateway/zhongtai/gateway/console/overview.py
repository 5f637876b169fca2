"""The first page: what the platform holds, how its services are, and the ways on."""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from starlette.responses import RedirectResponse, Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console import formats, session
from zhongtai.gateway.console.site import HEADERS, Visit
from zhongtai.gateway.v1 import run_pb2
from zhongtai.kernel.refusals import Refusal, Unreachable
from zhongtai.operations.v1 import work_order_pb2
from zhongtai.reporting.v1 import fact_pb2, portfolio_pb2
from zhongtai.runtime import contracts
from zhongtai.runtime.contracts import Method
from zhongtai.runtime.errors import DeadlineExceeded, Defect

PROBE_SECONDS = 2.0
FEW, MANY = 6, 100
STARTED, ENDED = (kind.DESCRIPTOR.full_name for kind in (run_pb2.RunStarted, run_pb2.RunEnded))


@dataclass(frozen=True, slots=True)
class Health:
    """How one service is: whether it answers, in what time, and what it is made of."""

    service: str
    answers: bool
    took: str
    components: int
    rpcs: int


async def way_in(visit: Visit) -> Response:
    """`/console` is `/console/`."""
    return RedirectResponse(f"{session.PATH}/", HTTPStatus.SEE_OTHER, HEADERS)


async def overview(visit: Visit) -> Response:
    """The first page."""
    waiting = work_order_pb2.ListWorkOrdersRequest(
        status=work_order_pb2.WORK_ORDER_STATUS_OPEN, page=PageRequest(size=MANY)
    )
    held = run_pb2.ListRunsRequest(status=run_pb2.RUN_STATUS_WAITING, page=PageRequest(size=FEW))
    counts, portfolio, orders, runs = await asyncio.gather(
        visit.told(fact_pb2.CountFactsRequest()),
        visit.told(portfolio_pb2.GetPortfolioRequest()),
        visit.told(waiting),
        visit.told(held),
    )
    healths = [await _health(visit, name) for name in contracts.PACKAGES]
    by_subject = {found.subject: found.count for found in counts.reply.counts} if counts else {}
    return visit.show(
        "overview.html",
        business_date=visit.console.given.clock.business_date().isoformat(),
        counts=counts,
        started=by_subject.get(STARTED, 0),
        ended=by_subject.get(ENDED, 0),
        portfolio=portfolio,
        orders=orders,
        many=MANY,
        runs=runs,
        parts=await visit.console.given.ready(),
        healths=healths,
    )


async def _health(visit: Visit, service: str) -> Health:
    """Asks a service for a page of one; a refusal is an answer, too: only silence and defects are not."""
    begun = time.perf_counter()
    answers = True
    methods = contracts.methods(service)
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            await visit.console.given.calls.call(_probe(methods).request_type(), visit.call())
    except (TimeoutError, Unreachable, DeadlineExceeded, Defect):
        answers = False
    except Refusal:
        pass
    took = formats.duration(timedelta(seconds=time.perf_counter() - begun))
    return Health(service, answers, took, len({method.component for method in methods}), len(methods))


def _probe(methods: tuple[Method, ...]) -> Method:
    """A question that is cheap: the first list of a service, which is bounded by its page."""
    return next(method for method in methods if method.reads and "page" in method.descriptor.input_type.fields_by_name)
