"""The RPC of payment initiations."""

from zhongtai.operations.iso_message.reading import read
from zhongtai.operations.iso_message.store import BANK
from zhongtai.operations.iso_message.writing import write
from zhongtai.operations.payment_initiation.domain import must_initiate, report
from zhongtai.operations.payment_initiation.initiating import initiate
from zhongtai.operations.v1 import payment_initiation_pb2 as v1
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import Unit, rpc


@rpc
def initiate_payments(request: v1.InitiatePaymentsRequest, unit: Unit) -> v1.InitiatePaymentsResponse:
    """Places an order for each transfer of a file."""
    message = must_initiate(read(request.content))
    payments = initiate(unit, message, request.rail, request.ordered_by)
    told = report(message, payments, message_id=unit.new_id("rep"), bank=BANK, now=unit.now)
    return v1.InitiatePaymentsResponse(
        message_id=message.message_id,
        payments=[message_of(one, v1.InitiatedPayment) for one in payments],
        report=write(told),
    )
