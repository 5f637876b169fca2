"""Payment limits: bounds on one payment, and on the count and the sum of a business date.

Always true: what a limit has counted on a business date is within the bounds it had when it counted.
"""

from dataclasses import dataclass, replace
from datetime import date

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Unmet

UNBOUNDED = -1


class PaymentLimitMustBound(Invalid):
    """The limit {payment_limit_id} bounds nothing: state a most at once, in a day, or of payments.

    支付限额{payment_limit_id}未设置任何上限：请填写单笔、日累计金额或日累计笔数。
    """

    payment_limit_id: str


class PaymentLimitSingleExceeded(Unmet):
    """The limit {payment_limit_id} allows {most} at once: pay less, or ask for a higher limit.

    支付限额{payment_limit_id}单笔上限为{most}：请减少金额，或申请提高限额。
    """

    payment_limit_id: str
    most: Money


class PaymentLimitAmountExhausted(Unmet):
    """The limit {payment_limit_id} leaves {left} today: pay less, or on another day.

    支付限额{payment_limit_id}今日仅余{left}：请减少金额，或改日支付。
    """

    payment_limit_id: str
    left: Money


class PaymentLimitCountExhausted(Unmet):
    """The limit {payment_limit_id} allows {most} payments a day, which were made: pay on another day.

    支付限额{payment_limit_id}每日上限{most}笔，今日已用完：请改日支付。
    """

    payment_limit_id: str
    most: int


@dataclass(frozen=True, slots=True)
class PaymentLimitDefined:
    """A limit was set."""

    payment_limit_id: str
    customer_id: str
    client_id: str


@dataclass(frozen=True, slots=True)
class PaymentLimit:
    """A limit in one currency; a bound of 0 is none."""

    payment_limit_id: str
    customer_id: str
    client_id: str
    shared: bool
    currency_code: str
    single_minor: int
    daily_minor: int
    daily_count: int

    def must_bound(self) -> "PaymentLimit":
        """The limit itself; refuses one that bounds nothing."""
        if not (self.single_minor or self.daily_minor or self.daily_count):
            raise PaymentLimitMustBound(payment_limit_id=self.payment_limit_id)
        return self

    def defined(self) -> PaymentLimitDefined:
        """The fact that it was set."""
        return PaymentLimitDefined(self.payment_limit_id, self.customer_id, self.client_id)

    def counted_for(self, customer_id: str) -> str:
        """Whose payments are counted together with those of a customer: the customer's own, or everybody's ("")."""
        return "" if self.shared else customer_id


@dataclass(frozen=True, slots=True)
class LimitUse:
    """What a limit has counted on a business date."""

    payment_limit_id: str
    customer_id: str
    business_date: date
    count: int = 0
    amount_minor: int = 0

    def spend(self, limit: PaymentLimit, amount: Money) -> "LimitUse":
        """The use after one more payment; refuses what a bound of the limit does not allow."""
        if limit.single_minor and amount.minor_units > limit.single_minor:
            most = Money(limit.currency_code, limit.single_minor)
            raise PaymentLimitSingleExceeded(payment_limit_id=self.payment_limit_id, most=most)
        if limit.daily_count and self.count >= limit.daily_count:
            raise PaymentLimitCountExhausted(payment_limit_id=self.payment_limit_id, most=limit.daily_count)
        left = self.left(limit)
        if left is not None and amount > left:
            raise PaymentLimitAmountExhausted(payment_limit_id=self.payment_limit_id, left=left)
        return replace(self, count=self.count + 1, amount_minor=self.amount_minor + amount.minor_units)

    def left(self, limit: PaymentLimit) -> Money | None:
        """How much is left of the day's sum, None where it has no bound; a limit that was lowered leaves nothing."""
        if not limit.daily_minor:
            return None
        return Money(limit.currency_code, max(limit.daily_minor - self.amount_minor, 0))

    def count_left(self, limit: PaymentLimit) -> int:
        """How many payments are left, `UNBOUNDED` where that has no bound."""
        return max(limit.daily_count - self.count, 0) if limit.daily_count else UNBOUNDED
