"""Fees of accounts (账户收费): a tariff is data, by event, product and day; a waiver comes before it.

A tariff asks a flat sum and a share of the amount by the step that the amount reaches, up to a most
(《商业银行服务政府指导价政府定价目录》, 发改价格〔2014〕268号, prices transfers so). So many in a calendar month may be
free, and an account may be granted a waiver for a time. What an account cannot pay is owed, since the service was
rendered; it is taken once the money is there (《商业银行服务价格管理办法》, 2014年第1号令, asks that prices are shown
before).

Always true: one subject is charged once by a tariff, and never more than the tariff asks on its day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from zhongtai.kernel.money import Money, Rounding
from zhongtai.kernel.refusals import Invalid, Missing, Taken
from zhongtai.operations.account.domain import Account, AccountMustBeOpen, AccountStatus


class FeeTariffNotFound(Missing):
    """Nothing is listed for {event} on accounts of {product} in {currency_code}: check the event.

    {currency_code}{product}账户无{event}收费项目：请核对收费事项。
    """

    event: str
    product: str
    currency_code: str


class AccountFeeNotFound(Missing):
    """There is no fee {account_fee_id}: check the id.

    收费记录{account_fee_id}不存在：请核对编号。
    """

    account_fee_id: str


class FeeSubjectMustBeUnique(Taken):
    """The fee {account_fee_id} was for {subject} with another amount or account: use the subject's own id.

    {subject}已另行收费（{account_fee_id}），金额或账户不同：请使用该事项自己的编号。
    """

    subject: str
    account_fee_id: str


class FeeWaiverMustEndAhead(Invalid):
    """A waiver ends today, {today}, or later: choose such a day.

    减免截止日不得早于今日（{today}）：请调整。
    """

    today: date


class AccountFeeStatus(StrEnum):
    """How a fee stands."""

    CHARGED = "CHARGED"
    WAIVED = "WAIVED"
    DUE = "DUE"
    REFUNDED = "REFUNDED"


class FeeWaiverReason(StrEnum):
    """Why nothing is charged."""

    NONE = "UNSPECIFIED"
    FREE_NUMBER = "FREE_NUMBER"
    GRANTED = "GRANTED"


@dataclass(frozen=True, slots=True)
class FeeTier:
    """For amounts above `above_minor`: a flat sum and a share of the whole amount."""

    above_minor: int
    flat_minor: int = 0
    share: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class FeeTariff:
    """What an event costs accounts of some products from a day on; `most_minor` 0 is no bound."""

    tariff: str
    name: str
    name_zh: str
    event: str
    account_products: tuple[str, ...]
    currency_code: str
    effective_on: date
    tiers: tuple[FeeTier, ...]
    source: str
    most_minor: int = 0
    free_a_month: int = 0
    confirm: bool = False

    def listed(self, basis: Money) -> Money:
        """What it asks for an amount; rounded half up to the minor unit."""
        reached = [tier for tier in self.tiers if tier.above_minor < basis.minor_units]
        tier = reached[-1] if reached else self.tiers[0]
        asked = Money(self.currency_code, tier.flat_minor) + basis.times(tier.share, Rounding.HALF_UP)
        most = Money(self.currency_code, self.most_minor)
        return min(asked, most) if most else asked


@dataclass(frozen=True, slots=True)
class FeeWaiverGranted:
    """An account was granted a waiver."""

    account_id: str
    fee_waiver_id: str
    event: str
    ends_on: date


@dataclass(frozen=True, slots=True)
class FeeWaiver:
    """No fees of an event (all where it is empty) for an account, through a day."""

    fee_waiver_id: str
    account_id: str
    event: str
    ends_on: date
    reason: str

    def granted(self, today: date) -> FeeWaiverGranted:
        """The fact of it; refuses one that is over."""
        if self.ends_on < today:
            raise FeeWaiverMustEndAhead(today=today)
        return FeeWaiverGranted(self.account_id, self.fee_waiver_id, self.event, self.ends_on)

    def covers(self, event: str, on: date) -> bool:
        """Whether it waives the fees of an event on a day."""
        return self.event in ("", event) and on <= self.ends_on


@dataclass(frozen=True, slots=True)
class FeeQuote:
    """What something costs an account."""

    tariff: FeeTariff
    basis: Money
    listed: Money
    fee: Money
    waived_for: FeeWaiverReason
    free_left: int


@dataclass(frozen=True, slots=True)
class AccountFeeArose:
    """A fee arose."""

    account_id: str
    account_fee_id: str
    tariff: str
    subject: str
    fee: Money
    status: AccountFeeStatus


@dataclass(frozen=True, slots=True)
class AccountFeeMoved:
    """A fee was taken later, or given back."""

    account_id: str
    account_fee_id: str
    status: AccountFeeStatus


@dataclass(frozen=True, slots=True)
class AccountFee:
    """One fee; `subject` is what it is for."""

    account_fee_id: str
    account_id: str
    tariff: str
    subject: str
    basis: Money
    listed: Money
    fee: Money
    waived_for: FeeWaiverReason
    status: AccountFeeStatus
    arose_on: date
    entry_id: str = ""

    @classmethod
    def of(cls, account_fee_id: str, account_id: str, subject: str, quote: FeeQuote, on: date) -> "AccountFee":
        """A fee as it was quoted: owed until it is charged, or waived where nothing is asked."""
        status = AccountFeeStatus.DUE if quote.fee else AccountFeeStatus.WAIVED
        return cls(
            account_fee_id,
            account_id,
            quote.tariff.tariff,
            subject,
            quote.basis,
            quote.listed,
            quote.fee,
            quote.waived_for,
            status,
            on,
        )

    def must_be_for(self, account_id: str, basis: Money) -> "AccountFee":
        """The fee itself; refuses where its subject was charged to another account or for another amount."""
        if (self.account_id, self.basis) != (account_id, basis):
            raise FeeSubjectMustBeUnique(subject=self.subject, account_fee_id=self.account_fee_id)
        return self

    def arose(self) -> AccountFeeArose:
        """The fact of it."""
        return AccountFeeArose(self.account_id, self.account_fee_id, self.tariff, self.subject, self.fee, self.status)

    def charged(self, entry_id: str) -> "AccountFee":
        """The fee, taken by an entry."""
        return replace(self, status=AccountFeeStatus.CHARGED, entry_id=entry_id)

    def refunded(self) -> "AccountFee":
        """The fee, given back or no longer asked for; one that was waived stays so."""
        return self if self.status is AccountFeeStatus.WAIVED else replace(self, status=AccountFeeStatus.REFUNDED)

    def moved(self) -> AccountFeeMoved:
        """The fact that it stands otherwise than it arose."""
        return AccountFeeMoved(self.account_id, self.account_fee_id, self.status)


def must_be_chargeable(account: Account) -> Account:
    """The account itself; refuses one of the bank's own and one that is closed."""
    if account.must_be_customers().status is AccountStatus.CLOSED:
        raise AccountMustBeOpen(account_id=account.account_id)
    return account


