"""The books as frozen values: the repayment plan, the transactions and the charges."""

from datetime import date

from zhongtai.kernel.servicing.books import Books
from zhongtai.kernel.servicing.cumulative import plan
from zhongtai.kernel.servicing.entries import Entry, chronological
from zhongtai.kernel.servicing.history import open_workings, retell
from zhongtai.kernel.servicing.instalments import PRINCIPAL, Instalment, portions
from zhongtai.kernel.servicing.levies import put_on
from zhongtai.kernel.servicing.terms import ChargeTime, Convention
from zhongtai.kernel.servicing.transactions import ChargeRow, Portions, ScheduleRow, Transaction, TransactionType

T = TransactionType


def transactions(books: Books, *, replaced: bool) -> tuple[Transaction, ...]:
    """The transactions in the order of history: those a replay replaced, or all others."""
    told = [each for each in books.entries if each.replaced is replaced]
    return tuple(each.told() for each in sorted(told, key=chronological))


def charges(books: Books) -> tuple[ChargeRow, ...]:
    """Every charge that was not taken away."""
    return tuple(
        ChargeRow(
            id=levy.id,
            name=levy.charge.name,
            penalty=levy.charge.penalty,
            due_on=levy.due_on,
            due=levy.amount,
            paid=levy.paid,
            waived=levy.waived,
            outstanding=levy.outstanding,
        )
        for levy in books.levies
        if levy.active
    )


def schedule(books: Books) -> tuple[ScheduleRow, ...]:
    """The plan: disbursements and instalments by day; before disbursement the plan that is expected."""
    if books.work is None:
        return _expected(books)
    lent = [
        (each.dated, each.amount, each.type)
        for each in sorted(books.standing(T.DISBURSEMENT, T.CAPITALIZED_INCOME), key=chronological)
    ]
    fees = sum(each.amount for each in books.standing(T.REPAYMENT_AT_DISBURSEMENT))
    return _rows(lent, books.work.instalments, _fees_at_disbursement(books, fees))


def _fees_at_disbursement(books: Books, total: int) -> dict[date, int]:
    by_day: dict[date, int] = {}
    for each in books.standing(T.REPAYMENT_AT_DISBURSEMENT):
        by_day[each.dated] = by_day.get(each.dated, 0) + each.amount
    return by_day


def _expected(books: Books) -> tuple[ScheduleRow, ...]:
    """The plan as if the expected disbursements were paid out on their days."""
    terms = books.terms
    tranches = [(each.on, each.amount) for each in books.expected] or [
        (terms.expected_disbursement_on, books.approved or terms.principal)
    ]
    if terms.convention is Convention.CUMULATIVE:
        instalments = plan(terms, tranches)
        for levy in books.active_levies():
            put_on(levy, instalments)
    else:
        entries = [
            Entry(f"expected/{number}", T.DISBURSEMENT, on, on, number, amount, None)
            for number, (on, amount) in enumerate(tranches, start=1)
        ]
        work = open_workings(terms, entries, books.active_levies(), [], terms.expected_disbursement_on)
        retell(work, entries, terms.submitted_on)
        instalments = work.instalments
    fees = sum(levy.amount for levy in books.active_levies() if levy.charge.time is ChargeTime.DISBURSEMENT)
    lent = [(on, amount, T.DISBURSEMENT) for on, amount in tranches]
    return _rows(lent, instalments, {tranches[0][0]: fees})


def _rows(
    lent: list[tuple[date, int, TransactionType]], instalments: list[Instalment], fees: dict[date, int]
) -> tuple[ScheduleRow, ...]:
    rows: list[ScheduleRow] = []
    waiting = list(lent)
    balance = 0
    for instalment in instalments:
        while waiting and _comes_before(waiting[0][0], instalment, instalments):
            balance += waiting[0][1]
            rows.append(_lent_row(waiting.pop(0), fees))
        balance += instalment.credited[PRINCIPAL] - instalment.charged[PRINCIPAL]
        rows.append(_row(instalment, max(balance, 0)))
    for each in waiting:
        rows.append(_lent_row(each, fees))
    return tuple(rows)


def _comes_before(on: date, instalment: Instalment, instalments: list[Instalment]) -> bool:
    """A disbursement stands before the instalment whose period it falls in; on a due date, after that instalment."""
    if instalment.down_payment:
        return on <= instalment.due
    return on < instalment.due


def _lent_row(lent: tuple[date, int, TransactionType], fees: dict[date, int]) -> ScheduleRow:
    on, amount, type_ = lent
    fee = fees.pop(on, 0) if type_ is T.DISBURSEMENT else 0
    return ScheduleRow(
        number=None,
        start_on=on,
        due_on=on,
        paid_on=None,
        balance=amount,
        due=Portions(fee=fee),
        paid=Portions(fee=fee),
        waived=Portions(),
        written_off=Portions(),
        disbursed=amount,
    )


def _row(instalment: Instalment, balance: int) -> ScheduleRow:
    return ScheduleRow(
        number=instalment.number,
        start_on=instalment.start,
        due_on=instalment.due,
        paid_on=instalment.met_on if instalment.met else None,
        balance=balance,
        due=portions(instalment.charged),
        paid=portions(instalment.paid),
        waived=portions(instalment.waived),
        written_off=portions(instalment.written_off),
        in_advance=instalment.in_advance,
        late=instalment.late,
        down_payment=instalment.down_payment,
    )
