"""A service in a process of its own, so that a figure over gRPC has a core for the server and one for the callers."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import uvloop

from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import SystemClock
from zhongtai.runtime.database import GROUP, Store
from zhongtai.runtime.garbage import settled
from zhongtai.runtime.security import Mint, SigningKeys, Verifier
from zhongtai.runtime.server import Server
from zhongtai.runtime.service import Service
from zhongtai.runtime.settings import Limits
from zhongtai.testing.templates import fresh_sqlite


@asynccontextmanager
async def mounted(service: str, folder: Path, *, group: int = GROUP) -> AsyncIterator[Calls]:
    """The service in this process on an empty store."""
    async with standing(service, fresh_sqlite(service, folder), group=group) as calls:
        yield calls


@asynccontextmanager
async def standing(service: str, url: str, *, group: int = GROUP) -> AsyncIterator[Calls]:
    """The service in this process on the store at a URL."""
    store = Store.open(url, service, group=group)
    try:
        with settled():
            yield Calls({service: Service(service, store, SystemClock())}, {})
    finally:
        await asyncio.to_thread(store.close)


@contextmanager
def serving(service: str, folder: Path, *, group: int = GROUP) -> Iterator[str]:
    """The address of the service in another process, on an empty store."""
    fresh_sqlite(service, folder)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.load.serving", service, str(folder), str(group)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def caller_of(service: str, address: str, folder: Path) -> Calls:
    """A client of a service that `serving` started."""
    return Calls({}, {service: address}, Mint(SigningKeys.open(folder / "keys.json"), SystemClock()).token)


async def _serve(service: str, folder: Path, group: int) -> None:
    keys = SigningKeys.open(folder / "keys.json")
    store = Store.open(f"sqlite:///{folder / service}.db", service, group=group)
    server = Server(
        Service(service, store, SystemClock()), 0, Verifier(keys, SystemClock()).verify, Limits(concurrent_calls=2000)
    )
    print(f"127.0.0.1:{await server.start()}", flush=True)
    with settled():
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
