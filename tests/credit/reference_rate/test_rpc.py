"""Reference rates through the door."""

from tests.credit.examples import day, rate, request_id
from zhongtai.credit.v1 import reference_rate_pb2 as v1
from zhongtai.testing.doors import Door


def quote(
    text: str, month: int = 1, of_month: int = 20, version: int = 1, benchmark: str = "LPR-1Y"
) -> v1.ReferenceRate:
    return v1.ReferenceRate(
        benchmark=benchmark, effective_on=day(2026, month, of_month), version=version, rate=rate(text), source="NIFC"
    )


async def publish(door: Door, one: v1.ReferenceRate) -> None:
    await door.call(v1.PublishReferenceRateRequest(request_id=request_id(), reference_rate=one))


async def in_force(door: Door, month: int, of_month: int, benchmark: str = "LPR-1Y") -> str:
    request = v1.GetReferenceRateRequest(benchmark=benchmark, on=day(2026, month, of_month))
    return str((await door.call(request)).reference_rate.rate.value)


async def test_the_newest_quote_that_began_is_in_force_in_its_latest_version(door: Door) -> None:
    for one in (quote("0.031"), quote("0.03", 2), quote("0.035", benchmark="LPR-5Y"), quote("0.04", benchmark="SOFR")):
        await publish(door, one)
    await publish(door, quote("0.0305", version=2))
    assert await in_force(door, 1, 20) == "0.0305"
    assert await in_force(door, 2, 19) == "0.0305"
    assert await in_force(door, 2, 20) == "0.03"
    assert await in_force(door, 12, 31, "LPR-5Y") == "0.035"
    refusal = await door.refused(v1.GetReferenceRateRequest(benchmark="LPR-1Y", on=day(2026, 1, 19)))
    assert refusal.reason == "REFERENCE_RATE_NOT_FOUND"
    listed = await door.call(v1.ListReferenceRatesRequest(benchmark="LPR-1Y"))
    assert [(one.version, one.rate.value) for one in listed.reference_rates] == [
        (1, "0.031"),
        (2, "0.0305"),
        (1, "0.03"),
    ]


async def test_a_quote_is_told_once_and_never_changed(door: Door) -> None:
    for _ in range(2):
        await publish(door, quote("0.03"))
    assert await door.facts(v1.ReferenceRatePublished) == [
        v1.ReferenceRatePublished(benchmark="LPR-1Y", reference_rate=quote("0.03"))
    ]
    for one, reason in (
        (quote("0.031"), "REFERENCE_RATE_VERSION_TAKEN"),
        (quote("0.031", version=3), "REFERENCE_RATE_VERSION_MUST_FOLLOW_LATEST"),
        (quote("3"), "REQUEST_INVALID"),
        (quote("0.03", benchmark="lpr"), "REQUEST_INVALID"),
    ):
        refusal = await door.refused(v1.PublishReferenceRateRequest(request_id=request_id(), reference_rate=one))
        assert refusal.reason == reason
