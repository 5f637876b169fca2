"""Contracts made of others, by small cases worked out by hand: what the vectors do not reach."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import pytest

from tests.kernel.actus import loan
from tests.kernel.actus.loan import RESET
from zhongtai.kernel.actus.codes import ContractPerformance, EventType
from zhongtai.kernel.actus.engine import cash_flows
from zhongtai.kernel.actus.events import Event
from zhongtai.kernel.actus.observed import Observed, ObservedEvent
from zhongtai.kernel.actus.terms import TermMissing, terms_of

ANY = {"contractID": "outer", "currency": "CNY", "statusDate": "2024-01-01T00:00"}
LOAN = {**loan.LOAN, "contractID": "loan"}
GOLD = {**ANY, "contractType": "COM", "contractID": "gold", "marketObjectCode": "GOLD"}
NOTHING = Observed()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def part(role: str, terms: object, kind: str = "CNT") -> dict[str, object]:
    return {"object": terms, "referenceType": kind, "referenceRole": role}


def market(**rates: str) -> dict[str, tuple[tuple[datetime, Decimal], ...]]:
    return {name: ((at("2024-01-01"), Decimal(rate)),) for name, rate in rates.items()}


def default(time: str, contract: str = "loan", kind: ContractPerformance = ContractPerformance.DF) -> ObservedEvent:
    return ObservedEvent(at(time), EventType.CE, contract_id=contract, performance=kind)


def flows(base: Mapping[str, object], observed: Observed = NOTHING, /, **terms: object) -> tuple[Event, ...]:
    return cash_flows(terms_of({key: value for key, value in {**base, **terms}.items() if value is not None}), observed)


def told(events: tuple[Event, ...]) -> list[str]:
    """Payoffs to eight digits, without the sign a zero may have."""
    return [f"{event.time:%m-%d} {event.type} {(round(event.payoff, 8) + 0).normalize():f}" for event in events]


# Swaps

SWAP = {
    **ANY,
    "contractType": "SWAPS",
    "contractRole": "RFL",
    "contractStructure": [
        part("FIL", {**LOAN, "contractID": "first", "contractRole": None}),
        part("SEL", {**LOAN, "contractID": "second", "contractRole": None, "nominalInterestRate": "0.2", **RESET}),
    ],
}


def test_each_leg_of_a_swap_is_told_for_itself() -> None:
    found = flows(SWAP, Observed(market(LPR="0.04")))
    assert told(found) == [
        "01-01 IED -1000",
        "01-01 IED 1000",
        "04-01 IP 30",
        "04-01 IP -50",
        "04-01 RR 0",
        "07-01 IP 30",
        "07-01 IP -10",
        "07-01 MD 1000",
        "07-01 MD -1000",
    ]


def test_what_both_legs_have_at_one_time_is_settled_net() -> None:
    found = flows(SWAP, Observed(market(LPR="0.04")), deliverySettlement="S", contractRole="PFL")
    assert told(found) == ["01-01 IED 0", "04-01 IP 20", "07-01 IP -20", "07-01 MD 0"]
    assert [event.state.notional_principal for event in found] == [0, 0, 0, 0]


def test_settled_net_a_leg_tells_what_it_pays_besides_and_not_how_it_gets_there() -> None:
    fee = {"feeRate": 7, "feeBasis": "A", "cycleAnchorDateOfFee": "2024-05-01T00:00"}
    repaid = {"cycleAnchorDateOfPrincipalRedemption": "2024-04-01T00:00", "cycleOfPrincipalRedemption": "P3ML1"}
    legs = [
        part("FIL", {**LOAN, "contractType": "ANN", **repaid, **fee}),
        part("SEL", {**LOAN, "contractID": "second"}),
    ]
    found = flows(SWAP, deliverySettlement="S", contractStructure=legs)
    assert [line[:9].strip() for line in told(found)] == [
        "01-01 IED",
        "04-01 PR",
        "04-01 IP",
        "05-01 FP",
        "07-01 FP",
        "07-01 IP",
        "07-01 MD",
    ]


def test_what_cannot_be_added_is_not_netted() -> None:
    dollars = [part("FIL", {**LOAN, "currency": "USD"}), part("SEL", {**LOAN, "contractID": "second"})]
    found = flows(SWAP, deliverySettlement="S", contractStructure=dollars)
    assert [event.currency for event in found] == ["USD", "CNY"] * 4


def test_a_swap_is_the_creators_between_purchase_and_termination() -> None:
    trade = {"priceAtPurchaseDate": 5, "priceAtTerminationDate": 6}
    dates = {"purchaseDate": "2024-03-01T00:00", "terminationDate": "2024-05-01T00:00"}
    found = flows(SWAP, Observed(market(LPR="0.04")), **trade, **dates)
    assert told(found) == ["03-01 PRD 5", "04-01 IP 30", "04-01 IP -50", "04-01 RR 0", "05-01 TD 6"]
    assert [found[0].state.notional_principal, found[0].state.accrued_interest] == [0, 0]


def test_the_accrual_of_a_swap_is_that_of_both_legs() -> None:
    asked = ObservedEvent(at("2024-02-01"), EventType.AD)
    analysed = flows(SWAP, Observed(market(LPR="0.04"), (asked,)))[2]
    assert told((analysed,)) == ["02-01 AD 0"]
    assert round(analysed.state.accrued_interest, 8) == Decimal("-6.66666667")


def test_what_a_swap_accrued_is_not_told_at_its_purchase() -> None:
    asked = ObservedEvent(at("2024-02-01"), EventType.AD)
    bought = {"purchaseDate": "2024-03-01T00:00", "priceAtPurchaseDate": 5}
    assert flows(SWAP, Observed(market(LPR="0.04"), (asked,)), **bought)[0].state.accrued_interest == 0


# A Saturday, a Sunday and the Monday all are paid on.
WEEKEND = {
    **LOAN,
    "contractRole": None,
    "calendar": "MF",
    "businessDayConvention": "CSF",
    "cycleAnchorDateOfInterestPayment": "2024-06-29T00:00",
    "cycleOfInterestPayment": "P1DL1",
}


def test_events_that_a_shift_puts_on_one_day_are_netted_one_by_one() -> None:
    legs = [part("FIL", WEEKEND), part("SEL", {**WEEKEND, "contractID": "second", "nominalInterestRate": "0.24"})]
    found = flows(SWAP, deliverySettlement="S", contractStructure=legs)
    assert told(found)[1:4] == ["07-01 IP -59.33333333", "07-01 IP -0.33333333", "07-01 IP -0.33333333"]
    assert told(found)[4:] == ["07-01 MD 0"]


def test_an_event_behind_a_later_type_stays_behind_it() -> None:
    annuity = {
        **LOAN,
        **RESET,
        "contractType": "ANN",
        "contractRole": None,
        "cycleAnchorDateOfPrincipalRedemption": "2024-04-01T00:00",
        "cycleOfPrincipalRedemption": "P3ML1",
        "nextPrincipalRedemptionPayment": "100",
    }
    legs = [part("FIL", {**annuity, "contractID": "first"}), part("SEL", {**annuity, "contractID": "second"})]
    found = flows(SWAP, Observed(market(LPR="0.04")), contractStructure=legs)
    april = [event.type.value for event in found if event.time == at("2024-04-01")]
    assert april == ["PR", "PR", "IP", "IP", "RR", "RR", "PRF", "PRF"]


# Caps and floors

CAP = {
    **ANY,
    "contractType": "CAPFL",
    "contractRole": "BUY",
    "lifeCap": "0.10",
    "contractStructure": [part("UDL", {**LOAN, **RESET, "contractRole": None})],
}


@pytest.mark.parametrize(
    ("terms", "rate", "paid"),
    [
        ({}, "0.14", "10"),
        ({"contractRole": "SEL"}, "0.14", "-10"),
        ({}, "0.08", "0"),
        ({"lifeCap": None, "lifeFloor": "0.10"}, "0.08", "5"),
        ({"lifeFloor": "0.02"}, "0.00", "5"),
    ],
)
def test_a_cap_or_floor_pays_what_the_bound_changes(terms: dict[str, str], rate: str, paid: str) -> None:
    found = flows(CAP, Observed(market(LPR=rate)), **terms)
    assert told(found) == ["04-01 IP 0", f"07-01 IP {paid}"]
    assert {event.state.notional_principal for event in found} == {0}


def test_a_bound_of_the_underlying_is_not_that_of_the_cap() -> None:
    bounded = [part("UDL", {**LOAN, **RESET, "lifeCap": "0.01"})]
    assert told(flows(CAP, Observed(market(LPR="0.14")), contractStructure=bounded))[1] == "07-01 IP 10"


def test_a_cap_pays_for_each_interest_payment_of_a_day() -> None:
    early = {**RESET, "cycleAnchorDateOfRateReset": "2024-01-01T12:00"}
    found = flows(CAP, Observed(market(LPR="0.22")), contractStructure=[part("UDL", {**WEEKEND, **early})])
    assert told(found) == ["07-01 IP 59.33333333", "07-01 IP 0.33333333", "07-01 IP 0.33333333"]


def test_a_cap_is_bought_and_analysed() -> None:
    asked = ObservedEvent(at("2024-06-01"), EventType.AD, contract_id="outer")
    trade = {"purchaseDate": "2024-05-01T00:00", "priceAtPurchaseDate": 3}
    bought, analysed, paid = flows(CAP, Observed(market(LPR="0.16"), (asked,)), **trade)
    assert told((bought, analysed, paid)) == ["05-01 PRD -3", "06-01 AD 0", "07-01 IP 15"]
    assert [round(event.state.accrued_interest, 8) for event in (bought, analysed, paid)] == [5, 10, 0]


# Guarantees

GUARANTEE = {
    **ANY,
    "contractType": "CEG",
    "contractRole": "SEL",
    "coverageOfCreditEnhancement": "0.5",
    "guaranteedExposure": "NI",
    "settlementPeriod": "P5D",
    "contractStructure": [part("COVE", LOAN), part("COVE", {**LOAN, "contractID": "other"})],
}


def test_the_exposure_at_the_credit_event_is_paid() -> None:
    found = flows(GUARANTEE, Observed(events=(default("2024-05-01"),)))
    assert told(found) == ["05-01 XD 0", "05-06 STD -1010"]
    assert [event.state.notional_principal for event in found] == [-1010, 0]
    assert {event.state.exercise_amount for event in found} == {-1010}


def test_the_first_covered_credit_event_counts() -> None:
    seen = (
        default("2024-02-01", kind=ContractPerformance.DQ),
        default("2024-03-01", "stranger"),
        default("2024-06-01"),
        default("2024-05-01", "other"),
    )
    assert told(flows(GUARANTEE, Observed(events=seen)))[0] == "05-01 XD 0"
    either = flows(GUARANTEE, Observed(events=seen), creditEventTypeCovered=["DQ", "DF"])
    assert told(either)[0] == "02-01 XD 0"


def test_a_guarantee_ends_with_the_last_covered_contract() -> None:
    late = default("2024-07-02")
    assert told(flows(GUARANTEE, Observed(events=(late,)))) == ["07-01 MD 0"]
    assert told(flows(GUARANTEE, Observed(events=(late,)), maturityDate="2024-08-01T00:00"))[0] == "07-02 XD 0"


def test_a_guarantee_bought_covers_what_is_owed_then() -> None:
    bought = {"purchaseDate": "2024-03-01T00:00", "priceAtPurchaseDate": 7}
    found = flows(GUARANTEE, **bought)
    assert told(found) == ["03-01 PRD 7", "07-01 MD 0"]
    assert [event.state.notional_principal for event in found] == [-1020, 0]


def test_money_not_called_yet_is_covered() -> None:
    money = part("COVE", {**LOAN, "contractType": "CLM", "maturityDate": None})
    told_terms = {**GUARANTEE, "contractStructure": [money], "maturityDate": "2024-07-01T00:00"}
    found = cash_flows(terms_of(told_terms), Observed(events=(default("2024-05-01"),)), at("2024-12-01"))
    assert told(found) == ["05-01 XD 0", "05-06 STD -520.15"]


@pytest.mark.parametrize(("basis", "paid"), [("NO", -1000), ("NI", -1010), ("MV", -850)])
def test_what_is_covered(basis: str, paid: int) -> None:
    loans = [part("COVE", {**LOAN, "marketObjectCode": code, "contractID": code}) for code in ("A", "B")]
    seen = Observed(market(A="900", B="800"), (default("2024-05-01", "A"),))
    found = flows(GUARANTEE, seen, contractStructure=loans, guaranteedExposure=basis)
    assert found[-1].payoff == paid


def test_a_named_contract_is_covered_to_the_amount_told() -> None:
    named = [part("COVE", {"contractIdentifier": "loan"}, "CID")]
    seen = Observed(events=(default("2024-05-01"),))
    until = {"maturityDate": "2024-12-31T00:00"}
    found = flows(GUARANTEE, seen, contractStructure=named, notionalPrincipal=600, **until)
    assert told(found) == ["05-01 XD 0", "05-06 STD -300"]
    with pytest.raises(TermMissing, match="notionalPrincipal"):
        flows(GUARANTEE, seen, contractStructure=named, **until)
    with pytest.raises(TermMissing, match="maturityDate"):
        flows(GUARANTEE, seen, contractStructure=named, notionalPrincipal=600)


FEES = {
    "notionalPrincipal": "1200",
    "dayCountConvention": "30E360",
    "purchaseDate": "2024-01-02T00:00",
    "priceAtPurchaseDate": "0",
    "cycleAnchorDateOfFee": "2024-03-01T00:00",
    "cycleOfFee": "P2ML1",
}


def test_an_amount_is_paid_at_each_cycle_before_the_maturity() -> None:
    found = flows(GUARANTEE, **FEES, feeBasis="A", feeRate=8)
    assert told(found) == ["01-02 PRD 0", "03-01 FP -8", "05-01 FP -8", "07-01 MD 0"]
    off_cycle = flows(GUARANTEE, **FEES, feeBasis="A", feeRate=8, maturityDate="2024-06-15T00:00")
    assert told(off_cycle)[-2:] == ["05-01 FP -8", "06-15 MD 0"]


def test_what_of_an_amount_has_accrued_is_settled_with_the_exposure() -> None:
    found = flows(GUARANTEE, Observed(events=(default("2024-03-16"),)), **FEES, feeBasis="A", feeRate=8)
    assert told(found)[-2:] == ["03-16 XD 0", "03-21 STD -602"]
    due = flows(GUARANTEE, Observed(events=(default("2024-05-01"),)), **FEES, feeBasis="A", feeRate=8)
    assert told(due)[-3:] == ["05-01 FP -8", "05-01 XD 0", "05-06 STD -600"]
    last = flows(GUARANTEE, Observed(events=(default("2024-06-01"),)), **FEES, feeBasis="A", feeRate=8)
    assert told(last)[-2:] == ["06-01 XD 0", "06-06 STD -604"]


def test_a_rate_accrues_on_what_is_covered() -> None:
    found = flows(GUARANTEE, Observed(events=(default("2024-04-01"),)), **FEES, feeBasis="N", feeRate="0.12")
    assert told(found)[1:] == ["03-01 FP -11.8", "04-01 XD 0", "04-06 STD -606"]


@pytest.mark.parametrize(
    ("status", "told_accrued", "paid"),
    [
        ("2024-02-16", None, "-11.8"),
        ("2024-03-16", None, "-12"),
        ("2024-04-01", None, "-12"),
        ("2024-04-01", "-2", "-8"),
    ],
)
def test_fees_are_taken_up_where_they_stand(status: str, told_accrued: str | None, paid: str) -> None:
    later = {"statusDate": f"{status}T00:00", "feeAccrued": told_accrued}
    found = flows(GUARANTEE, **{**FEES, **later}, feeBasis="N", feeRate="0.12")
    assert told(found)[0].endswith(f"FP {paid}")


def test_without_a_day_count_fees_accrue_by_days_over_the_days_of_the_year() -> None:
    found = flows(GUARANTEE, **{**FEES, "dayCountConvention": None}, feeBasis="N", feeRate="0.366")
    assert told(found)[1] == "03-01 FP -35.4"


def test_without_an_anchor_the_first_fee_comes_one_cycle_after_the_purchase() -> None:
    found = flows(GUARANTEE, **{**FEES, "cycleAnchorDateOfFee": None}, feeBasis="A", feeRate=8)
    assert told(found)[1] == "03-02 FP -8"


# Collateral

COLLATERAL = {
    **GUARANTEE,
    "contractType": "CEC",
    "contractRole": "BUY",
    "contractStructure": [part("COVE", LOAN), part("COVI", GOLD), part("COVI", {**GOLD, "contractID": "more"})],
}


@pytest.mark.parametrize(("role", "sign"), [("BUY", 1), ("SEL", -1)])
@pytest.mark.parametrize(("price", "paid"), [("400", 505), ("150", 300)])
def test_no_more_is_paid_than_the_collateral_is_worth(role: str, sign: int, price: str, paid: int) -> None:
    found = flows(COLLATERAL, Observed(market(GOLD=price), (default("2024-05-01"),)), contractRole=role)
    assert told(found) == ["05-01 XD 0", f"05-06 STD {sign * paid}"]
    assert [event.state.notional_principal for event in found] == [sign * 505, 0]


def test_collateral_that_is_not_needed_ends() -> None:
    asked = ObservedEvent(at("2024-02-01"), EventType.AD)
    analysed, ended = flows(COLLATERAL, Observed(events=(asked,)))
    assert told((analysed, ended)) == ["02-01 AD 0", "07-01 MD 0"]
    assert analysed.state.notional_principal == 505
