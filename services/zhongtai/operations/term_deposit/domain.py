"""Term and notice deposits (定期、通知存款): principal that stays, what it earns, and what it is paid when it goes.

A term deposit (整存整取) earns principal × months × a twelfth of the yearly rate of the day it began, whatever becomes
of rates; a part withdrawn before its term, and the days after it, earn the demand rate of the day of withdrawal
(《储蓄管理条例》 articles 24 to 26; 逐笔计息法 of 银发〔2005〕129号). A notice deposit earns the notice rate of the
day of withdrawal on what notice was given for and is taken on its day; without notice, on another day, above what was
noticed or below the least amount it earns the demand rate, and the days of a notice that is not taken up earn nothing
(《通知存款管理办法》 银发〔1999〕3号). The figures of products are in `products.json`.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from zhongtai.kernel.money import Money, rounded
from zhongtai.kernel.refusals import Invalid, Missing, Unmet
from zhongtai.kernel.schedule import months_later
from zhongtai.operations.interest_tax.domain import Earned, InterestTaxRate, paid_and_withheld

DAYS_IN_YEAR = 360
MONTHS_IN_YEAR = 12


class TermDepositNotFound(Missing):
    """There is no term deposit {term_deposit_id}: check the id.

    定期存款{term_deposit_id}不存在：请核对编号。
    """

    term_deposit_id: str


class TermDepositProductNotFound(Missing):
    """There is no term deposit {product}: use one such as fixed_1y or notice_7d.

    存款产品{product}不存在：请使用fixed_1y、notice_7d等产品。
    """

    product: str


class TermDepositMustBeOpen(Unmet):
    """The deposit {term_deposit_id} was paid out: open another one.

    存款{term_deposit_id}已全部支取：请另行开立。
    """

    term_deposit_id: str


class TermDepositMustTakeNotice(Invalid):
    """The deposit {term_deposit_id} has a term and takes no notice: withdraw it, or wait for its day.

    存款{term_deposit_id}为定期存款，无须通知：请直接支取或等待到期。
    """

    term_deposit_id: str


class TermDepositDayMustBeOver(Unmet):
    """{business_date} is not over, the business date is {today}: ask when the bank is on a later date.

    {business_date}尚未结束，当前营业日为{today}：请在切日后办理。
    """

    business_date: date
    today: date


class PrincipalMustReachMinimum(Invalid):
    """At least {minimum} is deposited, or stays when a part is withdrawn: choose another amount.

    起存或留存金额不得低于{minimum}：请调整金额。
    """

    minimum: Money


class PrincipalExhausted(Unmet):
    """The deposit holds {principal}: withdraw that or less.

    存款本金为{principal}：请在本金范围内支取。
    """

    principal: Money


class PartialWithdrawalsExhausted(Unmet):
    """A part was withdrawn {maximum} times in this term, the most there may be: withdraw the whole.

    本存期内部分提前支取已达{maximum}次上限：请全部支取。
    """

    maximum: int


class MaturityInstruction(StrEnum):
    """What is to be done when the term is over."""

    PAY_OUT = "PAY_OUT"
    RENEW_PRINCIPAL = "RENEW_PRINCIPAL"
    RENEW_ALL = "RENEW_ALL"
    KEEP = "KEEP"


class TermDepositStatus(StrEnum):
    """How a deposit stands."""

    OPEN = "OPEN"
    MATURED = "MATURED"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class TermDepositProduct:
    """A product: so many months, or so many days of notice; amounts in minor units of its currency."""

    product: str
    name: str
    name_zh: str
    currency_code: str
    rate_code: str
    minimum_minor: int
    source: str
    months: int = 0
    notice_days: int = 0
    least_withdrawal_minor: int = 0
    partial_withdrawals_max: int = 0
    confirm: bool = False

    @property
    def minimum(self) -> Money:
        """The least that is deposited, and that stays."""
        return Money(self.currency_code, self.minimum_minor)


@dataclass(frozen=True, slots=True)
class DepositNotice:
    """A notice of withdrawal."""

    amount: Money
    given_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class TermDepositOpened:
    """A deposit was opened."""

    term_deposit_id: str
    customer_id: str
    account_id: str
    product: str
    principal: Money
    rate: Decimal
    starts_on: date
    matures_on: date | None


@dataclass(frozen=True, slots=True)
class TermDepositPaid:
    """Principal, interest or both were paid; `tax` was withheld of the interest."""

    term_deposit_id: str
    principal: Money
    interest: Money
    closed: bool
    tax: Money


@dataclass(frozen=True, slots=True)
class TermDepositRenewed:
    """A deposit began another term."""

    term_deposit_id: str
    principal: Money
    rate: Decimal
    starts_on: date
    matures_on: date


@dataclass(frozen=True, slots=True)
class TermDeposit:
    """A deposit; `forfeited` is what notices not taken up cost, in minor units × days that will earn nothing."""

    term_deposit_id: str
    customer_id: str
    account_id: str
    settlement_account_id: str
    product: str
    principal: Money
    rate: Decimal
    starts_on: date
    matures_on: date | None
    instruction: MaturityInstruction
    renewals: int = 0
    partial_withdrawals: int = 0
    notice: DepositNotice | None = None
    forfeited: int = 0
    hold_id: str = ""
    status: TermDepositStatus = TermDepositStatus.OPEN

    @classmethod
    def open(
        cls,
        ids: tuple[str, str],
        customer: tuple[str, str],
        product: TermDepositProduct,
        principal: Money,
        *,
        rate: Decimal,
        instruction: MaturityInstruction,
        on: date,
    ) -> tuple["TermDeposit", TermDepositOpened]:
        """A new deposit; `ids` are its own and its account's, `customer` is who and the demand account of theirs."""
        if principal < product.minimum:
            raise PrincipalMustReachMinimum(minimum=product.minimum)
        deposit = cls(
            term_deposit_id=ids[0],
            customer_id=customer[0],
            account_id=ids[1],
            settlement_account_id=customer[1],
            product=product.product,
            principal=principal,
            rate=rate,
            starts_on=on,
            matures_on=months_later(on, product.months) if product.months else None,
            instruction=instruction,
        )
        opened = TermDepositOpened(
            *ids[:1], customer[0], ids[1], product.product, principal, rate, on, deposit.matures_on
        )
        return deposit, opened

    def must_be_open(self) -> "TermDeposit":
        """The deposit itself; refuses one that was paid out."""
        if self.status is TermDepositStatus.CLOSED:
            raise TermDepositMustBeOpen(term_deposit_id=self.term_deposit_id)
        return self

    def due_interest(self, principal: Money, product: TermDepositProduct) -> Fraction:
        """What a principal earns at maturity, exactly."""
        return principal.minor_units * Fraction(self.rate) * Fraction(product.months, MONTHS_IN_YEAR)

    def withdrawn(
        self, amount: Money | None, product: TermDepositProduct, on: date, rates: "WithdrawalRates"
    ) -> tuple["TermDeposit", TermDepositPaid]:
        """The deposit after an amount, or all, was withdrawn on a day, and what was paid."""
        amount = amount or self.principal
        self.must_be_open()._must_hold(amount)
        rest = self.principal - amount
        if rest and rest < product.minimum:
            raise PrincipalMustReachMinimum(minimum=product.minimum)
        early = self.matures_on is not None and on < self.matures_on
        if early and rest and self.partial_withdrawals >= product.partial_withdrawals_max:
            raise PartialWithdrawalsExhausted(maximum=product.partial_withdrawals_max)
        if self.matures_on:
            earned, forfeited = self._term_interest(amount, product, on, rates), self.forfeited
        else:
            earned, forfeited = self._notice_interest(amount, product, on, rates)
        interest, tax = paid_and_withheld(amount.currency, earned, rates.taxes)
        after = replace(
            self,
            principal=rest,
            partial_withdrawals=self.partial_withdrawals + (1 if early and rest else 0),
            notice=None,
            forfeited=forfeited,
            status=self.status if rest else TermDepositStatus.CLOSED,
        )
        return after, TermDepositPaid(self.term_deposit_id, amount, interest, closed=not rest, tax=tax)

    def matured(
        self, product: TermDepositProduct, rates: "WithdrawalRates"
    ) -> "tuple[TermDeposit, TermDepositPaid, TermDepositRenewed]":
        """The deposit in its next term at the rate agreed, what the last one was paid, and the fact of it."""
        assert self.matures_on, "a deposit with a term"
        earned = self._term_interest(self.principal, product, self.matures_on, rates)
        interest, tax = paid_and_withheld(self.principal.currency, earned, rates.taxes)
        paid = TermDepositPaid(self.term_deposit_id, interest.nothing, interest, closed=False, tax=tax)
        keeps_all = self.instruction is MaturityInstruction.RENEW_ALL
        principal = self.principal + interest - tax if keeps_all else self.principal
        ends = months_later(self.matures_on, product.months)
        after = replace(
            self,
            principal=principal,
            rate=rates.agreed,
            starts_on=self.matures_on,
            matures_on=ends,
            renewals=self.renewals + 1,
            partial_withdrawals=0,
        )
        return after, paid, TermDepositRenewed(self.term_deposit_id, principal, rates.agreed, self.matures_on, ends)

    def instructed(self, instruction: MaturityInstruction) -> "TermDeposit":
        """The deposit with another instruction."""
        return replace(self, instruction=instruction)

    def noticed(self, amount: Money, product: TermDepositProduct, on: date) -> "TermDeposit":
        """The deposit with notice given; one that stood before is taken back, its days earn nothing."""
        self.must_be_open()._must_hold(amount)
        if not product.notice_days:
            raise TermDepositMustTakeNotice(term_deposit_id=self.term_deposit_id)
        rest = self.principal - amount
        if rest and rest < product.minimum:
            raise PrincipalMustReachMinimum(minimum=product.minimum)
        notice = DepositNotice(amount, on, on + timedelta(days=product.notice_days))
        return replace(self.notice_forfeited(product), notice=notice)

    def notice_forfeited(self, product: TermDepositProduct) -> "TermDeposit":
        """The deposit whose notice was taken back or not taken up."""
        self.must_be_open()
        if self.notice is None:
            return self
        lost = self.notice.amount.minor_units * product.notice_days
        return replace(self, notice=None, forfeited=self.forfeited + lost)

    def _term_interest(
        self, amount: Money, product: TermDepositProduct, on: date, rates: "WithdrawalRates"
    ) -> list[Earned]:
        assert self.matures_on, "a deposit with a term"
        if on < self.matures_on:
            return [_by_days(self.starts_on, on, amount.minor_units, rates.demand)]
        term = Earned(self.starts_on, (self.matures_on - self.starts_on).days, self.due_interest(amount, product))
        return [term, _by_days(self.matures_on, on, amount.minor_units, rates.demand)]

    def _notice_interest(
        self, amount: Money, product: TermDepositProduct, on: date, rates: "WithdrawalRates"
    ) -> tuple[list[Earned], int]:
        """The interest of an amount, and what stays forfeited."""
        days = (on - self.starts_on).days
        on_its_day = self.notice is not None and self.notice.due_on == on and days >= product.notice_days
        reaches = amount.minor_units >= product.least_withdrawal_minor or amount == self.principal
        noticed = self.notice.amount.minor_units if self.notice else 0
        good = min(amount.minor_units, noticed) if on_its_day and reaches else 0
        # What was noticed and not taken stays, and the days of its notice earn nothing.
        lost = self.forfeited + (noticed - good) * product.notice_days
        product_days = good * days
        used = min(lost, product_days)
        noticed_days, other_days = product_days - used, (amount.minor_units - good) * days
        exact = noticed_days * Fraction(rates.agreed) + other_days * Fraction(rates.demand)
        return [Earned(self.starts_on, days, exact / DAYS_IN_YEAR)], lost - used

    def _must_hold(self, amount: Money) -> None:
        if amount > self.principal:
            raise PrincipalExhausted(principal=self.principal)


