"""The RPCs of collection agreements."""

from zhongtai.operations.account import store as account_store
from zhongtai.operations.collection_agreement import store
from zhongtai.operations.collection_agreement.domain import CollectionAgreement, collect_from
from zhongtai.operations.mandate import store as mandate_store
from zhongtai.operations.v1 import collection_agreement_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, money_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def open_collection_agreement(
    request: v1.OpenCollectionAgreementRequest, unit: Unit
) -> v1.OpenCollectionAgreementResponse:
    """Lets a creditor collect."""
    debtor = account_store.customers_account(unit, request.debtor_account_id)
    creditor = account_store.customers_account(unit, request.creditor_account_id)
    up_to = money_of(request.up_to)
    agreement = CollectionAgreement(
        collection_agreement_id=unit.new_id("coll"),
        customer_id=debtor.customer_id,
        debtor_account_id=debtor.account_id,
        creditor_account_id=creditor.account_id,
        purpose=request.purpose,
        up_to=up_to,
        per_month=money_of(request.per_month) if request.HasField("per_month") else None,
        ends_on=date_of(request.ends_on),
        collected=debtor.balance.nothing,
    )
    opened = agreement.opened(unit.business_date)
    store.must_be_only_one(unit, agreement)
    mandate_store.must_allow(unit, debtor.account_id, request.ordered_by, up_to)
    store.agreements.add(unit, agreement)
    unit.record(opened)
    return v1.OpenCollectionAgreementResponse(
        collection_agreement_id=agreement.collection_agreement_id, collection_agreement=_message(agreement)
    )


@rpc
def end_collection_agreement(
    request: v1.EndCollectionAgreementRequest, unit: Unit
) -> v1.EndCollectionAgreementResponse:
    """Takes the right back."""
    agreement, ended = store.agreements.load(unit, request.collection_agreement_id).ended()
    if ended:
        store.agreements.save(unit, agreement)
        unit.record(ended)
    return v1.EndCollectionAgreementResponse(collection_agreement=_message(agreement))


@rpc
def check_collection(request: v1.CheckCollectionRequest, view: View) -> v1.CheckCollectionResponse:
    """Says whether an amount could be collected."""
    in_force = store.in_force(view, request.creditor_account_id, [request.debtor_account_id])
    after = collect_from(request.debtor_account_id, money_of(request.amount), in_force, view.business_date)
    return v1.CheckCollectionResponse(collection_agreement_id=after.collection_agreement_id)


@rpc
def get_collection_agreement(
    request: v1.GetCollectionAgreementRequest, view: View
) -> v1.GetCollectionAgreementResponse:
    """One agreement."""
    found = store.agreements.load(view, request.collection_agreement_id)
    return v1.GetCollectionAgreementResponse(collection_agreement=_message(found))


@rpc
def list_collection_agreements(
    request: v1.ListCollectionAgreementsRequest, view: View
) -> v1.ListCollectionAgreementsResponse:
    """Agreements, page by page."""
    conditions = store.about(request.customer_id, request.creditor_account_id)
    found, page = store.agreements.page(view, request.page, *conditions)
    return v1.ListCollectionAgreementsResponse(collection_agreements=[_message(one) for one in found], page=page)


def _message(agreement: CollectionAgreement) -> v1.CollectionAgreement:
    return message_of(agreement, v1.CollectionAgreement)
