"""The RPC of the workload."""

from zhongtai.operations.v1 import workload_pb2 as v1
from zhongtai.operations.workload import store
from zhongtai.operations.workload.domain import workload
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import View, rpc


@rpc
def get_workload(request: v1.GetWorkloadRequest, view: View) -> v1.GetWorkloadResponse:
    """How many orders there are now."""
    _ = request
    queues, people = workload(store.live_orders(view, view.now), view.now)
    return v1.GetWorkloadResponse(
        queues=[message_of(line, v1.WorkloadLine) for line in queues],
        people=[message_of(line, v1.WorkloadLine) for line in people],
    )
