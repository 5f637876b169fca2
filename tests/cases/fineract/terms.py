"""Writes a scenario's product and application as the terms of our own account: their words to ours, no loan logic."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from tests.cases.fineract.records import Library, cents, day
from zhongtai.kernel.servicing.terms import (
    Accounting,
    Allocation,
    Amortization,
    Arrears,
    Bucket,
    Charge,
    ChargeBasis,
    ChargeOffBehaviour,
    ChargeTime,
    Component,
    Compounding,
    Convention,
    DaysInMonth,
    DaysInYear,
    DeferredIncome,
    DelinquencyRange,
    Direction,
    DownPayment,
    FutureRule,
    IncomeKind,
    Interest,
    InterestMethod,
    InterestPeriod,
    InterestRecalculation,
    LeapYear,
    OverApplied,
    PreClosure,
    Recalculation,
    Repayment,
    RepaymentStart,
    Rest,
    Terms,
    Tranche,
    Tranches,
    Unit,
    Waterfall,
)

RATE_UNITS = {"PER_YEAR": Unit.YEARS, "PER_MONTH": Unit.MONTHS, "WHOLE_TERM": Unit.WHOLE_TERM}
DAYS_IN_YEAR = {
    "ACTUAL": DaysInYear.ACTUAL,
    "DAYS_360": DaysInYear.D360,
    "DAYS_364": DaysInYear.D364,
    "DAYS_365": DaysInYear.D365,
}
DAYS_IN_MONTH = {"ACTUAL": DaysInMonth.ACTUAL, "DAYS_30": DaysInMonth.THIRTY}
ACCOUNTING = {
    "NONE": Accounting.NONE,
    "CASH_BASED": Accounting.CASH,
    "ACCRUAL_PERIODIC": Accounting.ACCRUAL_PERIODIC,
}
PRE_CLOSURE = {
    "TILL_PRE_CLOSURE_DATE": PreClosure.TILL_PRE_CLOSURE_DATE,
    "TILL_REST_FREQUENCY_DATE": PreClosure.TILL_REST_DATE,
}
STRATEGIES = {
    "ADVANCED_PAYMENT_ALLOCATION": "waterfall",
    "PENALTIES_FEES_INTEREST_PRINCIPAL_ORDER": "mifos-standard-strategy",
    "HEAVENSFAMILY_UNIQUE": "heavensfamily-strategy",
    "CREOCORE_UNIQUE": "creocore-strategy",
    "OVERDUE_DUE_FEE_INT_PRINCIPAL": "rbi-india-strategy",
    "PRINCIPAL_INTEREST_PENALTIES_FEES_ORDER": "principal-interest-penalties-fees-order-strategy",
    "INTEREST_PRINCIPAL_PENALTIES_FEES_ORDER": "interest-principal-penalties-fees-order-strategy",
    "EARLY_REPAYMENT_STRATEGY": "early-repayment-strategy",
    "DUE_PENALTY_FEE_INTEREST_PRINCIPAL_IN_ADVANCE_PRINCIPAL_PENALTY_FEE_INTEREST": (
        "due-penalty-fee-interest-principal-in-advance-principal-penalty-fee-interest-strategy"
    ),
    "DUE_PENALTY_INTEREST_PRINCIPAL_FEE_IN_ADVANCE_PENALTY_INTEREST_PRINCIPAL_FEE": (
        "due-penalty-interest-principal-fee-in-advance-penalty-interest-principal-fee-strategy"
    ),
}
CHARGE_NAMES = {
    "LOAN_PERCENTAGE_LATE_FEE": "% Late fee",
    "LOAN_PERCENTAGE_LATE_FEE_AMOUNT_PLUS_INTEREST": "% Late fee amount+interest",
    "LOAN_PERCENTAGE_PROCESSING_FEE": "% Processing fee",
    "LOAN_FIXED_LATE_FEE": "Fixed Late fee",
    "LOAN_FIXED_RETURNED_PAYMENT_FEE": "Fixed Returned payment fee",
    "LOAN_SNOOZE_FEE": "Snooze fee",
    "LOAN_NSF_FEE": "NSF fee",
    "LOAN_DISBURSEMENT_PERCENTAGE_FEE": "Disbursement percentage fee",
    "LOAN_TRANCHE_DISBURSEMENT_PERCENTAGE_FEE": "Tranche Disbursement percentage fee",
    "LOAN_INSTALLMENT_FEE_PERCENTAGE_AMOUNT_PLUS_INTEREST": "Installment percentage amount + interest fee",
    "LOAN_DISBURSEMENT_CHARGE": "Disbursement Charge",
    "CHARGE_LOAN_TRANCHE_DISBURSEMENT_CHARGE_AMOUNT": "Tranche Disbursement Charge Amount",
    "CHARGE_LOAN_TRANCHE_DISBURSEMENT_CHARGE_PERCENT": "Tranche Disbursement Charge Percent",
    "LOAN_INSTALLMENT_FEE_FLAT": "Installment flat fee",
    "LOAN_INSTALLMENT_FEE_PERCENTAGE_AMOUNT": "Installment percentage amount fee",
    "LOAN_INSTALLMENT_FEE_PERCENTAGE_INTEREST": "Installment percentage interest fee",
    "LOAN_DISBURSEMENT_PERCENTAGE_AMOUNT_PLUS_INTEREST_FEE": "Disbursement percentage amount + interest fee",
}
CHARGE_TIMES = {
    "OVERDUE_FEES": ChargeTime.OVERDUE,
    "SPECIFIED_DUE_DATE": ChargeTime.SPECIFIED_DUE_DATE,
    "DISBURSEMENT": ChargeTime.DISBURSEMENT,
    "TRANCHE_DISBURSEMENT": ChargeTime.TRANCHE_DISBURSEMENT,
    "INSTALLMENT_FEE": ChargeTime.INSTALMENT,
}
CHARGE_BASES = {
    "FLAT": ChargeBasis.FLAT,
    "PERCENTAGE_AMOUNT": ChargeBasis.PERCENT_OF_AMOUNT,
    "PERCENTAGE_LOAN_AMOUNT_PLUS_INTEREST": ChargeBasis.PERCENT_OF_AMOUNT_AND_INTEREST,
    "PERCENTAGE_INTEREST": ChargeBasis.PERCENT_OF_INTEREST,
    "PERCENTAGE_DISBURSEMENT_AMOUNT": ChargeBasis.PERCENT_OF_DISBURSEMENT,
}
ARREARS_GRACE_DAYS = 3
"""Every application of the suite asks for this grace, whatever its product says (LoanRequestFactory)."""

Value = TypeVar("Value")
ChargeDefinitions = Mapping[str, tuple[ChargeTime, ChargeBasis, Decimal, bool]]


def charge_definitions(library: Library) -> dict[str, tuple[ChargeTime, ChargeBasis, Decimal, bool]]:
    """The charges the reference data defines, by name: time, basis, figure, penalty."""
    return {
        code: (CHARGE_TIMES[time], CHARGE_BASES[basis], Decimal(str(figure)), penalty)
        for code, (time, basis, figure, penalty) in library.reference["charges"].items()
    }


def charge(definitions: ChargeDefinitions, code: str, figure: str | None, due_on: str | None = None) -> Charge:
    """A charge of a loan: the definition, with the loan's own figure and day."""
    time, basis, usual, penalty = definitions[code]
    amount = usual if figure is None else Decimal(figure)
    flat = basis is ChargeBasis.FLAT
    return Charge(
        name=CHARGE_NAMES[code],
        time=time,
        basis=basis,
        amount=int(amount.scaleb(2)) if flat else 0,
        percent=Decimal(0) if flat else amount,
        penalty=penalty,
        due_on=day(due_on),
    )


