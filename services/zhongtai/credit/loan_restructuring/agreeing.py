"""How terms are agreed anew: what is forgiven and what the plan becomes are operations of the loan's account."""

from dataclasses import dataclass, replace

from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan.domain import LoanMustBeActive, LoanStatus, LoanSummary
from zhongtai.credit.loan_account.applying import term_months
from zhongtai.credit.loan_account.domain import LoanAccount
from zhongtai.credit.loan_account.performing import apply, asked
from zhongtai.credit.loan_restructuring import domain, store
from zhongtai.credit.loan_restructuring.domain import Change, LoanRestructured, LoanRestructuring, RestructuringKind
from zhongtai.credit.product import store as product_store
from zhongtai.credit.servicing.domain import minor_units
from zhongtai.kernel.money import Money
from zhongtai.kernel.servicing.operations import Pay, PaymentType, Reschedule
from zhongtai.kernel.servicing.repricing import HUNDRED
from zhongtai.runtime.unit import Unit


@dataclass(frozen=True, slots=True)
class Why:
    """Why terms are agreed anew, and whether the borrower is in financial difficulty."""

    reason: str
    borrower_in_difficulty: bool


def extend(
    unit: Unit, loan: LoanSummary, kept: LoanAccount, change: Change, why: Why
) -> tuple[LoanSummary, LoanRestructuring]:
    """Extends a loan as far as the rule of its original term lets it."""
    domain.must_precede(loan.loan_id, loan.maturity_date, unit.business_date)
    product = product_store.products.load(unit, loan.product_id, loan.product_version)
    rule = domain.rule_of(store.RULES, loan.term_months, product.customer_kinds)
    domain.must_keep_within(
        rule,
        extended=store.extended(unit, loan.loan_id) + _extra_months(unit, loan, kept, change),
        term_months=loan.term_months,
        product_term_months=product.maximum_term_months,
    )
    return agree(unit, loan, kept, change, why, rule_id=rule.rule_id)


def agree(
    unit: Unit, loan: LoanSummary, kept: LoanAccount, change: Change, why: Why, *, rule_id: str = ""
) -> tuple[LoanSummary, LoanRestructuring]:
    """Forgives, then reshapes the plan from today on; an extension is held to the rule `rule_id`."""
    if loan.status is not LoanStatus.ACTIVE:
        raise LoanMustBeActive(loan_id=loan.loan_id, status=loan.status)
    currency, today = loan.principal.currency, unit.business_date
    extra_months = _extra_months(unit, loan, kept, change)
    owed = asked(unit, loan, kept, lambda account: account.outstanding().total)
    change.must_change(Money(currency, owed))
    operation_id = ""
    if change.forgiveness is not None:
        forgiven = Pay(
            reference=unit.new_id("lop"),
            booked_on=today,
            dated=today,
            amount=minor_units(change.forgiveness, currency),
            type=PaymentType.GOODWILL_CREDIT,
        )
        done = apply(unit, loan, kept, forgiven)
        loan, kept, operation_id = done.loan, done.kept, done.operation_id
    if change.reshapes:
        rate = change.nominal_interest_rate
        reshaped = Reschedule(
            reference=unit.new_id("lop"),
            booked_on=today,
            from_on=today,
            extra_instalments=change.extra_instalments,
            grace_principal=change.grace_principal,
            grace_interest=change.grace_interest,
            rate=None if rate is None else rate * HUNDRED,
            because=why.reason,
        )
        done = apply(unit, loan, kept, reshaped)
        loan, operation_id = done.loan, done.operation_id
        if rate is not None:
            loan = replace(done.loan, nominal_interest_rate=rate)
            loan_store.save_summary(unit, done.loan, loan)
    made = LoanRestructuring(
        restructuring_id=unit.new_id("rst"),
        loan_id=loan.loan_id,
        kind=RestructuringKind.EXTENSION if rule_id else RestructuringKind.RESTRUCTURING,
        restructured_on=today,
        operation_id=operation_id,
        extra_months=extra_months,
        forgiven=change.forgiveness or Money(currency, 0),
        nominal_interest_rate=change.nominal_interest_rate,
        borrower_in_difficulty=why.borrower_in_difficulty,
        reason=why.reason,
        rule_id=rule_id,
    )
    _keep(unit, loan, made)
    return loan, made


def _keep(unit: Unit, loan: LoanSummary, made: LoanRestructuring) -> None:
    store.restructurings.add(unit, made)
    unit.record(
        LoanRestructured(
            loan_id=loan.loan_id,
            customer_id=loan.customer_id,
            product_id=loan.product_id,
            limit_id=loan.limit_id,
            operation_id=made.operation_id,
            restructured_on=made.restructured_on,
            kind=made.kind,
            borrower_in_difficulty=made.borrower_in_difficulty,
            reason=made.reason,
        )
    )


def _extra_months(unit: Unit, loan: LoanSummary, kept: LoanAccount, change: Change) -> int:
    """How many months more the instalments are that a change adds, a part of one counted whole."""
    if not change.extra_instalments:
        return 0
    repayment = asked(unit, loan, kept, lambda account: account.terms.repayment)
    return term_months(replace(repayment, instalments=change.extra_instalments, term=None))
