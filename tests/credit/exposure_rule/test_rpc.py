"""The caps on large exposures through the door, and what they refuse when an amount is held."""

from datetime import UTC, datetime

from tests.credit.examples import day, fen, granted, plant_seeds, rate, request_id
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.credit.v1 import exposure_rule_pb2 as v1
from zhongtai.credit.v1 import limit_node_pb2 as node_v1
from zhongtai.credit.v1 import limit_pb2 as limit_v1
from zhongtai.testing.doors import Door


async def publish_capital(door: Door, net_capital: int, tier_1: int, **rates: str) -> None:
    capital = v1.CapitalBase(
        as_of=day(2025, 12, 31),
        net_capital=fen(net_capital),
        tier_1=fen(tier_1),
        rates=[v1.ExchangeRate(currency_code=code, rate=rate(text)) for code, text in rates.items()],
    )
    for _ in range(2):
        await door.call(v1.PublishCapitalBaseRequest(request_id=request_id(), capital=capital))


async def plant_caps(door: Door) -> None:
    """The rules that ship as they were before they said what counts of commitments."""
    await plant_seeds(door)
    rules = (await door.call(v1.GetExposureRulesRequest())).rules
    rules.version += 1
    del rules.factors[:]
    await door.call(v1.PublishExposureRulesRequest(request_id=request_id(), rules=rules))


def hold(limit_id: str, amount: Money) -> limit_v1.HoldLimitRequest:
    return limit_v1.HoldLimitRequest(request_id=request_id(), limit_id=limit_id, amount=amount)


async def node_of(door: Door, kind: node_v1.NodeKind, subject: str) -> node_v1.GetLimitNodeResponse:
    listed = await door.call(node_v1.ListLimitNodesRequest(kind=kind, subject=subject))
    reply: node_v1.GetLimitNodeResponse = await door.call(node_v1.GetLimitNodeRequest(node_id=listed.nodes[0].node_id))
    return reply


async def test_the_rules_that_ship_say_what_was_not_seen(door: Door) -> None:
    assert (await door.refused(v1.GetExposureRulesRequest())).reason == "EXPOSURE_RULES_NOT_FOUND"
    await plant_seeds(door)
    await plant_seeds(door)
    rules = (await door.call(v1.GetExposureRulesRequest())).rules
    assert [(cap.cap_id, cap.share.value, cap.confirm) for cap in rules.caps] == [
        ("non_bank_single_loans", "0.10", True),
        ("non_bank_single_exposure", "0.15", True),
        ("non_bank_group_exposure", "0.20", True),
        ("interbank_single_exposure", "0.25", True),
        ("interbank_group_exposure", "0.25", True),
    ]
    assert all(one.confirm for one in rules.factors)
    assert len(await door.facts(v1.ExposureRulesPublished)) == 2
    assert (await door.refused(v1.GetExposureRulesRequest(on=day(2018, 6, 30)))).reason == "EXPOSURE_RULES_NOT_FOUND"


async def test_before_the_bank_has_published_its_capital_nothing_is_measured(door: Door) -> None:
    await plant_seeds(door)
    assert (await door.refused(v1.GetCapitalBaseRequest())).reason == "CAPITAL_BASE_NOT_FOUND"
    limit_id = await granted(door, 10**12)
    await door.call(hold(limit_id, fen(10**12)))


async def test_a_single_customer_is_held_to_ten_percent_of_net_capital(door: Door) -> None:
    await plant_caps(door)
    await publish_capital(door, 1_000_000, 800_000)
    assert len(await door.facts(v1.CapitalBasePublished)) == 1
    limit_id = await granted(door, 10_000_000)
    await door.call(hold(limit_id, fen(100_000)))
    refusal = await door.refused(hold(limit_id, fen(1)))
    assert (refusal.reason, refusal.metadata["cap_id"]) == ("CONCENTRATION_CAP_EXCEEDED", "non_bank_single_loans")
    assert refusal.metadata["who"] == "CUSTOMER cus_1"
    found = await node_of(door, node_v1.NODE_KIND_CUSTOMER, "cus_1")
    assert [(one.cap_id, one.exposure.minor_units, one.room.minor_units) for one in found.concentrations] == [
        ("non_bank_single_loans", 100_000, 0),
        ("non_bank_single_exposure", 100_000, 20_000),
    ]


async def test_what_lapsed_does_not_hide_what_is_above_a_cap(door: Door) -> None:
    await plant_caps(door)
    limit_id = await granted(door, 10_000_000)
    await door.call(hold(limit_id, fen(500_000)))
    await publish_capital(door, 1_000_000, 800_000)
    door.now(datetime(2026, 6, 1, tzinfo=UTC))
    assert (await door.refused(hold(limit_id, fen(100_001)))).reason == "CONCENTRATION_CAP_EXCEEDED"
    await door.call(hold(limit_id, fen(100_000)))


async def test_a_group_is_held_to_twenty_percent_of_tier_1_over_all_its_members(door: Door) -> None:
    await plant_caps(door)
    await publish_capital(door, 1_000_000, 1_000_000)
    for customer in ("cus_1", "cus_2", "cus_3"):
        opened = node_v1.OpenLimitNodeRequest(
            request_id=request_id(),
            kind=node_v1.NODE_KIND_CUSTOMER,
            subject=customer,
            cap=fen(10_000_000),
            parent="grp_1",
        )
        await door.call(opened)
    limits = [await granted(door, 10_000_000, customer) for customer in ("cus_1", "cus_2", "cus_3")]
    for limit_id in limits[:2]:
        await door.call(hold(limit_id, fen(90_000)))
    await door.call(hold(limits[2], fen(20_000)))
    refusal = await door.refused(hold(limits[2], fen(1)))
    assert (refusal.reason, refusal.metadata["cap_id"]) == ("CONCENTRATION_CAP_EXCEEDED", "non_bank_group_exposure")
    assert refusal.metadata["who"] == "GROUP grp_1"


