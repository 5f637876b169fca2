"""The loan that the hand-made cases change, and how they tell what becomes of it.

Thirty days a month and twelve percent, so a month's interest is one.
"""

from datetime import datetime
from decimal import Decimal

from zhongtai.kernel.actus.engine import cash_flows
from zhongtai.kernel.actus.events import Event
from zhongtai.kernel.actus.observed import Observed
from zhongtai.kernel.actus.terms import terms_of

LOAN = {
    "contractType": "PAM",
    "contractID": "one",
    "contractRole": "RPA",
    "currency": "CNY",
    "statusDate": "2024-01-01T00:00",
    "initialExchangeDate": "2024-01-01T12:00",
    "maturityDate": "2024-07-01T00:00",
    "notionalPrincipal": "1000",
    "nominalInterestRate": "0.12",
    "dayCountConvention": "30E360",
    "cycleAnchorDateOfInterestPayment": "2024-04-01T00:00",
    "cycleOfInterestPayment": "P3ML1",
}
RESET = {
    "cycleAnchorDateOfRateReset": "2024-04-01T00:00",
    "cycleOfRateReset": "P3ML1",
    "marketObjectCodeOfRateReset": "LPR",
}
REDEEMED = {"cycleAnchorDateOfPrincipalRedemption": "2024-02-01T00:00", "cycleOfPrincipalRedemption": "P1ML1"}
ARRAYS = {
    "contractType": "LAX",
    "arrayCycleAnchorDateOfInterestPayment": "2024-02-01T00:00",
    "arrayCycleOfInterestPayment": "P1ML1",
    "arrayCycleAnchorDateOfPrincipalRedemption": ["2024-02-01T00:00", "2024-04-01T00:00"],
    "arrayCycleOfPrincipalRedemption": ["P1ML1", "P1ML1"],
    "arrayNextPrincipalRedemptionPayment": [500, 1000],
    "arrayIncreaseDecrease": ["INC", "DEC"],
}
NOTHING = Observed()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def market(**rates: str) -> Observed:
    return Observed({name: ((at("2024-01-01"), Decimal(rate)),) for name, rate in rates.items()})


def flows(observed: Observed = NOTHING, until: str | None = None, /, **terms: object) -> tuple[Event, ...]:
    told = {key: value for key, value in {**LOAN, **terms}.items() if value is not None}
    return cash_flows(terms_of(told), observed, None if until is None else at(until))


def told(events: tuple[Event, ...]) -> list[str]:
    return [f"{event.time:%m-%d} {event.type} {event.payoff.normalize():f}" for event in events]
