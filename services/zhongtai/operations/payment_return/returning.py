"""The return of a payment over a rail (退汇), whoever says so: somebody here, or the other bank by a pacs.004."""

from zhongtai.operations.payment import booking
from zhongtai.operations.payment import store as payment_store
from zhongtai.operations.payment.domain import Payment
from zhongtai.operations.payment_return import domain
from zhongtai.runtime.unit import Unit


def give_back(unit: Unit, original: Payment, reason_code: str) -> tuple[Payment, Payment]:
    """The payment as returned, and the payment that returns it, both with their entries."""
    original, back = domain.returned(original, unit.new_id("pay"), reason_code, unit.now)
    back = booking.booked(unit, back)
    payment_store.payments.save(unit, original)
    payment_store.payments.add(unit, back)
    unit.record(domain.returned_fact(original, back))
    return original, back
