"""Rows of a file as loans: checked and staged, then landed, each piece in one unit of work.

What lands of a piece is written together: the loans with their lines, their limits in use, what the end of day is to
find, and one fact for each currency, by which the ledger, positions and reports follow.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date

from zhongtai.credit.file_import.domain import Checked, ImportTotal
from zhongtai.credit.limit.domain import Limit
from zhongtai.credit.limit_hold.domain import Hold
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan.domain import LoanStatus, LoanSummary
from zhongtai.credit.loan_import import engine, placing, store
from zhongtai.credit.loan_import.domain import (
    LAYOUT,
    NAMES,
    Batch,
    LoanReference,
    LoanRow,
    LoansImported,
    Names,
    ProductVersionNotFound,
    ReferenceAlreadyImported,
    ReferenceMustNotRepeat,
    loan_row,
)
from zhongtai.credit.loan_import.telling import told
from zhongtai.credit.product import store as product_store
from zhongtai.credit.product.domain import Product
from zhongtai.kernel.cells import Cells
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.tabular import Record
from zhongtai.runtime.unit import Unit, View

__all__ = ["LAYOUT", "check", "forget", "land"]

Wrong = list[tuple[int, str, Sequence[tuple[str, Refusal]]]]

forget = store.forget


def check(unit: Unit, import_id: str, records: Sequence[Record]) -> Checked:
    """Checks rows by every rule of a loan, and stages the good ones: their references are taken from now on."""
    rows, _, wrong = _read(unit, records)
    known = {one.reference: one for one in store.among(unit, [row.reference for row in rows])}
    names = Names.of(import_id)
    staged: list[LoanReference] = []
    for row in rows:
        earlier = known.get(row.reference)
        if earlier is not None:
            refusal: Refusal = ReferenceAlreadyImported(reference=row.reference, loan_id=earlier.loan_id)
            if earlier.import_id == import_id:
                refusal = ReferenceMustNotRepeat(reference=row.reference, line=earlier.line)
            wrong.append((row.line, row.reference, [("reference", refusal)]))
            continue
        loan_id = names.name("loan", row.line)
        known[row.reference] = LoanReference(row.reference, import_id, row.line, loan_id, row.outstanding)
        staged.append(known[row.reference])
    store.imported.add_all(unit, staged)
    lines = {one.line for one in staged}
    totals: dict[tuple[str, str], ImportTotal] = {}
    for row in rows:
        if row.line in lines:
            key = (row.product.product_id, row.outstanding.currency)
            had = totals.get(key) or ImportTotal(row.product.product_id, 0, row.outstanding.nothing)
            totals[key] = ImportTotal(had.group, had.rows + 1, had.amount + row.outstanding)
    return Checked(len(staged), tuple(totals.values()), sorted(wrong, key=lambda one: one[0]))


def land(unit: Unit, import_id: str, piece: int, records: Sequence[Record]) -> Checked:
    """Lands the good ones of some rows; what something else has made bad since they were checked is told as bad."""
    first, last = records[0].line, records[-1].line
    good = store.staged_lines(unit, import_id, first, last)
    rows, to_come, wrong = _read(unit, [record for record in records if record.line in good])
    names = Names.of(import_id)
    limits = placing.Limits(unit, names, rows)
    placed: list[tuple[LoanRow, engine.Flows, Limit, Hold]] = []
    for row, flows in zip(rows, to_come, strict=True):
        try:
            placed.append((row, flows, *limits.place(row)))
        except Refusal as refusal:
            wrong.append((row.line, row.reference, [("limit_id", refusal)]))
    limits.keep()
    store.forget_lines(unit, import_id, [line for line, _, _ in wrong])
    _write(unit, import_id, names, placed)
    openings: defaultdict[str, list[tuple[LoanRow, engine.Flows, Limit]]] = defaultdict(list)
    for row, flows, limit, _ in placed:
        openings[row.outstanding.currency].append((row, flows, limit))
    for currency, loans in sorted(openings.items()):
        whole = sum((row.outstanding for row, _, _ in loans), Money(currency, 0))
        batch = Batch(f"{import_id}/{piece}/{currency}", import_id, first, last, whole)
        store.batches.add(unit, batch)
        facts = [told(names, row, flows, limit, limits.granted_anew(limit)) for row, flows, limit in loans]
        unit.record(LoansImported(batch.batch_id, import_id, unit.business_date, whole, tuple(facts)))
    return Checked(len(placed), (), sorted(wrong, key=lambda one: one[0]))


def _read(view: View, records: Sequence[Record]) -> tuple[list[LoanRow], list[engine.Flows], Wrong]:
    """The loans that records tell with what is to come of each, and what is wrong with the others."""
    product_of = _products(view)
    rows: list[LoanRow] = []
    wrong: Wrong = []
    for record in records:
        cells = Cells(dict(zip(NAMES, record.cells, strict=True)))
        row = loan_row(record.line, cells, product_of, today=view.business_date)
        if row is None:
            wrong.append((record.line, record.cells[0][:64], cells.wrong))
        else:
            rows.append(row)
    limits = placing.check(view, rows)
    found = engine.remaining(rows)
    good: list[LoanRow] = []
    to_come: list[engine.Flows] = []
    for place, row in enumerate(rows):
        refusals: list[tuple[str, Refusal]] = []
        if place in found.refusals:
            refusals.append(("term_months", found.refusals[place]))
        if row.line in limits:
            refusals.append(("limit_id", limits[row.line]))
        if refusals:
            wrong.append((row.line, row.reference, refusals))
        else:
            good.append(row)
            to_come.append(found.flows[place])
    return good, to_come, wrong


def _products(view: View) -> Callable[[str, int | None, date], Product]:
    """Finds the version of a product a loan was lent under: the one its row names, or that of the day it began."""
    kept: dict[tuple[str, int | None, int], Product] = {}
    turning: dict[str, list[date]] = {}

    def product_of(product_id: str, version: int | None, on: date) -> Product:
        if product_id not in turning:
            turning[product_id] = store.turning_days(view, product_id)
        # Between two turning days the answer is the same: thousands of loans ask for few.
        key = (product_id, version, bisect_right(turning[product_id], on))
        if key not in kept:
            kept[key] = _product(view, product_id, version, on)
        return kept[key]

    return product_of


def _product(view: View, product_id: str, version: int | None, on: date) -> Product:
    if version is None:
        return product_store.offered(view, product_id, on)
    found = product_store.products.find(view, product_id, version)
    if found is None:
        raise ProductVersionNotFound(product_id=product_id, version=version)
    return found


def _write(
    unit: Unit, import_id: str, names: Names, placed: Sequence[tuple[LoanRow, engine.Flows, Limit, Hold]]
) -> None:
    """Writes loans with their lines, and that they began today."""
    summaries: list[LoanSummary] = []
    instalments: list[dict[str, object]] = []
    changes: list[dict[str, object]] = []
    today = unit.business_date.isoformat()
    for row, to_come, _, hold in placed:
        loan_id = names.name("loan", row.line)
        oldest = engine.unpaid(row, to_come).due[0]
        summaries.append(_summary(loan_id, row, hold, oldest=oldest, payment_id=f"{import_id}/{row.line}"))
        change = {"changed_on": today, "loan_id": loan_id, "status": LoanStatus.PENDING.value, "terms_changed": 0}
        change |= {"outstanding_minor": row.outstanding.minor_units, "oldest_due_date": None}
        changes.append(change)
        currency = row.principal.currency
        for number, (due, principal, interest, balance, paid) in enumerate(engine.lines(row, to_come), start=1):
            instalments.append(
                {
                    "loan_id": loan_id,
                    "number": number,
                    "due_date": due.isoformat(),
                    "principal_minor": principal,
                    "principal_currency": currency,
                    "interest_minor": interest,
                    "interest_currency": currency,
                    "total_minor": principal + interest,
                    "total_currency": currency,
                    "balance_minor": balance,
                    "balance_currency": currency,
                    "principal_paid_minor": paid,
                    "principal_paid_currency": currency,
                    "interest_paid_minor": 0,
                    "interest_paid_currency": currency,
                    "detail": None,
                }
            )
    loan_store.summaries.add_all(unit, summaries)
    store.add_instalments(unit, instalments)
    store.add_changes(unit, changes)


def _summary(loan_id: str, row: LoanRow, hold: Hold, *, oldest: date, payment_id: str) -> LoanSummary:
    return LoanSummary(
        loan_id=loan_id,
        customer_id=row.customer_id,
        product_id=row.product.product_id,
        product_version=row.product.version,
        account_id=row.account_id,
        limit_id=hold.limit_id,
        hold_id=hold.hold_id,
        decision_id=row.decision_id,
        grade=row.grade,
        principal=row.principal,
        nominal_interest_rate=row.nominal_interest_rate,
        transfer_rate=row.transfer_rate,
        annual_percentage_rate=row.annual_percentage_rate,
        amortisation=row.product.amortisation,
        day_count=row.product.day_count,
        term_months=row.term_months,
        start_date=row.start_date,
        maturity_date=row.maturity_date,
        status=LoanStatus.ACTIVE,
        outstanding=row.outstanding,
        disbursement_payment_id=payment_id,
        serviced=False,
        oldest_due_date=oldest,
        accrued_through=None,
    )
