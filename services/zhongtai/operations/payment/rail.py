"""What carries payments to other banks: the port, and the simulated rail behind it.

A rail answers at once, or says that it does not know yet (PDNG) and tells the outcome later through ConfirmPayment, as
every rail does that has to be waited for. No payment is settled or given back before its rail has said so.
"""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Protocol

from zhongtai.kernel.refusals import Invalid, Missing
from zhongtai.operations.payment.domain import Answer, Payment, PaymentStatus
from zhongtai.runtime.plain import reader


class RailNotFound(Missing):
    """There is no rail {rail}: use one such as simulated.

    支付渠道{rail}不存在：请使用simulated等渠道。
    """

    rail: str


class RailCurrencyMustMatch(Invalid):
    """The rail {rail} does not carry {currency}: use another rail or currency.

    支付渠道{rail}不支持{currency}：请更换渠道或币种。
    """

    rail: str
    currency: str


class Rail(Protocol):
    """What carries payments between banks."""

    def settlement_account(self, currency: str) -> str:
        """The bank's own account that the rail settles a currency on; refuses a currency it does not carry."""

    def submit(self, payment: Payment) -> Answer:
        """Gives the rail a payment. The same payment again gets the same answer and is carried once."""


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """How the simulated rail answers payments to accounts with a certain ending."""

    creditor_account_ends_with: str
    status: PaymentStatus
    reason_code: str


@dataclass(frozen=True, slots=True)
class SimulatedRail:
    """A rail for tests and demonstrations: what it answers follows from the creditor's account alone."""

    rail: str
    settlement_accounts: dict[str, str]
    answers: tuple[AnswerRule, ...]

    def settlement_account(self, currency: str) -> str:
        """The bank's own account that the rail settles a currency on."""
        if currency not in self.settlement_accounts:
            raise RailCurrencyMustMatch(rail=self.rail, currency=currency)
        return self.settlement_accounts[currency]

    def submit(self, payment: Payment) -> Answer:
        """The answer of the first rule whose ending the creditor's account has; settled where there is none."""
        assert payment.outside_party is not None, "a payment over a rail has a party at another bank"
        for rule in self.answers:
            if payment.outside_party.account.endswith(rule.creditor_account_ends_with):
                return Answer(rule.status, rule.reason_code)
        return Answer(PaymentStatus.ACSC)


_SHIPPED = json.loads((files(__package__) / "rails.json").read_text(encoding="utf-8"))
_RAILS: dict[str, Rail] = {rail.rail: rail for rail in map(reader(SimulatedRail), _SHIPPED)}


def rail(name: str) -> Rail:
    """The rail of that name; refuses where there is none."""
    if name not in _RAILS:
        raise RailNotFound(rail=name)
    return _RAILS[name]
