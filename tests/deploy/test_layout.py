"""The layout of production runs: a call crosses the gateway to a service, its event crosses the bus to another."""

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.request import Request, urlopen

import grpc
import psycopg
import pytest
from nats.aio.client import Client
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from tests.deploy.layout import Layout, running
from tests.deploy.rendering import DEPLOY
from zhongtai.marketing.v1 import customer_pb2 as marketing
from zhongtai.reporting.v1 import fact_pb2 as reporting
from zhongtai.runtime import contracts
from zhongtai.runtime.contracts import PACKAGES
from zhongtai.runtime.figures import CALL_DURATION, WATCHED

pytestmark = pytest.mark.slow

PRODUCTION = DEPLOY / "settings" / "production" / "zhongtai.toml"
IDENTITY_NUMBER = "11010519491231002X"
ARRIVES_WITHIN_S = 30
LOOK_AGAIN_S = 0.05


class Collector(trace_service_pb2_grpc.TraceServiceServicer, metrics_service_pb2_grpc.MetricsServiceServicer):
    """A collector that keeps the names of the figures each process tells."""

    def __init__(self) -> None:
        self.told: dict[str, set[str]] = {}

    def Export(self, request: Any, context: Any) -> Any:
        """Takes traces and figures alike; gRPC finds it under this name."""
        if isinstance(request, trace_service_pb2.ExportTraceServiceRequest):
            return trace_service_pb2.ExportTraceServiceResponse()
        for resource in request.resource_metrics:
            about = {each.key: each.value.string_value for each in resource.resource.attributes}
            names = {metric.name for scope in resource.scope_metrics for metric in scope.metrics}
            self.told.setdefault(about["service.name"], set()).update(names)
        return metrics_service_pb2.ExportMetricsServiceResponse()


@pytest.fixture(scope="module")
def collector() -> Iterator[tuple[Collector, str]]:
    """A collector and its endpoint."""
    keeping, server = Collector(), grpc.server(ThreadPoolExecutor(4))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(keeping, server)  # type: ignore[no-untyped-call]
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(keeping, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield keeping, f"http://127.0.0.1:{port}"
    server.stop(None).wait()


@pytest.fixture(scope="module")
def layout(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str, collector: tuple[Collector, str]
) -> Iterator[Layout]:
    """Seven processes on the settings of production."""
    with running(tmp_path_factory.mktemp("layout"), postgres_url, PRODUCTION, collector[1]) as found:
        yield found


def call(layout: Layout, request: Any) -> Any:
    """The reply of the gateway's gRPC door to the first client."""
    method = contracts.method_of(request)
    with grpc.insecure_channel(layout.addresses["gateway"]["grpc gateway"]) as channel:
        stub = channel.unary_unary(
            method.path,
            request_serializer=method.request_type.SerializeToString,
            response_deserializer=method.response_type.FromString,
        )
        return stub(request, metadata=(("authorization", f"Bearer {token(layout)}"),), timeout=20)


def token(layout: Layout) -> str:
    """An access token of the first client, from the HTTP door."""
    admin = layout.admin
    basic = base64.b64encode(f"{admin['client_id']}:{admin['secret']}".encode()).decode()
    request = Request(
        f"{layout.addresses['gateway']['http']}/oauth/token",
        data=b"grant_type=client_credentials",
        headers={"Authorization": f"Basic {basic}"},
    )
    with urlopen(request, timeout=20) as answer:
        return str(json.load(answer)["access_token"])


async def arrived(layout: Layout, customer_id: str) -> reporting.Fact:
    """The fact of the registration, as soon as reporting has it."""
    wanted = reporting.ListFactsRequest(subject="zhongtai.marketing.v1.CustomerRegistered", key=customer_id)
    async with asyncio.timeout(ARRIVES_WITHIN_S):
        while True:
            found: reporting.ListFactsResponse = await asyncio.to_thread(call, layout, wanted)
            if found.facts:
                return found.facts[0]
            await asyncio.sleep(LOOK_AGAIN_S)


async def test_a_call_crosses_to_a_service_and_its_event_to_another(layout: Layout) -> None:
    registered = await asyncio.to_thread(
        call,
        layout,
        marketing.RegisterCustomerRequest(
            request_id="layout-1",
            kind=marketing.CUSTOMER_KIND_PERSON,
            name="张伟",
            identity_kind=marketing.IDENTITY_KIND_RESIDENT_IDENTITY_CARD,
            identity_number=IDENTITY_NUMBER,
        ),
    )
    fact = await arrived(layout, registered.customer_id)
    assert fact.key == registered.customer_id
    assert fact.source == "marketing"


def test_the_same_call_crosses_the_http_door(layout: Layout) -> None:
    request = Request(
        f"{layout.addresses['gateway']['http']}/v1/products/consumer_instalment",
        headers={"Authorization": f"Bearer {token(layout)}"},
    )
    with urlopen(request, timeout=20) as answer:
        assert json.load(answer)["product"]["productId"] == "consumer_instalment"


async def test_streams_are_kept_on_three_servers(layout: Layout) -> None:
    client = Client()
    await client.connect(servers=layout.nats_url.split(","))
    try:
        for source in PACKAGES:
            info = await client.jetstream().stream_info(f"zhongtai_{source}")
            assert info.config.num_replicas == 3
            assert info.cluster is not None
            assert len(info.cluster.replicas or []) == 2
    finally:
        await client.close()


def test_a_role_sees_its_own_schema_only(layout: Layout) -> None:
    with psycopg.connect(layout.databases["credit"].replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM credit.outbox").fetchone() is not None
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT count(*) FROM marketing.outbox")


def test_the_health_check_of_the_image_tells_the_truth(layout: Layout) -> None:
    def check(port: str) -> int:
        command = [sys.executable, str(DEPLOY / "healthcheck.py"), port]
        return subprocess.run(command, capture_output=True, timeout=30, check=False).returncode

    assert check(layout.addresses["credit"]["grpc credit"].rpartition(":")[2]) == 0
    assert check("1") == 1


def test_every_process_tells_every_figure_and_ends_in_order(layout: Layout, collector: tuple[Collector, str]) -> None:
    assert layout.stop() == dict.fromkeys(PACKAGES, 0), layout.log("gateway")
    watched = {figure.name for figure in WATCHED}
    assert set(collector[0].told) == {f"zhongtai-{name}" for name in PACKAGES}
    for process, names in collector[0].told.items():
        assert watched <= names, process
    assert CALL_DURATION.name in collector[0].told["zhongtai-marketing"]
    for name in PACKAGES:
        assert '"level": "ERROR"' not in layout.log(name), layout.log(name)
