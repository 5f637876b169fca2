"""How the portfolio rests: what each event left behind, and the statements that sum it at the close of a day.

Every figure is one set-based statement over the loans, whatever their number; `as_of` bounds what each of them sees.
"""

from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import BigInteger, BindParameter, Index, MetaData, Table, bindparam, case, cast, func, or_, select

from zhongtai.kernel.rates import DayCount
from zhongtai.reporting.portfolio.domain import (
    Application,
    DayClock,
    DeclineReason,
    DueInstalment,
    Loan,
    Outcome,
    Rating,
    Repayment,
    Source,
)
from zhongtai.reporting.portfolio.engine import ArrearsGroup, BalanceDays, LoanGroup, OutcomeCount
from zhongtai.runtime.store import Records, day, decimal, integer, money, text
from zhongtai.runtime.unit import Unit, View

T = TypeVar("T")

metadata = MetaData()
APPLICATION = Table(
    "portfolio_application",
    metadata,
    text("decision_id", primary_key=True),
    text("outcome", nullable=True),
    day("decided_on", nullable=True),
    day("withdrawn_on", nullable=True),
)
DECLINE_REASON = Table(
    "portfolio_decline_reason",
    metadata,
    text("decision_id", primary_key=True),
    text("reason", primary_key=True),
)
RATING = Table(
    "portfolio_rating",
    metadata,
    text("rating_id", primary_key=True),
    text("decision_id", index=True),
    text("grade"),
    day("assigned_on", nullable=True),
    day("withdrawn_on", nullable=True),
)
LOAN = Table(
    "portfolio_loan",
    metadata,
    text("loan_id", primary_key=True),
    text("decision_id", index=True),
    text("product_id"),
    text("grade"),
    text("payment_id"),
    *money("principal", nullable=True),
    decimal("nominal_interest_rate", nullable=True),
    decimal("transfer_rate", nullable=True),
    text("day_count", nullable=True),
    day("start_date", nullable=True),
    integer("start_actual", nullable=True),
    integer("start_thirty", nullable=True),
    integer("start_leap", nullable=True),
)
INSTALMENT = Table(
    "portfolio_instalment",
    metadata,
    text("loan_id", primary_key=True),
    integer("number", primary_key=True),
    day("due_date"),
    integer("total_to_date_minor"),
)
REPAYMENT = Table(
    "portfolio_repayment",
    metadata,
    text("event_id", primary_key=True),
    text("loan_id", index=True),
    text("payment_id"),
    *money("principal"),
    *money("interest"),
    day("paid_on"),
    integer("paid_actual"),
    integer("paid_thirty"),
    integer("paid_leap"),
)
SOURCE = Table(
    "portfolio_source",
    metadata,
    text("event_id", primary_key=True),
    text("about"),
    text("subject"),
    day("on"),
    text("entry_id", nullable=True),
    integer("number", nullable=True),
    integer("pays_out"),
    Index("portfolio_source_about", "about", "subject"),
)
applications = Records(APPLICATION, Application)
reasons = Records(DECLINE_REASON, DeclineReason)
ratings = Records(RATING, Rating)
loans = Records(LOAN, Loan)
instalments = Records(INSTALMENT, DueInstalment)
repayments = Records(REPAYMENT, Repayment)
sources = Records(SOURCE, Source)

# Sums of balance × days may leave 64 bits over many loans: they are taken in two parts, which together are exact.
_PART = 1_000_000_000
_AS_OF: BindParameter[Any] = bindparam("as_of")


def _integer(expression: Any) -> Any:
    """PostgreSQL sums 64-bit integers as NUMERIC, whose division does not cut: back to an integer."""
    return cast(expression, BigInteger)


def _zero(column: Any) -> Any:
    return func.coalesce(column, 0)


