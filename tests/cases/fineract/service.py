"""The credit service as the account under test: every operation is one of its RPCs, everything seen is what it tells.

The service runs in process on a store of its own (SQLite). Terms become a product of their conventions and an
application; references of the harness (`op3`) become the ids the service gave, and back.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import Enum
from itertools import count
from pathlib import Path
from typing import Any, Self

from google.protobuf.message import Message

from tests.cases.fineract.engine import CHARGE_BASIS_WORDS, CHARGE_TIME_WORDS, CHART, REASONS
from tests.cases.fineract.views import AccountView, ChargeRow, Delinquency, JournalLine, ScheduleRow, TransactionRow
from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.credit.servicing import domain as servicing
from zhongtai.credit.v1 import (
    limit_pb2,
    loan_account_pb2,
    loan_amendment_pb2,
    loan_change_pb2,
    loan_charge_pb2,
    loan_disbursement_pb2,
    loan_exit_pb2,
    loan_payment_pb2,
    loan_pb2,
    product_pb2,
    servicing_pb2,
)
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.servicing import operations as do
from zhongtai.kernel.servicing.operations import AddCharge, Operation
from zhongtai.kernel.servicing.postings import BY_ROLE, Role
from zhongtai.kernel.servicing.terms import Amortization, Charge, Convention, DaysInMonth, DaysInYear, Terms
from zhongtai.kernel.servicing.transactions import TransactionType
from zhongtai.runtime import contracts
from zhongtai.runtime.convert import date_message, date_of, decimal_message, message_of, money_message
from zhongtai.testing.doors import Door, opened
from zhongtai.testing.templates import fresh_sqlite

PAGE = 500
REQUESTS: dict[type[Operation], type[Message]] = {
    do.Approve: loan_disbursement_pb2.ApproveLoanRequest,
    do.UndoApproval: loan_disbursement_pb2.UndoApprovalRequest,
    do.Reject: loan_disbursement_pb2.RejectLoanRequest,
    do.Withdraw: loan_disbursement_pb2.WithdrawLoanRequest,
    do.Disburse: loan_disbursement_pb2.DisburseLoanRequest,
    do.UndoDisbursal: loan_disbursement_pb2.UndoDisbursementRequest,
    do.UndoLastDisbursal: loan_disbursement_pb2.UndoLastDisbursementRequest,
    do.AddExpectedTranche: loan_disbursement_pb2.AddExpectedTrancheRequest,
    do.ChangeApprovedAmount: loan_disbursement_pb2.ChangeApprovedAmountRequest,
    do.ChangeAvailableAmount: loan_disbursement_pb2.ChangeAvailableAmountRequest,
    do.Pay: loan_payment_pb2.ReceivePaymentRequest,
    do.PayOff: loan_payment_pb2.PayOffAccountRequest,
    do.RefundInterest: loan_payment_pb2.RefundInterestRequest,
    do.UndoTransaction: loan_payment_pb2.UndoTransactionRequest,
    do.AdjustTransaction: loan_payment_pb2.AdjustTransactionRequest,
    do.CreditBalanceRefund: loan_payment_pb2.RefundCreditBalanceRequest,
    do.ChargeBack: loan_payment_pb2.ChargeBackPaymentRequest,
    do.AddCharge: loan_charge_pb2.AddLoanChargeRequest,
    do.DeleteCharge: loan_charge_pb2.DeleteLoanChargeRequest,
    do.WaiveCharge: loan_charge_pb2.WaiveLoanChargeRequest,
    do.UndoWaiveCharge: loan_charge_pb2.UndoWaiveLoanChargeRequest,
    do.AdjustCharge: loan_charge_pb2.AdjustLoanChargeRequest,
    do.CapitalizeIncome: loan_change_pb2.CapitaliseIncomeRequest,
    do.AdjustCapitalizedIncome: loan_change_pb2.AdjustCapitalisedIncomeRequest,
    do.BuyDownFee: loan_change_pb2.AddBuyDownFeeRequest,
    do.AdjustBuyDownFee: loan_change_pb2.AdjustBuyDownFeeRequest,
    do.ReAge: loan_change_pb2.ReAgeLoanRequest,
    do.UndoReAge: loan_change_pb2.UndoReAgeRequest,
    do.ReAmortize: loan_change_pb2.ReAmortiseLoanRequest,
    do.UndoReAmortize: loan_change_pb2.UndoReAmortiseRequest,
    do.Reschedule: loan_change_pb2.RescheduleLoanRequest,
    do.ChangeRate: loan_change_pb2.ChangeLoanRateRequest,
    do.PauseInterest: loan_change_pb2.PauseInterestRequest,
    do.DeletePause: loan_change_pb2.DeleteInterestPauseRequest,
    do.PauseDelinquency: loan_change_pb2.PauseDelinquencyRequest,
    do.EndDelinquencyPause: loan_change_pb2.EndDelinquencyPauseRequest,
    do.ChangeFutureRule: loan_amendment_pb2.AmendFutureRuleRequest,
    do.ChangeChargeAccrual: loan_amendment_pb2.AmendChargeAccrualRequest,
    do.ChangeOverdueInterest: loan_amendment_pb2.AmendOverdueInterestRequest,
    do.ChangeMaturityAccrual: loan_amendment_pb2.AmendMaturityAccrualRequest,
    do.ChangeEndedPayments: loan_amendment_pb2.AmendEndedPaymentsRequest,
    do.TerminateContract: loan_exit_pb2.TerminateContractRequest,
    do.UndoTermination: loan_exit_pb2.UndoTerminationRequest,
    do.ChargeOff: loan_exit_pb2.ChargeOffLoanRequest,
    do.UndoChargeOff: loan_exit_pb2.UndoChargeOffRequest,
    do.SetFraud: loan_exit_pb2.MarkFraudRequest,
    do.WriteOff: loan_exit_pb2.WriteOffLoanRequest,
    do.UndoWriteOff: loan_exit_pb2.UndoWriteOffRequest,
    do.EndOfDay: loan_account_pb2.CloseLoanDayRequest,
    do.AccruePeriodically: loan_account_pb2.AccrueLoanRequest,
}
PREVIEWS: dict[type[Operation], type[Message]] = {
    do.ReAge: loan_change_pb2.PreviewReAgeRequest,
    do.ReAmortize: loan_change_pb2.PreviewReAmortiseRequest,
}
NAMES = {"charge": "charge_id", "pause": "pause_id", "rate": "nominal_interest_rate"}
STATUSES = {
    "SUBMITTED": "SUBMITTED_AND_PENDING_APPROVAL",
    "PENDING": "APPROVED",
    "ACTIVE": "ACTIVE",
    "PAID_OFF": "CLOSED_OBLIGATIONS_MET",
    "OVERPAID": "OVERPAID",
    "WRITTEN_OFF": "CLOSED_WRITTEN_OFF",
    "REJECTED": "REJECTED",
    "CANCELLED": "WITHDRAWN",
}
AMORTISATIONS = {Amortization.EQUAL_PRINCIPAL: product_pb2.AMORTISATION_EQUAL_PRINCIPAL}
DAY_COUNTS = {
    (DaysInMonth.THIRTY, DaysInYear.D360): product_pb2.DAY_COUNT_THIRTY_E_360,
    (DaysInMonth.ACTUAL, DaysInYear.D360): product_pb2.DAY_COUNT_ACT_360,
    (DaysInMonth.ACTUAL, DaysInYear.D365): product_pb2.DAY_COUNT_ACT_365,
}


class CreditService:
    """The credit service on a fresh store, and a loop to call it from plain functions."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._stack = AsyncExitStack()
        self.numbers = count(1)
        self.told = 0
        self.postings: dict[str, list[Any]] = {}

    def __enter__(self) -> Self:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        entering = self._stack.enter_async_context(opened("credit", fresh_sqlite("credit", folder)))
        self.door: Door = self._loop.run_until_complete(entering)
        return self

    def __exit__(self, *raised: object) -> None:
        self._loop.run_until_complete(self._stack.aclose())
        self._loop.close()

    def call(self, request: Message) -> Any:
        """The reply; raises what the service refuses with, which its contract must list."""
        if "request_id" in request.DESCRIPTOR.fields_by_name:
            request.request_id = f"request-{next(self.numbers)}"  # type: ignore[attr-defined]
        try:
            return self._loop.run_until_complete(self.door.call(request))
        except Refusal as refusal:
            if refusal.reason not in (*LISTED[type(request)], *OF_ANY_RPC):
                raise LookupError(f"{refusal.reason} is not in the contract of {type(request).__name__}") from refusal
            raise

    def posted(self, transaction: str) -> list[Any]:
        """What the events so far posted for a transaction, in order."""
        while envelopes := self._loop.run_until_complete(self.door.service.store.outbox_after(self.told, 1000)):
            self.told = envelopes[-1].sequence
            for envelope in envelopes:
                if envelope.subject == loan_account_pb2.LoanAccountChanged.DESCRIPTOR.full_name:
                    changed = loan_account_pb2.LoanAccountChanged.FromString(envelope.payload)
                    for posting in changed.postings:
                        self.postings.setdefault(posting.transaction_id, []).append(posting)
        return self.postings.get(transaction, [])


