"""A credit limit (额度): how much a customer may owe, and how much of it is held and used.

Always true: held + used ≤ granted, and nothing of it is negative.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.refusals import Missing, Unmet

HOLD_LASTS = timedelta(days=1)


class LimitNotFound(Missing):
    """There is no limit {limit_id}: check the id, or grant a limit first.

    额度{limit_id}不存在：请核对编号，或先授信。
    """

    limit_id: str


class HoldNotFound(Missing):
    """The limit has no hold {hold_id}: check the id.

    该额度没有编号为{hold_id}的预占：请核对编号。
    """

    hold_id: str


class LimitMustBeActive(Unmet):
    """The limit {limit_id} is frozen: ask the bank to unfreeze it.

    额度{limit_id}已冻结：请联系银行解冻。
    """

    limit_id: str


class LimitExhausted(Unmet):
    """Only {available} of the limit is free: ask for less, or repay first.

    额度仅余{available}：请减少金额，或先还款。
    """

    available: Money


class HoldMustBeOpen(Unmet):
    """The hold {hold_id} was released: hold the amount again.

    预占{hold_id}已释放：请重新预占。
    """

    hold_id: str


class HoldAlreadyCommitted(Unmet):
    """The hold {hold_id} is in use already: it is given back by repaying.

    预占{hold_id}已转为用信：请通过还款归还。
    """

    hold_id: str


class HoldMustNotHaveExpired(Unmet):
    """The hold expired at {expires_at}: hold the amount again.

    预占已于{expires_at}到期：请重新预占。
    """

    expires_at: datetime


class LimitStatus(StrEnum):
    """How a limit stands."""

    ACTIVE = "ACTIVE"
    FROZEN = "FROZEN"


class HoldStatus(StrEnum):
    """How a hold stands."""

    OPEN = "OPEN"
    COMMITTED = "COMMITTED"
    RELEASED = "RELEASED"


@dataclass(frozen=True, slots=True)
class LimitGranted:
    """A limit was granted or raised."""

    limit_id: str
    customer_id: str
    product_line: str
    granted: Money


@dataclass(frozen=True, slots=True)
class LimitHeld:
    """An amount was set aside."""

    limit_id: str
    hold_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class LimitReleased:
    """A hold was given back, or lapsed."""

    limit_id: str
    hold_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class LimitCommitted:
    """A hold became use."""

    limit_id: str
    hold_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class LimitRestored:
    """Use was given back because the customer repaid."""

    limit_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class LimitFrozen:
    """No new holds are taken on the limit."""

    limit_id: str
