"""Foreign exchange (结售汇与外汇买卖): a rate that is locked for a while, the deal, and the position it leaves.

Always true: both amounts of a quote are exact from the moment it is given, one as asked for, the other rounded half up
(四舍五入) once; an expired quote is never dealt. Each currency balances in the entry of a deal: code 3002 货币兑换
takes the other side, so its credit balance in a currency is what the bank is long of.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from zhongtai.kernel.currencies import EXPONENTS
from zhongtai.kernel.money import CurrencyMustMatch, CurrencyUnknown, Money, Rounding, rounded
from zhongtai.kernel.refusals import Invalid, Missing, Unmet

_PLACES = 10


class FxDealNotFound(Missing):
    """There is no deal or quote {fx_deal_id}: check the id.

    外汇交易{fx_deal_id}不存在：请核对编号。
    """

    fx_deal_id: str


class FxRateNotFound(Missing):
    """There is no rate between {base} and {quote}: set one first.

    {base}与{quote}之间没有汇率：请先维护汇率。
    """

    base: str
    quote: str


class FxRateMustBeFresh(Unmet):
    """The rate of {base} is from {quoted_at}, which is too old to deal on: set a new one.

    {base}的汇率报价时间为{quoted_at}，已过期：请更新汇率。
    """

    base: str
    quoted_at: datetime


class BidMustNotExceedAsk(Invalid):
    """The bid {bid} is above the ask {ask}: mend the rate.

    买入价{bid}高于卖出价{ask}：请修改汇率。
    """

    bid: Decimal
    ask: Decimal


class CurrenciesMustDiffer(Invalid):
    """Both sides are in {currency}: an exchange has two currencies.

    两边币种同为{currency}：兑换须为两种不同的货币。
    """

    currency: str


class FxAmountMustBeOne(Invalid):
    """Exactly one amount is asked for, above zero: what is sold, or what is bought.

    须且只须填写卖出金额或买入金额之一，且大于零。
    """


class FxAmountMustComeToSomething(Invalid):
    """The other side of {amount} comes to nothing: exchange more.

    {amount}兑换后的金额为零：请增加金额。
    """

    amount: Money


class FxAccountsMustBeOneCustomers(Invalid):
    """The two accounts belong to different customers: exchange between accounts of one customer.

    两个账户属于不同客户：请在同一客户的账户之间兑换。
    """


class FxQuoteExpired(Unmet):
    """The quote {fx_deal_id} stood until {expires_at}: ask for a new one.

    报价{fx_deal_id}已于{expires_at}失效：请重新询价。
    """

    fx_deal_id: str
    expires_at: datetime


class FxQuoteMustBeOpen(Unmet):
    """The quote {fx_deal_id} is {status}: ask for a new one.

    报价{fx_deal_id}状态为{status}：请重新询价。
    """

    fx_deal_id: str
    status: str


class FxDealStatus(StrEnum):
    """How a deal stands."""

    QUOTED = "QUOTED"
    DEALT = "DEALT"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class FxTerms:
    """What is data: the bank's own currency, the code of its positions, how long a quote and a rate stand."""

    own_currency: str
    position_code: str
    quote_seconds: int
    rate_seconds: int


@dataclass(frozen=True, slots=True)
class FxRate:
    """What the bank pays (bid) and asks for one unit of the base currency, in the quote currency."""

    base_currency: str
    quote_currency: str
    bid: Decimal
    ask: Decimal
    quoted_at: datetime

    def must_be_sound(self) -> "FxRate":
        """The rate itself; refuses one of a currency against itself, or that buys dearer than it sells."""
        for currency in (self.base_currency, self.quote_currency):
            if currency not in EXPONENTS:
                raise CurrencyUnknown(currency=currency)
        if self.base_currency == self.quote_currency:
            raise CurrenciesMustDiffer(currency=self.base_currency)
        if self.bid > self.ask:
            raise BidMustNotExceedAsk(bid=self.bid, ask=self.ask)
        return self

    @property
    def mid(self) -> Fraction:
        """The middle between bid and ask, exact."""
        return (Fraction(self.bid) + Fraction(self.ask)) / 2

    def must_be_fresh(self, now: datetime, terms: FxTerms) -> None:
        """Refuses a rate that is too old to deal on."""
        if now - self.quoted_at > timedelta(seconds=terms.rate_seconds):
            raise FxRateMustBeFresh(base=self.base_currency, quoted_at=self.quoted_at)


@dataclass(frozen=True, slots=True)
class Rates:
    """The newest rates, by base and quote currency."""

    by_pair: Mapping[tuple[str, str], FxRate]

    def dealt(self, sold: str, bought: str, now: datetime, terms: FxTerms) -> Decimal:
        """What a customer gets of `bought` for one unit of `sold`, to ten places.

        The bank buys at its bid and sells at its ask; what has no pair goes through the bank's own currency, at both.
        """
        if sold == bought:
            raise CurrenciesMustDiffer(currency=sold)
        direct = self._side(sold, bought, now, terms)
        if direct is None:
            first = self._side(sold, terms.own_currency, now, terms)
            second = self._side(terms.own_currency, bought, now, terms)
            if first is None or second is None:
                raise FxRateNotFound(base=sold, quote=bought)
            direct = first * second
        return Decimal(rounded(direct.numerator * 10**_PLACES, direct.denominator)).scaleb(-_PLACES)

    def _side(self, sold: str, bought: str, now: datetime, terms: FxTerms) -> Fraction | None:
        bid, ask = self.by_pair.get((sold, bought)), self.by_pair.get((bought, sold))
        for rate in (bid, ask):
            if rate is not None:
                rate.must_be_fresh(now, terms)
                return Fraction(rate.bid) if rate is bid else 1 / Fraction(rate.ask)
        return None

    def mid(self, currency: str, own_currency: str) -> Fraction:
        """What one unit of a currency is worth in the bank's own at the middle rate."""
        if currency == own_currency:
            return Fraction(1)
        if (currency, own_currency) in self.by_pair:
            return self.by_pair[currency, own_currency].mid
        if (own_currency, currency) in self.by_pair:
            return 1 / self.by_pair[own_currency, currency].mid
        raise FxRateNotFound(base=currency, quote=own_currency)


