"""An account (账户): money a customer or the bank itself keeps, in one currency.

Always true: available = balance − live holds − floor, and an account with a floor never has less than nothing available
because of what was taken from it. The balance changes by `move` only, which the ledger calls for the legs of an entry
and nobody else does.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet
from zhongtai.operations.dimension.domain import NO_DIMENSIONS, Dimensions

HOLD_LASTS = timedelta(days=7)
HOLDS_MAX = 64
GENERAL = "general"


class AccountNotFound(Missing):
    """There is no account {account_id}: check the id, or open an account first.

    账户{account_id}不存在：请核对编号，或先开户。
    """

    account_id: str


class AccountProductNotFound(Missing):
    """There is no account product {product}: use one such as demand_deposit.

    账户产品{product}不存在：请使用demand_deposit等产品。
    """

    product: str


class AccountClassMustMatch(Invalid):
    """{product} is for {account_class} accounts: state that class, or another product.

    产品{product}仅适用于{account_class}类账户：请改用相应类别或其他产品。
    """

    product: str
    account_class: str


class CustomerMustBeNamed(Invalid):
    """A customer account names its customer and an internal account none: mend the customer id.

    客户账户须写明客户编号，内部账户不得填写：请修改客户编号。
    """


class CustomerAccountMustBeGiven(Invalid):
    """{account_id} is an account of the bank itself: name a customer's account.

    {account_id}为银行内部账户：请填写客户账户。
    """

    account_id: str


class AccountAlreadyOpen(Taken):
    """{account_id} is another account already: choose another id.

    编号{account_id}已被其他账户使用：请更换编号。
    """

    account_id: str


class AccountMustBeActive(Unmet):
    """The account {account_id} is {status} and does not take this: ask the bank about it.

    账户{account_id}状态为{status}，不能办理此业务：请联系银行。
    """

    account_id: str
    status: str


class AccountMustBeOpen(Unmet):
    """The account {account_id} is closed: open another one.

    账户{account_id}已销户：请另开账户。
    """

    account_id: str


class AvailableBalanceExhausted(Unmet):
    """Only {available} is available on the account {account_id}: use less, or pay money in first.

    账户{account_id}可用余额仅{available}：请减少金额，或先存入资金。
    """

    account_id: str
    available: Money


class ExpiryMustBeAhead(Invalid):
    """The hold would expire at {expires_at}, which is past: state a later time.

    止付到期时间{expires_at}已过：请填写更晚的时间。
    """

    expires_at: datetime


class HoldsExhausted(Unmet):
    """The account {account_id} has {maximum} live holds, the most there may be: release one first.

    账户{account_id}已有{maximum}笔有效止付，达到上限：请先解除其中一笔。
    """

    account_id: str
    maximum: int


class BalanceMustBeZero(Unmet):
    """The account {account_id} still holds {balance}: move it before closing.

    账户{account_id}尚有余额{balance}：请先转出再销户。
    """

    account_id: str
    balance: Money


class HoldsMustBeReleased(Unmet):
    """{held} of the account {account_id} is still held: release the holds before closing.

    账户{account_id}尚有止付{held}：请先解除止付再销户。
    """

    account_id: str
    held: Money


class AccountClass(StrEnum):
    """Whose account it is."""

    CUSTOMER = "CUSTOMER"
    INTERNAL = "INTERNAL"


class AccountStatus(StrEnum):
    """How an account stands."""

    ACTIVE = "ACTIVE"
    FROZEN = "FROZEN"
    DORMANT = "DORMANT"
    CLOSED = "CLOSED"


class Side(StrEnum):
    """Debit (借) or credit (贷)."""

    DEBIT = "DEBIT"
    CREDIT = "CREDIT"

    @property
    def other(self) -> "Side":
        """The opposite side."""
        return Side.CREDIT if self is Side.DEBIT else Side.DEBIT

    def balance(self, currency: str, debit_minor_units: int) -> Money:
        """A balance kept with debits above zero, as it stands on this side."""
        return Money(currency, debit_minor_units if self is Side.DEBIT else -debit_minor_units)


@dataclass(frozen=True, slots=True)
class AccountProduct:
    """What accounts are opened under: the code that controls them, the side they grow on, whether they overdraw."""

    product: str
    name: str
    name_zh: str
    account_class: AccountClass
    account_code: str
    side: Side
    overdraft: bool


@dataclass(frozen=True, slots=True)
class Hold:
    """A part of a balance that is set aside until a moment."""

    hold_id: str
    amount: Money
    expires_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class AccountOpened:
    """An account was opened."""

    account_id: str
    customer_id: str
    account_class: AccountClass
    product: str
    account_code: str
    currency_code: str


@dataclass(frozen=True, slots=True)
class HoldPlaced:
    """A part of a balance was set aside."""

    account_id: str
    hold_id: str
    amount: Money
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class HoldReleased:
    """A hold was given back."""

    account_id: str
    hold_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class AccountFrozen:
    """Debits and new holds are refused from here on."""

    account_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class AccountUnfrozen:
    """Debits are taken again, where nothing else stops them."""

    account_id: str


@dataclass(frozen=True, slots=True)
class AccountClosed:
    """The account takes nothing any more."""

    account_id: str


@dataclass(frozen=True, slots=True)
class Account:
    """An account; `balance` stands on its own side: what the bank owes on a deposit, what it owns on a nostro.

    `floor` is the least the balance may be taken down to: nothing on most deposits (on their side, debits must not
    exceed credits), less than nothing by an agreed overdraft, more where a balance must stay; None sets no bound.
    `stops` are what keeps it from paying; `account_stop` puts them there and takes them away, the status with them.
    """

    account_id: str
    customer_id: str
    account_class: AccountClass
    product: str
    account_code: str
    side: Side
    currency_code: str
    floor: Money | None
    status: AccountStatus
    balance: Money
    holds: tuple[Hold, ...]
    book: str = GENERAL
    dimensions: Dimensions = NO_DIMENSIONS
    stops: tuple[str, ...] = ()

    @classmethod
    def open(
        cls,
        account_id: str,
        product: AccountProduct,
        account_class: AccountClass,
        customer_id: str,
        currency: str,
        *,
        book: str = GENERAL,
        dimensions: Dimensions = NO_DIMENSIONS,
    ) -> tuple["Account", AccountOpened]:
        """A new account with nothing on it; `currency` is its ISO 4217 code, `book` where its entries are."""
        if account_class is not product.account_class:
            raise AccountClassMustMatch(product=product.product, account_class=product.account_class)
        if bool(customer_id) is not (account_class is AccountClass.CUSTOMER):
            raise CustomerMustBeNamed()
        account = cls(
            account_id=account_id,
            customer_id=customer_id,
            account_class=account_class,
            product=product.product,
            account_code=product.account_code,
            side=product.side,
            currency_code=currency,
            floor=None if product.overdraft else Money(currency, 0),
            status=AccountStatus.ACTIVE,
            balance=Money(currency, 0),
            holds=(),
            book=book,
            dimensions=dimensions,
        )
        opened = AccountOpened(account_id, customer_id, account_class, product.product, product.account_code, currency)
        return account, opened

    def must_be_opened_as(self, other: "Account") -> None:
        """Refuses where the id was taken by another opening; what became of the account since does not matter."""
        opened = (self.customer_id, self.product, self.currency_code, self.book)
        if opened != (other.customer_id, other.product, other.currency_code, other.book):
            raise AccountAlreadyOpen(account_id=self.account_id)

    def must_be_customers(self) -> "Account":
        """The account itself; refuses one of the bank's own."""
        if self.account_class is not AccountClass.CUSTOMER:
            raise CustomerAccountMustBeGiven(account_id=self.account_id)
        return self

    def held(self, now: datetime) -> Money:
        """The sum of the holds that are live at that moment."""
        return Money(self.currency_code, sum(hold.amount.minor_units for hold in self.holds if hold.expires_at > now))

    def available(self, now: datetime) -> Money:
        """What may be spent at that moment; where there is no floor more may be."""
        free = self.balance - self.held(now) if self.holds else self.balance
        return free - self.floor if self.floor else free

    def live(self, now: datetime) -> "Account":
        """The account without the holds that have lapsed."""
        holds = tuple(hold for hold in self.holds if hold.expires_at > now)
        return self if len(holds) == len(self.holds) else replace(self, holds=holds)

    def place_hold(
        self, hold_id: str, amount: Money, expires_at: datetime | None, reason: str, now: datetime
    ) -> tuple["Account", HoldPlaced]:
        """Sets an amount aside; without an expiry it lapses after `HOLD_LASTS`."""
        expires_at = expires_at or now + HOLD_LASTS
        if expires_at <= now:
            raise ExpiryMustBeAhead(expires_at=expires_at)
        if self.status is not AccountStatus.ACTIVE:
            raise AccountMustBeActive(account_id=self.account_id, status=self.status)
        live = self.live(now)
        if amount > live.available(now) and self.floor is not None:
            raise AvailableBalanceExhausted(account_id=self.account_id, available=live.available(now))
        if len(live.holds) >= HOLDS_MAX:
            raise HoldsExhausted(account_id=self.account_id, maximum=HOLDS_MAX)
        held = replace(live, holds=(*live.holds, Hold(hold_id, amount, expires_at, reason)))
        return held, HoldPlaced(self.account_id, hold_id, amount, expires_at)

    def release_hold(self, hold_id: str, now: datetime) -> tuple["Account", HoldReleased | None]:
        """Gives a hold back; one that is not live any more changes nothing."""
        live = self.live(now)
        gone = [hold.amount for hold in live.holds if hold.hold_id == hold_id]
        kept = tuple(hold for hold in live.holds if hold.hold_id != hold_id)
        return replace(live, holds=kept), HoldReleased(self.account_id, hold_id, *gone) if gone else None

    def close(self, now: datetime) -> tuple["Account", AccountClosed | None]:
        """Closes the account for good; it must be active, empty and without holds."""
        if self.status is AccountStatus.CLOSED:
            return self, None
        if self.status is not AccountStatus.ACTIVE:
            raise AccountMustBeActive(account_id=self.account_id, status=self.status)
        if self.balance:
            raise BalanceMustBeZero(account_id=self.account_id, balance=self.balance)
        if held := self.held(now):
            raise HoldsMustBeReleased(account_id=self.account_id, held=held)
        return replace(self, status=AccountStatus.CLOSED, holds=()), AccountClosed(self.account_id)

    def move(self, side: Side, amount: Money, now: datetime) -> "Account":
        """Debits or credits the account with what an entry moves in all; called for ledger entries only.

        Refuses anything on a closed account, what takes money from one that does not pay, and what takes more than is
        available. A hold that has lapsed when money is taken is gone: a clock that is set back does not bring it back.
        """
        if self.status is AccountStatus.CLOSED:
            raise AccountMustBeActive(account_id=self.account_id, status=self.status)
        if side is self.side:
            return replace(self, balance=self.balance + amount)
        if self.status is not AccountStatus.ACTIVE:
            raise AccountMustBeActive(account_id=self.account_id, status=self.status)
        if self.floor is not None and amount > (available := self.available(now)):
            raise AvailableBalanceExhausted(account_id=self.account_id, available=available)
        return replace(self.live(now) if self.holds else self, balance=self.balance - amount)
