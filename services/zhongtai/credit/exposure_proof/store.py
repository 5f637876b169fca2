"""How proofs and breaks rest, and the set-based comparisons: only what differs leaves the store.

Every comparison adds up two columns over the same things, what is counted and what is owed, and keeps the sums that
differ; so something that is there on one side only is seen like any other difference.
"""

from collections.abc import Callable, Iterator

from sqlalchemy import ColumnElement, MetaData, Select, Table, and_, case, func, literal, or_, select, union_all

from zhongtai.credit.exposure_proof.domain import (
    BreakKind,
    BreakStatus,
    Comparison,
    Difference,
    ExposureBreak,
    ExposureProof,
    ExposureProofNotFound,
    ExposureTotal,
    Findings,
    LedgerExposure,
    findings,
)
from zhongtai.credit.limit.store import LIMIT
from zhongtai.credit.limit_hold.domain import HoldStatus
from zhongtai.credit.limit_hold.store import HOLD
from zhongtai.credit.limit_node.domain import NodeKind
from zhongtai.credit.limit_node.store import LIMIT_NODE
from zhongtai.credit.loan.domain import LoanStatus
from zhongtai.credit.loan.store import LOAN
from zhongtai.credit.loan_account.store import ACCOUNT
from zhongtai.credit.loan_risk.store import UNDRAWN
from zhongtai.kernel.money import Money
from zhongtai.runtime.store import Records, day, integer, json, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()

EXPOSURE_PROOF = Table(
    "credit_exposure_proof",
    metadata,
    day("business_date", primary_key=True),
    integer("limits"),
    integer("loans"),
    integer("nodes"),
    integer("open_breaks"),
    integer("differences_left"),
    json("totals"),
)
EXPOSURE_BREAK = Table(
    "credit_exposure_break",
    metadata,
    text("break_id", primary_key=True),
    text("kind"),
    text("subject"),
    *money("counted"),
    *money("owed"),
    text("status", index=True),
    day("found_on"),
    day("seen_on"),
    day("resolved_on", nullable=True),
)
LEDGER_EXPOSURE = Table(
    "credit_ledger_exposure",
    metadata,
    text("loan_id", primary_key=True),
    text("currency_code", primary_key=True),
    integer("balance"),
)

proofs = Records(EXPOSURE_PROOF, ExposureProof, missing=ExposureProofNotFound)
breaks = Records(EXPOSURE_BREAK, ExposureBreak)
ledger_exposures = Records(LEDGER_EXPOSURE, LedgerExposure)

# A loan is owed from the moment its hold was committed, for the money has left, confirmed or not.
_COMMITTED = select(literal(1)).where(
    HOLD.c.limit_id == LOAN.c.limit_id, HOLD.c.hold_id == LOAN.c.hold_id, HOLD.c.status == HoldStatus.COMMITTED.value
)
_OWED: ColumnElement[bool] = and_(
    LOAN.c.status != LoanStatus.CANCELLED.value,
    or_(LOAN.c.status != LoanStatus.PENDING.value, _COMMITTED.exists()),
)
# The ledger hears of it once it is confirmed.
_BOOKED: ColumnElement[bool] = LOAN.c.status.not_in([LoanStatus.CANCELLED.value, LoanStatus.PENDING.value])
_NOTHING = literal(0)


def _differing(*parts: Select[tuple[str, str, int, int]]) -> Select[tuple[str, str, int, int]]:
    """What differs between two columns, each given in parts of (subject, currency, counted, owed)."""
    both = union_all(*parts).subquery()
    subject, currency, counted, owed = both.c
    return (
        select(subject, currency, func.sum(counted), func.sum(owed))
        .group_by(subject, currency)
        .having(func.sum(counted) != func.sum(owed))
        .order_by(subject, currency)
    )


# Of a revolving line what was repaid may be drawn again, and its limit is given back: only what was never lent is left.
_REVOLVES = ACCOUNT.c.terms.contains('"revolving":true')
_NEVER_DRAWN = LOAN.c.principal_minor - ACCOUNT.c.returned - LOAN.c.outstanding_minor

_OF_LIMITS = _differing(
    select(LIMIT.c.limit_id, LIMIT.c.used_currency, LIMIT.c.used_minor, _NOTHING),
    select(LOAN.c.limit_id, LOAN.c.outstanding_currency, _NOTHING, LOAN.c.outstanding_minor).where(_OWED),
    # What was never drawn of a loan is in use on its limit from its first tranche on.
    select(LOAN.c.limit_id, UNDRAWN.c.undrawn_currency, _NOTHING, UNDRAWN.c.undrawn_minor)
    .join(UNDRAWN, UNDRAWN.c.loan_id == LOAN.c.loan_id)
    .join(ACCOUNT, ACCOUNT.c.loan_id == LOAN.c.loan_id)
    .where(LOAN.c.status == LoanStatus.ACTIVE.value, ~_REVOLVES),
    select(LOAN.c.limit_id, LOAN.c.outstanding_currency, _NOTHING, _NEVER_DRAWN)
    .join(UNDRAWN, UNDRAWN.c.loan_id == LOAN.c.loan_id)
    .join(ACCOUNT, ACCOUNT.c.loan_id == LOAN.c.loan_id)
    .where(LOAN.c.status == LoanStatus.ACTIVE.value, _REVOLVES),
)
_OF_LEDGER = _differing(
    select(LOAN.c.loan_id, LOAN.c.outstanding_currency, LOAN.c.outstanding_minor, _NOTHING).where(_BOOKED),
    select(LEDGER_EXPOSURE.c.loan_id, LEDGER_EXPOSURE.c.currency_code, _NOTHING, LEDGER_EXPOSURE.c.balance),
)
_LIMIT_TOTAL = LIMIT.c.held_minor + LIMIT.c.used_minor
_NODE_TOTAL = LIMIT_NODE.c.held_minor + LIMIT_NODE.c.used_minor
_LEFT = HOLD.c.amount_minor - func.coalesce(HOLD.c.restored_minor, 0)
_LIVE = HOLD.c.status.in_([HoldStatus.OPEN.value, HoldStatus.COMMITTED.value])
_ABOVE = case((LIMIT_NODE.c.kind == NodeKind.CUSTOMER.value, NodeKind.GROUP.value), else_=LIMIT_NODE.c.kind)


