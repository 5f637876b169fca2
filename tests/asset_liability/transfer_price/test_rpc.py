"""Curves and quotes through the door."""

import json
from datetime import date
from importlib.resources import files
from typing import Any

from google.protobuf.json_format import ParseDict
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal

from zhongtai.asset_liability.v1 import transfer_price_pb2 as v1
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.testing.doors import Door


def curve(version: int = 1, valid_from: Date | None = None, **fields: Any) -> v1.Curve:
    rates = ((30, "0.02"), (90, "0.026"), (365, "0.031"))
    points = [v1.CurvePoint(tenor_days=days, rate=Decimal(value=rate)) for days, rate in rates]
    described = {"name": "CNY treasury", "currency_code": "CNY", "points": points} | fields
    return v1.Curve(
        curve_id="cny", version=version, valid_from=valid_from or Date(year=2026, month=1, day=1), **described
    )


def publish(request_id: str, published: v1.Curve) -> v1.PublishCurveRequest:
    return v1.PublishCurveRequest(request_id=request_id, curve=published)


def quote(*flows: tuple[Date, int], **fields: Any) -> v1.QuoteTransferPriceRequest:
    cash_flows = [
        v1.TransferCashFlow(date=day, amount=Money(currency_code="CNY", minor_units=amount)) for day, amount in flows
    ]
    return v1.QuoteTransferPriceRequest(**{"curve_id": "cny", "cash_flows": cash_flows} | fields)


async def test_a_published_curve_is_told_and_read(door: Door) -> None:
    door.today(date(2026, 3, 2))
    await door.call(publish("1", curve()))
    assert await door.facts(v1.CurvePublished) == [v1.CurvePublished(curve_id="cny", version=1, curve=curve())]
    assert (await door.call(v1.GetCurveRequest(curve_id="cny"))).curve == curve()


async def test_the_same_version_again_changes_nothing_and_another_content_is_refused(door: Door) -> None:
    await door.call(publish("1", curve()))
    assert (await door.call(publish("2", curve()))).curve == curve()
    assert len(await door.facts(v1.CurvePublished)) == 1
    assert (await door.refused(publish("3", curve(name="other")))).reason == "CURVE_VERSION_ALREADY_PUBLISHED"
    assert (await door.refused(publish("4", curve(2)))).reason == "CURVE_VALIDITY_ALREADY_TAKEN"
    twice = [curve().points[0]] * 2
    assert (await door.refused(publish("5", curve(3, points=twice)))).reason == "TENORS_MUST_RISE"


async def test_the_version_is_that_of_the_day(door: Door) -> None:
    door.today(date(2026, 8, 1))
    july = Date(year=2026, month=7, day=1)
    await door.call(publish("1", curve()))
    await door.call(publish("2", curve(2, july)))

    async def version(**on: Any) -> int:
        return int((await door.call(v1.GetCurveRequest(curve_id="cny", **on))).curve.version)

    assert await version() == 2
    assert await version(on=Date(year=2026, month=6, day=30)) == 1
    assert await version(on=july) == 2
    early = v1.GetCurveRequest(curve_id="cny", on=Date(year=2025, month=12, day=31))
    refusal = await door.refused(early)
    assert (refusal.reason, refusal.metadata) == ("CURVE_NOT_PUBLISHED", {"curve_id": "cny", "on": "2025-12-31"})


async def test_a_schedule_is_priced_piece_by_piece(door: Door) -> None:
    door.today(date(2026, 3, 2))
    await door.call(publish("1", curve()))
    # 30 days and 90 days after the start, as in the domain's example.
    reply = await door.call(
        quote((Date(year=2026, month=4, day=1), 100_000), (Date(year=2026, month=5, day=31), 300_000))
    )
    assert (reply.rate.value, reply.curve_id, reply.version) == ("0.025400", "cny", 1)
    assert reply.average_tenor_days.value == "75.00"
    assert [(piece.tenor_days, piece.rate.value) for piece in reply.pieces] == [(30, "0.020000"), (90, "0.026000")]


async def test_what_cannot_be_priced_is_refused(door: Door) -> None:
    door.today(date(2026, 3, 2))
    may = Date(year=2026, month=5, day=31)
    assert (await door.refused(quote((may, 1)))).reason == "CURVE_NOT_PUBLISHED"
    await door.call(publish("1", curve()))
    past = await door.refused(quote((Date(year=2026, month=3, day=2), 1)))
    assert past.reason == "CASH_FLOW_MUST_FOLLOW_START"
    dollars = v1.TransferCashFlow(date=may, amount=Money(currency_code="USD", minor_units=1))
    assert (await door.refused(quote(cash_flows=[dollars]))).reason == "CURRENCY_MUST_MATCH"
    for wrong in (quote(), quote((may, 0)), quote((may, -1)), quote((may, 5), curve_id="")):
        assert (await door.refused(wrong)).reason == "REQUEST_INVALID"


async def test_a_rate_must_be_a_plain_decimal(door: Door) -> None:
    for rate in ("1.5", "abc", "", "1e-2", "NaN"):
        points = [v1.CurvePoint(tenor_days=30, rate=Decimal(value=rate))]
        assert (await door.refused(publish("1", curve(points=points)))).reason == "REQUEST_INVALID"


async def test_the_seed_is_published_as_it_stands(door: Door) -> None:
    door.today(date(2026, 3, 2))
    seed = json.loads((files("zhongtai.asset_liability.transfer_price") / "seed.json").read_text(encoding="utf-8"))
    for number, entry in enumerate(seed):
        await door.call(ParseDict(entry["request"] | {"requestId": f"seed-{number}"}, v1.PublishCurveRequest()))
    reply = await door.call(quote((Date(year=2027, month=3, day=2), 1), curve_id="cny_treasury"))
    assert reply.rate.value == "0.031000"
