"""The RPCs of mandates."""

from zhongtai.kernel.money import Money
from zhongtai.operations.account import store as account_store
from zhongtai.operations.mandate import store
from zhongtai.operations.mandate.domain import Mandate, MandateKind
from zhongtai.operations.v1 import mandate_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, money_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def set_mandate(request: v1.SetMandateRequest, unit: Unit) -> v1.SetMandateResponse:
    """Gives the right to order."""
    account = account_store.customers_account(unit, request.account_id)
    nothing = Money(account.currency_code, 0)
    mandate = Mandate(
        unit.new_id("mdt"),
        account.account_id,
        MandateKind(v1.MandateKind.Name(request.kind).removeprefix("MANDATE_KIND_")),
        tuple(request.customers),
        request.together,
        nothing + money_of(request.up_to) if request.HasField("up_to") else None,
        unit.business_date,
        date_of(request.ends_on) if request.HasField("ends_on") else None,
    )
    fact = mandate.given(store.of_account(unit, account.account_id), unit.business_date)
    store.mandates.add(unit, mandate)
    unit.record(fact)
    return v1.SetMandateResponse(mandate_id=mandate.mandate_id, mandate=message_of(mandate, v1.Mandate))


@rpc
def end_mandate(request: v1.EndMandateRequest, unit: Unit) -> v1.EndMandateResponse:
    """Ends a mandate."""
    mandate, ended = store.mandates.load(unit, request.mandate_id).ended(unit.business_date)
    if ended:
        store.mandates.save(unit, mandate)
        unit.record(ended)
    return v1.EndMandateResponse(mandate=message_of(mandate, v1.Mandate))


@rpc
def check_mandate(request: v1.CheckMandateRequest, view: View) -> v1.CheckMandateResponse:
    """Refuses where the people named may not order the amount."""
    store.must_allow(view, request.account_id, tuple(request.ordered_by), money_of(request.amount))
    return v1.CheckMandateResponse()


@rpc
def list_mandates(request: v1.ListMandatesRequest, view: View) -> v1.ListMandatesResponse:
    """The mandates of an account."""
    account = account_store.accounts.load(view, request.account_id)
    found = store.of_account(view, account.account_id)
    return v1.ListMandatesResponse(mandates=[message_of(mandate, v1.Mandate) for mandate in found])