_PAID = (
    select(
        REPAYMENT.c.loan_id,
        _integer(func.sum(REPAYMENT.c.principal_minor)).label("principal"),
        _integer(func.sum(REPAYMENT.c.interest_minor)).label("interest"),
        *(
            _integer(
                func.sum(REPAYMENT.c.principal_minor * (bindparam(f"now_{clock}") - REPAYMENT.c[f"paid_{clock}"]))
            ).label(clock)
            for clock in ("actual", "thirty", "leap")
        ),
    )
    .where(REPAYMENT.c.paid_on <= _AS_OF)
    .group_by(REPAYMENT.c.loan_id)
    .subquery()
)
_OUTSTANDING = LOAN.c.principal_minor - _zero(_PAID.c.principal)
# One row for each loan paid out by the day: how it stood at its close.
STANDING = (
    select(
        LOAN.c.loan_id,
        LOAN.c.decision_id,
        LOAN.c.product_id,
        LOAN.c.grade,
        LOAN.c.principal_currency.label("currency_code"),
        LOAN.c.nominal_interest_rate,
        LOAN.c.transfer_rate,
        LOAN.c.day_count,
        LOAN.c.principal_minor.label("disbursed"),
        _zero(_PAID.c.principal).label("repaid_principal"),
        _zero(_PAID.c.interest).label("repaid_interest"),
        (_zero(_PAID.c.principal) + _zero(_PAID.c.interest)).label("paid_total"),
        _OUTSTANDING.label("outstanding"),
        *(
            (
                LOAN.c.principal_minor * (bindparam(f"now_{clock}") - LOAN.c[f"start_{clock}"]) - _zero(_PAID.c[clock])
            ).label(clock)
            for clock in ("actual", "thirty", "leap")
        ),
    )
    .outerjoin(_PAID, _PAID.c.loan_id == LOAN.c.loan_id)
    .where(LOAN.c.start_date <= _AS_OF)
    .subquery()
)
_ALIKE = ("product_id", "grade", "currency_code", "nominal_interest_rate", "transfer_rate", "day_count")
_GROUPS = select(
    *(STANDING.c[name] for name in _ALIKE),
    func.count().label("loans"),
    func.sum(STANDING.c.disbursed).label("disbursed"),
    func.sum(STANDING.c.repaid_principal).label("repaid_principal"),
    func.sum(STANDING.c.repaid_interest).label("repaid_interest"),
    func.sum(case((STANDING.c.outstanding > 0, 1), else_=0)).label("loans_outstanding"),
    func.sum(STANDING.c.outstanding).label("principal_outstanding"),
    *(func.sum(STANDING.c[clock] // _PART).label(f"{clock}_high") for clock in ("actual", "thirty", "leap")),
    *(func.sum(STANDING.c[clock] % _PART).label(f"{clock}_low") for clock in ("actual", "thirty", "leap")),
).group_by(*(STANDING.c[name] for name in _ALIKE))

# One row for each loan in arrears: what it lacks, and since when. A loan whose principal is paid back whole is in none:
# the interest of later instalments is not owed any more.
_ALIKE_IN_ARREARS = ("product_id", "grade", "currency_code")
_OF_LOAN = tuple(STANDING.c[name] for name in ("loan_id", *_ALIKE_IN_ARREARS, "outstanding", "paid_total"))
IN_ARREARS = (
    select(
        *_OF_LOAN,
        func.min(INSTALMENT.c.due_date).label("oldest_due_date"),
        (func.max(INSTALMENT.c.total_to_date_minor) - STANDING.c.paid_total).label("arrears"),
    )
    .join(INSTALMENT, INSTALMENT.c.loan_id == STANDING.c.loan_id)
    .where(
        STANDING.c.outstanding > 0,
        INSTALMENT.c.due_date < _AS_OF,
        INSTALMENT.c.total_to_date_minor > STANDING.c.paid_total,
    )
    .group_by(*_OF_LOAN)
    .subquery()
)
_ARREARS_BY_DAY = select(
    *(IN_ARREARS.c[name] for name in (*_ALIKE_IN_ARREARS, "oldest_due_date")),
    func.count().label("loans"),
    func.sum(IN_ARREARS.c.arrears).label("arrears"),
    func.sum(IN_ARREARS.c.outstanding).label("outstanding"),
).group_by(*(IN_ARREARS.c[name] for name in (*_ALIKE_IN_ARREARS, "oldest_due_date")))

_LAST_RATING = (
    select(RATING.c.decision_id, func.max(RATING.c.rating_id).label("rating_id"))
    .where(RATING.c.assigned_on <= _AS_OF, or_(RATING.c.withdrawn_on.is_(None), RATING.c.withdrawn_on > _AS_OF))
    .group_by(RATING.c.decision_id)
    .subquery()
)
_TAKEN_UP = select(LOAN.c.decision_id).where(LOAN.c.start_date <= _AS_OF).distinct().subquery()

# One row for each application that counts on the day.
DECIDED = (
    select(
        APPLICATION.c.decision_id,
        APPLICATION.c.outcome,
        func.coalesce(RATING.c.grade, "").label("grade"),
        case((_TAKEN_UP.c.decision_id.is_(None), 0), else_=1).label("taken_up"),
    )
    .outerjoin(_LAST_RATING, _LAST_RATING.c.decision_id == APPLICATION.c.decision_id)
    .outerjoin(RATING, RATING.c.rating_id == _LAST_RATING.c.rating_id)
    .outerjoin(_TAKEN_UP, _TAKEN_UP.c.decision_id == APPLICATION.c.decision_id)
    .where(
        APPLICATION.c.decided_on <= _AS_OF,
        or_(APPLICATION.c.withdrawn_on.is_(None), APPLICATION.c.withdrawn_on > _AS_OF),
    )
    .subquery()
)
_OUTCOMES = select(
    DECIDED.c.grade,
    DECIDED.c.outcome,
    func.count().label("applications"),
    func.sum(DECIDED.c.taken_up).label("taken_up"),
).group_by(DECIDED.c.grade, DECIDED.c.outcome)
_DECLINES = (
    select(DECLINE_REASON.c.reason, func.count().label("declined"))
    .join(DECIDED, DECIDED.c.decision_id == DECLINE_REASON.c.decision_id)
    .group_by(DECLINE_REASON.c.reason)
    .order_by(DECLINE_REASON.c.reason)
)


def put(records: Records[T], unit: Unit, value: T, *, known: bool) -> None:
    """Writes the value over its row, or as a new one: any of its events may be the first."""
    if known:
        records.save(unit, value)
    else:
        records.add(unit, value)


def parameters(as_of: date) -> dict[str, Any]:
    """What the statements above are bound to for a day."""
    clock = DayClock.at(as_of)
    return {
        "as_of": as_of.isoformat(),
        "now_actual": clock.actual,
        "now_thirty": clock.thirty,
        "now_leap": clock.leap,
    }


def outcomes(view: View, as_of: date) -> list[OutcomeCount]:
    """The applications that count on a day, by grade and outcome."""
    rows = view.rows(_OUTCOMES, {"as_of": as_of.isoformat()})
    return [OutcomeCount(row.grade, Outcome(row.outcome), int(row.applications), int(row.taken_up)) for row in rows]


def declines(view: View, as_of: date) -> list[tuple[str, int]]:
    """How many applications carry each reason, in the order of the reasons."""
    return [(row.reason, int(row.declined)) for row in view.rows(_DECLINES, {"as_of": as_of.isoformat()})]


def loan_groups(view: View, as_of: date) -> list[LoanGroup]:
    """The loans paid out by a day, summed over those that are alike."""
    return [_group(row) for row in view.rows(_GROUPS, parameters(as_of))]


def arrears_groups(view: View, as_of: date) -> list[ArrearsGroup]:
    """The loans in arrears on a day, by product, grade, currency and oldest unpaid due date."""
    return [
        ArrearsGroup(
            product_id=row.product_id,
            grade=row.grade,
            currency_code=row.currency_code,
            oldest_due_date=date.fromisoformat(row.oldest_due_date),
            loans=int(row.loans),
            arrears=int(row.arrears),
            principal_outstanding=int(row.outstanding),
        )
        for row in view.rows(_ARREARS_BY_DAY, parameters(as_of))
    ]


def _group(row: Any) -> LoanGroup:
    return LoanGroup(
        product_id=row.product_id,
        grade=row.grade,
        currency_code=row.currency_code,
        nominal_interest_rate=Decimal(row.nominal_interest_rate),
        transfer_rate=Decimal(row.transfer_rate),
        day_count=DayCount(row.day_count),
        loans_disbursed=int(row.loans),
        disbursed=int(row.disbursed),
        repaid_principal=int(row.repaid_principal),
        repaid_interest=int(row.repaid_interest),
        loans_outstanding=int(row.loans_outstanding),
        principal_outstanding=int(row.principal_outstanding),
        balance_days=BalanceDays(
            actual=int(row.actual_high) * _PART + int(row.actual_low),
            thirty=int(row.thirty_high) * _PART + int(row.thirty_low),
            leap=int(row.leap_high) * _PART + int(row.leap_low),
        ),
    )
