"""The portfolio (资产组合): what the events of risk, credit and operations leave behind, and the figures made of it.

Every value here can be made by any of its events, so events may come in any order. Days past due count from the
day after the due date: an instalment may be paid until the close of the day it falls due.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate

from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.refusals import Invalid
from zhongtai.kernel.schedule import Instalment

# 贷款, the account of the general ledger that holds what customers owe on loans.
LOANS_ACCOUNT_CODE = "1303"


class AsOfMustNotBeInTheFuture(Invalid):
    """{as_of} has not come yet: the business date is {business_date}, ask for that or an earlier day.

    {as_of}尚未到来：当前营业日为{business_date}，请选择该日或更早日期。
    """

    as_of: date
    business_date: date


class FigureMustBeKnown(Invalid):
    """There is no figure {figure}: ask for one of {known}.

    没有指标{figure}：可选{known}。
    """

    figure: str
    known: str


class ArrearsBucketMustBeKnown(Invalid):
    """There is no bucket of arrears {bucket_id}: ask for one of {known}.

    没有逾期区间{bucket_id}：可选{known}。
    """

    bucket_id: str
    known: str


class Outcome(StrEnum):
    """What the policy answered to an application."""

    APPROVE = "APPROVE"
    REFER = "REFER"
    DECLINE = "DECLINE"


@dataclass(frozen=True, slots=True)
class Decided:
    """What the decision on an application tells."""

    outcome: Outcome
    reason_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Application:
    """A decision on an application; None where no event has told it yet."""

    decision_id: str
    outcome: Outcome | None = None
    decided_on: date | None = None
    withdrawn_on: date | None = None

    def decided(self, outcome: Outcome, on: date) -> "Application":
        """The application once the policy has answered."""
        return replace(self, outcome=outcome, decided_on=on)

    def withdrawn(self, on: date) -> "Application":
        """The application once its decision is taken back: it counts no longer."""
        return replace(self, withdrawn_on=on)


@dataclass(frozen=True, slots=True)
class DeclineReason:
    """One reason of a declined application."""

    decision_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rating:
    """The grade given on a decision: the last one given is the one that counts."""

    rating_id: str
    decision_id: str = ""
    grade: str = ""
    assigned_on: date | None = None
    withdrawn_on: date | None = None

    def assigned(self, decision_id: str, grade: str, on: date) -> "Rating":
        """The rating once given; a grade that somebody has put over it stays."""
        return replace(self, decision_id=decision_id, grade=self.grade or grade, assigned_on=on)

    def overridden(self, grade: str) -> "Rating":
        """The rating with the grade that somebody put over it."""
        return replace(self, grade=grade)

    def withdrawn(self, on: date) -> "Rating":
        """The rating taken back: it counts no longer."""
        return replace(self, withdrawn_on=on)


@dataclass(frozen=True, slots=True)
class DayClock:
    """A date as days gone by, on three clocks: the days between two dates are a difference on each.

    `actual` counts every day and `leap` those that lie in leap years; on `thirty` every month has thirty
    (30E/360, ISDA 2006 4.16(g)). Together they give every day count as whole numbers, which a store can
    multiply and sum exactly.
    """

    actual: int
    thirty: int
    leap: int

    @classmethod
    def at(cls, day: date) -> "DayClock":
        """The three clocks on a day."""
        years = day.year - 1
        leap_years = years // 4 - years // 100 + years // 400
        is_leap = day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0)
        in_year = day.toordinal() - date(day.year, 1, 1).toordinal()
        return cls(
            actual=day.toordinal(),
            thirty=360 * day.year + 30 * day.month + min(day.day, 30),
            leap=366 * leap_years + (in_year if is_leap else 0),
        )


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan as the report knows it; what only its disbursement tells is None or empty until then.

    `start_*` is the start date on the clocks of `DayClock`.
    """

    loan_id: str
    decision_id: str = ""
    product_id: str = ""
    grade: str = ""
    payment_id: str = ""
    principal: Money | None = None
    nominal_interest_rate: Decimal | None = None
    transfer_rate: Decimal | None = None
    day_count: DayCount | None = None
    start_date: date | None = None
    start_actual: int | None = None
    start_thirty: int | None = None
    start_leap: int | None = None

    def opened(self, decision_id: str) -> "Loan":
        """The loan once the decision it rests on is known."""
        return replace(self, decision_id=decision_id)

    def disbursed(self, terms: "LoanTerms") -> "Loan":
        """The loan paid out. Where no transfer rate was quoted, its funds cost nothing here."""
        clock = DayClock.at(terms.start_date)
        return replace(
            self,
            product_id=terms.product_id,
            grade=terms.grade,
            payment_id=terms.payment_id,
            principal=terms.principal,
            nominal_interest_rate=terms.nominal_interest_rate,
            transfer_rate=terms.transfer_rate or Decimal(0),
            day_count=terms.day_count,
            start_date=terms.start_date,
            start_actual=clock.actual,
            start_thirty=clock.thirty,
            start_leap=clock.leap,
        )


