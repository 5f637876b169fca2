"""A loan (贷款): its terms and schedule as agreed, and what is paid of them.

Always true: principal repaid + principal outstanding = principal lent. A `Loan` that breaks this cannot be made.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from zhongtai.credit.backing.domain import Backing, must_back
from zhongtai.credit.tax_rule.domain import TaxRule
from zhongtai.kernel.apr import UnitKind, UnitPeriod, schedule_rate
from zhongtai.kernel.calendar import BusinessDayConvention
from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.refusals import Missing, Unmet
from zhongtai.kernel.schedule import Amortisation, annual_percentage_rate, repayment_schedule
from zhongtai.kernel.schedule import Instalment as PlannedInstalment
from zhongtai.kernel.servicing.terms import Holidays


class LoanNotFound(Missing):
    """There is no loan {loan_id}: check the id.

    贷款{loan_id}不存在：请核对编号。
    """

    loan_id: str


class LoanMustBePending(Unmet):
    """The loan {loan_id} is {status}: only a pending loan is disbursed, by one payment.

    贷款{loan_id}状态为{status}：仅待放款的贷款可放款，且只能放款一次。
    """

    loan_id: str
    status: str


class LoanMustBeActive(Unmet):
    """The loan {loan_id} is {status}: only an active loan is repaid.

    贷款{loan_id}状态为{status}：仅已放款且未结清的贷款可还款。
    """

    loan_id: str
    status: str


class LoanAlreadyDisbursed(Unmet):
    """The money of the loan {loan_id} has left the bank: repay or pay it off instead.

    贷款{loan_id}已放款，不可撤销：请还款或提前结清。
    """

    loan_id: str


class LoanStatus(StrEnum):
    """How a loan stands."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    PAID_OFF = "PAID_OFF"
    CANCELLED = "CANCELLED"
    SUBMITTED = "SUBMITTED"
    REJECTED = "REJECTED"
    OVERPAID = "OVERPAID"
    WRITTEN_OFF = "WRITTEN_OFF"


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides a schedule. `nominal_interest_rate` is a year's: 0.12 = 12 %."""

    principal: Money
    nominal_interest_rate: Decimal
    amortisation: Amortisation
    day_count: DayCount
    term_months: int
    start_date: date
    holidays: Holidays | None = None


@dataclass(frozen=True, slots=True)
class Instalment:
    """One instalment of a loan and what is paid of it; `balance` is the principal owed after it by the schedule."""

    loan_id: str
    number: int
    due_date: date
    principal: Money
    interest: Money
    total: Money
    balance: Money
    principal_paid: Money
    interest_paid: Money

    def __post_init__(self) -> None:
        assert 0 <= self.principal_paid.minor_units <= self.principal.minor_units
        assert 0 <= self.interest_paid.minor_units <= self.interest.minor_units

    @property
    def planned(self) -> tuple[date, Money, Money]:
        """What of it the schedule agreed: its due date, principal and interest."""
        return self.due_date, self.principal, self.interest

    @property
    def principal_unpaid(self) -> Money:
        """What is left of its principal."""
        return self.principal - self.principal_paid

    @property
    def interest_unpaid(self) -> Money:
        """What is left of its interest."""
        return self.interest - self.interest_paid

    @property
    def unpaid(self) -> Money:
        """What is left of it."""
        return self.principal_unpaid + self.interest_unpaid

    @property
    def is_paid(self) -> bool:
        """True where nothing is left of it."""
        return (
            self.principal_paid.minor_units == self.principal.minor_units
            and self.interest_paid.minor_units == self.interest.minor_units
        )

    def pay(self, principal: Money, interest: Money) -> "Instalment":
        """The instalment with that much more paid of it; itself where that is nothing."""
        if not principal and not interest:
            return self
        return replace(
            self, principal_paid=self.principal_paid + principal, interest_paid=self.interest_paid + interest
        )


