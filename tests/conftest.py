"""What every test may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from zhongtai.runtime.contracts import PACKAGES
from zhongtai.testing.doors import Door, in_process, opened
from zhongtai.testing.templates import fresh_sqlite
from zhongtai.testing.wire import over_grpc

WAYS = {"process": in_process, "grpc": over_grpc}


@pytest.fixture(params=WAYS)
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    """A door to the service the test's folder is named for, on an empty store, both in process and over gRPC."""
    service = next(part for part in reversed(request.path.parts) if part in PACKAGES)
    async with opened(service, fresh_sqlite(service, tmp_path), WAYS[request.param]) as opened_door:
        yield opened_door