@dataclass(frozen=True, slots=True)
class LoanTerms:
    """What the disbursement of a loan tells of it, beside its instalments."""

    product_id: str
    grade: str
    payment_id: str
    principal: Money
    nominal_interest_rate: Decimal
    transfer_rate: Decimal | None
    day_count: DayCount
    start_date: date


@dataclass(frozen=True, slots=True)
class DueInstalment:
    """One instalment of a loan; `total_to_date_minor` is what is due with it and all before it, in minor units."""

    loan_id: str
    number: int
    due_date: date
    total_to_date_minor: int


@dataclass(frozen=True, slots=True)
class Repayment:
    """A part of a loan paid back; `paid_*` is the day on the clocks of `DayClock`."""

    event_id: str
    loan_id: str
    payment_id: str
    principal: Money
    interest: Money
    paid_on: date
    paid_actual: int
    paid_thirty: int
    paid_leap: int


@dataclass(frozen=True, slots=True)
class Source:
    """One event behind the figures.

    `about` is the decision, the loan or, on a ledger entry, what the entry refers to; `pays_out` tells what raises a
    loan from what lowers it.
    """

    event_id: str
    about: str
    subject: str
    on: date
    entry_id: str | None = None
    number: int | None = None
    pays_out: bool = False


class Side(StrEnum):
    """The side of a leg of a ledger entry."""

    DEBIT = "DEBIT"
    CREDIT = "CREDIT"


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg of a ledger entry, as far as the report looks at it."""

    account_code: str
    side: Side


@dataclass(frozen=True, slots=True)
class ArrearsBucket:
    """A bucket of days past due, by the fewest that fall into it."""

    bucket_id: str
    minimum_days: int


ARREARS_BUCKETS = (
    ArrearsBucket("days_1_30", 1),
    ArrearsBucket("days_31_60", 31),
    ArrearsBucket("days_61_90", 61),
    ArrearsBucket("days_over_90", 91),
)


class About(StrEnum):
    """Which applications or loans a figure is made of."""

    APPLICATIONS = "APPLICATIONS"
    LOANS_TAKEN_UP = "LOANS_TAKEN_UP"
    LOANS = "LOANS"
    LOANS_OUTSTANDING = "LOANS_OUTSTANDING"
    LOANS_IN_ARREARS = "LOANS_IN_ARREARS"


@dataclass(frozen=True, slots=True)
class FigureSources:
    """What a figure comes from: events of these kinds, about these, with the ledger entries where it is money."""

    about: About
    events: tuple[str, ...]
    outcome: Outcome | None = None


PAID_OUT = "zhongtai.credit.v1.LoanDisbursed"
PAID_BACK = "zhongtai.credit.v1.LoanRepaid"
OWED_AGAIN = "zhongtai.credit.v1.LoanOwedAgain"
ENTRY = "zhongtai.operations.v1.EntryPosted"
_DECIDED = ("zhongtai.risk.v1.ApplicationDecided", "zhongtai.credit.v1.RatingAssigned")
_LIFE = (PAID_OUT, PAID_BACK, OWED_AGAIN, ENTRY)

FIGURES: Mapping[str, FigureSources] = {
    "applications": FigureSources(About.APPLICATIONS, _DECIDED),
    "approved": FigureSources(About.APPLICATIONS, _DECIDED, Outcome.APPROVE),
    "referred": FigureSources(About.APPLICATIONS, _DECIDED, Outcome.REFER),
    "declined": FigureSources(About.APPLICATIONS, _DECIDED, Outcome.DECLINE),
    "taken_up": FigureSources(About.LOANS_TAKEN_UP, (PAID_OUT,)),
    "loans_disbursed": FigureSources(About.LOANS, (PAID_OUT,)),
    "disbursed": FigureSources(About.LOANS, (PAID_OUT, ENTRY)),
    "repaid_principal": FigureSources(About.LOANS, (PAID_BACK, OWED_AGAIN, ENTRY)),
    "repaid_interest": FigureSources(About.LOANS, (PAID_BACK, ENTRY)),
    "loans_outstanding": FigureSources(About.LOANS_OUTSTANDING, (PAID_OUT, PAID_BACK, OWED_AGAIN)),
    "principal_outstanding": FigureSources(About.LOANS_OUTSTANDING, _LIFE),
    "loans_in_arrears": FigureSources(About.LOANS_IN_ARREARS, (PAID_OUT, PAID_BACK, OWED_AGAIN)),
    "arrears": FigureSources(About.LOANS_IN_ARREARS, _LIFE),
    "interest_income": FigureSources(About.LOANS, _LIFE),
    "funding_cost": FigureSources(About.LOANS, _LIFE),
    "income_after_transfer_price": FigureSources(About.LOANS, _LIFE),
}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which part of a figure is meant; None does not narrow."""

    product_id: str | None = None
    grade: str | None = None
    currency_code: str | None = None
    reason: str | None = None
    bucket_id: str | None = None