class ServiceDriver:
    """One loan of the credit service."""

    def __init__(self, service: CreditService) -> None:
        self.service = service
        self.ids: dict[str, str] = {}

    def open(self, terms: Terms) -> None:
        self.terms = terms
        self.charges: dict[str, Charge] = {f"terms/{n}": charge for n, charge in enumerate(terms.charges, 1)}
        number = next(self.service.numbers)
        self.service.door.today(max(terms.submitted_on, date(2020, 1, 1)))
        product_id, customer_id = f"case_{number}", f"cus_{number}"
        self.service.call(product_pb2.PublishProductRequest(product=product_of(product_id, terms)))
        amount = money(terms.principal, terms)
        granted = self.service.call(
            limit_pb2.GrantLimitRequest(customer_id=customer_id, product_line="cases", amount=amount)
        )
        held = self.service.call(limit_pb2.HoldLimitRequest(limit_id=granted.limit_id, amount=amount))
        request = loan_account_pb2.OpenLoanAccountRequest(
            customer_id=customer_id,
            product_id=product_id,
            principal=amount,
            account_id="acc_1",
            limit_id=granted.limit_id,
            hold_id=held.hold_id,
        )
        self.loan_id = self.service.call(apply_for(request, terms)).loan_id

    def apply(self, operation: Operation) -> None:
        self.service.door.today(operation.booked_on)
        request = self.request(operation, REQUESTS)
        if isinstance(operation, do.PayOff):
            quote = loan_payment_pb2.QuoteAccountPayOffRequest(loan_id=self.loan_id, on=date_message(operation.dated))
            total = self.service.call(quote).total
            request.amount.CopyFrom(total)  # type: ignore[attr-defined]
        reply = self.service.call(request)
        self.ids[operation.reference] = reply.operation_id
        if isinstance(operation, AddCharge):
            self.charges[reply.operation_id] = operation.charge

    def preview(self, operation: Operation) -> Sequence[ScheduleRow]:
        self.service.door.today(operation.booked_on)
        return [schedule_row(line) for line in self.service.call(self.request(operation, PREVIEWS)).plan]

    def view(self, on: date) -> AccountView:
        shown = self.service.call(loan_account_pb2.GetLoanAccountRequest(loan_id=self.loan_id, on=date_message(on)))
        late = shown.arrears
        named = {given: reference for reference, given in self.ids.items()}
        return AccountView(
            status=STATUSES[loan_status(shown.loan.status)],
            outstanding=sum(getattr(shown.owed, part).minor_units for part in PARTS),
            overpaid=shown.overpaid.minor_units,
            schedule=tuple(map(schedule_row, shown.plan)),
            transactions=tuple(transaction_row(one, named) for one in self.transactions()),
            charges=tuple(self.charge_row(row) for row in shown.charges),
            total_overdue=late.overdue.minor_units,
            delinquency=Delinquency(
                range=late.range or None,
                since=optional_date(late, "delinquent_since"),
                amount=late.amount.minor_units,
                days=late.delinquent_days,
                past_due_days=late.past_due_days,
                past_due_date=optional_date(late, "past_due_since"),
                pauses=tuple((date_of(one.start_on), date_of(one.end_on)) for one in late.pauses),
                instalments=tuple((one.range, one.amount.minor_units) for one in late.by_instalment),
            ),
        )

    def transactions(self) -> list[Any]:
        """The transaction table, in the order of its days."""
        found, token = [], ""
        while True:
            request = loan_account_pb2.ListLoanTransactionsRequest(loan_id=self.loan_id)
            request.page.size, request.page.token = PAGE, token
            reply = self.service.call(request)
            found += reply.transactions
            token = reply.page.next_token
            if not token:
                return sorted(found, key=chronological)

    def journal(self, transaction: str) -> Sequence[JournalLine]:
        found: list[JournalLine] = []
        for posting in self.service.posted(transaction):
            sums: dict[tuple[str, str, str], int] = {}
            for leg in posting.legs:
                role = leg.role if TransactionType[posting.kind] in BY_ROLE else ""
                key = (CHART[Role(leg.role)], leg.side, role)
                sums[key] = sums.get(key, 0) + leg.amount.minor_units
            found += [
                JournalLine(account, amount if side == "DEBIT" else 0, amount if side == "CREDIT" else 0)
                for (account, side, _), amount in sums.items()
            ]
        return found

    def request(self, operation: Operation, kinds: dict[type[Operation], type[Message]]) -> Message:
        """The request that asks for an operation."""
        kind = kinds[type(operation)]
        known = kind.DESCRIPTOR.fields_by_name
        request: Any = kind(loan_id=self.loan_id)
        for field in fields(operation):
            value = getattr(operation, field.name)
            if field.name in ("reference", "booked_on") or value is None:
                continue
            name = NAMES.get(field.name, field.name)
            if field.name in ("transaction", "type") and field.name not in known:
                name = next(one for one in ("of_transaction_id", "transaction_id", "transaction_type") if one in known)
            if field.name == "charge" and isinstance(value, Charge):
                request.charge.CopyFrom(charge_message(value, self.terms))
                continue
            put(request, name, self.ids.get(value, value) if isinstance(value, str) else value, self.terms)
        return request  # type: ignore[no-any-return]

    def charge_row(self, row: Any) -> ChargeRow:
        """A charge in the scenarios' words."""
        charge = self.charges[row.charge_id]
        return ChargeRow(
            id=row.charge_id,
            name=row.name,
            penalty=row.penalty,
            time=CHARGE_TIME_WORDS[charge.time],
            due_date=optional_date(row, "due_on"),
            calculation=CHARGE_BASIS_WORDS[charge.basis],
            due=row.due.minor_units,
            paid=row.paid.minor_units,
            waived=row.waived.minor_units,
            outstanding=row.outstanding.minor_units,
        )


