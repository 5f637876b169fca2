"""The RPCs of rails: what they are, and what they cost."""

from zhongtai.kernel.money import Money
from zhongtai.operations.payment.domain import ChargeBearer
from zhongtai.operations.rail import store
from zhongtai.operations.rail.domain import SimulatedRail
from zhongtai.operations.v1 import rail_pb2 as v1
from zhongtai.operations.v1.payment_pb2 import ChargeBearer as ChargeBearerMessage
from zhongtai.runtime.convert import date_message, message_of, money_message, money_of
from zhongtai.runtime.unit import View, rpc


@rpc
def list_rails(request: v1.ListRailsRequest, view: View) -> v1.ListRailsResponse:
    """The rails that are data."""
    return v1.ListRailsResponse(rails=[_message(rail, view) for rail in store.SHIPPED])


@rpc
def quote_charges(request: v1.QuoteChargesRequest, view: View) -> v1.QuoteChargesResponse:
    """What a payment would cost."""
    rail, instructed = store.rail(request.rail), money_of(request.amount)
    rail.must_carry(instructed)
    bearer = ChargeBearer(ChargeBearerMessage.Name(request.charge_bearer)[-4:]) if request.charge_bearer else None
    return message_of(rail.charged(instructed, bearer), v1.QuoteChargesResponse)


def _message(rail: SimulatedRail, view: View) -> v1.Rail:
    moves_on = rail.moves_on(view.business_date, view.business_date, view.now)
    return v1.Rail(
        rail=rail.rail,
        name=rail.name,
        name_zh=rail.name_zh,
        currencies=rail.settlement_accounts,
        cut_off=rail.cut_off,
        bank_days_only=rail.bank_days_only,
        largest=[money_message(Money(currency, most)) for currency, most in rail.largest.items()],
        moves_on=date_message(moves_on),
    )
