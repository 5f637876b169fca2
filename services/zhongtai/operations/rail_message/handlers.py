"""The RPCs of rail messages."""

from zhongtai.operations.iso_message import telling
from zhongtai.operations.iso_message.domain import MessageKind
from zhongtai.operations.iso_message.reading import read
from zhongtai.operations.iso_message.writing import write
from zhongtai.operations.payment import store as payment_store
from zhongtai.operations.rail.store import rail
from zhongtai.operations.rail_message import receiving
from zhongtai.operations.rail_message.domain import must_be_sent, must_be_simulated, must_move_money, report
from zhongtai.operations.v1 import rail_message_pb2 as v1
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import Unit, View, rpc

_DOES = {
    MessageKind.PACS_008: receiving.arrives,
    MessageKind.PACS_002: receiving.is_reported,
    MessageKind.PACS_004: receiving.comes_back,
}


@rpc
def receive_rail_message(request: v1.ReceiveRailMessageRequest, unit: Unit) -> v1.ReceiveRailMessageResponse:
    """Does what a rail says: books transfers that arrive or come back, and takes the outcome of ours."""
    message = must_move_money(read(request.content))
    transfers = [_DOES[message.kind](unit, one, request.rail) for one in message.transactions]
    content = b""
    if message.kind is MessageKind.PACS_008:
        content = write(report(message, transfers, message_id=unit.new_id("rep"), now=unit.now))
    return v1.ReceiveRailMessageResponse(
        message_id=message.message_id,
        transfers=[message_of(one, v1.RailTransfer) for one in transfers],
        report=content,
    )


@rpc
def write_rail_answer(request: v1.WriteRailAnswerRequest, view: View) -> v1.WriteRailAnswerResponse:
    """What the simulated rail of a payment says of it now, as the message of a rail."""
    payment = must_be_sent(payment_store.payments.load(view, request.payment_id))
    carrier = must_be_simulated(payment.rail, rail(payment.rail))
    said = carrier.submit(payment) if payment.to_be_submitted else carrier.inquire(payment)
    return v1.WriteRailAnswerResponse(content=write(telling.answer(payment, said, view.now)))
