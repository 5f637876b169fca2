"""What is traded, exchanged and optional, by small cases worked out by hand: what the vectors do not reach."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import pytest

from zhongtai.kernel.actus.codes import EventType
from zhongtai.kernel.actus.engine import cash_flows
from zhongtai.kernel.actus.events import Event
from zhongtai.kernel.actus.observed import MarketNotObserved, Observed, ObservedEvent
from zhongtai.kernel.actus.terms import TermMissing, terms_of

ANY = {"contractID": "one", "contractRole": "RPA", "currency": "CNY", "statusDate": "2024-01-01T00:00"}
STOCK = {
    **ANY,
    "contractType": "STK",
    "quantity": "10",
    "cycleAnchorDateOfDividend": "2024-03-31T00:00",
    "cycleOfDividend": "P1QL0",
    "endOfMonthConvention": "EOM",
}
OUTRIGHT = {
    **ANY,
    "contractType": "FXOUT",
    "currency2": "USD",
    "maturityDate": "2024-06-29T00:00",
    "notionalPrincipal": "700",
    "notionalPrincipal2": "100",
}
# Thirty days a month: a quarter at four percent of 1000 is 10.
PLAIN_SWAP = {
    **ANY,
    "contractType": "SWPPV",
    "contractRole": "RFL",
    "initialExchangeDate": "2024-01-01T12:00",
    "maturityDate": "2024-07-01T00:00",
    "notionalPrincipal": "1000",
    "nominalInterestRate": "0.04",
    "nominalInterestRate2": "0.08",
    "dayCountConvention": "30E360",
    "cycleAnchorDateOfInterestPayment": "2024-04-01T00:00",
    "cycleOfInterestPayment": "P3ML1",
    "cycleAnchorDateOfRateReset": "2024-04-01T00:00",
    "cycleOfRateReset": "P3ML1",
    "marketObjectCodeOfRateReset": "LPR",
    "rateMultiplier": "2",
    "rateSpread": "0.01",
    "lifeCap": "0.05",
}
OPTION = {
    **ANY,
    "contractType": "OPTNS",
    "contractRole": "BUY",
    "maturityDate": "2024-06-28T00:00",
    "optionType": "C",
    "optionExerciseType": "E",
    "optionStrike1": "80",
    "settlementPeriod": "P2D",
    "contractStructure": [{"object": {"marketObjectCode": "X"}, "referenceType": "MOC", "referenceRole": "UDL"}],
}
FUTURE = {**OPTION, "contractType": "FUTUR", "optionType": None, "optionExerciseType": None, "futuresPrice": "80"}
NOTHING = Observed()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def market(**rates: str) -> Observed:
    return Observed({name: ((at("2024-01-01"), Decimal(rate)),) for name, rate in rates.items()})


def flows(
    base: Mapping[str, object], observed: Observed = NOTHING, until: str | None = None, /, **terms: object
) -> tuple[Event, ...]:
    told = {key: value for key, value in {**base, **terms}.items() if value is not None}
    return cash_flows(terms_of(told), observed, None if until is None else at(until))


def told(events: tuple[Event, ...]) -> list[str]:
    """Payoffs to eight digits, without the sign a zero may have."""
    return [f"{event.time:%m-%d} {event.type} {(round(event.payoff, 8) + 0).normalize():f}" for event in events]


# Stocks, commodities, cash


def test_a_stock_pays_what_is_observed_on_each_unit_up_to_the_horizon() -> None:
    found = flows(STOCK, market(**{"one-DV": "3"}), "2024-09-30")
    assert told(found) == ["03-31 DV 30", "06-30 DV 30", "09-30 DV 30"]


def test_the_market_of_the_dividends_is_not_that_of_the_stock() -> None:
    codes = {"marketObjectCodeOfDividends": "PAID", "marketObjectCode": "PRICE"}
    assert told(flows(STOCK, market(PAID="3", PRICE="99"), "2024-03-31", **codes)) == ["03-31 DV 30"]


def test_a_dividend_that_is_told_is_paid_on_each_date() -> None:
    assert told(flows(STOCK, NOTHING, "2024-07-01", nextDividendPaymentAmount=2)) == ["03-31 DV 20", "06-30 DV 20"]


def test_without_an_end_there_is_one_dividend() -> None:
    assert told(flows(STOCK, nextDividendPaymentAmount=2)) == ["03-31 DV 20"]


def test_a_liability_pays_dividends() -> None:
    assert told(flows(STOCK, NOTHING, "2024-04-01", nextDividendPaymentAmount=2, contractRole="RPL")) == [
        "03-31 DV -20"
    ]


def test_a_stock_is_bought_and_sold_by_the_unit() -> None:
    trade = {"priceAtPurchaseDate": 5, "priceAtTerminationDate": 6, "nextDividendPaymentAmount": 2}
    dates = {"purchaseDate": "2024-05-01T00:00", "terminationDate": "2024-07-01T00:00"}
    assert told(flows(STOCK, **trade, **dates)) == ["05-01 PRD -50", "06-30 DV 20", "07-01 TD 60"]


@pytest.mark.parametrize(("ex", "first"), [("2024-06-10T00:00", "09-30"), ("2024-06-20T00:00", "06-30")])
def test_a_dividend_stays_with_who_owned_the_stock_ex_dividend(ex: str, first: str) -> None:
    bought = {"purchaseDate": "2024-06-15T00:00", "priceAtPurchaseDate": 5, "exDividendDate": ex}
    found = flows(STOCK, NOTHING, "2024-10-01", nextDividendPaymentAmount=2, **bought)
    assert told(found)[1] == f"{first} DV 20"


def test_a_price_is_paid_in_the_settlement_currency() -> None:
    bought = {"purchaseDate": "2024-06-15T00:00", "priceAtPurchaseDate": 7, "quantity": 1, "settlementCurrency": "USD"}
    found = flows({**ANY, "contractType": "COM"}, market(**{"CNY/USD": "0.2"}), **bought)
    assert told(found) == ["06-15 PRD -1.4"]
    assert found[0].currency == "USD"


def test_cash_is_only_looked_at() -> None:
    asked = Observed(
        events=(ObservedEvent(at("2024-01-01"), EventType.AD), ObservedEvent(at("2024-02-01"), EventType.AD))
    )
    found = flows({**ANY, "contractType": "CSH"}, asked, notionalPrincipal=5, contractRole="RPL")
    assert [(event.type, event.state.notional_principal) for event in found] == [("AD", Decimal(-5))] * 2


# Foreign exchange


def test_both_currencies_are_delivered_on_a_day_of_business() -> None:
    found = flows(OUTRIGHT, contractRole="RPL", calendar="MF", businessDayConvention="SCF")
    assert told(found) == ["07-01 MD -700", "07-01 MD 100"]
    assert [event.currency for event in found] == ["CNY", "USD"]


def test_the_price_of_a_termination_has_its_own_sign() -> None:
    trade = {"terminationDate": "2024-03-01T00:00", "priceAtTerminationDate": 9}
    assert told(flows(OUTRIGHT, **trade, contractRole="RPL")) == ["03-01 TD 9"]
    assert told(flows(PLAIN_SWAP, **trade, contractRole="PFL"))[-1] == "03-01 TD 9"


def test_the_difference_is_settled_at_the_rate_of_the_maturity() -> None:
    rates = ((at("2024-01-01"), Decimal(6)), (at("2024-06-29"), Decimal("7.1")), (at("2024-06-30"), Decimal(8)))
    found = flows(OUTRIGHT, Observed({"USD/CNY": rates}), deliverySettlement="S", settlementPeriod="P1D")
    assert told(found) == ["06-30 STD -10"]


# Plain vanilla swaps


def test_each_leg_is_paid_and_the_floating_rate_is_reset_without_bounds() -> None:
    found = flows(PLAIN_SWAP, market(LPR="0.03"))
    assert told(found) == [
        "01-01 IED 0",
        "04-01 IPFX 10",
        "04-01 IPFL -20",
        "04-01 RR 0",
        "07-01 IPFX 10",
        "07-01 IPFL -17.5",
        "07-01 MD 0",
    ]


def test_a_net_swap_pays_the_difference_to_the_side_it_favours() -> None:
    found = flows(PLAIN_SWAP, market(LPR="0.03"), deliverySettlement="S", contractRole="PFL")
    assert [line for line in told(found) if " IP " in line] == ["04-01 IP 10", "07-01 IP 7.5"]


def test_a_plain_swap_knows_no_rate_that_is_fixed_already() -> None:
    assert told(flows(PLAIN_SWAP, market(LPR="0.03"), nextResetRate="0.09")) == told(
        flows(PLAIN_SWAP, market(LPR="0.03"))
    )


def test_a_reset_between_payments_accrues_each_part_at_its_rate() -> None:
    found = flows(PLAIN_SWAP, market(LPR="0.03"), cycleAnchorDateOfRateReset="2024-02-01T00:00", cycleOfRateReset=None)
    assert next(line for line in told(found) if "IPFL" in line) == "04-01 IPFL -18.33333333"


def test_a_swap_is_taken_up_where_it_stands() -> None:
    later = {"statusDate": "2024-05-01T00:00", "cycleAnchorDateOfRateReset": None, "cycleOfRateReset": None}
    asked = Observed(events=(ObservedEvent(at("2024-05-01"), EventType.AD),))
    analysed, *paid = flows(PLAIN_SWAP, asked, **later)
    assert round(analysed.state.accrued_interest, 8) == Decimal("3.33333333")
    assert told(tuple(paid)) == ["07-01 IPFX 10", "07-01 IPFL -20", "07-01 MD 0"]
    net = flows(PLAIN_SWAP, **later, deliverySettlement="S", accruedInterest=-5)
    assert told(net)[0] == "07-01 IP -11.66666667"


# Options and futures


@pytest.mark.parametrize(
    ("terms", "price", "paid"),
    [
        ({}, "91.5", "11.5"),
        ({"contractRole": "SEL"}, "91.5", "-11.5"),
        ({}, "79", "0"),
        ({"optionType": "P"}, "79", "1"),
        ({"optionType": "CP", "optionStrike2": "70"}, "91.5", "11.5"),
        ({"optionType": "CP", "optionStrike2": "70"}, "69", "1"),
        ({"optionType": "CP", "optionStrike2": "70"}, "75", "0"),
    ],
)
def test_an_option_settles_its_worth(terms: dict[str, str], price: str, paid: str) -> None:
    found = flows(OPTION, market(X=price), **terms)
    assert told(found) == ["06-28 MD 0", "06-28 XD 0", f"06-30 STD {paid}"]
    assert [event.state.exercise_date is None for event in found] == [paid == "0"] * 3
    assert [event.state.exercise_amount for event in found] == [0, abs(Decimal(paid)), 0]


def test_a_settlement_waits_for_a_day_of_business() -> None:
    found = flows(OPTION, market(X="90"), settlementPeriod="P1D", calendar="MF", businessDayConvention="SCF")
    assert told(found)[-1] == "07-01 STD 10"


@pytest.mark.parametrize(("kind", "exercised"), [("A", "03-01"), ("B", "03-01"), ("E", "06-28")])
def test_an_observed_exercise_settles_what_is_not_european(kind: str, exercised: str) -> None:
    seen = Observed(market(X="90").markets, (ObservedEvent(at("2024-03-01"), EventType.XD, contract_id="one"),))
    found = flows(OPTION, seen, optionExerciseType=kind)
    assert [f"{event.time:%m-%d}" for event in found if event.type is EventType.XD] == [exercised]
    assert sorted(line[6:] for line in told(found)) == ["MD 0", "STD 10", "XD 0"]
    assert told(found)[-1] == ("06-30 STD 10" if kind == "E" else "06-28 MD 0")


@pytest.mark.parametrize("contract", [OPTION, FUTURE])
def test_the_price_of_an_option_sold_has_its_own_sign(contract: dict[str, object]) -> None:
    sold = {"contractRole": "SEL", "terminationDate": "2024-03-01T00:00", "priceAtTerminationDate": "-5"}
    assert told(flows(contract, **sold))[-1] == "03-01 TD -5"


def test_what_was_exercised_before_is_settled() -> None:
    past = {"statusDate": "2024-06-29T00:00", "exerciseDate": "2024-06-28T00:00", "exerciseAmount": "3"}
    assert told(flows(OPTION, **past)) == ["06-30 STD 3"]


def test_a_future_may_cost() -> None:
    assert told(flows(FUTURE, market(X="60")))[-1] == "06-30 STD -20"
    assert told(flows(FUTURE, market(X="60"), contractRole="SEL"))[-1] == "06-30 STD 20"


def test_what_an_option_needs_is_named() -> None:
    with pytest.raises(TermMissing, match="optionStrike2"):
        flows(OPTION, market(X="90"), optionType="CP")
    with pytest.raises(TermMissing, match="contractStructure"):
        flows(OPTION, market(X="90"), contractStructure=None)
    with pytest.raises(MarketNotObserved, match="X"):
        flows(OPTION)