def _named(kind: str | ColumnElement[str], subject: ColumnElement[str]) -> ColumnElement[str]:
    return (literal(f"{kind} ") if isinstance(kind, str) else kind + literal(" ")) + subject


_OF_NODES = _differing(
    select(_named(LIMIT_NODE.c.kind, LIMIT_NODE.c.subject), LIMIT_NODE.c.currency_code, _NODE_TOTAL, _NOTHING),
    select(_named(NodeKind.CUSTOMER, LIMIT.c.customer_id), LIMIT.c.held_currency, _NOTHING, _LIMIT_TOTAL),
    select(_named(NodeKind.PRODUCT, LIMIT.c.product_line), LIMIT.c.held_currency, _NOTHING, _LIMIT_TOTAL),
    select(_named(NodeKind.COUNTERPARTY, HOLD.c.counterparty_id), HOLD.c.amount_currency, _NOTHING, _LEFT).where(
        _LIVE, HOLD.c.counterparty_id != ""
    ),
    select(_named(NodeKind.SCENARIO, HOLD.c.scenario_id), HOLD.c.amount_currency, _NOTHING, _LEFT).where(
        _LIVE, HOLD.c.scenario_id != ""
    ),
    select(_named(_ABOVE, LIMIT_NODE.c.parent), LIMIT_NODE.c.currency_code, _NOTHING, _NODE_TOTAL).where(
        LIMIT_NODE.c.parent != ""
    ),
)
_COMPARISONS = ((BreakKind.LIMIT, _OF_LIMITS), (BreakKind.LEDGER, _OF_LEDGER), (BreakKind.NODE, _OF_NODES))

_USED = select(LIMIT.c.used_currency, func.count(), func.sum(LIMIT.c.used_minor)).group_by(LIMIT.c.used_currency)
_OUTSTANDING = (
    select(LOAN.c.outstanding_currency, func.count(), func.sum(LOAN.c.outstanding_minor))
    .where(_OWED)
    .group_by(LOAN.c.outstanding_currency)
)
_LEDGER = select(LEDGER_EXPOSURE.c.currency_code, func.count(), func.sum(LEDGER_EXPOSURE.c.balance)).group_by(
    LEDGER_EXPOSURE.c.currency_code
)
_NODES = select(func.count()).select_from(LIMIT_NODE)


def compare(view: View, new_id: Callable[[], str]) -> Comparison:
    """Compares everything as it stands now, and sets it against the breaks that are open."""
    on = view.business_date
    is_open = EXPOSURE_BREAK.c.status == BreakStatus.OPEN.value
    already_open = breaks.where(view, is_open, order_by=EXPOSURE_BREAK.c.break_id)
    found = findings(_differences(view), already_open, on=on, new_id=new_id)
    limits, loans, nodes, totals = _compared(view)
    proof = ExposureProof(on, limits, loans, nodes, len(found.found) + len(found.seen), found.left, totals)
    return Comparison(proof, found)


def open_among(view: View, piece: Findings) -> list[ExposureBreak]:
    """The breaks that are open now about the subjects of a piece."""
    subjects = {one.subject for one in (*piece.found, *piece.seen, *piece.resolved)}
    columns = EXPOSURE_BREAK.c
    return breaks.where(view, columns.status == BreakStatus.OPEN.value, columns.subject.in_(sorted(subjects)))


def _differences(view: View) -> Iterator[Difference]:
    for kind, statement in _COMPARISONS:
        for subject, currency, counted, owed in view.rows(statement):
            yield Difference(kind, subject, Money(currency, int(counted)), Money(currency, int(owed)))


def _compared(view: View) -> tuple[int, int, int, tuple[ExposureTotal, ...]]:
    """How many limits, loans and nodes there are to compare, and their sums in each currency."""
    columns = [{row[0]: (int(row[1]), int(row[2])) for row in view.rows(of)} for of in (_USED, _OUTSTANDING, _LEDGER)]
    totals = [
        ExposureTotal(*(Money(currency, column.get(currency, (0, 0))[1]) for column in columns))
        for currency in sorted(set().union(*columns))
    ]
    limits, loans = (sum(count for count, _ in column.values()) for column in columns[:2])
    return limits, loans, int(view.rows(_NODES)[0][0]), tuple(totals)
