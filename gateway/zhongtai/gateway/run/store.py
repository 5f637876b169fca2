"""The tables of runs: the journal, what runs wait for, and the sources of the products that runs were started with."""

from dataclasses import dataclass
from datetime import datetime

from google.protobuf.message import Message
from sqlalchemy import Index, MetaData, Table, bindparam, func, or_, select

from zhongtai.common.v1.page_pb2 import PageInfo, PageRequest
from zhongtai.gateway.run.domain import Arrival, ProductAnnounced, Run, RunNotFound, RunStatus, Step, Wait, WaitStatus
from zhongtai.runtime.convert import value_of
from zhongtai.runtime.plain import instant_text
from zhongtai.runtime.store import Records, day, instant, integer, json, octets, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()

RUN = Table(
    "gateway_run",
    metadata,
    text("run_id", primary_key=True),
    text("product"),
    integer("version"),
    text("status"),
    text("outcome"),
    json("reasons"),
    json("given"),
    json("result"),
    day("business_date"),
    text("client_id"),
    text("started_by"),
    text("request_id"),
    text("fingerprint"),
    instant("started_at"),
    json("personal"),
    instant("ended_at", nullable=True),
    text("waiting_in"),
    integer("late"),
    Index("gateway_run_request", "client_id", "request_id", unique=True),
    Index("gateway_run_status", "status"),
)
STEP = Table(
    "gateway_run_step",
    metadata,
    text("run_id", primary_key=True),
    text("name", primary_key=True),
    integer("position"),
    text("kind"),
    text("subject"),
    text("status"),
    integer("attempts"),
    text("request_id"),
    instant("started_at"),
    instant("ended_at", nullable=True),
    octets("sent"),
    octets("answered"),
    json("refusal", nullable=True),
)
WAIT = Table(
    "gateway_run_wait",
    metadata,
    text("run_id", primary_key=True),
    text("step", primary_key=True),
    text("subject"),
    text("field"),
    text("value"),
    instant("opened_at"),
    instant("until"),
    text("status"),
    octets("payload"),
    Index("gateway_run_wait_value", "subject", "field", "value"),
    Index("gateway_run_wait_until", "status", "until"),
)
ARRIVAL = Table(
    "gateway_run_arrival",
    metadata,
    text("subject", primary_key=True),
    text("field", primary_key=True),
    text("value", primary_key=True),
    text("event_id", primary_key=True),
    octets("payload"),
    instant("arrived_at"),
    Index("gateway_run_arrival_arrived_at", "arrived_at"),
)
PRODUCT_SOURCE = Table(
    "gateway_product_source",
    metadata,
    text("product", primary_key=True),
    integer("version", primary_key=True),
    text("source"),
)


