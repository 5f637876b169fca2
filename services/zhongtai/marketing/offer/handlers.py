"""The RPCs of offers, and the events of credit that keep marketing's copy of the products."""

from zhongtai.credit.v1 import product_pb2 as credit_v1
from zhongtai.marketing.customer import store as customer_store
from zhongtai.marketing.offer import domain, store
from zhongtai.marketing.v1 import offer_pb2 as v1
from zhongtai.runtime.convert import date_message, message_of, value_of
from zhongtai.runtime.unit import Unit, View, on, rpc


@rpc
def check_offer(request: v1.CheckOfferRequest, view: View) -> v1.CheckOfferResponse:
    """Whether a customer may have a product in this amount and term on the business date."""
    offer = domain.offer(
        store.versions_of(view, request.product_id),
        store.retirements.find(view, request.product_id),
        customer_store.customers.load(view, request.customer_id),
        view.business_date,
        value_of(request, domain.Wish),
    )
    return v1.CheckOfferResponse(
        product_id=offer.product.product_id,
        product_version=offer.product.version,
        eligible=offer.eligible,
        reasons=[message_of(reason, v1.OfferReason) for reason in offer.reasons],
        checked_on=date_message(view.business_date),
    )


@rpc
def list_offers(request: v1.ListOffersRequest, view: View) -> v1.ListOffersResponse:
    """Every product, with whether the customer may have it on the business date."""
    customer = customer_store.customers.load(view, request.customer_id)
    newest, page = store.products.page(view, request.page, store.NEWEST)
    ids = [product.product_id for product in newest]
    versions, retired = store.versions(view, ids), store.retired(view, ids)
    offers = [domain.offer(versions[each], retired.get(each), customer, view.business_date) for each in ids]
    return v1.ListOffersResponse(offers=[_message(offer) for offer in offers], page=page)


@on
def product_published(event: credit_v1.ProductPublished, unit: Unit) -> None:
    """Keeps the version."""
    store.keep(unit, value_of(event.product, domain.Product))


@on
def product_retired(event: credit_v1.ProductRetired, unit: Unit) -> None:
    """Keeps from when on the product is not offered."""
    store.keep_retirement(unit, value_of(event, domain.Retirement))


def _message(offer: domain.Offer) -> v1.Offer:
    return message_of(
        offer.product,
        v1.Offer,
        product_version=offer.product.version,
        eligible=offer.eligible,
        reasons=[message_of(reason, v1.OfferReason) for reason in offer.reasons],
    )
