"""A bank that notifies, spoken to through the door."""

from typing import Any

from tests.operations.bank import Bank
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.credit.v1 import limit_pb2, loan_pb2
from zhongtai.operations.v1 import notification_contact_pb2 as contact_v1
from zhongtai.operations.v1 import notification_pb2 as v1

PHONE, EMAIL = "+8613800138000", "wang@example.com"


def cny(fen: int) -> Money:
    return Money(currency_code="CNY", minor_units=fen)


def disbursed(customer_id: str = "cus_1", loan_id: str = "loan_1") -> loan_pb2.LoanDisbursed:
    """A loan of a customer was paid out."""
    return loan_pb2.LoanDisbursed(
        loan_id=loan_id,
        customer_id=customer_id,
        account_id="acc_secret",
        principal=cny(1_200_000),
        start_date={"year": 2026, "month": 5, "day": 6},
        serviced=True,
    )


def repaid(customer_id: str = "cus_1", loan_id: str = "loan_1") -> loan_pb2.LoanRepaid:
    """A repayment of a customer arrived."""
    return loan_pb2.LoanRepaid(
        loan_id=loan_id,
        customer_id=customer_id,
        principal=cny(100),
        interest=cny(1),
        outstanding=cny(900),
        serviced=True,
    )


def granted(customer_id: str = "cus_1") -> limit_pb2.LimitGranted:
    """A limit was granted to a customer, which is told for marketing."""
    return limit_pb2.LimitGranted(limit_id="lim_1", customer_id=customer_id, granted=cny(5_000_000))


async def tell(bank: Bank, customer_id: str = "cus_1", phone: str = PHONE, email: str = "", **fields: Any) -> None:
    """Tells where a customer is reached."""
    request = contact_v1.TellNotificationContactRequest(
        request_id=bank.request_id(), customer_id=customer_id, phone=phone, email=email, **fields
    )
    await bank.door.call(request)


async def listed(bank: Bank, **asked: Any) -> list[v1.Notification]:
    """Notifications in the order they were queued."""
    return list((await bank.door.call(v1.ListNotificationsRequest(**asked))).notifications)


async def tries(bank: Bank, notification_id: str) -> list[v1.DeliveryTry]:
    """Every try to deliver one."""
    return list((await bank.door.call(v1.GetNotificationRequest(notification_id=notification_id))).tries)
