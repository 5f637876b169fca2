"""Credit products through the door."""

from decimal import Decimal

from tests.credit.examples import day, fen, plant_seeds, product_message, rate, request_id
from zhongtai.credit.v1 import loan_pb2
from zhongtai.credit.v1 import product_pb2 as v1
from zhongtai.testing.doors import Door


def publish(**changes: object) -> v1.PublishProductRequest:
    return v1.PublishProductRequest(request_id=request_id(), product=product_message(**changes))


async def on(door: Door, *date: int) -> v1.Product:
    request = v1.GetProductRequest(product_id="consumer_instalment", on=day(*date))
    reply = await door.call(request)
    product: v1.Product = reply.product
    return product


async def test_the_version_valid_on_the_day_is_given(door: Door) -> None:
    await door.call(publish())
    await door.call(publish(version=2, valid_from=day(2026, 3, 1), nominal_interest_rate=rate("0.10")))
    await door.call(publish(version=3, valid_from=day(2026, 6, 1), valid_to=day(2026, 6, 30)))
    assert (await on(door, 2020, 1, 1)).version == 1
    assert (await on(door, 2026, 2, 28)) == product_message()
    assert (await on(door, 2026, 3, 1)).nominal_interest_rate.value == "0.10"
    assert (await on(door, 2026, 6, 30)).version == 3
    assert (await on(door, 2026, 7, 1)).version == 2
    listed = await door.call(v1.ListProductsRequest(on=day(2026, 7, 1)))
    assert [product.version for product in listed.products] == [2]


async def test_before_its_first_day_a_product_is_not_offered(door: Door) -> None:
    await door.call(publish())
    request = v1.GetProductRequest(product_id="consumer_instalment", on=day(2019, 12, 31))
    assert (await door.refused(request)).reason == "PRODUCT_NOT_OFFERED"
    unknown = v1.GetProductRequest(product_id="unheard_of")
    assert (await door.refused(unknown)).reason == "PRODUCT_NOT_FOUND"


async def test_publishing_the_same_again_is_one_version_and_one_fact(door: Door) -> None:
    for _ in range(2):
        reply = await door.call(publish())
        assert (reply.product_id, reply.version) == ("consumer_instalment", 1)
    facts = await door.facts(v1.ProductPublished)
    assert facts == [v1.ProductPublished(product_id="consumer_instalment", product=product_message())]


async def test_a_published_version_never_changes(door: Door) -> None:
    await door.call(publish())
    refusal = await door.refused(publish(nominal_interest_rate=rate("0.13")))
    assert refusal.reason == "PRODUCT_VERSION_TAKEN"
    assert (await on(door, 2026, 1, 1)) == product_message()


async def test_a_contradiction_leaves_no_trace(door: Door) -> None:
    refusal = await door.refused(publish(minimum_amount=fen(20_000_001)), language="zh-CN")
    assert refusal.reason == "MINIMUM_AMOUNT_MUST_NOT_EXCEED_MAXIMUM_AMOUNT"
    assert "最低金额CNY 200,000.01" in refusal.sentence("zh-CN")
    assert not await door.envelopes()
    assert not (await door.call(v1.ListProductsRequest())).products


async def test_a_rate_is_a_plain_decimal_and_a_yearly_part(door: Door) -> None:
    for text in ("12", "1.2e-1", "-0.01", ".12", "0.1234567890123", ""):
        assert (await door.refused(publish(nominal_interest_rate=rate(text)))).kind == "Invalid", text


async def test_a_retired_product_is_no_longer_offered(door: Door) -> None:
    await plant_seeds(door)
    retire = v1.RetireProductRequest(product_id="harvest_bullet", retired_from=day(2026, 2, 1))
    for _ in range(2):
        retire.request_id = request_id()
        assert (await door.call(retire)).retired_from == day(2026, 2, 1)
    assert len(await door.facts(v1.ProductRetired)) == 1
    january = v1.GetProductRequest(product_id="harvest_bullet", on=day(2026, 1, 31))
    assert (await door.call(january)).product.version == 1
    february = v1.GetProductRequest(product_id="harvest_bullet", on=day(2026, 2, 1))
    assert (await door.refused(february)).reason == "PRODUCT_NOT_OFFERED"
    listed = await door.call(v1.ListProductsRequest(on=day(2026, 2, 1)))
    others = {
        "business_interest_only",
        "car_instalment",
        "consumer_instalment",
        "home_mortgage_floating",
        "personal_equal_principal",
    }
    assert {product.product_id for product in listed.products} == others
    assert (
        await door.refused(v1.RetireProductRequest(request_id="x", product_id="none"))
    ).reason == "PRODUCT_NOT_FOUND"


async def test_the_seeds_are_products_repaid_and_counted_in_every_way(door: Door) -> None:
    await plant_seeds(door)
    await plant_seeds(door)
    products = {product.product_id: product for product in (await door.call(v1.ListProductsRequest())).products}
    assert len(products) == 6
    assert len({product.amortisation for product in products.values()}) == 4
    assert len({product.day_count for product in products.values()}) == 4
    mortgage = products["home_mortgage_floating"]
    assert (mortgage.servicing.interest.floating.tenor, mortgage.taxes.value_added_rate.value) == ("5Y", "0.06")
    assert products["car_instalment"].late_interest.on_interest
    quote = loan_pb2.QuoteLoanRequest(product_id="home_mortgage_floating", amount=fen(100_000_000), term_months=360)
    assert Decimal((await door.call(quote)).nominal_interest_rate.value) == Decimal("0.032")


async def test_products_are_listed_page_by_page(door: Door) -> None:
    await plant_seeds(door)
    request = v1.ListProductsRequest()
    request.page.size = 3
    first = await door.call(request)
    request.page.token = first.page.next_token
    second = await door.call(request)
    ids = [product.product_id for product in (*first.products, *second.products)]
    assert (len(first.products), ids) == (3, sorted(set(ids)))
    assert not second.page.next_token
