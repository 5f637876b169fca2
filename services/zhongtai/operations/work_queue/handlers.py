"""The RPCs of queues."""

from zhongtai.operations.v1 import work_queue_pb2 as v1
from zhongtai.operations.work_queue import store
from zhongtai.operations.work_queue.domain import WorkQueue, WorkQueueDefined
from zhongtai.runtime.convert import message_of, value_of
from zhongtai.runtime.store import page_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def define_work_queue(request: v1.DefineWorkQueueRequest, unit: Unit) -> v1.DefineWorkQueueResponse:
    """Defines a queue; the queues its steps name must be there."""
    queue = value_of(request.queue, WorkQueue)
    queue.must_be_whole()
    for step in queue.steps:
        if step.queue_id:
            store.load(unit, step.queue_id)
    if store.find(unit, queue.queue_id) != queue:
        store.keep(unit, queue)
        unit.record(WorkQueueDefined(queue.queue_id, queue))
    return v1.DefineWorkQueueResponse(queue_id=queue.queue_id)


@rpc
def get_work_queue(request: v1.GetWorkQueueRequest, view: View) -> v1.GetWorkQueueResponse:
    """One queue."""
    return v1.GetWorkQueueResponse(queue=message_of(store.load(view, request.queue_id), v1.WorkQueue))


@rpc
def list_work_queues(request: v1.ListWorkQueuesRequest, view: View) -> v1.ListWorkQueuesResponse:
    """The queues, by their ids."""
    queues, page = page_of(store.every(view), request.page)
    return v1.ListWorkQueuesResponse(queues=[message_of(queue, v1.WorkQueue) for queue in queues], page=page)
