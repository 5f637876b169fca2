"""The executor of each gateway in this process: opened with the gateway's background work, or by its first run."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from zhongtai.gateway.run.executor import Executor, Limits
from zhongtai.gateway.run.products import Products
from zhongtai.gateway.scenario.shipped import compile_all, shipped
from zhongtai.runtime.orchestration import Host

_opened: "WeakKeyDictionary[Host, asyncio.Task[Executor]]" = WeakKeyDictionary()


async def executor_of(host: Host, limits: Limits | None = None) -> Executor:
    """The executor of a mounted gateway: the same for all who ask. The first to ask opens it."""
    if host not in _opened:
        _opened[host] = asyncio.create_task(_open(host, limits))
    opening = _opened[host]
    try:
        return await asyncio.shield(opening)
    except Exception:
        # What did not open is opened anew by whoever asks next.
        if _opened.get(host) is opening:
            del _opened[host]
        raise


@asynccontextmanager
async def running(host: Host, limits: Limits | None = None) -> AsyncIterator[Executor]:
    """Runs go on while this is open: those left unfinished by an earlier process are taken up first."""
    executor = await executor_of(host, limits)
    try:
        yield executor
    finally:
        _opened.pop(host, None)
        await executor.close()


async def _open(host: Host, limits: Limits | None) -> Executor:
    plans = await asyncio.to_thread(compile_all, shipped())
    executor = Executor(host, await Products.open(host, plans), limits)
    await executor.open()
    return executor
