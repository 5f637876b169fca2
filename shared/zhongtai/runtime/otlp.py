"""The recorder that sends spans and call durations to an OpenTelemetry collector over OTLP/gRPC."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import Histogram
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
from zhongtai.runtime.errors import Defect
from zhongtai.runtime.telemetry import Side

# A collector that is down must not keep the platform from stopping within its five seconds; two exports end it.
EXPORT_WITHIN_S = 1
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
        resource = Resource.create({"service.name": f"zhongtai-{service}", "service.namespace": "zhongtai"})
        self._tracing = TracerProvider(resource=resource, sampler=ParentBased(TraceIdRatioBased(sampling)))
        self._tracing.add_span_processor(
            processor or BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_WITHIN_S))
        )
        export = reader or PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=endpoint, timeout=EXPORT_WITHIN_S))
        self._metering = MeterProvider(resource=resource, metric_readers=[export])
        self._tracer = self._tracing.get_tracer("zhongtai")
        self._durations: Histogram = self._metering.get_meter("zhongtai").create_histogram(
            "zhongtai.call.duration", unit="s", description="How long calls take, by name and outcome."
        )

    @contextmanager
    def span(self, name: str, call: Call, side: Side = "INTERNAL") -> Iterator[Call]:
        """Records the block as a span; the call it gives carries this span to whoever is called next."""
        begun, outcome = time.perf_counter(), "OK"
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
                span.set_attribute("zhongtai.reason", outcome)
                if isinstance(error, Defect) or not isinstance(error, Refusal):
                    span.set_status(Status(StatusCode.ERROR, outcome))
                raise
            finally:
                elapsed = time.perf_counter() - begun
                self._durations.record(elapsed, {"name": name, "outcome": outcome})

    def close(self) -> None:
        """Sends what is left."""
        self._tracing.shutdown()
        self._metering.shutdown()
