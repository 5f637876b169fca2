"""Traces and figures of calls: off and free unless a recorder is started.

Trace context travels as the W3C headers `traceparent` and `tracestate`, beside gRPC, HTTP and NATS messages alike.
`zhongtai.runtime.otlp` is the recorder that sends to an OpenTelemetry collector; it is loaded only where an endpoint
is set, because the SDK costs a third of a second to import.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from random import Random
from typing import Protocol, cast

from zhongtai.runtime.call import Call
from zhongtai.runtime.figures import Sample, Side

TRACE_HEADERS = ("traceparent", "tracestate")
_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")


class Recorder(Protocol):
    """What writes spans, durations and figures down."""

    def span(self, name: str, call: Call, side: Side) -> AbstractContextManager[Call]:
        """Times the block under `name`, as a child of the call's trace; gives the call to hand on."""

    def watch(self, read: Callable[[], Iterable[Sample]]) -> None:
        """Reads the figures from now on, whenever they are sent; `read` is called in a thread of its own."""

    def close(self) -> None:
        """Sends what is left."""


# A trace id is told apart, not kept secret: a generator of our own asks the system once, not twice for each request.
_random = Random()
_recorder: Recorder | None = None


def start(endpoint: str, service: str, sampling: float) -> None:
    """Records from now on, where there is an endpoint: `http://collector:4317`; sampling is a share, 0 to 1."""
    if endpoint:
        module = import_module("zhongtai.runtime.otlp")
        use(cast(Recorder, module.OtlpRecorder(endpoint, service, sampling)))


def use(recorder: Recorder | None) -> None:
    """Records with this recorder from now on; None turns recording off."""
    global _recorder  # noqa: PLW0603 - one process has one place its traces go to
    _recorder = recorder


def stop() -> None:
    """Sends what is left and records no more."""
    if _recorder:
        _recorder.close()
    use(None)


def watch(read: Callable[[], Iterable[Sample]]) -> None:
    """Has figures read whenever they are sent; where nothing records, they are never read."""
    if _recorder:
        _recorder.watch(read)


def span(name: str, call: Call, side: Side = "INTERNAL") -> AbstractContextManager[Call]:
    """Times a block under `name`; the call it gives carries the trace to hand on. Free where nothing records."""
    return _recorder.span(name, call, side) if _recorder else nullcontext(call)


def trace_of(headers: Mapping[str, str]) -> dict[str, str]:
    """The trace context among the headers; a new one where there is none, so that every call has a trace id."""
    found = {name: headers[name] for name in TRACE_HEADERS if name in headers}
    if _TRACEPARENT.match(found.get("traceparent", "")):
        return found
    # A recorder begins the trace itself, because it decides there whether the trace is sampled.
    return {} if _recorder else {"traceparent": f"00-{_random.getrandbits(128):032x}-{_random.getrandbits(64):016x}-00"}


def trace_id(trace: Mapping[str, str]) -> str:
    """The 32 hex digits that name the trace; empty where there is none."""
    found = _TRACEPARENT.match(trace.get("traceparent", ""))
    return found[1] if found else ""
