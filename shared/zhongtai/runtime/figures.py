"""The figures that are watched, and where a span may stand: the words telemetry and its recorders share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

# Where a span stands: before the wire, behind it, or with no wire at all.
Side = Literal["CLIENT", "SERVER", "INTERNAL"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that is watched: how it is named, whether it only grows, its unit (UCUM) and what it says."""

    name: str
    grows: bool
    unit: str
    says: str


CALL_DURATION = Figure("zhongtai.call.duration", True, "s", "How long calls take, by name, side, status and outcome.")
BUS_CONNECTED = Figure("zhongtai.bus.connected", False, "", "1 while there is a connection to the bus, else 0.")
STORE_WAITING = Figure("zhongtai.store.waiting", False, "{change}", "How many changes wait for the writer.")
RELAY_PUBLISHED = Figure("zhongtai.relay.published", True, "{event}", "How many facts were taken to the bus.")
RELAY_BEHIND = Figure("zhongtai.relay.behind", False, "s", "How long the relay stands still while a fact waits.")
EVENTS_APPLIED = Figure("zhongtai.events.applied", True, "{event}", "How many events were applied.")
EVENTS_BURIED = Figure("zhongtai.events.buried", True, "{event}", "How many events became dead letters.")
JOBS_CALLED = Figure("zhongtai.jobs.called", True, "{call}", "How many calls of jobs were answered.")
JOBS_FAILING = Figure("zhongtai.jobs.failing", False, "{job}", "How many jobs failed and are not done since.")
WATCHED = (
    BUS_CONNECTED,
    STORE_WAITING,
    RELAY_PUBLISHED,
    RELAY_BEHIND,
    EVENTS_APPLIED,
    EVENTS_BURIED,
    JOBS_CALLED,
    JOBS_FAILING,
)

# A figure as it stands now: its value, and what it is told of, such as {"service": "credit"}.
Sample = tuple[Figure, float, Mapping[str, str]]


def no_jobs() -> Iterator[Sample]:
    """How jobs stand where none are run."""
    yield JOBS_CALLED, 0, {}
    yield JOBS_FAILING, 0, {}