@dataclass(frozen=True, slots=True)
class WithdrawalRates:
    """The yearly rates listed on the day of withdrawal: of demand deposits, of the product; and of tax on interest."""

    demand: Decimal
    agreed: Decimal
    taxes: tuple[InterestTaxRate, ...] = ()


@dataclass(frozen=True, slots=True)
class TermDepositLine:
    """What the deposits of one product and currency earned; `payable` is accrued and not yet paid."""

    product: str
    currency_code: str
    accrued: Money
    payable: Money


@dataclass(frozen=True, slots=True)
class TermDepositTotal:
    """What was accrued for the deposits of a product and currency through a day and is not yet paid."""

    product: str
    currency_code: str
    through: date
    payable_minor: int

    def paid(self, interest: Money) -> "TermDepositTotal":
        """The total after interest was paid."""
        return replace(self, payable_minor=self.payable_minor - interest.minor_units)

    def accrued(self, owed: Fraction, through: date) -> tuple["TermDepositTotal", TermDepositLine]:
        """The total that comes to what is owed, and what that adds."""
        payable = rounded(owed.numerator, owed.denominator)
        added = Money(self.currency_code, payable - self.payable_minor)
        line = TermDepositLine(self.product, self.currency_code, added, Money(self.currency_code, payable))
        return replace(self, through=through, payable_minor=payable), line


def must_be_over(business_date: date, today: date) -> date:
    """The date itself; refuses one that is not over."""
    if business_date >= today:
        raise TermDepositDayMustBeOver(business_date=business_date, today=today)
    return business_date


def _by_days(first: date, end: date, minor_units: int, rate: Decimal) -> Earned:
    """The interest of an amount for the days from the first until the end, which does not earn, at a yearly rate."""
    days = (end - first).days
    return Earned(first, days, minor_units * days * Fraction(rate) / DAYS_IN_YEAR)
