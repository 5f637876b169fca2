"""Traces go on from caller to called; without a recorder nothing is recorded and nothing is paid."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from tests.runtime.door_parts import CALLER, opened_counter
from zhongtai.credit.v1 import limit_pb2
from zhongtai.operations.v1.ledger_pb2 import PostEntryRequest
from zhongtai.runtime import telemetry
from zhongtai.runtime.call import Call
from zhongtai.runtime.errors import MethodUnknown
from zhongtai.runtime.otlp import OtlpRecorder
from zhongtai.runtime.streams import Told

PARENT = f"00-{'ab' * 16}-{'cd' * 8}-01"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Everything is recorded here, in memory."""
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    recorder = OtlpRecorder("", "credit", 1.0, processor=SimpleSpanProcessor(exporter), reader=reader)
    telemetry.use(recorder)
    yield exporter
    telemetry.stop()


def test_without_a_recorder_the_call_goes_on_unchanged() -> None:
    call = Call(CALLER, trace={"traceparent": PARENT})
    with telemetry.span("credit", call) as same:
        assert same is call


def test_without_an_endpoint_nothing_starts() -> None:
    telemetry.start("", "credit", 1.0)
    call = Call(CALLER)
    with telemetry.span("credit", call) as same:
        assert same is call


@pytest.mark.parametrize("headers", [{}, {"traceparent": "nonsense"}, {"traceparent": "00-ab-cd-01"}])
def test_a_call_without_a_trace_gets_one(headers: dict[str, str]) -> None:
    first, second = telemetry.trace_of(headers), telemetry.trace_of(headers)
    assert re.fullmatch("[0-9a-f]{32}", telemetry.trace_id(first))
    assert telemetry.trace_id(first) != telemetry.trace_id(second)


def test_a_trace_that_came_is_kept() -> None:
    headers = {"traceparent": PARENT, "tracestate": "bank=1", "accept-language": "en"}
    assert telemetry.trace_of(headers) == {"traceparent": PARENT, "tracestate": "bank=1"}
    assert telemetry.trace_id(headers) == "ab" * 16


def test_a_span_is_a_child_of_the_callers_and_the_parent_of_the_next(spans: InMemorySpanExporter) -> None:
    with telemetry.span("outer", Call(CALLER, trace={"traceparent": PARENT})) as outer:
        assert telemetry.trace_id(outer.trace) == "ab" * 16
        with telemetry.span("inner", outer):
            pass
    inner_span, outer_span = spans.get_finished_spans()
    assert outer_span.parent is not None
    assert inner_span.parent is not None
    assert format(outer_span.parent.span_id, "016x") == "cd" * 8
    assert inner_span.parent.span_id == outer_span.context.span_id


def test_a_callers_choice_not_to_sample_is_kept(spans: InMemorySpanExporter) -> None:
    with telemetry.span("credit", Call(CALLER, trace={"traceparent": PARENT[:-2] + "00"})):
        pass
    assert spans.get_finished_spans() == ()


@pytest.mark.parametrize(
    ("error", "reason", "status"),
    [
        (MethodUnknown(method="x"), "METHOD_UNKNOWN", StatusCode.UNSET),
        (KeyError("a person's name"), "KeyError", StatusCode.ERROR),
    ],
)
def test_a_span_tells_the_reason_and_no_words(
    spans: InMemorySpanExporter, error: Exception, reason: str, status: StatusCode
) -> None:
    with pytest.raises(type(error)), telemetry.span("credit", Call(CALLER)):
        raise error
    (span,) = spans.get_finished_spans()
    assert dict(span.attributes or {})["zhongtai.reason"] == reason
    assert span.status.status_code is status
    assert "person" not in span.to_json()


async def test_each_request_of_a_stream_is_a_span_of_the_streams(spans: InMemorySpanExporter) -> None:
    async def answer(request: Message, call: Call) -> Message:
        raise MethodUnknown(method="x")

    async def batches() -> AsyncIterator[Sequence[Message]]:
        yield [PostEntryRequest(request_id="1"), PostEntryRequest(request_id="2")]

    said: list[Any] = []

    async def tell(told: Told) -> None:
        said.extend(outcome for _, outcome in told)

    async with opened_counter(answer, name="operations") as counter:
        calls = counter.calls()
        await calls.stream(PostEntryRequest, batches(), tell, Call(CALLER))
        await calls.close()
    *served, stream, sent = spans.get_finished_spans()
    assert [span.name.rsplit(".", 1)[1] for span in (*served, stream, sent)] == [
        "PostEntry",
        "PostEntry",
        "PostEntryStream",
        "PostEntryStream",
    ]
    assert {span.parent.span_id for span in served if span.parent} == {stream.context.span_id}
    assert stream.parent is not None
    assert stream.parent.span_id == sent.context.span_id
    number = format(sent.context.trace_id, "032x").encode()
    assert all(number in refusal.said.SerializeToString() for refusal in said)


async def test_the_trace_goes_through_the_wire(spans: InMemorySpanExporter) -> None:
    async def answer(request: Message, call: Call) -> Message:
        return limit_pb2.GetLimitResponse()

    async with opened_counter(answer) as counter:
        calls = counter.calls()
        await calls.call(limit_pb2.GetLimitRequest(limit_id="1"), Call(CALLER))
        await calls.close()
        ((_, arrived),) = counter.desk.asked
    served, sent = spans.get_finished_spans()
    assert served.parent is not None
    assert served.parent.span_id == sent.context.span_id
    assert sent.parent is None
    assert (served.kind, sent.kind) == (SpanKind.SERVER, SpanKind.CLIENT)
    assert telemetry.trace_id(arrived.trace) == format(sent.context.trace_id, "032x")


def test_durations_are_measured_by_outcome() -> None:
    reader = InMemoryMetricReader()
    recorder = OtlpRecorder("", "credit", 0.0, processor=SimpleSpanProcessor(InMemorySpanExporter()), reader=reader)
    with recorder.span("credit", Call(CALLER)):
        pass
    with pytest.raises(MethodUnknown), recorder.span("credit", Call(CALLER)):
        raise MethodUnknown(method="x")
    data = reader.get_metrics_data()
    assert data is not None
    (metric,) = data.resource_metrics[0].scope_metrics[0].metrics
    counts = {dict(point.attributes or {})["outcome"]: getattr(point, "count", 0) for point in metric.data.data_points}
    assert counts == {"OK": 1, "METHOD_UNKNOWN": 1}
    recorder.close()


class Collector(trace_service_pb2_grpc.TraceServiceServicer, metrics_service_pb2_grpc.MetricsServiceServicer):
    """An OpenTelemetry collector that keeps the names it is sent."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def Export(self, request: Any, context: Any) -> Any:
        if isinstance(request, trace_service_pb2.ExportTraceServiceRequest):
            self.names |= {
                span.name
                for resource in request.resource_spans
                for scope in resource.scope_spans
                for span in scope.spans
            }
            return trace_service_pb2.ExportTraceServiceResponse()
        self.names |= {
            metric.name
            for resource in request.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }
        return metrics_service_pb2.ExportMetricsServiceResponse()


def test_what_is_recorded_reaches_the_collector() -> None:
    collector, server = Collector(), grpc.server(ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)  # type: ignore[no-untyped-call]
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(collector, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    telemetry.start(f"http://127.0.0.1:{port}", "credit", 1.0)
    with telemetry.span("zhongtai.credit.v1.LimitService.HoldLimit", Call(CALLER)):
        pass
    telemetry.stop()
    server.stop(None).wait()
    assert collector.names == {"zhongtai.credit.v1.LimitService.HoldLimit", "zhongtai.call.duration"}
