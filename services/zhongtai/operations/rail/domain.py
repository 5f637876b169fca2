"""What carries payments to other banks: the port, and the simulated rails behind it.

A rail answers at once, or says that it does not know yet (PDNG), and is asked again later. No payment is settled or
given back before its rail has said so. A rail knows a payment by its UETR: given it twice, it carries it once.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Protocol
from zoneinfo import ZoneInfo

from zhongtai.kernel.calendar import CHINA_INTERBANK, DateOutsideCalendar
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Unmet
from zhongtai.operations.payment.domain import ChargeBearer, Payment
from zhongtai.operations.payment_status.domain import Answer, PaymentStatus

BEIJING = ZoneInfo("Asia/Shanghai")
_PER_MILLE = 1000


class RailNotFound(Missing):
    """There is no rail {rail}: use one such as hvps, beps or ibps.

    支付渠道{rail}不存在：请使用hvps、beps、ibps等渠道。
    """

    rail: str


class RailCurrencyMustMatch(Invalid):
    """The rail {rail} does not carry {currency}: use another rail or currency.

    支付渠道{rail}不支持{currency}：请更换渠道或币种。
    """

    rail: str
    currency: str


class RailAmountMustBeInReach(Invalid):
    """The rail {rail} carries {largest} at the most: use another rail, or pay less.

    支付渠道{rail}单笔上限为{largest}：请更换渠道或减少金额。
    """

    rail: str
    largest: Money


class RailMustBeOpen(Unmet):
    """The rail {rail} is closed until {opens_on}: place an order, which waits for that date, or use another rail.

    支付渠道{rail}现已关闭，{opens_on}开放：请提交支付指令等待该日，或更换渠道。
    """

    rail: str
    opens_on: date


class ChargesMustLeaveAnAmount(Invalid):
    """The charges of {charges} leave nothing of the amount for the creditor: pay more, or bear the charges yourself.

    手续费{charges}已达到或超过汇款金额：请增加金额，或由汇款人承担费用。
    """

    charges: Money


@dataclass(frozen=True, slots=True)
class Charged:
    """What goes out, what the debtor pays beside it, and which part of that is the correspondents'; None is nothing."""

    amount: Money
    charges: Money | None = None
    correspondent_charges: Money | None = None


