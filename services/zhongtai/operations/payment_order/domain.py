"""A payment order (支付指令): what a customer asks to be paid, from the checks to the payment that moves the money.

Always true: an order makes one payment at the most, and none before its execution date; it is withdrawn only while no
money has moved. Its states are those of `payment_status`; each change of state is one step of that table.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet
from zhongtai.operations.payment.domain import ChargeBearer, OutsideParty
from zhongtai.operations.payment_screening.domain import (
    PaymentScreening,
    ScreeningAsked,
    ScreeningHeld,
    ScreeningMustBeAnotherPersons,
)
from zhongtai.operations.payment_status.domain import NEXT, WAITING, PaymentStatus

DUPLICATE = "DUPL"
SCREENED_OUT = "FR01"


class PaymentOrderNotFound(Missing):
    """There is no payment order {payment_order_id}: check the id.

    支付指令{payment_order_id}不存在：请核对编号。
    """

    payment_order_id: str


class PaymentOrderMustWait(Unmet):
    """The payment order {payment_order_id} is {status} and does not wait for this: look at how it stands.

    支付指令{payment_order_id}状态为{status}，不能办理此操作：请查看其当前状态。
    """

    payment_order_id: str
    status: str


class OrderReferenceMustBeUnique(Taken):
    """The reference {end_to_end_id} is that of the order {payment_order_id}, which differs: use another reference.

    端到端标识{end_to_end_id}已用于内容不同的支付指令{payment_order_id}：请更换标识。
    """

    end_to_end_id: str
    payment_order_id: str


class CreditorMustBeOne(Invalid):
    """An order pays an account of this bank or a party at another one: name one of the two.

    收款方须为本行账户或他行账户之一：请只填写其中一项。
    """


class RailMustBeNamed(Invalid):
    """A payment to another bank goes over a rail, one inside the bank over none: mend the rail.

    跨行支付须填写支付渠道，行内支付不得填写：请修改。
    """


class ExecutionDateMustNotBePast(Invalid):
    """{requested} is before the business date {business_date}: ask for that date or a later one.

    执行日期{requested}早于营业日{business_date}：请填写营业日或更晚的日期。
    """

    requested: date
    business_date: date


class ExecutionDateMustBeInReach(Invalid):
    """{requested} is more than {days} days ahead: ask for an earlier date.

    执行日期{requested}超过{days}天：请填写更早的日期。
    """

    requested: date
    days: int


@dataclass(frozen=True, slots=True)
class PaymentOrderPlaced:
    """An order was placed."""

    payment_order_id: str
    end_to_end_id: str
    customer_id: str
    amount: Money
    status: PaymentStatus
    execution_date: date


@dataclass(frozen=True, slots=True)
class PaymentOrderMoved:
    """An order went on to another state."""

    payment_order_id: str
    end_to_end_id: str
    status: PaymentStatus
    reason_code: str
    execution_date: date
    payment_id: str


@dataclass(frozen=True, slots=True)
class OrderPolicies:
    """What is data of the checks."""

    duplicate_within_days: int
    execution_within_days: int

    def must_be_in_reach(self, requested: date, today: date) -> date:
        """The date itself; refuses one that is past or too far ahead."""
        if requested < today:
            raise ExecutionDateMustNotBePast(requested=requested, business_date=today)
        if (requested - today).days > self.execution_within_days:
            raise ExecutionDateMustBeInReach(requested=requested, days=self.execution_within_days)
        return requested

    def alike_since(self, now: datetime) -> datetime:
        """From when on an order that pays the same is taken for a duplicate."""
        return now - timedelta(days=self.duplicate_within_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for, which never changes."""

    end_to_end_id: str
    initiating_party: str
    debtor_account_id: str
    creditor_account_id: str
    outside_party: OutsideParty | None
    rail: str
    amount: Money
    requested_execution_date: date
    charge_bearer: ChargeBearer | None = None
    purpose_code: str = ""
    remittance_information: str = ""
    instruction_id: str = ""

    def __post_init__(self) -> None:
        if bool(self.creditor_account_id) is (self.outside_party is not None):
            raise CreditorMustBeOne()
        if bool(self.rail) is not (self.outside_party is not None):
            raise RailMustBeNamed()

    @property
    def creditor_account(self) -> str:
        """The account that gets the money, here or at another bank."""
        return self.outside_party.account if self.outside_party else self.creditor_account_id


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder(Asked):
    """An order and how it stands."""

    payment_order_id: str
    customer_id: str
    uetr: str
    status: PaymentStatus
    execution_date: date
    reason_code: str = ""
    duplicate_of: str = ""
    payment_id: str = ""
    screening_id: str = ""
    placed_by: str = ""
    created_at: datetime

    def must_ask(self, asked: Asked, uetr: str) -> "PaymentOrder":
        """The order itself; refuses where another one was asked for under the same reference."""
        same = all(getattr(self, name) == getattr(asked, name) for name in Asked.__slots__)
        if not same or (uetr and uetr != self.uetr):
            raise OrderReferenceMustBeUnique(end_to_end_id=self.end_to_end_id, payment_order_id=self.payment_order_id)
        return self

    def must_stand(self, status: PaymentStatus) -> "PaymentOrder":
        """The order itself; refuses one that stands otherwise."""
        if self.status is not status:
            raise PaymentOrderMustWait(payment_order_id=self.payment_order_id, status=self.status)
        return self

    def like(self, duplicate_of: str) -> "PaymentOrder":
        """The order as it waits for the word that it is meant, where it looks like another one."""
        return replace(self, duplicate_of=duplicate_of, reason_code=DUPLICATE) if duplicate_of else self

    def on_date(self, execution_date: date) -> "PaymentOrder":
        """The order with the date its money moves on."""
        return replace(self, execution_date=execution_date)

    def to(self, status: PaymentStatus, reason_code: str = "", payment_id: str = "") -> "PaymentOrder":
        """The order one step on."""
        assert status in NEXT[self.status], f"{status} does not follow {self.status}"
        return replace(self, status=status, reason_code=reason_code, payment_id=payment_id)

    def waits(self, execution_date: date) -> "PaymentOrder":
        """The order as it waits for a date: the one it asked for, or another (AcceptedWithChange)."""
        as_asked = execution_date == self.requested_execution_date
        moved = self.to(PaymentStatus.ACCP if as_asked else PaymentStatus.ACWC)
        return moved.on_date(execution_date)

    def to_be_screened(self, screening: PaymentScreening) -> "PaymentOrder":
        """The order as it waits for a screening."""
        return replace(self.to(PaymentStatus.ACTC), screening_id=screening.screening_id)

    def must_be_screened_by(self, subject: str) -> "PaymentOrder":
        """The order itself; refuses that whoever placed it says that it may go on."""
        if subject == self.placed_by:
            raise ScreeningMustBeAnotherPersons(payment_order_id=self.payment_order_id, subject=subject)
        return self

    @property
    def waits_for_screening(self) -> bool:
        """Whether the screening has to say whether it may go on."""
        return self.status is PaymentStatus.ACTC

    def cancelled(self) -> "PaymentOrder":
        """The order withdrawn; one that is withdrawn stays so. Refuses where money has moved, or never will."""
        if self.status is PaymentStatus.CANC:
            return self
        if self.status not in WAITING:
            raise PaymentOrderMustWait(payment_order_id=self.payment_order_id, status=self.status)
        return self.to(PaymentStatus.CANC)

    def placed(self) -> PaymentOrderPlaced:
        """The fact that it was placed."""
        return PaymentOrderPlaced(
            self.payment_order_id,
            self.end_to_end_id,
            self.customer_id,
            self.amount,
            self.status,
            self.execution_date,
        )

    def moved(self) -> PaymentOrderMoved:
        """The fact that it stands as it does now."""
        return PaymentOrderMoved(
            self.payment_order_id,
            self.end_to_end_id,
            self.status,
            self.reason_code,
            self.execution_date,
            self.payment_id,
        )

    def screening_asked(self, screening: PaymentScreening) -> ScreeningAsked:
        """The fact that it waits for a screening."""
        return ScreeningAsked(
            self.payment_order_id,
            screening.screening_id,
            self.customer_id,
            self.amount,
            self.rail,
            self.creditor_account,
            screening.policy,
        )

    def screening_held(self, screening: PaymentScreening) -> ScreeningHeld:
        """The fact that people have to decide whether it goes on."""
        return ScreeningHeld(
            self.payment_order_id,
            screening.screening_id,
            self.customer_id,
            self.amount,
            self.rail,
            self.creditor_account,
            screening.policy,
            screening.outcome,
            screening.matches,
            screening.first_match,
            self.placed_by,
        )
