"""Asking a rail what became of a payment: outside any unit of work, for a rail answers when it likes.

Nothing is written here, so a crash asks again. A rail that cannot be reached has said nothing: the payment stays as it
is and is asked about later, and no other payment waits for it.
"""

from dataclasses import dataclass

from zhongtai.kernel.refusals import Unreachable
from zhongtai.operations.payment.domain import Payment
from zhongtai.operations.payment_status.domain import Answer, PaymentStatus
from zhongtai.operations.rail.store import rail


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What a rail said of a payment, and whether it was given the payment again to say so."""

    payment_id: str
    answer: Answer
    submitted_again: bool = False


def asked(payment: Payment) -> Inquiry:
    """What the rail knows of a payment; one it never received is given to it again, by the UETR it would know it by."""
    carrier = rail(payment.rail)
    try:
        answer = carrier.inquire(payment)
        if answer.received:
            return Inquiry(payment.payment_id, answer)
        return Inquiry(payment.payment_id, carrier.submit(payment.asked(payment.created_at)), submitted_again=True)
    except Unreachable:
        return Inquiry(payment.payment_id, Answer(PaymentStatus.PDNG))