class Rail(Protocol):
    """What carries payments between banks."""

    def settlement_account(self, currency: str) -> str:
        """The bank's own account that the rail settles a currency on; refuses a currency it does not carry."""

    def correspondent(self, currency: str) -> str:
        """The bank, by its BIC, that is told to cover payments in a currency (pacs.009); "" where the rail settles."""

    def must_carry(self, amount: Money) -> None:
        """Refuses a currency or an amount that the rail does not carry."""

    def charged(self, amount: Money, bearer: ChargeBearer | None) -> Charged:
        """What goes out of an amount, and what the debtor pays beside it; refuses where nothing would go out."""

    def return_charge(self, currency: str) -> Money:
        """What the bank keeps of a payment that arrived over the rail and that it sends back."""

    def moves_on(self, wanted: date, today: date, now: datetime) -> date:
        """The date that a payment wanted for a date moves on: today where the window is open, else a bank day ahead."""

    def must_be_open(self, today: date, now: datetime) -> None:
        """Refuses outside the rail's window."""

    @property
    def answers_at_once(self) -> bool:
        """Whether it is given payments in the unit of work of their event. What goes over a network never is, for no
        change waits for a network: it is asked beside the writer, has not had the payment, and is given it there.
        """

    def submit(self, payment: Payment) -> Answer:
        """Gives the rail a payment. The same payment again gets the same answer and is carried once."""

    def inquire(self, payment: Payment) -> Answer:
        """What the rail knows of a payment it may have been given; `Unreachable` where it cannot be asked."""

    def inquire_at(self, inquiries: int, now: datetime) -> datetime:
        """When a payment that was asked about so often without an outcome is asked about next."""

    @property
    def asked_in_vain(self) -> int:
        """After how many inquiries without an outcome a person is told."""


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """How a simulated rail answers payments to accounts with a certain ending.

    `inquired` is what it says when asked the first time, the second and so on; the last word stays. NOT_RECEIVED says
    that it never had the payment; what it then says to it is `again`.
    """

    creditor_account_ends_with: str
    status: PaymentStatus
    reason_code: str = ""
    inquired: tuple[str, ...] = ()
    again: PaymentStatus = PaymentStatus.ACSC

    def submitted(self, inquiries: int) -> Answer:
        """What the rail says to the payment after so many inquiries."""
        status = self.again if inquiries else self.status
        return Answer(status, self.reason_code if status is PaymentStatus.RJCT else "")

    def asked(self, inquiries: int) -> Answer:
        """What it says at the next inquiry after so many."""
        if not self.inquired:
            return Answer(PaymentStatus.PDNG)
        said = self.inquired[min(inquiries, len(self.inquired) - 1)]
        if said == "NOT_RECEIVED":
            return Answer(PaymentStatus.PDNG, received=False)
        status = PaymentStatus(said)
        return Answer(status, self.reason_code if status is PaymentStatus.RJCT else "")


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a payment in a currency costs, in minor units: our own charge, and that of the correspondent."""

    ours: int
    correspondents: int


@dataclass(frozen=True, slots=True)
class SimulatedRail:
    """A rail for tests and demonstrations: what it answers follows from data, and from nothing that changes.

    Payments move on bank days until `cut_off` where the bank is (a rail without one is always open). Of those that no
    rule names, `rejected_per_mille` are rejected and `lost_per_mille` have an answer that is lost, chosen by the hash
    of `seed` and UETR.
    """

    rail: str
    name: str
    name_zh: str
    settlement_accounts: dict[str, str]
    correspondents: dict[str, str] = field(default_factory=dict)
    answers: tuple[AnswerRule, ...] = ()
    cut_off: str = ""
    bank_days_only: bool = False
    largest: dict[str, int] = field(default_factory=dict)
    tariffs: dict[str, Tariff] = field(default_factory=dict)
    return_charges: dict[str, int] = field(default_factory=dict)
    answers_at_once: bool = True
    inquire_after_seconds: tuple[int, ...] = (30, 60, 300, 900, 3600)
    rejected_per_mille: int = 0
    lost_per_mille: int = 0
    seed: str = ""

    def settlement_account(self, currency: str) -> str:
        """The bank's own account that the rail settles a currency on."""
        if currency not in self.settlement_accounts:
            raise RailCurrencyMustMatch(rail=self.rail, currency=currency)
        return self.settlement_accounts[currency]

    def correspondent(self, currency: str) -> str:
        """The correspondent of the data."""
        return self.correspondents.get(currency, "")

    def must_carry(self, amount: Money) -> None:
        """Refuses a currency without a settlement account, and more than the largest amount of a currency."""
        self.settlement_account(amount.currency)
        most = self.largest.get(amount.currency)
        if most is not None and amount.minor_units > most:
            raise RailAmountMustBeInReach(rail=self.rail, largest=Money(amount.currency, most))

    def charged(self, amount: Money, bearer: ChargeBearer | None) -> Charged:
        """DEBT pays both charges beside the amount, CRED has ours taken from it, else the debtor pays ours beside it.

        Source: ISO 20022 ChargeBearerType1Code; what the correspondent takes itself (SHAR, CRED) is not ours to book.
        """
        tariff = self.tariffs.get(amount.currency)
        if tariff is None:
            return Charged(amount)
        ours = Money(amount.currency, tariff.ours)
        if bearer is ChargeBearer.CRED:
            if ours >= amount:
                raise ChargesMustLeaveAnAmount(charges=ours)
            return Charged(amount - ours, ours)
        if bearer is ChargeBearer.DEBT:
            theirs = Money(amount.currency, tariff.correspondents)
            return Charged(amount, ours + theirs, theirs)
        return Charged(amount, ours)

    def return_charge(self, currency: str) -> Money:
        """As the data says, in minor units; nothing where it does not."""
        return Money(currency, self.return_charges.get(currency, 0))

    def moves_on(self, wanted: date, today: date, now: datetime) -> date:
        """The later of the wanted date and today, put off where the window of today is over or it is no bank day."""
        day = max(wanted, today)
        if not self.bank_days_only and not self.cut_off:
            return day
        if day == today and self._is_cut_off(today, now):
            day += timedelta(days=1)
        return bank_day(day) if self.bank_days_only else day

    def must_be_open(self, today: date, now: datetime) -> None:
        """Refuses where a payment given now would move on a later date."""
        moves_on = self.moves_on(today, today, now)
        if moves_on != today:
            raise RailMustBeOpen(rail=self.rail, opens_on=moves_on)

    def submit(self, payment: Payment) -> Answer:
        """The answer of the first rule whose ending the creditor's account has; settled where there is none."""
        return self._rule(payment).submitted(payment.inquiries)

    def inquire(self, payment: Payment) -> Answer:
        """What the same rule says when it is asked."""
        return self._rule(payment).asked(payment.inquiries)

    def inquire_at(self, inquiries: int, now: datetime) -> datetime:
        """The pauses of the data, one after the other; the last one stays."""
        return now + timedelta(seconds=self.inquire_after_seconds[min(inquiries, len(self.inquire_after_seconds) - 1)])

    @property
    def asked_in_vain(self) -> int:
        """As many as there are pauses in the data: from then on they grow no more."""
        return len(self.inquire_after_seconds)

    def _is_cut_off(self, today: date, now: datetime) -> bool:
        local = now.astimezone(BEIJING)
        # A clock that is a day ahead of the business date has passed its cut-off, too.
        return bool(self.cut_off) and (local.date(), local.time()) >= (today, time.fromisoformat(self.cut_off))

    def _rule(self, payment: Payment) -> AnswerRule:
        assert payment.outside_party is not None, "a payment over a rail has a party at another bank"
        for rule in self.answers:
            if payment.outside_party.account.endswith(rule.creditor_account_ends_with):
                return rule
        lot = int(sha256(f"{self.seed}:{payment.uetr}".encode()).hexdigest()[:8], 16) % _PER_MILLE
        if lot < self.rejected_per_mille:
            return AnswerRule("", PaymentStatus.RJCT, "NARR")
        if lot < self.rejected_per_mille + self.lost_per_mille:
            return AnswerRule("", PaymentStatus.PDNG, inquired=("PDNG", "ACSC"))
        return AnswerRule("", PaymentStatus.ACSC, inquired=("ACSC",))


def bank_day(day: date) -> date:
    """The bank day that money wanted for a day moves on: the day itself, or the next one that banks work.

    The days of next year are told late in this one. A day that is not told of yet stands as it is, and is looked at
    again when it comes: nobody waits for a calendar to give an order.
    """
    try:
        return CHINA_INTERBANK.add_business_days(day, 0)
    except DateOutsideCalendar:
        return day