def sources_of(figure: str) -> FigureSources:
    """What a figure comes from. Raises `FigureMustBeKnown`."""
    if figure not in FIGURES:
        raise FigureMustBeKnown(figure=figure, known=", ".join(sorted(FIGURES)))
    return FIGURES[figure]


def oldest_due_dates(bucket_id: str, as_of: date) -> tuple[date, date]:
    """The first and last due dates whose days past due fall into a bucket. Raises `ArrearsBucketMustBeKnown`."""
    for bucket, longer in zip(ARREARS_BUCKETS, (*ARREARS_BUCKETS[1:], None), strict=True):
        if bucket.bucket_id == bucket_id:
            last = date.fromordinal(as_of.toordinal() - bucket.minimum_days)
            first = date.min if longer is None else date.fromordinal(as_of.toordinal() - longer.minimum_days + 1)
            return first, last
    raise ArrearsBucketMustBeKnown(bucket_id=bucket_id, known=", ".join(bucket.bucket_id for bucket in ARREARS_BUCKETS))


def pays_out(legs: Iterable[Leg]) -> bool:
    """True where a ledger entry raises what the bank is owed on loans: it belongs to paying one out."""
    return any(leg.account_code == LOANS_ACCOUNT_CODE and leg.side is Side.DEBIT for leg in legs)


def day_of_report(as_of: date | None, business_date: date) -> date:
    """The day a report is taken at: the one asked for, else the business date. Raises `AsOfMustNotBeInTheFuture`."""
    if as_of is not None and as_of > business_date:
        raise AsOfMustNotBeInTheFuture(as_of=as_of, business_date=business_date)
    return as_of or business_date


def decline_reasons(decision_id: str, decided: Decided) -> tuple[DeclineReason, ...]:
    """The reasons to count: those of a decline, each once."""
    if decided.outcome is not Outcome.DECLINE:
        return ()
    return tuple(DeclineReason(decision_id, reason) for reason in dict.fromkeys(decided.reason_codes))


def due_instalments(loan_id: str, instalments: Sequence[Instalment]) -> tuple[DueInstalment, ...]:
    """The instalments of a loan, in the order of their numbers, each with what is due to date."""
    to_date = accumulate(instalment.total.minor_units for instalment in instalments)
    return tuple(
        DueInstalment(loan_id, instalment.number, instalment.due_date, total)
        for instalment, total in zip(instalments, to_date, strict=True)
    )


def due_totals(loan_id: str, due_days: Iterable[int], totals: Iterable[int]) -> Iterable[DueInstalment]:
    """The instalments of a loan in their order: the ordinals of their due dates, and their totals in minor units."""
    for number, (due_day, to_date) in enumerate(zip(due_days, accumulate(totals), strict=True), start=1):
        yield DueInstalment(loan_id, number, date.fromordinal(due_day), to_date)


def repayment(
    *, event_id: str, loan_id: str, payment_id: str, principal: Money, interest: Money, paid_on: date
) -> Repayment:
    """A repayment, with its day on the three clocks."""
    clock = DayClock.at(paid_on)
    return Repayment(
        event_id=event_id,
        loan_id=loan_id,
        payment_id=payment_id,
        principal=principal,
        interest=interest,
        paid_on=paid_on,
        paid_actual=clock.actual,
        paid_thirty=clock.thirty,
        paid_leap=clock.leap,
    )