def terms_of(
    product: Mapping[str, Any], loan: Mapping[str, Any], library: Library, definitions: ChargeDefinitions
) -> Terms:
    """The terms of an application (`loan`) for a product; a field the application has wins.

    `definitions` are the charges as the scenario has changed them.
    """
    progressive = product.get("loanScheduleType") == "PROGRESSIVE"
    submitted = required(day(loan["submitted_on"]))
    return Terms(
        product=loan["product"],
        currency=product["currencyCode"],
        principal=required(cents(loan["principal"])),
        submitted_on=submitted,
        expected_disbursement_on=day(loan.get("expected_disbursement")) or submitted,
        convention=Convention.PROGRESSIVE if progressive else Convention.CUMULATIVE,
        repayment=repayment_of(product, loan),
        interest=interest_of(product, loan),
        allocation=allocation_of(product, loan),
        recalculation=recalculation_of(product),
        down_payment=down_payment_of(product, loan),
        tranches=tranches_of(product, loan),
        over_applied=over_applied_of(product),
        charges=charges_of(product, loan, definitions),
        arrears=arrears_of(product, loan, library),
        capitalized_income=deferred(product, "enableIncomeCapitalization", "capitalizedIncomeType"),
        buy_down_fee=deferred(product, "enableBuyDownFee", "buyDownFeeIncomeType"),
        interest_refund_for=frozenset(product.get("supportedInterestRefundTypes") or ()),
        charge_off=ChargeOffBehaviour(product.get("chargeOffBehaviour") or "REGULAR"),
        accounting=ACCOUNTING[product["accountingRule"]],
        accrual_activity=bool(product.get("enableAccrualActivityPosting")),
    )


