"""The RPCs of credit products."""

from zhongtai.credit.product import domain, store
from zhongtai.credit.v1 import product_pb2 as v1
from zhongtai.runtime.convert import date_message, date_of, message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def publish_product(request: v1.PublishProductRequest, unit: Unit) -> v1.PublishProductResponse:
    """Publishes one version of a product."""
    product = value_of(request.product, domain.Product)
    fact = domain.publish(
        product,
        published=store.products.find(unit, product.product_id, product.version),
        latest_version=store.latest_version(unit, product.product_id),
        retirement=store.retirements.find(unit, product.product_id),
    )
    if fact is not None:
        store.products.add(unit, product)
        unit.record(fact)
    return v1.PublishProductResponse(product_id=product.product_id, version=product.version)


@rpc
def retire_product(request: v1.RetireProductRequest, unit: Unit) -> v1.RetireProductResponse:
    """Stops offering a product from a day on."""
    retirement, fact = domain.retire(
        request.product_id,
        retired_from=date_of(request.retired_from) if request.HasField("retired_from") else unit.business_date,
        today=unit.business_date,
        latest_version=store.latest_version(unit, request.product_id),
        retirement=store.retirements.find(unit, request.product_id),
    )
    if fact is not None:
        store.retirements.add(unit, retirement)
        unit.record(fact)
    return v1.RetireProductResponse(product_id=request.product_id, retired_from=date_message(retirement.retired_from))


@rpc
def get_product(request: v1.GetProductRequest, view: View) -> v1.GetProductResponse:
    """The version of a product that is valid on a day."""
    on = date_of(request.on) if request.HasField("on") else view.business_date
    return v1.GetProductResponse(product=message_of(store.offered(view, request.product_id, on), v1.Product))


@rpc
def list_products(request: v1.ListProductsRequest, view: View) -> v1.ListProductsResponse:
    """The products that are offered on a day."""
    on = date_of(request.on) if request.HasField("on") else view.business_date
    found, page = store.products.page(view, request.page, *store.offered_on(on))
    return v1.ListProductsResponse(products=[message_of(product, v1.Product) for product in found], page=page)
