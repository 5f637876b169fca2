"""Events as credit and operations tell them, for the tests of positions and gaps."""

from datetime import date, timedelta
from decimal import Decimal

from google.protobuf.message import Message

from zhongtai.credit.v1 import limit_pb2 as limit_v1
from zhongtai.credit.v1 import loan_pb2 as loan_v1
from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.schedule import Amortisation, repayment_schedule
from zhongtai.operations.v1 import account_pb2 as account_v1
from zhongtai.operations.v1 import ledger_pb2 as ledger_v1
from zhongtai.runtime import contracts
from zhongtai.runtime.convert import date_message, decimal_message, message_of, money_message

START = date(2026, 3, 2)


def yuan(minor_units: int) -> Money:
    return Money("CNY", minor_units)


def loan_disbursed(loan_id: str = "loan_1", minor_units: int = 300_000, months: int = 3) -> loan_v1.LoanDisbursed:
    """A loan paid out on 2 March 2026 at 12 % a year, 30E/360, in equal parts of principal, funded at 3 %."""
    instalments = repayment_schedule(
        principal=yuan(minor_units),
        nominal_interest_rate=Decimal("0.12"),
        term_months=months,
        start=START,
        day_count=DayCount.THIRTY_E_360,
        amortisation=Amortisation.EQUAL_PRINCIPAL,
    )
    return loan_v1.LoanDisbursed(
        loan_id=loan_id,
        customer_id="cus_1",
        product_id="consumer_instalment",
        account_id="acc_1",
        limit_id="lim_1",
        grade="A",
        principal=money_message(yuan(minor_units)),
        nominal_interest_rate=decimal_message(Decimal("0.12")),
        transfer_rate=decimal_message(Decimal("0.03")),
        day_count="DAY_COUNT_THIRTY_E_360",
        start_date=date_message(START),
        instalments=[message_of(instalment, loan_v1.Instalment) for instalment in instalments],
    )


def loan_repaid(principal: int, interest: int, days: int, loan_id: str = "loan_1") -> loan_v1.LoanRepaid:
    """A repayment so many days after the start."""
    return loan_v1.LoanRepaid(
        loan_id=loan_id,
        principal=money_message(yuan(principal)),
        interest=money_message(yuan(interest)),
        paid_on=date_message(START + timedelta(days=days)),
    )


def account_opened(account_id: str, account_code: str = "2011") -> account_v1.AccountOpened:
    """An account of customer cus_1."""
    return account_v1.AccountOpened(
        account_id=account_id,
        customer_id="cus_1",
        product="demand_deposit",
        account_code=account_code,
        currency_code="CNY",
    )


def entry_posted(entry_id: str, account_id: str, change: int, days: int = 0) -> ledger_v1.EntryPosted:
    """An entry between cash and a deposit account; `change` is what the account rises by."""
    account, cash = ("SIDE_CREDIT", "SIDE_DEBIT") if change > 0 else ("SIDE_DEBIT", "SIDE_CREDIT")
    amount = money_message(yuan(abs(change)))
    return ledger_v1.EntryPosted(
        entry_id=entry_id,
        booking_date=date_message(START + timedelta(days=days)),
        value_date=date_message(START + timedelta(days=days)),
        legs=[
            ledger_v1.Leg(account_code="1001", side=cash, amount=amount),
            ledger_v1.Leg(account_code="2011", account_id=account_id, side=account, amount=amount),
        ],
    )


def limit_events() -> list[Message]:
    """5,000.00 granted, 3,000.00 of it drawn, 1,000.00 restored, 500.00 of the grant taken back: 2,500.00 undrawn."""
    granted = {"limit_id": "lim_1", "customer_id": "cus_1", "product_line": "consumer"}
    return [
        limit_v1.LimitGranted(**granted, granted=money_message(yuan(500_000))),
        limit_v1.LimitHeld(limit_id="lim_1", hold_id="hold_1", amount=money_message(yuan(300_000))),
        limit_v1.LimitCommitted(limit_id="lim_1", hold_id="hold_1", amount=money_message(yuan(300_000))),
        limit_v1.LimitRestored(limit_id="lim_1", amount=money_message(yuan(100_000))),
        limit_v1.LimitLowered(**granted, granted=money_message(yuan(450_000))),
    ]


def in_order_of_key(shuffled: list[Message], told: list[Message]) -> list[Message]:
    """Shuffled events with those of one aggregate back in the order they were told in, as the bus promises."""
    waiting: dict[str, list[Message]] = {}
    for event in told:
        waiting.setdefault(_key(event), []).append(event)
    return [waiting[_key(event)].pop(0) for event in shuffled]


def _key(event: Message) -> str:
    return str(getattr(event, contracts.event_key(event.DESCRIPTOR)))