def required(value: Value | None) -> Value:
    """The value, which the record must have."""
    assert value is not None
    return value


def repayment_of(product: Mapping[str, Any], loan: Mapping[str, Any]) -> Repayment:
    """Instalments, their rhythm and graces."""
    multiples = product.get("installmentAmountInMultiplesOf")
    return Repayment(
        instalments=int(loan["n_repayments"]),
        every=int(loan["repay_every"]),
        unit=Unit(loan["repay_unit"]),
        term=int(loan["term"]),
        term_unit=Unit(loan["term_unit"]),
        amortization=(
            Amortization.EQUAL_PRINCIPAL
            if loan["amortization"] == "EQUAL_PRINCIPAL_PAYMENTS"
            else Amortization.EQUAL_INSTALMENTS
        ),
        start=RepaymentStart(
            loan.get("repayment_start_date_type") or product.get("repaymentStartDateType") or "DISBURSEMENT_DATE"
        ),
        grace_principal=int(loan.get("grace_principal") or product.get("graceOnPrincipalPayment") or 0),
        grace_interest_payment=int(loan.get("grace_interest_payment") or product.get("graceOnInterestPayment") or 0),
        interest_free=int(loan.get("interest_free_periods") or 0),
        fixed_length_days=loan.get("fixed_length") or product.get("fixedLength"),
        multiples_of=int(Decimal(str(multiples)).scaleb(2)) if multiples else None,
        fixed_instalment=cents(loan.get("fixed_emi")),
    )


def interest_of(product: Mapping[str, Any], loan: Mapping[str, Any]) -> Interest:
    """The rate and how it is reckoned."""
    return Interest(
        rate=Decimal(loan["interest_rate_pct"]),
        rate_unit=RATE_UNITS[loan["interest_rate_per"]],
        method=InterestMethod(loan["interest_type"]),
        period=InterestPeriod(loan["interest_calc_period"]),
        partial_periods=bool(product.get("allowPartialPeriodInterestCalculation")),
        days_in_month=DAYS_IN_MONTH[product["daysInMonthType"]],
        days_in_year=DAYS_IN_YEAR[product["daysInYearType"]],
        leap_year=LeapYear(product.get("daysInYearCustomStrategy") or "FULL_LEAP_YEAR"),
        on_disbursement_day=bool(product.get("interestRecognitionOnDisbursementDate")),
        on_past_due=not product.get("disallowInterestCalculationOnPastDue"),
    )


def allocation_of(product: Mapping[str, Any], loan: Mapping[str, Any]) -> Allocation:
    """The waterfalls of the product, and the strategy of the application."""
    return Allocation(
        strategy=STRATEGIES[loan["strategy"]],
        waterfalls={
            each["transactionType"]: Waterfall(
                tuple(Bucket.parse(step) for step in each["order"]),
                FutureRule(each["futureInstallmentAllocationRule"]),
            )
            for each in product.get("paymentAllocation") or ()
        },
        direction=Direction(product.get("loanScheduleProcessingType") or "HORIZONTAL"),
        chargeback=tuple(
            Component(component)
            for each in product.get("creditAllocation") or ()
            if each["transactionType"] == "CHARGEBACK"
            for component in each["order"]
        ),
    )


