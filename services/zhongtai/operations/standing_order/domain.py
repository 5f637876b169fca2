"""A standing order (周期转账): the same payment on the same day of every week, month, quarter or year.

Always true: each occasion makes one payment order at the most that moves money. The day of an occasion follows from the
first date, so a short month does not shift those after it; the money moves on the next bank day. An occasion that fails
is tried on the following bank days, as often as was agreed, and then given up.
"""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing
from zhongtai.operations.payment.domain import OutsideParty
from zhongtai.operations.payment_order.domain import Asked
from zhongtai.operations.payment_status.domain import PaymentStatus
from zhongtai.operations.rail.domain import bank_day

_WEEK = timedelta(days=7)
_MONTHS_OF_YEAR = 12


class StandingOrderNotFound(Missing):
    """There is no standing order {standing_order_id}: check the id.

    周期转账{standing_order_id}不存在：请核对编号。
    """

    standing_order_id: str


class FirstDateMustNotBePast(Invalid):
    """{first_date} is before the business date {business_date}: begin on that date or later.

    首次日期{first_date}早于营业日{business_date}：请填写营业日或更晚的日期。
    """

    first_date: date
    business_date: date


class LastDateMustFollowFirst(Invalid):
    """The last date {last_date} is before the first one {first_date}: mend the dates.

    最后日期{last_date}早于首次日期{first_date}：请修改日期。
    """

    first_date: date
    last_date: date


class StandingOrderStatus(StrEnum):
    """How a standing order stands."""

    ACTIVE = "ACTIVE"
    ENDED = "ENDED"


class PaymentFrequency(StrEnum):
    """How often it pays."""

    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    QUARTERLY = "QUARTERLY"
    YEARLY = "YEARLY"

    def date_of(self, first: date, occasion: int) -> date:
        """The day of an occasion, counted from 0 at the first date; a shorter month has it on its last day."""
        if self is PaymentFrequency.WEEKLY:
            return first + _WEEK * occasion
        months = first.month - 1 + _MONTHS[self] * occasion
        year, month = first.year + months // _MONTHS_OF_YEAR, months % _MONTHS_OF_YEAR + 1
        return date(year, month, min(first.day, monthrange(year, month)[1]))


_MONTHS = {PaymentFrequency.MONTHLY: 1, PaymentFrequency.QUARTERLY: 3, PaymentFrequency.YEARLY: 12}


@dataclass(frozen=True, slots=True)
class StandingOrderOpened:
    """A standing order was opened."""

    standing_order_id: str
    customer_id: str
    amount: Money
    first_date: date


@dataclass(frozen=True, slots=True)
class StandingOrderMissed:
    """An occasion was tried as often as it may be and given up."""

    standing_order_id: str
    customer_id: str
    occasion: int
    reason_code: str


@dataclass(frozen=True, slots=True)
class StandingOrderEnded:
    """A standing order pays no more."""

    standing_order_id: str
    paid_count: int
    missed_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingOrder:
    """A standing order and how far it is; `due_on` is the bank day of the next try."""

    standing_order_id: str
    customer_id: str
    initiating_party: str
    debtor_account_id: str
    creditor_account_id: str
    outside_party: OutsideParty | None
    rail: str
    amount: Money
    remittance_information: str
    frequency: PaymentFrequency
    first_date: date
    last_date: date | None
    tries: int
    status: StandingOrderStatus = StandingOrderStatus.ACTIVE
    occasion: int = 0
    tried: int = 0
    due_on: date
    paid_count: int = 0
    missed_count: int = 0
    last_reason_code: str = ""

    def must_begin(self, business_date: date) -> StandingOrderOpened:
        """The fact that it was opened; refuses dates that cannot be."""
        if self.first_date < business_date:
            raise FirstDateMustNotBePast(first_date=self.first_date, business_date=business_date)
        if self.last_date and self.last_date < self.first_date:
            raise LastDateMustFollowFirst(first_date=self.first_date, last_date=self.last_date)
        return StandingOrderOpened(self.standing_order_id, self.customer_id, self.amount, self.first_date)

    @property
    def next_date(self) -> date:
        """The day of the next occasion by its own calendar."""
        return self.frequency.date_of(self.first_date, self.occasion)

    def asked(self, on: date) -> Asked:
        """What the next try asks to be paid, under a reference of its own."""
        return Asked(
            end_to_end_id=f"{self.standing_order_id.rpartition('_')[2]}-{self.occasion}-{self.tried}",
            initiating_party=self.initiating_party,
            debtor_account_id=self.debtor_account_id,
            creditor_account_id=self.creditor_account_id,
            outside_party=self.outside_party,
            rail=self.rail,
            amount=self.amount,
            requested_execution_date=on,
            remittance_information=self.remittance_information,
        )

    def put_off(self, today: date) -> "StandingOrder | None":
        """The standing order as it waits for the next bank day, where today is none; None where it is one.

        That is so where the calendar was not told of yet when the day was set.
        """
        due_on = bank_day(self.due_on)
        return replace(self, due_on=due_on) if due_on > today else None

    def after(
        self, status: PaymentStatus, reason_code: str, today: date
    ) -> tuple["StandingOrder", tuple[StandingOrderMissed | StandingOrderEnded, ...]]:
        """The standing order after a try, and what there is to tell: paid, to be tried again, or given up."""
        if status is not PaymentStatus.RJCT:
            return replace(self, paid_count=self.paid_count + 1, last_reason_code="")._on()
        failed = replace(self, tried=self.tried + 1, last_reason_code=reason_code)
        if failed.tried < self.tries:
            return replace(failed, due_on=bank_day(today + timedelta(days=1))), ()
        missed = StandingOrderMissed(self.standing_order_id, self.customer_id, self.occasion, reason_code)
        order, ended = replace(failed, missed_count=self.missed_count + 1)._on()
        return order, (missed, *ended)

    def ended(self) -> tuple["StandingOrder", tuple[StandingOrderEnded, ...]]:
        """The standing order that pays no more; twice is once."""
        if self.status is StandingOrderStatus.ENDED:
            return self, ()
        fact = StandingOrderEnded(self.standing_order_id, self.paid_count, self.missed_count)
        return replace(self, status=StandingOrderStatus.ENDED), (fact,)

    def _on(self) -> tuple["StandingOrder", tuple[StandingOrderEnded, ...]]:
        """The standing order at its next occasion, or ended where that is behind its last date."""
        order = replace(self, occasion=self.occasion + 1, tried=0)
        if order.last_date and order.next_date > order.last_date:
            return order.ended()
        return replace(order, due_on=bank_day(order.next_date)), ()
