"""What the credit service is asked: terms become a product and an application, operations become requests."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from google.protobuf.message import Message

from tests.cases.fineract.engine import REASONS
from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.credit.servicing import domain as servicing
from zhongtai.credit.v1 import (
    loan_account_pb2,
    loan_amendment_pb2,
    loan_change_pb2,
    loan_charge_pb2,
    loan_disbursement_pb2,
    loan_exit_pb2,
    loan_payment_pb2,
    product_pb2,
    servicing_pb2,
)
from zhongtai.kernel.money import Money
from zhongtai.kernel.servicing import operations as do
from zhongtai.kernel.servicing.operations import Operation
from zhongtai.kernel.servicing.postings import Role
from zhongtai.kernel.servicing.terms import Amortization, Charge, Convention, DaysInMonth, DaysInYear, Terms
from zhongtai.runtime.convert import date_message, decimal_message, message_of, money_message

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
AMORTISATIONS = {Amortization.EQUAL_PRINCIPAL: product_pb2.AMORTISATION_EQUAL_PRINCIPAL}
DAY_COUNTS = {
    (DaysInMonth.THIRTY, DaysInYear.D360): product_pb2.DAY_COUNT_THIRTY_E_360,
    (DaysInMonth.ACTUAL, DaysInYear.D360): product_pb2.DAY_COUNT_ACT_360,
    (DaysInMonth.ACTUAL, DaysInYear.D365): product_pb2.DAY_COUNT_ACT_365,
}


def request_of(
    operation: Operation, kind: type[Message], loan_id: str, ids: Mapping[str, str], terms: Terms
) -> Message:
    """The request of a kind that asks for an operation; `ids` are what the service calls the harness's references."""
    known = kind.DESCRIPTOR.fields_by_name
    request: Any = kind(loan_id=loan_id)
    for field in fields(operation):
        value = getattr(operation, field.name)
        if field.name in ("reference", "booked_on") or value in (None, ""):
            continue
        name = NAMES.get(field.name, field.name)
        if field.name in ("transaction", "type") and field.name not in known:
            name = next(one for one in ("of_transaction_id", "transaction_id", "transaction_type") if one in known)
        if field.name == "charge" and isinstance(value, Charge):
            request.charge.CopyFrom(charge_message(value, terms))
            continue
        put(request, name, ids.get(value, value) if isinstance(value, str) else value, terms)
    return request  # type: ignore[no-any-return]


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