@dataclass(frozen=True, slots=True)
class ProductSource:
    """The text of a product's version, as runs were started with it."""

    product: str
    version: int
    source: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A run and all that its journal says of it, from which it is taken up."""

    run: Run
    steps: tuple[Step, ...]
    waits: tuple[Wait, ...]


runs = Records(RUN, Run, missing=RunNotFound)
steps = Records(STEP, Step)
waits = Records(WAIT, Wait)
arrivals = Records(ARRIVAL, Arrival)
sources = Records(PRODUCT_SOURCE, ProductSource)

_BY_REQUEST = select(RUN.c.run_id).where(
    RUN.c.client_id == bindparam("client_id"), RUN.c.request_id == bindparam("request_id")
)
_STEPS_OF = steps.query(STEP.c.run_id == bindparam("run_id"), order_by=STEP.c.position)
_WAITS_FOR = waits.query(
    WAIT.c.subject == bindparam("subject"),
    WAIT.c.field == bindparam("field"),
    WAIT.c.value == bindparam("value"),
    WAIT.c.status == WaitStatus.OPEN.value,
)
_EARLY = arrivals.query(
    ARRIVAL.c.subject == bindparam("subject"),
    ARRIVAL.c.field == bindparam("field"),
    ARRIVAL.c.value == bindparam("value"),
    limit=1,
)
_OLD_ARRIVALS = ARRIVAL.delete().where(ARRIVAL.c.arrived_at < bindparam("before"))
_WAITING = select(func.count()).select_from(RUN).where(RUN.c.status == RunStatus.WAITING.value)
# These two are asked many times a second while anything waits: each goes by the index on status and time, so it costs
# what is over, not what is open.
_DUE = (
    select(WAIT.c.run_id, WAIT.c.step)
    .where(WAIT.c.status == WaitStatus.OPEN.value, WAIT.c.until <= bindparam("now"))
    .order_by(WAIT.c.until)
    .limit(bindparam("most"))
)
_CAME = (
    select(WAIT.c.run_id)
    .where(
        or_(WAIT.c.status == WaitStatus.ARRIVED.value, WAIT.c.status == WaitStatus.LAPSED.value),
        select(RUN.c.run_id).where(RUN.c.run_id == WAIT.c.run_id, RUN.c.status == RunStatus.WAITING.value).exists(),
    )
    .limit(bindparam("most"))
)
_UNFINISHED_OF = (
    select(func.count())
    .select_from(RUN)
    .where(
        RUN.c.product == bindparam("product"),
        RUN.c.version == bindparam("version"),
        RUN.c.status.in_([status.value for status in RunStatus if not status.ended]),
    )
)


def by_request(view: View, client_id: str, request_id: str) -> Run | None:
    """The run a client started with a request id."""
    rows = view.rows(_BY_REQUEST, {"client_id": client_id, "request_id": request_id})
    return runs.find(view, rows[0].run_id) if rows else None


def page(
    view: View, request: PageRequest, product: str, status: RunStatus | None, outcome: str
) -> tuple[list[Run], PageInfo]:
    """A page of runs in the order they began, of those that fit."""
    conditions = [RUN.c.product == product] if product else []
    conditions += [RUN.c.status == status.value] if status else []
    conditions += [RUN.c.outcome == outcome] if outcome else []
    return runs.page(view, request, *conditions)


def unfinished(view: View) -> list[Kept]:
    """Every run that works or undoes, in the order they began; admission bounds how many there are."""
    working = [RunStatus.RUNNING.value, RunStatus.UNDOING.value]
    return _kept(view, runs.where(view, RUN.c.status.in_(working), order_by=RUN.c.run_id))


def kept(view: View, run_id: str) -> Kept:
    """A run with its journal. Refuses with `RunNotFound`."""
    (found,) = _kept(view, [runs.load(view, run_id)])
    return found


def unfinished_of(view: View, product: str, version: int) -> int:
    """How many runs of a product's version have not ended."""
    return int(view.rows(_UNFINISHED_OF, {"product": product, "version": version})[0][0])


def steps_of(view: View, run_id: str) -> list[Step]:
    """The journal of a run."""
    return _STEPS_OF(view, run_id=run_id)


def waits_for(view: View, subject: str, field: str, value: str) -> list[Wait]:
    """The open waits for an event."""
    return _WAITS_FOR(view, subject=subject, field=field, value=value)


def due(view: View, now: datetime, most: int) -> list[tuple[str, str]]:
    """The keys (run, step) of open waits whose time is over."""
    return [(row.run_id, row.step) for row in view.rows(_DUE, {"now": instant_text(now), "most": most})]


def came(view: View, most: int) -> list[Kept]:
    """Runs that still stand as waiting though something they waited for came or lapsed, in the order they began."""
    over = {row.run_id for row in view.rows(_CAME, {"most": most})}
    return _kept(view, runs.where(view, RUN.c.run_id.in_(list(over)), order_by=RUN.c.run_id)) if over else []


def early(view: View, subject: str, field: str, value: str) -> Arrival | None:
    """An event that came before anybody waited for it."""
    return next(iter(_EARLY(view, subject=subject, field=field, value=value)), None)


def forget_arrivals(unit: Unit, before: datetime) -> None:
    """Drops events that came before an instant and that nobody waited for."""
    unit.execute(_OLD_ARRIVALS, {"before": instant_text(before)})


def waiting(view: View) -> int:
    """How many runs wait."""
    return int(view.rows(_WAITING)[0][0])


def tell(unit: Unit, event: Message) -> None:
    """Records what a product tells the world."""
    unit.record(value_of(event, ProductAnnounced))


def _kept(view: View, found: list[Run]) -> list[Kept]:
    """Runs with their journals, read as a set."""
    journals: dict[str, list[Step]] = {run.run_id: [] for run in found}
    waited: dict[str, list[Wait]] = {run.run_id: [] for run in found}
    if found:
        for step in steps.where(view, STEP.c.run_id.in_(list(journals)), order_by=STEP.c.position):
            journals[step.run_id].append(step)
        for wait in waits.where(view, WAIT.c.run_id.in_(list(waited))):
            waited[wait.run_id].append(wait)
    return [Kept(run, tuple(journals[run.run_id]), tuple(waited[run.run_id])) for run in found]
