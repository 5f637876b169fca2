"""What the gateway is beside its components: its doors, the first clients, the business date, unfinished runs."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from starlette.routing import BaseRoute

from zhongtai.gateway.business_day.store import open_day
from zhongtai.gateway.client.ensuring import ADMIN, ensure
from zhongtai.gateway.door.admission import Admission
from zhongtai.gateway.door.application import application
from zhongtai.gateway.door.listening import listening
from zhongtai.gateway.door.surroundings import Surroundings
from zhongtai.gateway.door.tokens import Tokens
from zhongtai.gateway.job.scheduling import running as jobs_going
from zhongtai.gateway.run.running import running as runs_going
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.platform import Platform
from zhongtai.runtime.service import Service
from zhongtai.runtime.settings import PRODUCTION

CONSOLE = "zhongtai.gateway.console"
_STARTER = Call(Caller(subject="start", client_id="start"))


@asynccontextmanager
async def running(platform: Platform, service: Service) -> AsyncIterator[dict[str, str]]:
    """Opens both doors over the started services, and gives the addresses a person may go to.

    The date comes first and the doors last: what an earlier life began goes on under the right date, and nobody is let
    in before there is a client.
    """
    settings = platform.settings
    await _open_day(platform, service)
    await ensure(service, settings.data, (ADMIN,))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(runs_going(service))
        if settings.jobs.run:
            settle_seconds = settings.jobs.settle_seconds
            jobs = await stack.enter_async_context(jobs_going(service, platform.calls, settle_seconds=settle_seconds))
            platform.jobs_figures = jobs.samples
        admission = Admission(service)
        stack.push_async_callback(admission.close)
        given = _surroundings(platform, service, admission)
        console = _console_routes(platform, service, given)
        app = application(given, extra_routes=console)
        platform.front.admit = admission.admit
        port = await stack.enter_async_context(listening(app, settings.host, settings.http_port))
        home = f"http://{settings.host}:{port}"
        yield {
            "http": home,
            "reference": f"{home}/reference",
            **({"console": f"{home}/console/"} if console else {}),
        }


async def _open_day(platform: Platform, service: Service) -> None:
    """Sets the clock to the date that was reached before, where the date is kept here."""
    movable = platform.settings.environment != PRODUCTION
    kept = await service.store.change(
        lambda writing: open_day(service.unit(writing, _STARTER, "start"), movable=movable)
    )
    if kept:
        platform.clock.today = kept


def _surroundings(platform: Platform, service: Service, admission: Admission) -> Surroundings:
    async def ready() -> dict[str, bool]:
        await service.store.read(lambda _: None)
        return {"store": True, "bus": platform.bus.connected.is_set()}

    settings = platform.settings
    return Surroundings(
        calls=platform.calls,
        authenticate=platform.verifier.verify,
        admission=admission,
        tokens=Tokens(service, platform.keys, timedelta(seconds=settings.security.token_seconds)),
        clock=platform.clock,
        limits=settings.limits,
        ready=ready,
        language=settings.language,
    )


def _console_routes(platform: Platform, service: Service, given: Surroundings) -> list[BaseRoute]:
    """The pages of the console, where there is one, by `console.pages.routes(platform, service, given)`."""
    if not find_spec(CONSOLE) or not find_spec(f"{CONSOLE}.pages"):
        return []
    pages: Any = import_module(f"{CONSOLE}.pages")
    found: list[BaseRoute] = pages.routes(platform, service, given)
    return found
