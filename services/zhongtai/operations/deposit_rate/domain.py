"""Deposit rates (存款挂牌利率): what the bank pays on deposits, by tier of the balance and from a day on.

Always true: what a code paid on a day that began never changes. The tiers of a code stay as they are, so that what was
counted by tier under one rate can be paid at another; another tiering is another code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet


class DepositRateNotFound(Missing):
    """No rate of {rate_code} in {currency_code} is in force on {on}: publish one, or choose a later day.

    {on}无生效的{currency_code} {rate_code}存款利率：请先发布，或选择更晚的日期。
    """

    rate_code: str
    currency_code: str
    on: date


class DepositRateTaken(Taken):
    """What {rate_code} pays from {effective_on} on is published already and differs: choose a later day.

    {rate_code}自{effective_on}起的利率已发布且内容不同：请选择更晚的日期。
    """

    rate_code: str
    effective_on: date


class DepositRateMustNotBeginEarlier(Unmet):
    """A rate begins today, {today}, or later, not on {effective_on}: what was earned is not changed.

    利率须自今日（{today}）或以后生效，不能为{effective_on}：已计利息不作变更。
    """

    effective_on: date
    today: date


class DepositRateTiersMustStay(Unmet):
    """{rate_code} has other tiers: keep the balances its tiers count from, or publish under a new code.

    {rate_code}的分档不同：请保持各档起点不变，或使用新的利率代码。
    """

    rate_code: str


class DepositRateTiersMustRise(Invalid):
    """The tiers begin at a balance of 0 and rise, and none pays less than nothing: put them in order.

    分档须自0起逐档上升，且利率不得为负：请调整。
    """


@dataclass(frozen=True, slots=True)
class DepositRateTier:
    """What the part of a balance from `from_minor` on earns: `rate` a year (0.0095 = 0.95 %)."""

    from_minor: int
    rate: Decimal


@dataclass(frozen=True, slots=True)
class DepositRate:
    """What a code pays in a currency from a day on, until a later rate begins."""

    rate_code: str
    currency_code: str
    effective_on: date
    tiers: tuple[DepositRateTier, ...]
    source: str
    confirm: bool = False

    @property
    def thresholds(self) -> tuple[int, ...]:
        """Where its tiers begin, in minor units."""
        return tuple(tier.from_minor for tier in self.tiers)


@dataclass(frozen=True, slots=True)
class DepositRatePublished:
    """A rate was published."""

    rate_code: str
    deposit_rate: DepositRate


def publish(rate: DepositRate, known: Sequence[DepositRate], today: date) -> DepositRatePublished | None:
    """The fact of a rate; None where it stands already. `known` are the rates of its code and currency."""
    thresholds = rate.thresholds
    rises = thresholds[0] == 0 and all(low < high for low, high in pairwise(thresholds))
    if not rises or any(tier.rate < 0 for tier in rate.tiers):
        raise DepositRateTiersMustRise()
    for other in known:
        if other == rate:
            return None
        if other.effective_on == rate.effective_on:
            raise DepositRateTaken(rate_code=rate.rate_code, effective_on=rate.effective_on)
        if other.thresholds != thresholds:
            raise DepositRateTiersMustStay(rate_code=rate.rate_code)
    if rate.effective_on < today:
        raise DepositRateMustNotBeginEarlier(effective_on=rate.effective_on, today=today)
    return DepositRatePublished(rate.rate_code, rate)


def in_force(known: Sequence[DepositRate], on: date) -> DepositRate | None:
    """The latest of a code's rates that begins on a day or before; `known` in the order of their days."""
    return next((rate for rate in reversed(known) if rate.effective_on <= on), None)
