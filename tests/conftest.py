"""What every test may ask for. `--engine=postgresql` runs the door tests on PostgreSQL instead of SQLite."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from zhongtai.runtime.contracts import PACKAGES
from zhongtai.testing.doors import Door, in_process, opened
from zhongtai.testing.postgres import NoPostgres, fresh_postgres, postgres
from zhongtai.testing.templates import fresh_sqlite
from zhongtai.testing.wire import over_grpc

# A slow machine is no fault of the code: no example has a deadline, and `derandomize` gives CI the same examples each
# time.
settings.register_profile("house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

WAYS = {"process": in_process, "grpc": over_grpc}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the choice of the engine the door tests run on."""
    parser.addoption("--engine", choices=("sqlite", "postgresql"), default="sqlite", help="the engine of the stores")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where processes share the tests, the files that take long begin: none is left when all others are done."""
    if hasattr(config, "workerinput"):
        slow = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL server, started once."""
    try:
        with postgres(durable=False) as url:
            yield url
    except NoPostgres as reason:
        pytest.skip(str(reason))


@pytest.fixture
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty, migrated store of the service the test's folder is named for."""
    service = service_of(request)
    if request.config.getoption("--engine") == "postgresql":
        return fresh_postgres(request.getfixturevalue("postgres_url"), service)
    return fresh_sqlite(service, tmp_path)


@pytest.fixture(params=WAYS)
async def door(request: pytest.FixtureRequest, store_url: str) -> AsyncIterator[Door]:
    """A door to the service the test's folder is named for, on an empty store, both in process and over gRPC."""
    async with opened(service_of(request), store_url, WAYS[request.param]) as opened_door:
        yield opened_door


def service_of(request: pytest.FixtureRequest) -> str:
    """The service a test belongs to, by its folder."""
    return next(part for part in reversed(request.path.parts) if part in PACKAGES)
