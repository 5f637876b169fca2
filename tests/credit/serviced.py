"""Products with servicing conventions, and accounts under them, that the tests of credit share."""

from datetime import date
from typing import Any

from tests.credit.examples import fen, granted, held, product_message, rate, request_id
from zhongtai.credit.loan_account.replays import REPLAYS
from zhongtai.credit.v1 import loan_account_pb2, loan_disbursement_pb2, product_pb2
from zhongtai.credit.v1 import servicing_pb2 as v1
from zhongtai.runtime.convert import date_message
from zhongtai.testing.doors import Door

START = date(2026, 1, 5)
PARTS = (v1.OWED_PART_PENALTY, v1.OWED_PART_FEE, v1.OWED_PART_INTEREST, v1.OWED_PART_PRINCIPAL)
WHEN = (v1.DUENESS_PAST_DUE, v1.DUENESS_DUE, v1.DUENESS_IN_ADVANCE)


def waterfall(**changes: Any) -> v1.Waterfall:
    """Past due, due, in advance; in each penalties, fees, interest, principal."""
    order = [v1.WaterfallStep(dueness=when, component=part) for when in WHEN for part in PARTS]
    fields: dict[str, Any] = {
        "transaction_type": "DEFAULT",
        "order": order,
        "future_rule": v1.FUTURE_INSTALMENT_RULE_NEXT_INSTALLMENT,
    }
    return v1.Waterfall(**{**fields, **changes})


def repayment_convention(**changes: Any) -> v1.RepaymentConvention:
    """Six equal instalments, monthly."""
    fields: dict[str, Any] = {
        "instalments": 6,
        "every": 1,
        "unit": v1.LENGTH_UNIT_MONTHS,
        "amortization": v1.PRINCIPAL_PLAN_EQUAL_INSTALMENTS,
        "start": v1.SCHEDULE_ANCHOR_DISBURSEMENT_DATE,
    }
    return v1.RepaymentConvention(**{**fields, **changes})


def interest_convention(**changes: Any) -> v1.InterestConvention:
    """By days, actual over 365, on what is owed."""
    fields: dict[str, Any] = {
        "rate_unit": v1.LENGTH_UNIT_YEARS,
        "method": v1.INTEREST_METHOD_DECLINING_BALANCE,
        "period": v1.INTEREST_MEASURE_DAILY,
        "days_in_month": v1.DAYS_IN_MONTH_ACTUAL,
        "days_in_year": v1.DAYS_IN_YEAR_D365,
        "leap_year": v1.LEAP_YEAR_FULL_LEAP_YEAR,
        "charge_from_disbursement": True,
        "on_past_due": True,
    }
    return v1.InterestConvention(**{**fields, **changes})


def recalculation_convention(**changes: Any) -> v1.RecalculationConvention:
    """Interest follows the balance day by day."""
    fields: dict[str, Any] = {
        "on_prepayment": v1.PREPAYMENT_EFFECT_ADJUST_LAST_UNPAID_PERIOD,
        "rest": v1.REST_FREQUENCY_DAILY,
        "rest_interval": 1,
        "pre_closure": v1.PAY_OFF_INTEREST_TILL_PRE_CLOSURE_DATE,
        "compounding": v1.COMPOUNDING_NONE,
        "compounding_interval": 1,
        "overdue_principal_bears_interest": True,
    }
    return v1.RecalculationConvention(**{**fields, **changes})


def conventions(**changes: Any) -> v1.Servicing:
    """Progressive conventions with recalculation, with changes."""
    fields: dict[str, Any] = {
        "convention": v1.SERVICING_CONVENTION_PROGRESSIVE,
        "repayment": repayment_convention(),
        "interest": interest_convention(),
        "allocation": v1.AllocationConvention(
            strategy="waterfall", waterfalls=[waterfall()], direction=v1.WATERFALL_DIRECTION_HORIZONTAL
        ),
        "recalculation": recalculation_convention(),
        "charge_off": v1.CHARGE_OFF_BEHAVIOUR_REGULAR,
        "accounting": v1.ACCOUNTING_BASIS_ACCRUAL_PERIODIC,
        "charge_accrual": v1.CHARGE_ACCRUAL_DUE_DATE,
    }
    return v1.Servicing(**{**fields, **changes})


def serviced_product(servicing: v1.Servicing | None = None, **changes: Any) -> product_pb2.Product:
    """A product of 12 % whose loans are serviced."""
    own = {"product_id": "serviced", "servicing": conventions() if servicing is None else servicing}
    return product_message(**{**own, **changes})


async def publish(door: Door, product: product_pb2.Product | None = None) -> None:
    """Publishes the product."""
    product = serviced_product() if product is None else product
    await door.call(product_pb2.PublishProductRequest(request_id=request_id(), product=product))


async def opened(door: Door, amount: int = 1_200_000, **changes: Any) -> str:
    """An account on an application of START, on a limit and hold of its own; answers the loan's id."""
    door.today(START)
    limit_id = await granted(door)
    fields: dict[str, Any] = {
        "request_id": request_id(),
        "customer_id": "cus_1",
        "product_id": "serviced",
        "principal": fen(amount),
        "account_id": "acc_1",
        "limit_id": limit_id,
        "hold_id": await held(door, limit_id, amount),
        "grade": "BB",
        "transfer_rate": rate("0.0235"),
    }
    reply = await door.call(loan_account_pb2.OpenLoanAccountRequest(**{**fields, **changes}))
    return str(reply.loan_id)


async def lent(door: Door, amount: int = 1_200_000, **changes: Any) -> str:
    """An account whose loan was approved and disbursed whole on START; answers the loan's id."""
    loan_id = await opened(door, amount, **changes)
    for request in (
        loan_disbursement_pb2.ApproveLoanRequest(request_id=request_id(), loan_id=loan_id, amount=fen(amount)),
        loan_disbursement_pb2.DisburseLoanRequest(request_id=request_id(), loan_id=loan_id, amount=fen(amount)),
    ):
        await door.call(request)
    return loan_id


async def account_of(door: Door, loan_id: str) -> loan_account_pb2.GetLoanAccountResponse:
    """The account as it is told."""
    reply: loan_account_pb2.GetLoanAccountResponse = await door.call(
        loan_account_pb2.GetLoanAccountRequest(loan_id=loan_id)
    )
    return reply


async def transactions_of(door: Door, loan_id: str, *, replaced_too: bool = False) -> list[Any]:
    """The transactions of the account, those of the first page."""
    request = loan_account_pb2.ListLoanTransactionsRequest(loan_id=loan_id, replaced_too=replaced_too)
    return list((await door.call(request)).transactions)


def forget() -> None:
    """Forgets every account in memory, as a restart does: the next operation replays its history from the store."""
    REPLAYS.clear()


def on(door: Door, year: int, month: int, of_month: int) -> Any:
    """Sets the business date, and answers it as a message."""
    door.today(date(year, month, of_month))
    return date_message(date(year, month, of_month))
