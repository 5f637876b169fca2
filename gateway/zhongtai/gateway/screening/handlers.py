"""Hears that orders wait for a screening, and brings risk both names and the text from where they are kept."""

from dataclasses import replace
from typing import Any

from google.protobuf.message import Message

from zhongtai.gateway.screening import store
from zhongtai.gateway.screening.domain import CARRIED_AT_ONCE, AskedScreening
from zhongtai.gateway.v1 import screening_pb2 as v1
from zhongtai.kernel.refusals import Missing, Refusal
from zhongtai.marketing.v1 import customer_pb2 as marketing_v1
from zhongtai.operations.v1 import account_pb2 as account_v1
from zhongtai.operations.v1 import payment_order_pb2 as order_v1
from zhongtai.operations.v1 import payment_screening_pb2 as operations_v1
from zhongtai.risk.v1 import screening_pb2 as risk_v1
from zhongtai.runtime import contracts
from zhongtai.runtime.call import Caller
from zhongtai.runtime.kept import change_once
from zhongtai.runtime.orchestration import Orchestration
from zhongtai.runtime.unit import Unit, on, rpc

_NEEDED = frozenset(
    contracts.method_of(request).operation.scope
    for request in (
        order_v1.GetPaymentOrderRequest,
        account_v1.GetAccountRequest,
        marketing_v1.GetCustomerRequest,
        risk_v1.ScreenPaymentRequest,
    )
)
# Whoever asks to carry need not see a name themselves.
_CARRIER = Caller("screenings", "screenings", _NEEDED)


@rpc
async def carry_screenings(request: v1.CarryScreeningsRequest, given: Orchestration) -> v1.CarryScreeningsResponse:
    """Brings the next screenings to risk; one that cannot be brought stays, and is tried after the others."""
    waiting = await given.read(store.to_carry)
    brought = [await _brought(given, asked) for asked in waiting[:CARRIED_AT_ONCE]]
    carried = sum(brought)

    def work(unit: Unit) -> v1.CarryScreeningsResponse:
        _ = unit
        # Where nothing could be brought, the next call would fail as well: the job's clock asks again.
        more = len(waiting) > CARRIED_AT_ONCE and carried > 0
        return v1.CarryScreeningsResponse(carried=carried, failed=len(brought) - carried, more=more)

    reply, _ = await change_once(given, request, work)
    return reply


@on
def screening_asked(event: operations_v1.ScreeningAsked, unit: Unit) -> None:
    """Notes that a screening is to be brought to risk."""
    if store.asked.find(unit, event.screening_id) is None:
        store.asked.add(unit, AskedScreening(event.screening_id, event.payment_order_id, unit.request_id))


async def _brought(given: Orchestration, asked: AskedScreening) -> bool:
    """Whether risk has the screening now: it keeps the outcome, so a second time does no harm."""
    try:
        await _bring(given, asked)
    except Refusal:
        await given.change(lambda unit: store.asked.save(unit, asked.failed()))
        return False
    await given.change(lambda unit: store.asked.remove(unit, asked.screening_id))
    return True


async def _bring(given: Orchestration, asked: AskedScreening) -> None:
    found = await _called(given, order_v1.GetPaymentOrderRequest(payment_order_id=asked.payment_order_id))
    order: order_v1.PaymentOrder = found.payment_order
    outside = order.HasField("outside_party")
    screen = risk_v1.ScreenPaymentRequest(
        # A name may have changed since a try whose answer was lost, so each try has an id of its own.
        request_id=given.new_id("screen"),
        screening_id=asked.screening_id,
        payment_order_id=asked.payment_order_id,
        debtor_name=await _customers_name(given, order.customer_id),
        creditor_name=order.outside_party.name if outside else await _holders_name(given, order.creditor_account_id),
        remittance_information=order.remittance_information,
    )
    await _called(given, screen)


async def _holders_name(given: Orchestration, account_id: str) -> str:
    """The name of who holds an account; empty where there is no such account."""
    try:
        found = await _called(given, account_v1.GetAccountRequest(account_id=account_id))
    except Missing:
        return ""
    return await _customers_name(given, found.account.customer_id)


async def _customers_name(given: Orchestration, customer_id: str) -> str:
    """The name of a customer; empty where marketing knows none, which risk takes for an incomplete payment."""
    if not customer_id:
        return ""
    try:
        found = await _called(given, marketing_v1.GetCustomerRequest(customer_id=customer_id))
    except Missing:
        return ""
    return str(found.customer.name)


async def _called(given: Orchestration, request: Message) -> Any:
    return await given.calls.call(request, replace(given.call, caller=_CARRIER))
