"""Two loans, five applications and the ledger entries of two payments, as their services tell them.

All begins on 2 March 2026. Loan 1 (grade A) lends 3,000.00 at 12 % on 30E/360, funded at 3 %; its first instalment is
paid. Loan 2 (grade B) lends 6,000.00 at 10 % on ACT/365, funded at 4 %; nothing is paid back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from google.protobuf.message import Message

from zhongtai.credit.v1 import loan_pb2 as loan_v1
from zhongtai.credit.v1 import rating_pb2 as rating_v1
from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.schedule import Amortisation, Instalment, repayment_schedule
from zhongtai.operations.v1 import ledger_pb2 as ledger_v1
from zhongtai.risk.v1 import decision_pb2 as decision_v1
from zhongtai.runtime.convert import date_message, message_of, money_message
from zhongtai.testing.doors import Door

START = date(2026, 3, 2)
APRIL_2 = date(2026, 4, 2)


class Told(NamedTuple):
    """An event, its id, and the business date it was published on."""

    event_id: str
    event: Message
    on: date


@dataclass(frozen=True)
class _Disbursed:
    nominal_interest_rate: Decimal
    transfer_rate: Decimal
    day_count: DayCount
    start_date: date
    instalments: tuple[Instalment, ...]


class _Terms(NamedTuple):
    principal: int
    rate: str
    transfer_rate: str
    day_count: DayCount


_LOANS = {
    "loan_1": _Terms(300_000, "0.12", "0.03", DayCount.THIRTY_E_360),
    "loan_2": _Terms(600_000, "0.10", "0.04", DayCount.ACT_365),
}


def yuan(minor_units: int) -> Money:
    return Money("CNY", minor_units)


def decided(decision_id: str, outcome: str, *reasons: str) -> decision_v1.ApplicationDecided:
    return decision_v1.ApplicationDecided(decision_id=decision_id, outcome=outcome, reason_codes=reasons)


def rated(rating_id: str, decision_id: str, grade: str) -> rating_v1.RatingAssigned:
    return rating_v1.RatingAssigned(rating_id=rating_id, decision_id=decision_id, grade=grade, customer_id="cus_1")


def opened(loan_id: str, decision_id: str) -> loan_v1.LoanOpened:
    return loan_v1.LoanOpened(loan_id=loan_id, loan=loan_v1.Loan(loan_id=loan_id, decision_id=decision_id))


def disbursed(loan_id: str, grade: str, payment_id: str) -> loan_v1.LoanDisbursed:
    terms = _LOANS[loan_id]
    schedule = repayment_schedule(
        principal=yuan(terms.principal),
        nominal_interest_rate=Decimal(terms.rate),
        term_months=3,
        start=START,
        day_count=terms.day_count,
        amortisation=Amortisation.EQUAL_PRINCIPAL,
    )
    return message_of(
        _Disbursed(Decimal(terms.rate), Decimal(terms.transfer_rate), terms.day_count, START, schedule),
        loan_v1.LoanDisbursed,
        loan_id=loan_id,
        product_id="consumer_instalment",
        grade=grade,
        payment_id=payment_id,
        principal=money_message(yuan(terms.principal)),
    )


def repaid(loan_id: str, principal: int, interest: int, on: date, payment_id: str) -> loan_v1.LoanRepaid:
    return loan_v1.LoanRepaid(
        loan_id=loan_id,
        principal=money_message(yuan(principal)),
        interest=money_message(yuan(interest)),
        paid_on=date_message(on),
        payment_id=payment_id,
    )


def posted(
    entry_id: str, number: int, reference: str, on: date, *, loans: ledger_v1.Side | None = None
) -> ledger_v1.EntryPosted:
    """An entry; `loans` is the side on which it moves the account of loans, if it does."""
    legs = [] if loans is None else [ledger_v1.Leg(account_code="1303", side=loans)]
    return ledger_v1.EntryPosted(
        entry_id=entry_id, number=number, reference=reference, booking_date=date_message(on), legs=legs
    )


EVENTS = (
    Told("evt_01", decided("dec_1", "OUTCOME_APPROVE"), START),
    Told("evt_02", rated("rat_1", "dec_1", "A"), START),
    Told("evt_03", opened("loan_1", "dec_1"), START),
    Told("evt_04", disbursed("loan_1", "A", "pay_1"), START),
    Told("evt_05", posted("ent_1", 1, "pay_1", START), START),
    Told("evt_06", decided("dec_2", "OUTCOME_REFER", "SCORE_IN_GREY_ZONE"), START),
    Told("evt_07", rated("rat_2", "dec_2", "B"), START),
    Told("evt_08", opened("loan_2", "dec_2"), START),
    Told("evt_09", disbursed("loan_2", "B", "pay_2"), START),
    Told("evt_10", posted("ent_2", 2, "loan_2", START, loans=ledger_v1.SIDE_DEBIT), START),
    Told("evt_11", decided("dec_3", "OUTCOME_DECLINE", "SCORE_TOO_LOW", "INCOME_TOO_LOW"), START),
    Told("evt_12", decided("dec_4", "OUTCOME_DECLINE", "SCORE_TOO_LOW"), APRIL_2),
    Told("evt_13", decided("dec_5", "OUTCOME_APPROVE"), START),
    Told("evt_14", rated("rat_5", "dec_5", "A"), START),
    Told("evt_15", rating_v1.RatingWithdrawn(rating_id="rat_5", customer_id="cus_1"), APRIL_2),
    Told("evt_16", decision_v1.DecisionWithdrawn(decision_id="dec_5"), APRIL_2),
    Told("evt_17", repaid("loan_1", 100_000, 3_000, APRIL_2, "pay_3"), APRIL_2),
    Told("evt_18", posted("ent_3", 3, "pay_3", APRIL_2), APRIL_2),
    Told("evt_19", posted("ent_4", 4, "loan_1", APRIL_2, loans=ledger_v1.SIDE_CREDIT), APRIL_2),
    Told("evt_20", posted("ent_5", 5, "somebody else's transfer", APRIL_2), APRIL_2),
)


async def tell(door: Door, events: Sequence[Told]) -> None:
    """Delivers events as the bus would, each with the business date it was published on."""
    for told in events:
        await door.deliver(told.event, event_id=told.event_id, business_date=told.on)