LISTED = {method.request_type: tuple(method.operation.refusals) for method in contracts.methods("credit")}
OF_ANY_RPC = ("REQUEST_INVALID", "INTERNAL", "DEADLINE_EXCEEDED")
PARTS = ("principal", "interest", "fee", "penalty")


def put(request: Any, name: str, value: Any, terms: Terms) -> None:
    """Sets a field of a request: amounts as money, percentages of rates as fractions, enums by name."""
    field = request.DESCRIPTOR.fields_by_name[name]
    if isinstance(value, date):
        getattr(request, name).CopyFrom(date_message(value))
    elif isinstance(value, Decimal):
        getattr(request, name).CopyFrom(decimal_message(value / 100))
    elif field.enum_type:
        setattr(request, name, enum_number(field.enum_type, value))
    elif field.message_type is not None and field.message_type.full_name == MoneyMessage.DESCRIPTOR.full_name:
        getattr(request, name).CopyFrom(money(value, terms))
    else:
        setattr(request, name, value.name if isinstance(value, Enum) else value)


def enum_number(enum: Any, value: Enum) -> int:
    """The number of an enum's value by its name."""
    prefix = enum.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return int(enum.values_by_name[prefix + value.name].number)


def product_of(product_id: str, terms: Terms) -> product_pb2.Product:
    """The product that has exactly these conventions; what one loan states is left to its application."""
    interest = terms.interest
    return product_pb2.Product(
        product_id=product_id,
        version=1,
        name=terms.product,
        name_zh=terms.product,
        product_line="cases",
        currency_code=terms.currency,
        minimum_amount=money(1, terms),
        maximum_amount=money(10**15, terms),
        minimum_term_months=1,
        maximum_term_months=480,
        amortisation=AMORTISATIONS.get(terms.repayment.amortization, product_pb2.AMORTISATION_EQUAL_INSTALMENT),
        day_count=DAY_COUNTS.get((interest.days_in_month, interest.days_in_year), product_pb2.DAY_COUNT_ACT_ACT),
        nominal_interest_rate=decimal_message(interest.rate / 100),
        valid_from=date_message(date(2000, 1, 1)),
        servicing=message_of(conventions(terms), servicing_pb2.Servicing),
    )