@dataclass(frozen=True, slots=True)
class FxQuoted:
    """A rate was locked."""

    fx_deal_id: str
    customer_id: str
    sold: Money
    bought: Money
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class FxDealt:
    """A quote was dealt."""

    fx_deal_id: str
    customer_id: str
    sold: Money
    bought: Money
    entry_id: str


@dataclass(frozen=True, slots=True)
class FxRevalued:
    """The positions were valued."""

    entry_id: str
    business_date: date
    gain: Money


@dataclass(frozen=True, slots=True)
class FxDeal:
    """A quote, and the deal it may become."""

    fx_deal_id: str
    customer_id: str
    sold_account_id: str
    bought_account_id: str
    sold: Money
    bought: Money
    rate: Decimal
    sold_fixed: bool
    status: FxDealStatus
    quoted_at: datetime
    expires_at: datetime
    entry_id: str = ""

    def quoted(self) -> FxQuoted:
        """The fact that the rate is locked."""
        return FxQuoted(self.fx_deal_id, self.customer_id, self.sold, self.bought, self.expires_at)

    def at(self, now: datetime) -> "FxDeal":
        """The deal as it stands at a moment: a quote ends by itself."""
        over = self.status is FxDealStatus.QUOTED and now >= self.expires_at
        return replace(self, status=FxDealStatus.EXPIRED) if over else self

    def must_be_open(self, now: datetime) -> "FxDeal":
        """The quote itself; refuses one that is over, and so is never dealt."""
        status = self.at(now).status
        if status is FxDealStatus.EXPIRED:
            raise FxQuoteExpired(fx_deal_id=self.fx_deal_id, expires_at=self.expires_at)
        if status is not FxDealStatus.QUOTED:
            raise FxQuoteMustBeOpen(fx_deal_id=self.fx_deal_id, status=status)
        return self

    def dealt(self, entry_id: str) -> tuple["FxDeal", FxDealt]:
        """The deal once its entry is posted."""
        deal = replace(self, status=FxDealStatus.DEALT, entry_id=entry_id)
        return deal, FxDealt(self.fx_deal_id, self.customer_id, self.sold, self.bought, entry_id)

    def cancelled(self, now: datetime) -> "FxDeal":
        """The quote withdrawn; one that is withdrawn or has expired stays so."""
        deal = self.at(now)
        if deal.status is FxDealStatus.DEALT:
            raise FxQuoteMustBeOpen(fx_deal_id=self.fx_deal_id, status=self.status)
        return replace(self, status=FxDealStatus.CANCELLED) if deal.status is FxDealStatus.QUOTED else self


def must_be_one_customers(payer: str, payee: str) -> None:
    """Refuses accounts of two customers."""
    if payer != payee:
        raise FxAccountsMustBeOneCustomers()


def amounts(
    sold: Money | None, bought: Money | None, sold_currency: str, bought_currency: str, rate: Decimal
) -> tuple[Money, Money]:
    """What is sold and what is bought, of the one that was asked for and the rate; refuses where both or none were."""
    given = sold or bought
    if (sold is None) is (bought is None) or given is None or given.minor_units <= 0:
        raise FxAmountMustBeOne()
    if given.currency != (side := sold_currency if sold else bought_currency):
        raise CurrencyMustMatch(left=side, right=given.currency)
    if sold is not None:
        pair = (sold, converted(sold, Fraction(rate), bought_currency))
    else:
        pair = (converted(given, 1 / Fraction(rate), sold_currency), given)
    if not (pair[0] and pair[1]):
        raise FxAmountMustComeToSomething(amount=given)
    return pair


def converted(amount: Money, rate: Fraction, currency: str) -> Money:
    """An amount in another currency at a rate between their whole units, rounded half up once."""
    exact = amount.minor_units * rate * Fraction(10) ** (EXPONENTS[currency] - EXPONENTS[amount.currency])
    return Money(currency, rounded(exact.numerator, exact.denominator, Rounding.HALF_UP))


@dataclass(frozen=True, slots=True)
class FxPosition:
    """What the bank is long of in a currency (below zero short), and what that is worth in its own."""

    currency_code: str
    position: Money
    mid: Decimal
    value: Money


@dataclass(frozen=True, slots=True)
class Revaluation:
    """What is booked when the positions are valued at the end of a date."""

    on: date
    gain: Money

    @property
    def reference(self) -> str:
        """The reference of its entry."""
        return f"FX positions {self.on}"


def positions(closings: Iterable[tuple[str, int]], rates: Rates, own_currency: str) -> tuple[FxPosition, ...]:
    """The positions of the code's closing balances (debits above zero), each at the middle of the newest rate.

    What they come to is what they have gained since they were last valued: the own currency's part is what was paid.
    """
    found = []
    for currency, debit in sorted(closings):
        if debit:
            mid = rates.mid(currency, own_currency)
            position = Money(currency, -debit)
            shown = Decimal(rounded(mid.numerator * 10**_PLACES, mid.denominator)).scaleb(-_PLACES)
            found.append(FxPosition(currency, position, shown, converted(position, mid, own_currency)))
    return tuple(found)
