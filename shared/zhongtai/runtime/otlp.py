"""The recorder that sends spans, call durations and figures to an OpenTelemetry collector over OTLP/gRPC."""

import asyncio
import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import CallbackOptions, Histogram, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime.call import Call
from zhongtai.runtime.errors import Defect, grpc_code
from zhongtai.runtime.figures import CALL_DURATION, WATCHED, Figure, Sample, Side

# A collector that is down must not keep the platform from stopping within its five seconds; two exports end it.
EXPORT_WITHIN_S = 1
# The SDK's own bounds are milliseconds; a call within the process takes 100 µs, the longest one 30 s.
BOUNDS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_PROPAGATOR = TraceContextTextMapPropagator()


class OtlpRecorder:
    """Spans by ratio of the trace id, following the caller's decision; durations of every call."""

    def __init__(
        self,
        endpoint: str,
        service: str,
        sampling: float,
        *,
        processor: SpanProcessor | None = None,
        reader: MetricReader | None = None,
    ) -> None:
        """Sends to `endpoint`; `processor` and `reader` take the place of the network where they are given."""
        # Without an instance of its own, two processes of a service would be told as one.
        instance = f"{socket.gethostname()}-{os.getpid()}"
        resource = Resource.create(
            {
                "service.name": f"zhongtai-{service}",
                "service.namespace": "zhongtai",
                "service.instance.id": instance,
            }
        )
        self._tracing = TracerProvider(resource=resource, sampler=ParentBased(TraceIdRatioBased(sampling)))
        self._tracing.add_span_processor(
            processor or BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_WITHIN_S))
        )
        export = reader or PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=endpoint, timeout=EXPORT_WITHIN_S))
        self._metering = MeterProvider(resource=resource, metric_readers=[export])
        self._tracer = self._tracing.get_tracer("zhongtai")
        self._meter = self._metering.get_meter("zhongtai")
        self._durations: Histogram = self._meter.create_histogram(
            CALL_DURATION.name,
            unit=CALL_DURATION.unit,
            description=CALL_DURATION.says,
            explicit_bucket_boundaries_advisory=BOUNDS_S,
        )

    @contextmanager
    def span(self, name: str, call: Call, side: Side = "INTERNAL") -> Iterator[Call]:
        """Records the block as a span; the call it gives carries this span to whoever is called next."""
        begun, outcome, status = time.perf_counter(), "OK", "OK"
        with self._tracer.start_as_current_span(
            name,
            context=_PROPAGATOR.extract(call.trace),
            kind=SpanKind[side],
            attributes={"zhongtai.client": call.caller.client_id},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            trace: dict[str, str] = {}
            _PROPAGATOR.inject(trace)
            try:
                yield replace(call, trace=trace)
            except BaseException as error:
                # Only the machine reason is told: a sentence or a driver's text may hold personal data.
                outcome = error.reason if isinstance(error, Refusal) else type(error).__name__
                status = _status_of(error)
                span.set_attribute("zhongtai.reason", outcome)
                if isinstance(error, Defect) or not isinstance(error, Refusal):
                    span.set_status(Status(StatusCode.ERROR, outcome))
                raise
            finally:
                elapsed = time.perf_counter() - begun
                told = {"name": name, "side": side, "status": status, "outcome": outcome}
                self._durations.record(elapsed, told)

    def watch(self, read: Callable[[], Iterable[Sample]]) -> None:
        """Reads the figures whenever they are sent: every minute, and at the end."""
        for figure in WATCHED:
            create = self._meter.create_observable_counter if figure.grows else self._meter.create_observable_gauge
            create(figure.name, [partial(_observed, read, figure)], unit=figure.unit, description=figure.says)

    def close(self) -> None:
        """Sends what is left."""
        self._tracing.shutdown()
        self._metering.shutdown()


def _observed(read: Callable[[], Iterable[Sample]], figure: Figure, _: CallbackOptions) -> Iterator[Observation]:
    return (Observation(value, told) for found, value, told in read() if found is figure)


def _status_of(error: BaseException) -> str:
    """The gRPC status a caller sees; what is no refusal is a defect, or a caller who went away."""
    if isinstance(error, Refusal):
        return str(grpc_code(error).name)
    return "CANCELLED" if isinstance(error, asyncio.CancelledError) else "INTERNAL"
