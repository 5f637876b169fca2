"""Loans: the list, and one loan with its schedule, what was booked on it, what secures it, and why it stands so."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from google.protobuf.message import Message
from starlette.responses import Response

from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.credit.v1 import (
    allowance_pb2,
    classification_pb2,
    guarantee_pb2,
    loan_account_pb2,
    loan_pb2,
    loan_risk_pb2,
    pledge_pb2,
)
from zhongtai.gateway.console import formats
from zhongtai.gateway.console.charts import Chart, Series
from zhongtai.gateway.console.language import Words
from zhongtai.gateway.console.site import Visit
from zhongtai.reporting.v1 import fact_pb2

ROWS = 25
MOST = 200
STATUSES = tuple(name.removeprefix("LOAN_STATUS_") for name in loan_pb2.LoanStatus.keys()[1:])
PARTS = ("principal", "interest", "fee", "penalty")
LOOKS = {"principal": "first", "interest": "third", "fee": "wait", "penalty": "bad"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a schedule, of whichever kind of loan; amounts in minor units of its currency.

    `number` is empty for a disbursement, whose amount stands in `disbursed`.
    """

    number: str
    due_date: str
    due: dict[str, int]
    paid: int
    outstanding: int
    balance: int
    disbursed: int = 0

    @property
    def total(self) -> int:
        """What is due of it."""
        return sum(self.due.values())

    @property
    def state(self) -> str:
        """How it stands, in one word."""
        if not self.number:
            return "DISBURSED"
        if not self.outstanding:
            return "PAID"
        return "PARTLY_PAID" if self.paid else "OPEN"


async def listed(visit: Visit) -> Response:
    """The list; a loan's id in the search box leads to it."""
    sought = visit.query.get("loan_id", "").strip()
    if sought:
        return visit.go(f"loans/{quote(sought, safe='')}")
    status = visit.query.get("status", "")
    request = loan_pb2.ListLoansRequest(
        customer_id=visit.query.get("customer_id", ""),
        status=f"LOAN_STATUS_{status if status in STATUSES else 'UNSPECIFIED'}",
        page=PageRequest(size=ROWS, token=visit.query.get("page", ""), newest_first=True),
    )
    return visit.show(
        "loans.html",
        told=await visit.told(request),
        statuses=STATUSES,
        state=_state,
        filters={name: visit.query.get(name, "") for name in ("customer_id", "status")},
    )


async def one(visit: Visit) -> Response:
    """One loan. What its person may not see, or what nothing is known of, is left out or said in its place."""
    loan_id = visit.request.path_params["loan_id"]
    loan = (await visit.ask(loan_pb2.GetLoanRequest(loan_id=loan_id), loan_pb2.GetLoanResponse)).loan
    account = transactions = operations = None
    if loan.serviced:
        page = PageRequest(size=MOST, newest_first=True)
        request = loan_account_pb2.GetLoanAccountRequest(loan_id=loan_id)
        account = await visit.ask(request, loan_account_pb2.GetLoanAccountResponse)
        transactions = await visit.told(loan_account_pb2.ListLoanTransactionsRequest(loan_id=loan_id, page=page))
        operations = await visit.told(loan_account_pb2.ListLoanOperationsRequest(loan_id=loan_id, page=page))
    lines = list(map(_of_plan, account.plan)) if account else list(map(_of_schedule, loan.instalments))
    return visit.show(
        "loan.html",
        loan=loan,
        state=_state(loan),
        lines=lines,
        parts=[part for part in PARTS if part in PARTS[:2] or any(line.due.get(part) for line in lines)],
        chart=chart(lines, loan.principal.currency_code, visit.words),
        account=account,
        transactions=transactions,
        operations=operations,
        particulars=_particulars,
        amount=lambda minor: _text(minor, loan.principal.currency_code),
        risk=await visit.told(loan_risk_pb2.GetLoanRiskRequest(loan_id=loan_id)),
        flags=await visit.told(loan_risk_pb2.ListRiskFlagsRequest(loan_id=loan_id, page=PageRequest(size=MOST))),
        named=_named,
        coverage=await visit.told(pledge_pb2.GetCoverageRequest(loan_id=loan_id)),
        guarantees=await visit.told(guarantee_pb2.ListGuaranteesRequest(loan_id=loan_id)),
        facts=await visit.told(fact_pb2.ListFactsRequest(key=loan_id, page=PageRequest(size=MOST))),
    )


def chart(lines: Iterable[Line], currency: str, words: Words) -> Chart:
    """What falls due, instalment by instalment, each part in its own colour."""
    due = [line for line in lines if line.number]
    return Chart(
        [line.due_date for line in due],
        [
            Series(
                words(f"loans.{part}"),
                LOOKS[part],
                [formats.major_units(MoneyMessage(currency_code=currency, minor_units=line.due[part])) for line in due],
                texts=[_text(line.due[part], currency) for line in due],
                stack="due",
            )
            for part in PARTS
            if any(line.due.get(part) for line in due)
        ],
    )


def _of_schedule(instalment: loan_pb2.Instalment) -> Line:
    """A line of a loan that follows the schedule agreed."""
    paid = instalment.principal_paid.minor_units + instalment.interest_paid.minor_units
    return Line(
        number=str(instalment.number),
        due_date=formats.day(instalment.due_date),
        due=_due(instalment),
        paid=paid,
        outstanding=instalment.total.minor_units - paid,
        balance=instalment.balance.minor_units,
    )


def _of_plan(line: loan_account_pb2.PlanLine) -> Line:
    """A line of a loan whose account keeps it."""
    return Line(
        number=str(line.number) if line.number > 0 else "",
        due_date=formats.day(line.due_date),
        due=_due(line.due),
        paid=sum(_due(line.paid).values()),
        outstanding=line.outstanding.minor_units,
        balance=line.balance.minor_units,
        disbursed=line.disbursed.minor_units,
    )


def _due(message: Message) -> dict[str, int]:
    """The amounts of a message by what they pay; a part it does not have is nothing."""
    named = message.DESCRIPTOR.fields_by_name
    return {part: getattr(message, part).minor_units if part in named else 0 for part in PARTS}


def _text(minor_units: int, currency: str) -> str:
    return formats.money(MoneyMessage(currency_code=currency, minor_units=minor_units))


def _state(loan: loan_pb2.Loan) -> str:
    return loan_pb2.LoanStatus.Name(loan.status).removeprefix("LOAN_STATUS_")


_RISK_NAMES = {
    "category": ("RISK_CATEGORY_", classification_pb2.RiskCategory),
    "stage": ("IMPAIRMENT_STAGE_", allowance_pb2.ImpairmentStage),
    "reason": ("STAGE_REASON_", allowance_pb2.StageReason),
    "flag": ("RISK_FLAG_KIND_", loan_risk_pb2.RiskFlagKind),
    "evidence": ("IMPAIRMENT_EVIDENCE_", loan_risk_pb2.ImpairmentEvidence),
}


def _named(kind: str, number: int) -> str:
    """The name of a value of the risk of a loan, by which the words have it."""
    prefix, values = _RISK_NAMES[kind]
    return f"risk.{kind}.{values.Name(number).removeprefix(prefix)}"


def _particulars(operation: loan_account_pb2.LoanOperation) -> str:
    """What an operation asked for, for reading."""
    return formats.pretty(json.loads(operation.content)) if operation.content else ""