async def test_other_currencies_and_other_exposure_count_too(door: Door) -> None:
    await plant_caps(door)
    await publish_capital(door, 10_000_000, 1_000_000, USD="7")
    report = node_v1.ReportExposureRequest(request_id=request_id(), customer_id="cus_1", amount=fen(80_000))
    await door.call(report)
    grant = limit_v1.GrantLimitRequest(
        request_id=request_id(), customer_id="cus_1", product_line="consumer", amount=fen(1_000_000, "USD")
    )
    limit_id = (await door.call(grant)).limit_id
    await door.call(hold(limit_id, fen(10_000, "USD")))
    refusal = await door.refused(hold(limit_id, fen(1, "USD")))
    assert refusal.metadata["cap_id"] == "non_bank_single_exposure"
    grant = limit_v1.GrantLimitRequest(
        request_id=request_id(), customer_id="cus_1", product_line="consumer", amount=fen(1_000_000, "EUR")
    )
    euro = (await door.call(grant)).limit_id
    assert (await door.refused(hold(euro, fen(1, "EUR")))).reason == "EXCHANGE_RATE_NOT_FOUND"
    reported = await door.facts(node_v1.ExposureReported)
    assert [fact.other.minor_units for fact in reported] == [80_000]


async def test_what_is_granted_and_not_used_counts_by_its_factor_wherever_it_stands(door: Door) -> None:
    await plant_seeds(door)
    await publish_capital(door, 1_000_000, 800_000)
    for customer in ("cus_1", "cus_2"):
        opened = node_v1.OpenLimitNodeRequest(
            request_id=request_id(),
            kind=node_v1.NODE_KIND_CUSTOMER,
            subject=customer,
            cap=fen(10_000_000),
            parent="grp_1",
        )
        await door.call(opened)
    limit_id, other = await granted(door, 900_000), await granted(door, 100_000, "cus_2")
    await door.call(hold(limit_id, fen(30_000)))
    found = await node_of(door, node_v1.NODE_KIND_CUSTOMER, "cus_1")
    exposures = {one.cap_id: one.exposure.minor_units for one in found.concentrations}
    assert exposures == {"non_bank_single_loans": 30_000, "non_bank_single_exposure": 30_000 + 87_000}
    refusal = await door.refused(hold(limit_id, fen(4_000)))
    assert refusal.metadata["cap_id"] == "non_bank_single_exposure"
    await door.call(hold(limit_id, fen(3_333)))
    await door.call(hold(other, fen(10_000)))
    group = await node_of(door, node_v1.NODE_KIND_GROUP, "grp_1")
    (told,) = group.concentrations
    assert told.exposure.minor_units == 43_333 + (1_000_000 - 43_333 + 5) // 10


async def test_commitments_that_are_reported_count_by_their_factors(door: Door) -> None:
    await plant_seeds(door)
    bond = node_v1.ReportedCommitment(commitment=v1.COMMITMENT_TRANSACTION, amount=fen(1_001))
    report = node_v1.ReportExposureRequest(
        request_id=request_id(), customer_id="cus_1", amount=fen(100), commitments=[bond, bond]
    )
    assert (await door.call(report)).node.other == fen(100 + 2 * 500)
    await plant_caps(door)
    report.request_id = request_id()
    assert (await door.refused(report)).reason == "COMMITMENT_FACTOR_NOT_FOUND"


async def test_an_overall_cap_is_over_all_currencies_at_the_rates_of_the_day(door: Door) -> None:
    await plant_caps(door)
    await publish_capital(door, 10**12, 10**12, USD="7.2")
    yuan = await granted(door, 1_000_000)
    asked = limit_v1.GrantLimitRequest(
        request_id=request_id(), customer_id="cus_1", product_line="consumer", amount=fen(1_000_000, "USD")
    )
    dollars = str((await door.call(asked)).limit_id)
    await door.call(hold(dollars, fen(10_000, "USD")))
    node = (await node_of(door, node_v1.NODE_KIND_CUSTOMER, "cus_1")).node
    capped = node_v1.SetOverallCapRequest(request_id=request_id(), node_id=node.node_id, cap=fen(100_000))
    assert (await door.call(capped)).node.overall_cap == fen(100_000)
    await door.call(hold(yuan, fen(28_000)))
    for refused in (hold(yuan, fen(1)), hold(dollars, fen(1, "USD"))):
        refusal = await door.refused(refused)
        assert (refusal.reason, refusal.metadata["node"]) == ("OVERALL_CAP_EXCEEDED", "CUSTOMER cus_1")
    moved = v1.CapitalBase(
        as_of=day(2026, 1, 5),
        net_capital=fen(10**12),
        tier_1=fen(10**12),
        rates=[v1.ExchangeRate(currency_code="USD", rate=rate("7.5"))],
    )
    await door.call(v1.PublishCapitalBaseRequest(request_id=request_id(), capital=moved))
    refusal = await door.refused(hold(yuan, fen(1)))
    assert refusal.metadata["worth"] == "CNY 1,030.01", "what stands is above the cap by the new rate, and stays"
    found = (await door.call(limit_v1.ListHoldsRequest(limit_id=dollars))).holds
    assert [one.status for one in found] == [limit_v1.HOLD_STATUS_OPEN]
    await door.call(node_v1.SetOverallCapRequest(request_id=request_id(), node_id=node.node_id))
    await door.call(hold(yuan, fen(1)))