def conventions(terms: Terms) -> servicing.Servicing:
    """The conventions of terms, without what one loan states."""
    by_waterfall = terms.allocation.strategy == servicing.WATERFALL
    over, tranches = terms.over_applied, terms.tranches
    return servicing.Servicing(
        convention=servicing.ServicingConvention[Convention(terms.convention).name],
        repayment=same(servicing.RepaymentConvention, terms.repayment, balloon=None),
        interest=same(servicing.InterestConvention, terms.interest, floating=None),
        allocation=servicing.AllocationConvention(
            terms.allocation.strategy,
            tuple(
                servicing.Waterfall(name, one.order, one.future_rule)
                for name, one in terms.allocation.waterfalls.items()
                if by_waterfall
            ),
            terms.allocation.direction,
            terms.allocation.chargeback,
        ),
        recalculation=terms.recalculation,
        down_payment=terms.down_payment,
        tranches=None
        if tranches is None
        else same(
            servicing.TrancheConvention, tranches, outstanding_limit=optional_money(tranches.outstanding_limit, terms)
        ),
        over_applied=None if over is None else servicing.OverApplied(over.percent, optional_money(over.amount, terms)),
        charges=(),
        arrears=same(
            servicing.ArrearsConvention, terms.arrears, tolerance=optional_money(terms.arrears.tolerance, terms)
        ),
        capitalized_income=terms.capitalized_income,
        buy_down_fee=terms.buy_down_fee,
        interest_refund_for=tuple(sorted(terms.interest_refund_for)),
        charge_off=terms.charge_off,
        accounting=terms.accounting,
        accrual_activity=terms.accrual_activity,
        charge_accrual=servicing.ChargeAccrual[terms.charge_accrual.name],
        charge_accrual_after_maturity=terms.charge_accrual_after_maturity,
        payments_after_end=terms.payments_after_end,
        penalty_after_days=terms.penalty_after_days,
        # The suite's products that map reasons say so by their name alone.
        charge_off_reasons=tuple(
            servicing.ChargeOffReason(reason, role is Role.CHARGE_OFF_FRAUD_EXPENSE)
            for reason, role in REASONS.items()
            if "REASON" in terms.product
        ),
    )


