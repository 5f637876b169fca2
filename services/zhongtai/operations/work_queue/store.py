"""How queues rest: those that ship lie in `queues.json`, and a row here stands for each that was defined since."""

from collections.abc import Mapping

from sqlalchemy import MetaData, Table

from zhongtai.operations.work_queue.domain import WorkQueue, WorkQueueNotFound
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, integer, json, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
WORK_QUEUE = Table(
    "work_queue",
    metadata,
    text("queue_id", primary_key=True),
    text("title"),
    text("title_zh"),
    text("role"),
    json("skills"),
    integer("four_eyes"),
    integer("approvers_needed"),
    integer("priority"),
    integer("sla_minutes"),
    integer("warn_minutes"),
    integer("opens_minute"),
    integer("closes_minute"),
    json("steps"),
)
_defined = Records(WORK_QUEUE, WorkQueue, missing=WorkQueueNotFound)
_ALL = _defined.query(order_by=WORK_QUEUE.c.queue_id)


SHIPPED: Mapping[str, WorkQueue] = {
    queue.queue_id: queue for queue in reader(list[WorkQueue])(shipped(__package__, "queues.json"))
}


def find(view: View, queue_id: str) -> WorkQueue | None:
    """The queue as it was defined last, or as it ships; None where there is none, or no name is given."""
    return (_defined.find(view, queue_id) or SHIPPED.get(queue_id)) if queue_id else None


def load(view: View, queue_id: str) -> WorkQueue:
    """The queue; raises `WorkQueueNotFound`."""
    return find(view, queue_id) or _defined.load(view, queue_id)


def every(view: View) -> list[WorkQueue]:
    """Every queue, by its id."""
    known = {**SHIPPED, **{queue.queue_id: queue for queue in _ALL(view)}}
    return [known[queue_id] for queue_id in sorted(known)]


def keep(unit: Unit, queue: WorkQueue) -> None:
    """Keeps a queue as it is now."""
    if _defined.find(unit, queue.queue_id) is None:
        _defined.add(unit, queue)
    else:
        _defined.save(unit, queue)
