"""What operations runs beside its components: the `running(platform, service)` of each that has a module `running`."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from importlib.util import find_spec

from zhongtai.runtime.platform import Platform
from zhongtai.runtime.service import Service, components


@asynccontextmanager
async def running(platform: Platform, service: Service) -> AsyncIterator[dict[str, str]]:
    """Opens each in the order of the nouns, closes them in reverse; there is no address to tell."""
    async with AsyncExitStack() as stack:
        for noun in components(service.name):
            module = f"zhongtai.{service.name}.{noun}.running"
            if find_spec(module):
                await stack.enter_async_context(import_module(module).running(platform, service))
        yield {}