def same(kind: Any, value: Any, **other: Any) -> Any:
    """A value of another class with the fields both have, and those given."""
    return kind(
        **{field.name: getattr(value, field.name) for field in fields(kind) if field.name not in other}, **other
    )


def apply_for(request: Any, terms: Terms) -> Message:
    """The application with what one loan states."""
    repayment = terms.repayment
    request.submitted_on.CopyFrom(date_message(terms.submitted_on))
    request.expected_disbursement_on.CopyFrom(date_message(terms.expected_disbursement_on))
    request.instalments = repayment.instalments
    if repayment.term is not None and repayment.term_unit is not None:
        request.term = repayment.term
        request.term_unit = enum_number(request.DESCRIPTOR.fields_by_name["term_unit"].enum_type, repayment.term_unit)
    if repayment.fixed_instalment is not None:
        request.fixed_instalment.CopyFrom(money(repayment.fixed_instalment, terms))
    for tranche in terms.tranches.expected if terms.tranches else ():
        request.tranches.add(on=date_message(tranche.on), amount=money(tranche.amount, terms))
    request.charges.extend(charge_message(charge, terms) for charge in terms.charges)
    return request  # type: ignore[no-any-return]


def charge_message(charge: Charge, terms: Terms) -> servicing_pb2.ChargeTerms:
    """A charge as a request states it."""
    flat = charge.basis.name == "FLAT"
    value = servicing.ChargeTerms(
        name=charge.name,
        time=charge.time,
        basis=charge.basis,
        amount=Money(terms.currency, charge.amount) if flat else None,
        percent=None if flat else charge.percent,
        penalty=charge.penalty,
        due_on=charge.due_on,
    )
    return message_of(value, servicing_pb2.ChargeTerms)


