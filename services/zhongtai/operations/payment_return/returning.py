"""The return of a payment over a rail (退汇), whoever says so: somebody here, or the other bank by a pacs.004."""

from zhongtai.operations.payment import booking
from zhongtai.operations.payment import store as payment_store
from zhongtai.operations.payment.domain import Payment
from zhongtai.operations.payment_return import domain
from zhongtai.operations.payment_return.domain import Return
from zhongtai.operations.rail.store import rail
from zhongtai.runtime.unit import Unit


def give_back(unit: Unit, original: Payment, asked: Return) -> tuple[Payment, Payment]:
    """The payment as returned, and the payment that returns it; under a reference that is there, that one again."""
    party = asked.party(original.payment_id)
    present = payment_store.by_reference(unit, party, asked.return_id) if asked.return_id else None
    if present:
        return original, domain.same_return(present, original, asked)
    kept = rail(original.rail).return_charge(original.amount.currency) if original.rail else original.amount.nothing
    original, back = domain.returned(original, asked, kept, unit.new_id("pay"), unit.now)
    back = booking.booked(unit, back)
    payment_store.payments.save(unit, original)
    payment_store.payments.add(unit, back)
    unit.record(domain.returned_fact(original, back))
    return original, back