@dataclass(frozen=True, slots=True)
class Quote:
    """What a loan costs: its schedule, its rate, its effective yearly rate, all its interest.

    `annual_percentage_rate` is the internal rate of return, as the European Union and China have it;
    `us_annual_percentage_rate` that of Regulation Z, by the actuarial method.
    """

    instalments: tuple[PlannedInstalment, ...]
    nominal_interest_rate: Decimal
    annual_percentage_rate: Decimal
    us_annual_percentage_rate: Decimal
    total_interest: Money
    value_added_tax: Money | None = None
    stamp_duty: Money | None = None

    def with_taxes(self, taxes: TaxRule, principal: Money) -> "Quote":
        """The quote with its taxes: that within what each instalment has beside its principal, and on the contract."""
        within = (taxes.within(one.total - one.principal) for one in self.instalments)
        return replace(
            self,
            value_added_tax=sum(within, principal.nothing),
            stamp_duty=taxes.stamp_duty(principal),
        )


@dataclass(frozen=True, slots=True)
class Application:
    """Who asks for a loan, paid out where, on which limit and hold, after which decision."""

    customer_id: str
    product_id: str
    account_id: str
    limit_id: str
    hold_id: str
    grade: str
    transfer_rate: Decimal | None
    decision_id: str


@dataclass(frozen=True, slots=True)
class LoanSummary:
    """A loan without its schedule.

    `oldest_due_date` is when the oldest instalment not paid in full is due, None where none is. A `serviced` loan is
    kept by its account (`loan_account`), the others by the schedule agreed; interest of one is booked up to
    `accrued_through`.
    """

    loan_id: str
    customer_id: str
    product_id: str
    product_version: int
    account_id: str
    limit_id: str
    hold_id: str
    decision_id: str
    grade: str
    principal: Money
    nominal_interest_rate: Decimal
    transfer_rate: Decimal | None
    annual_percentage_rate: Decimal
    amortisation: Amortisation
    day_count: DayCount
    term_months: int
    start_date: date
    maturity_date: date
    status: LoanStatus
    outstanding: Money
    disbursement_payment_id: str
    serviced: bool
    oldest_due_date: date | None
    accrued_through: date | None


@dataclass(frozen=True, slots=True)
class LoanOpened:
    """A loan was opened."""

    loan_id: str
    loan: "Loan"


@dataclass(frozen=True, slots=True)
class LoanDisbursed:
    """The money of a loan reached the customer."""

    loan_id: str
    customer_id: str
    product_id: str
    account_id: str
    limit_id: str
    grade: str
    principal: Money
    nominal_interest_rate: Decimal
    transfer_rate: Decimal | None
    day_count: DayCount
    start_date: date
    instalments: tuple[Instalment, ...]
    payment_id: str
    serviced: bool = False
    stamp_duty: Money | None = None


@dataclass(frozen=True, slots=True)
class LoanCancelled:
    """A loan was taken back before its money left."""

    loan_id: str
    customer_id: str
    product_id: str
    limit_id: str


@dataclass(frozen=True, slots=True)
class Loan(LoanSummary):
    """A loan with its schedule."""

    instalments: tuple[Instalment, ...]

    def __post_init__(self) -> None:
        if self.serviced:
            return  # Its account holds more than this: what is capitalised is owed and was never lent.
        lent = sum(one.principal.minor_units for one in self.instalments)
        repaid = sum(one.principal_paid.minor_units for one in self.instalments)
        assert lent == self.principal.minor_units, "the schedule repays the principal, no more, no less"
        assert repaid + self.outstanding.minor_units == lent, "repaid + outstanding must be what was lent"

    def cancel(self) -> tuple["Loan", LoanCancelled | None]:
        """Takes the loan back before its money leaves; no fact where it was taken back already."""
        if self.status is LoanStatus.CANCELLED:
            return self, None
        if self.status is not LoanStatus.PENDING:
            raise LoanAlreadyDisbursed(loan_id=self.loan_id)
        fact = LoanCancelled(self.loan_id, self.customer_id, self.product_id, self.limit_id)
        return replace(self, status=LoanStatus.CANCELLED), fact

    def confirm_disbursement(
        self, payment_id: str, taxes: TaxRule | None = None
    ) -> tuple["Loan", LoanDisbursed | None]:
        """From now on the loan is owed, on the schedule agreed; no fact where this payment was confirmed already."""
        if self.disbursement_payment_id == payment_id:
            return self, None
        if self.status is not LoanStatus.PENDING:
            raise LoanMustBePending(loan_id=self.loan_id, status=self.status)
        fact = LoanDisbursed(
            loan_id=self.loan_id,
            customer_id=self.customer_id,
            product_id=self.product_id,
            account_id=self.account_id,
            limit_id=self.limit_id,
            grade=self.grade,
            principal=self.principal,
            nominal_interest_rate=self.nominal_interest_rate,
            transfer_rate=self.transfer_rate,
            day_count=self.day_count,
            start_date=self.start_date,
            instalments=self.instalments,
            payment_id=payment_id,
            stamp_duty=None if taxes is None else taxes.stamp_duty(self.principal),
        )
        return replace(self, status=LoanStatus.ACTIVE, disbursement_payment_id=payment_id), fact

    def must_be_active(self) -> None:
        """Refuses to repay what is not owed."""
        if self.status is not LoanStatus.ACTIVE:
            raise LoanMustBeActive(loan_id=self.loan_id, status=self.status)