def in_force(tariffs: Iterable[FeeTariff], on: date) -> tuple[FeeTariff, ...]:
    """The latest version of each tariff that begins on a day or before."""
    latest: dict[str, FeeTariff] = {}
    for tariff in sorted(tariffs, key=lambda each: each.effective_on):
        if tariff.effective_on <= on:
            latest[tariff.tariff] = tariff
    return tuple(latest.values())


def tariff_for(tariffs: Iterable[FeeTariff], event: str, product: str, currency: str, on: date) -> FeeTariff:
    """What is listed for an event on an account of a product; refuses where nothing is."""
    for tariff in in_force(tariffs, on):
        if tariff.event == event and product in tariff.account_products and tariff.currency_code == currency:
            return tariff
    raise FeeTariffNotFound(event=event, product=product, currency_code=currency)


def quote(tariff: FeeTariff, basis: Money, *, used: int, waivers: Sequence[FeeWaiver], on: date) -> FeeQuote:
    """What an amount costs; `used` is how many of the tariff the account had in the month."""
    listed = tariff.listed(basis)
    free_left = max(tariff.free_a_month - used, 0)
    reason = FeeWaiverReason.NONE
    if any(waiver.covers(tariff.event, on) for waiver in waivers):
        reason = FeeWaiverReason.GRANTED
    elif free_left:
        reason = FeeWaiverReason.FREE_NUMBER
    return FeeQuote(
        tariff, basis, listed, listed if reason is FeeWaiverReason.NONE else listed.nothing, reason, free_left
    )
