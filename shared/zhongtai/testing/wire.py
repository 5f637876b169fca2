"""The way to a service over real gRPC, with real tokens: what a door test runs through beside the way in process."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import SystemClock
from zhongtai.runtime.security import Mint, SigningKeys, Verifier
from zhongtai.runtime.server import Server
from zhongtai.runtime.service import Service
from zhongtai.runtime.settings import Limits


@asynccontextmanager
async def over_grpc(service: Service) -> AsyncIterator[Calls]:
    """Serves the service on a free loopback port and gives the client that calls it there."""
    clock = SystemClock()
    with tempfile.TemporaryDirectory() as folder:
        keys = SigningKeys.open(Path(folder) / "keys.json")
    server = Server(service, 0, Verifier(keys, clock).verify, Limits())
    calls = Calls({}, {service.name: f"127.0.0.1:{await server.start()}"}, Mint(keys, clock).token)
    try:
        yield calls
    finally:
        await calls.close()
        await server.stop()