# A quote is asked for, then opened: the same terms are worked out once, and the answer is a value nobody can change.
@lru_cache(maxsize=256)
def quote(terms: Terms) -> Quote:
    """What a loan of these terms costs. Raises what `repayment_schedule` raises."""
    instalments = repayment_schedule(
        principal=terms.principal,
        nominal_interest_rate=terms.nominal_interest_rate,
        term_months=terms.term_months,
        start=terms.start_date,
        day_count=terms.day_count,
        amortisation=terms.amortisation,
        calendar=None if terms.holidays is None else terms.holidays.calendar,
        convention=BusinessDayConvention.UNADJUSTED if terms.holidays is None else terms.holidays.convention,
    )
    return Quote(
        instalments=instalments,
        nominal_interest_rate=terms.nominal_interest_rate,
        annual_percentage_rate=annual_percentage_rate(terms.principal, instalments, terms.start_date),
        us_annual_percentage_rate=schedule_rate(
            terms.principal.minor_units,
            [(one.due_date, one.total.minor_units) for one in instalments],
            terms.start_date,
            # A single payment is one unit-period away, of a year at the longest: appendix J (b)(4).
            UnitPeriod(UnitKind.MONTH, min(terms.term_months, 12) if len(instalments) == 1 else 1),
        ),
        total_interest=sum((one.interest for one in instalments), Money(terms.principal.currency, 0)),
    )


def open_loan(
    loan_id: str, application: Application, terms: Terms, *, product_version: int, product_line: str, backing: Backing
) -> tuple[Loan, LoanOpened]:
    """A pending loan with its schedule, on a hold of exactly its principal: a limit then has in use what is owed."""
    must_back(
        backing,
        customer_id=application.customer_id,
        limit_id=application.limit_id,
        hold_id=application.hold_id,
        product_line=product_line,
        principal=terms.principal,
    )
    quoted = quote(terms)
    nothing = Money(terms.principal.currency, 0)
    loan = Loan(
        loan_id=loan_id,
        customer_id=application.customer_id,
        product_id=application.product_id,
        product_version=product_version,
        account_id=application.account_id,
        limit_id=application.limit_id,
        hold_id=application.hold_id,
        decision_id=application.decision_id,
        grade=application.grade,
        principal=terms.principal,
        nominal_interest_rate=terms.nominal_interest_rate,
        transfer_rate=application.transfer_rate,
        annual_percentage_rate=quoted.annual_percentage_rate,
        amortisation=terms.amortisation,
        day_count=terms.day_count,
        term_months=terms.term_months,
        start_date=terms.start_date,
        maturity_date=quoted.instalments[-1].due_date,
        status=LoanStatus.PENDING,
        outstanding=terms.principal,
        disbursement_payment_id="",
        serviced=False,
        oldest_due_date=next((one.due_date for one in quoted.instalments if one.total), None),
        accrued_through=None,
        instalments=tuple(_unpaid(loan_id, planned, nothing) for planned in quoted.instalments),
    )
    return loan, LoanOpened(loan_id, loan)


def _unpaid(loan_id: str, planned: PlannedInstalment, nothing: Money) -> Instalment:
    return Instalment(
        loan_id=loan_id,
        number=planned.number,
        due_date=planned.due_date,
        principal=planned.principal,
        interest=planned.interest,
        total=planned.total,
        balance=planned.balance,
        principal_paid=nothing,
        interest_paid=nothing,
    )
