"""Positions: events of credit and operations in, positions out."""

from itertools import accumulate

from zhongtai.asset_liability.position import domain, store
from zhongtai.asset_liability.position.domain import CashFlow, LoanTerms, PositionKind
from zhongtai.asset_liability.v1 import position_pb2 as v1
from zhongtai.credit.v1 import limit_pb2 as limit_v1
from zhongtai.credit.v1 import loan_import_pb2 as import_v1
from zhongtai.credit.v1 import loan_pb2 as loan_v1
from zhongtai.kernel.money import Money
from zhongtai.operations.v1 import account_pb2 as account_v1
from zhongtai.operations.v1 import ledger_pb2 as ledger_v1
from zhongtai.runtime.convert import date_of, message_of, money_of, value_of
from zhongtai.runtime.unit import Unit, View, on, rpc


@rpc
def get_position(request: v1.GetPositionRequest, view: View) -> v1.GetPositionResponse:
    """One position with the cash flows it still has ahead."""
    position = store.positions.load(view, request.position_id)
    left = domain.remaining(position, store.flows_of(view, position))
    return v1.GetPositionResponse(
        position=message_of(position, v1.Position, cash_flows=[message_of(flow, v1.PositionCashFlow) for flow in left])
    )


@rpc
def list_positions(request: v1.ListPositionsRequest, view: View) -> v1.ListPositionsResponse:
    """A page of positions."""
    columns = store.POSITION.c
    conditions = []
    if request.kind:
        conditions.append(columns.kind == v1.PositionKind.Name(request.kind).removeprefix("POSITION_KIND_"))
    if request.currency_code:
        conditions.append(columns.outstanding_currency == request.currency_code)
    if request.customer_id:
        conditions.append(columns.customer_id == request.customer_id)
    found, page = store.positions.page(view, request.page, *conditions)
    return v1.ListPositionsResponse(positions=[message_of(each, v1.Position) for each in found], page=page)


@on
def loan_disbursed(event: loan_v1.LoanDisbursed, unit: Unit) -> None:
    """A loan becomes an asset."""
    terms = value_of(event, LoanTerms)
    position, known = store.find_or_blank(unit, event.loan_id, PositionKind.LOAN, terms.principal.currency)
    position, movement = position.disbursed(terms, unit.request_id)
    store.put(unit, position, known)
    store.movements.add(unit, movement)
    store.add_schedule(unit, event.loan_id, [value_of(instalment, CashFlow) for instalment in event.instalments])


@on
def loans_imported(event: import_v1.LoansImported, unit: Unit) -> None:
    """Loans that were taken over become assets, with what is outstanding of them, on limits that are drawn by it."""
    currency, on_day = event.outstanding.currency_code, date_of(event.imported_on)
    drawings = domain.drawings(_drawing(loan) for loan in event.loans)
    known = store.known(unit, [*(loan.loan_id for loan in event.loans), *drawings])
    changed: list[domain.Changed] = []
    for loan in event.loans:
        position = known.get(loan.loan_id) or domain.Position.blank(loan.loan_id, PositionKind.LOAN, currency)
        terms = value_of(loan, LoanTerms, principal=money_of(loan.outstanding), start_date=on_day)
        changed.append(position.disbursed(terms, unit.request_id))
    for limit_id, drawing in drawings.items():
        position = known.get(limit_id) or domain.Position.blank(limit_id, PositionKind.UNDRAWN_LIMIT, currency)
        changed.append(position.drawn(drawing, on_day, unit.request_id))
    store.put_all(unit, [position for position, _ in changed], known)
    store.movements.add_all(unit, [movement for _, movement in changed if movement.amount])
    store.add_schedules(unit, {loan.loan_id: _flows(loan) for loan in event.loans})


@on
def loan_repaid(event: loan_v1.LoanRepaid, unit: Unit) -> None:
    """A loan shrinks by the principal paid back."""
    principal, interest = money_of(event.principal), money_of(event.interest)
    position, known = store.find_or_blank(unit, event.loan_id, PositionKind.LOAN, principal.currency)
    position, movement = position.repaid(principal, interest, date_of(event.paid_on), unit.request_id)
    store.put(unit, position, known)
    store.movements.add(unit, movement)


