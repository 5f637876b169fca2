"""The books as frozen values: the repayment plan, the transactions and the charges."""

from dataclasses import dataclass, replace
from datetime import date

from zhongtai.kernel.servicing.books import Books
from zhongtai.kernel.servicing.cumulative.plan import plan
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
    """The plan: disbursements and instalments by day; before disbursement the plan that is expected.

    A tranche still foreseen for the first day is not shown any more.
    """
    if books.work is None:
        return _expected(books)
    taken = _fees_at_disbursement(books)
    lent = [
        Lent(each.dated, each.amount, 0 if each.type is T.CAPITALIZED_INCOME else taken.pop(each.dated, 0), paid=True)
        for each in sorted(books.standing(T.DISBURSEMENT, T.CAPITALIZED_INCOME), key=chronological)
    ]
    lent += [Lent(each.on, each.amount) for each in books.expected if each.on > books.disbursed_on]
    return _rows(sorted(lent, key=lambda each: each.on), books.work.instalments)


def _fees_at_disbursement(books: Books) -> dict[date, int]:
    by_day: dict[date, int] = {}
    for each in books.standing(T.REPAYMENT_AT_DISBURSEMENT):
        by_day[each.dated] = by_day.get(each.dated, 0) + each.amount
    return by_day


def _expected(books: Books) -> tuple[ScheduleRow, ...]:
    """The plan as if the expected disbursements were paid out on their days."""
    tranches = expected_tranches(books)
    fees = sum(levy.amount for levy in books.active_levies() if levy.charge.time is ChargeTime.DISBURSEMENT)
    lent = [Lent(on, amount, 0 if number else fees) for number, (on, amount) in enumerate(tranches)]
    return _rows(lent, expected_instalments(books))


def expected_tranches(books: Books) -> list[tuple[date, int]]:
    """The disbursements that are foreseen before the first one."""
    terms = books.terms
    return [(each.on, each.amount) for each in books.expected] or [
        (terms.expected_disbursement_on, books.approved or terms.principal)
    ]


def expected_instalments(books: Books) -> list[Instalment]:
    """The instalments as if the expected disbursements were paid out on their days."""
    terms, tranches = books.terms, expected_tranches(books)
    if terms.convention is Convention.CUMULATIVE:
        instalments = plan(terms, tranches)
        for levy in books.active_levies():
            put_on(levy, instalments)
    else:
        entries = [
            Entry(f"expected/{number}", T.DISBURSEMENT, on, on, number, amount, None)
            for number, (on, amount) in enumerate(tranches, start=1)
        ]
        undisturbed = replace(terms, interest=replace(terms.interest, on_past_due=False))
        work = open_workings(undisturbed, entries, books.active_levies(), [], terms.expected_disbursement_on)
        retell(work, entries, terms.submitted_on)
        instalments = work.instalments
    return instalments


@dataclass(frozen=True, slots=True)
class Lent:
    """Money paid out (or expected to be) on a day; `fee` is taken from it, once it is `paid`."""

    on: date
    amount: int
    fee: int = 0
    paid: bool = False


def _rows(lent: list[Lent], instalments: list[Instalment]) -> tuple[ScheduleRow, ...]:
    rows: list[ScheduleRow] = []
    waiting = list(lent)
    balance = 0
    for instalment in instalments:
        while waiting and _comes_before(waiting[0].on, instalment):
            balance += waiting[0].amount
            rows.append(_lent_row(waiting.pop(0)))
        balance += instalment.credited[PRINCIPAL] - instalment.charged[PRINCIPAL]
        rows.append(_row(instalment, max(balance, 0)))
    rows += [_lent_row(each) for each in waiting]
    return tuple(rows)


def _comes_before(on: date, instalment: Instalment) -> bool:
    """A disbursement stands before the instalment whose period it falls in; on a due date, after that instalment."""
    if instalment.down_payment:
        return on <= instalment.due
    return on < instalment.due


def _lent_row(lent: Lent) -> ScheduleRow:
    return ScheduleRow(
        number=None,
        start_on=lent.on,
        due_on=lent.on,
        paid_on=None,
        balance=lent.amount,
        due=Portions(fee=lent.fee),
        paid=Portions(fee=lent.fee if lent.paid else 0),
        waived=Portions(),
        written_off=Portions(),
        disbursed=lent.amount,
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