def recalculation_of(product: Mapping[str, Any]) -> InterestRecalculation | None:
    """How interest follows what is really owed, where the product says it does."""
    if not product.get("isInterestRecalculationEnabled"):
        return None
    compounding_rest = product.get("recalculationCompoundingFrequencyType")
    return InterestRecalculation(
        on_prepayment=Recalculation(product.get("rescheduleStrategyMethod") or "ADJUST_LAST_UNPAID_PERIOD"),
        rest=Rest(product.get("recalculationRestFrequencyType") or "DAILY"),
        rest_interval=int(product.get("recalculationRestFrequencyInterval") or 1),
        pre_closure=PRE_CLOSURE[product.get("preClosureInterestCalculationStrategy") or "TILL_PRE_CLOSURE_DATE"],
        compounding=Compounding(product.get("interestRecalculationCompoundingMethod") or "NONE"),
        compounding_rest=Rest(compounding_rest) if compounding_rest else None,
        compounding_interval=int(product.get("recalculationCompoundingFrequencyInterval") or 1),
        arrears_by_original_schedule=bool(product.get("isArrearsBasedOnOriginalSchedule")),
    )


def down_payment_of(product: Mapping[str, Any], loan: Mapping[str, Any]) -> DownPayment | None:
    """The down payment: the application's own, else the product's."""
    if "auto_down_payment_pct" in loan:
        return DownPayment(Decimal(loan["auto_down_payment_pct"]), automatic=True)
    if "down_payment_pct" in loan:
        return DownPayment(Decimal(loan["down_payment_pct"]))
    if loan.get("down_payment_disabled") or not product.get("enableDownPayment"):
        return None
    return DownPayment(
        Decimal(str(product["disbursedAmountPercentageForDownPayment"])),
        automatic=bool(product.get("enableAutoRepaymentForDownPayment")),
    )


def tranches_of(product: Mapping[str, Any], loan: Mapping[str, Any]) -> Tranches | None:
    """Several disbursements, where the product allows them."""
    if not product.get("multiDisburseLoan"):
        return None
    return Tranches(
        maximum=int(product.get("maxTrancheCount") or 1),
        expected_forbidden=bool(product.get("disallowExpectedDisbursements")),
        full_term=bool(product.get("allowFullTermForTranche")),
        expected=tuple(
            Tranche(required(day(each["date"])), required(cents(each["amount"])))
            for each in loan.get("expected_tranches") or ()
        ),
        outstanding_limit=cents(product.get("outstandingLoanBalance")),
    )


def over_applied_of(product: Mapping[str, Any]) -> OverApplied | None:
    """How far above the application one may go."""
    if not product.get("allowApprovedDisbursedAmountsOverApplied"):
        return None
    number = Decimal(str(product["overAppliedNumber"]))
    if product["overAppliedCalculationType"] == "percentage":
        return OverApplied(percent=number)
    return OverApplied(amount=int(number.scaleb(2)))


def charges_of(
    product: Mapping[str, Any], loan: Mapping[str, Any], definitions: ChargeDefinitions
) -> tuple[Charge, ...]:
    """The charges the application names, and with `charge_from_product` those of its product."""
    code_of = {name: code for code, name in CHARGE_NAMES.items()}
    found = []
    overdue = [
        charge(definitions, code_of[re.sub(r"<resolve (.*)>", r"\1", each["id"])], None)
        for each in product.get("charges") or ()
    ]
    for each in loan.get("charges") or ():
        if "charge" in each:
            found.append(charge(definitions, each["charge"], each.get("amount")))
        else:
            found += [one for one in overdue if one.time is not ChargeTime.OVERDUE]
    return (*found, *(one for one in overdue if one.time is ChargeTime.OVERDUE))


def arrears_of(product: Mapping[str, Any], loan: Mapping[str, Any], library: Library) -> Arrears:
    """When a late instalment is arrears."""
    return Arrears(
        grace_days=int(loan.get("grace_on_arrears_ageing", ARREARS_GRACE_DAYS)),
        tolerance=cents(product.get("inArrearsTolerance")) or 0,
        ranges=tuple(
            DelinquencyRange(name, first, last)
            for name, (first, last) in library.reference["delinquency_ranges"].items()
        ),
        by_instalment=bool(product.get("enableInstallmentLevelDelinquency")),
    )


def deferred(product: Mapping[str, Any], enabled: str, kind: str) -> DeferredIncome | None:
    """Income that is earned over the term, where the product has it."""
    if not product.get(enabled):
        return None
    return DeferredIncome(
        kind=IncomeKind(product.get(kind) or "INTEREST"), by_merchant=bool(product.get("merchantBuyDownFee", True))
    )