@on
def loan_owed_again(event: loan_v1.LoanOwedAgain, unit: Unit) -> None:
    """A loan grows by the principal that is owed again: less of it has been paid back."""
    principal = money_of(event.principal)
    position, known = store.find_or_blank(unit, event.loan_id, PositionKind.LOAN, principal.currency)
    position, movement = position.repaid(-principal, principal.nothing, date_of(event.owed_on), unit.request_id)
    store.put(unit, position, known)
    store.movements.add(unit, movement)


@on
def account_opened(event: account_v1.AccountOpened, unit: Unit) -> None:
    """A deposit account becomes known, before or after its first entry."""
    if event.account_code != domain.DEPOSIT_ACCOUNT_CODE:
        return
    position, known = store.find_or_blank(unit, event.account_id, PositionKind.DEPOSIT, event.currency_code)
    store.put(unit, position.described(event.customer_id, event.product), known)


@on
def entry_posted(event: ledger_v1.EntryPosted, unit: Unit) -> None:
    """The deposit accounts of a ledger entry rise and fall."""
    changes = domain.deposit_changes(value_of(leg, domain.Leg) for leg in event.legs)
    for account_id, amount in changes.items():
        position, known = store.find_or_blank(unit, account_id, PositionKind.DEPOSIT, amount.currency)
        position, movement = position.moved(amount, date_of(event.booking_date), unit.request_id)
        store.put(unit, position, known)
        store.movements.add(unit, movement)


@on
def limit_granted(event: limit_v1.LimitGranted, unit: Unit) -> None:
    """A grant adds to what may be drawn."""
    _regrant(unit, event.limit_id, event.customer_id, event.product_line, money_of(event.granted))


@on
def limit_lowered(event: limit_v1.LimitLowered, unit: Unit) -> None:
    """A withdrawn grant takes from what may be drawn."""
    _regrant(unit, event.limit_id, event.customer_id, event.product_line, money_of(event.granted))


@on
def limit_committed(event: limit_v1.LimitCommitted, unit: Unit) -> None:
    """What is drawn is no longer undrawn."""
    _move_limit(unit, event.limit_id, -money_of(event.amount))


@on
def limit_restored(event: limit_v1.LimitRestored, unit: Unit) -> None:
    """What was repaid may be drawn again."""
    _move_limit(unit, event.limit_id, money_of(event.amount))


@on
def limit_used_again(event: limit_v1.LimitUsedAgain, unit: Unit) -> None:
    """What is owed again is no longer undrawn."""
    _move_limit(unit, event.limit_id, -money_of(event.amount))


def _regrant(unit: Unit, limit_id: str, customer_id: str, product_line: str, granted: Money) -> None:
    position, known = store.find_or_blank(unit, limit_id, PositionKind.UNDRAWN_LIMIT, granted.currency)
    position, movement = position.regranted(granted, unit.business_date, unit.request_id)
    store.put(unit, position.described(customer_id, product_line), known)
    store.movements.add(unit, movement)


def _move_limit(unit: Unit, limit_id: str, amount: Money) -> None:
    position, known = store.find_or_blank(unit, limit_id, PositionKind.UNDRAWN_LIMIT, amount.currency)
    position, movement = position.moved(amount, unit.business_date, unit.request_id)
    store.put(unit, position, known)
    store.movements.add(unit, movement)


def _drawing(loan: import_v1.ImportedLoan) -> domain.Drawing:
    granted = money_of(loan.limit_granted) if loan.HasField("limit_granted") else None
    return domain.Drawing(loan.limit_id, loan.customer_id, loan.product_line, granted, money_of(loan.outstanding))


def _flows(loan: import_v1.ImportedLoan) -> list[tuple[int, int, int]]:
    """The unpaid instalments of a loan: the ordinal of each due date, principal and interest in minor units."""
    due_days = accumulate(loan.due_days_later, initial=date_of(loan.first_due_date).toordinal())
    next(due_days)
    return list(zip(due_days, loan.principal_minor_units, loan.interest_minor_units, strict=True))