def money(minor_units: int, terms: Terms) -> MoneyMessage:
    """An amount in the currency of the terms."""
    return money_message(Money(terms.currency, minor_units))


def optional_money(minor_units: int | None, terms: Terms) -> Money | None:
    """The same as a value; nothing stays nothing."""
    return None if minor_units is None else Money(terms.currency, minor_units)


def optional_date(message: Any, name: str) -> date | None:
    """A date of a message, where it is set."""
    return date_of(getattr(message, name)) if message.HasField(name) else None


def loan_status(number: int) -> str:
    """The name of a status."""
    return loan_pb2.LoanStatus.Name(number).removeprefix("LOAN_STATUS_")


def chronological(one: Any) -> tuple[date, bool, date, int]:
    """The order of history: by day, what sums a day up behind the rest, then as booked."""
    return date_of(one.dated), one.kind == "ACCRUAL_ACTIVITY", date_of(one.booked_on), one.number


def schedule_row(line: Any) -> ScheduleRow:
    """A line of the plan in the scenarios' columns."""
    start, due_on = optional_date(line, "start_on"), date_of(line.due_date)
    number = line.number if line.number > 0 else None
    due, paid = parts(line.due), parts(line.paid)
    return ScheduleRow(
        number=number,
        days=(due_on - start).days if start and number is not None else None,
        due_date=due_on,
        paid_date=optional_date(line, "paid_on"),
        balance=line.balance.minor_units,
        principal=due[0],
        interest=due[1],
        fees=due[2],
        penalties=due[3],
        due=sum(due),
        paid=sum(paid),
        in_advance=line.in_advance.minor_units,
        late=line.late.minor_units,
        waived=sum(parts(line.waived)),
        outstanding=line.outstanding.minor_units,
    )


def parts(owed: Any) -> list[int]:
    """Principal, interest, fees and penalties in minor units."""
    return [getattr(owed, part).minor_units for part in PARTS]


def transaction_row(one: Any, named: dict[str, str]) -> TransactionRow:
    """A transaction in the scenarios' columns."""
    return TransactionRow(
        id=one.transaction_id,
        operation=named.get(one.operation_id, one.operation_id),
        date=date_of(one.dated),
        type=TransactionType[one.kind].value,
        amount=one.amount.minor_units,
        principal=one.principal.minor_units,
        interest=one.interest.minor_units,
        fees=one.fee.minor_units,
        penalties=one.penalty.minor_units,
        balance=one.balance.minor_units,
        overpayment=one.overpaid.minor_units,
        reverted=one.reverted,
        replayed=one.replayed,
    )
