"""The RPC of rail messages."""

from zhongtai.operations.iso_message.domain import MessageKind
from zhongtai.operations.iso_message.reading import read
from zhongtai.operations.rail_message import receiving
from zhongtai.operations.rail_message.domain import must_move_money
from zhongtai.operations.v1 import rail_message_pb2 as v1
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import Unit, rpc


@rpc
def receive_rail_message(request: v1.ReceiveRailMessageRequest, unit: Unit) -> v1.ReceiveRailMessageResponse:
    """Books what a rail says: transfers that arrive, or transfers that come back."""
    message = must_move_money(read(request.content))
    does = receiving.arrives if message.kind is MessageKind.PACS_008 else receiving.comes_back
    return v1.ReceiveRailMessageResponse(
        message_id=message.message_id,
        transfers=[message_of(does(unit, one, request.rail), v1.RailTransfer) for one in message.transactions],
    )
