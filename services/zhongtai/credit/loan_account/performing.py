"""How an operation is performed on an account: load, apply, compare, save, tell. Every noun of loans stands on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from google.protobuf.message import Message

from zhongtai.credit.allowance import store as allowance_store
from zhongtai.credit.allowance_movement.domain import used
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan.domain import Application, LoanSummary
from zhongtai.credit.loan_account import applying, checkpoints, domain, engine, store
from zhongtai.credit.loan_account.domain import (
    Changes,
    LoanAccount,
    LoanOperation,
    Performed,
    PlanLine,
    Posting,
    Tables,
)
from zhongtai.credit.loan_account.postings import expense_of, postings_of
from zhongtai.credit.loan_account.replays import REPLAYS
from zhongtai.credit.loan_account.translating import operation_of
from zhongtai.credit.loan_risk import keeping
from zhongtai.credit.product.domain import Product
from zhongtai.credit.servicing.domain import ChargeOffReason
from zhongtai.kernel.servicing import operations as kernel
from zhongtai.kernel.servicing.account import Account
from zhongtai.kernel.servicing.operations import Operation
from zhongtai.kernel.servicing.terms import Terms
from zhongtai.runtime.plain import from_json, to_json
from zhongtai.runtime.unit import Unit, View

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done:
    """An operation that was performed: the loan and the account after it, and what it changed."""

    loan: LoanSummary
    kept: LoanAccount
    operation_id: str
    made: Changes


def perform(unit: Unit, request: Message, kind: type[Operation]) -> Performed:
    """Performs the operation a request asks for on the account of its `loan_id`, and tells what it changed."""
    loan, kept = found(unit, request.loan_id)  # type: ignore[attr-defined]
    operation = operation_of(
        request, kind, operation_id=unit.new_id("lop"), today=unit.business_date, currency=loan.principal.currency
    )
    done = apply(unit, loan, kept, operation)
    return engine.performed(done.loan, done.operation_id, done.made)


def apply(unit: Unit, loan: LoanSummary, kept: LoanAccount, operation: Operation) -> Done:
    """Performs an operation on an account: every noun's operation comes here."""
    dated = getattr(operation, "dated", None)
    entered = kept.follow(operation.reference, type(operation).__name__, to_json(operation), operation.booked_on, dated)
    account, before = _account(unit, loan, kept)
    undrawn = account.undrawn()
    _applied(account, operation, kept.chain, before)
    after = tables(loan.loan_id, account, before)
    made = engine.changes(loan.loan_id, before, after)
    status = engine.status_of(account.status.name)
    changed = engine.summary_of(loan, status, after, account.outstanding().principal)
    told, facts = engine.facts(loan, changed, kept.returned, before, after, line=engine.line_of(account.terms))
    followed = replace(kept, operations=entered.number, chain=entered.chain, returned=told)
    store.accounts.save(unit, followed)
    store.operations.add(unit, entered)
    store.save(unit, before, made)
    checkpoints.keep(unit, entered, account.checkpoint())
    loan_store.save_summary(unit, loan, changed)
    keeping.arrears(unit, loan, changed)
    if account.undrawn() != undrawn:
        keeping.undrawn(unit, changed, account.undrawn())
    expense = expense_of(kept.reasons, account.charge_off_reason)
    postings = postings_of(account.terms, after, made, expense)
    _use_allowance(unit, loan, postings)
    returned = engine.returned(after, changed.outstanding) - engine.returned(before, loan.outstanding)
    unit.record_all((*facts, engine.changed(changed, entered, made, postings, returned)))
    REPLAYS.put(entered.chain, account, after)
    return Done(changed, followed, operation.reference, made)


def _use_allowance(unit: Unit, loan: LoanSummary, postings: Sequence[Posting]) -> None:
    """Keeps what a loss took of the allowance, or a recovery put to it, which these postings move in the ledger."""
    legs = [(leg.role, leg.side, leg.amount) for posting in postings for leg in posting.legs]
    if moved := used(legs):
        keeping.note_loan(unit, loan)
        allowance_store.add_movements(unit, loan.loan_id, loan.product_id, moved)


def begin(loan_id: str, terms: Terms, reasons: tuple[ChargeOffReason, ...]) -> tuple[LoanAccount, Tables]:
    """A new account, and what it shows before anything happened to it."""
    written = to_json(terms)
    chain = domain.chained(loan_id, written)
    account = Account(terms)
    shown = tables(loan_id, account, domain.NOTHING)
    REPLAYS.put(chain, account, shown)
    return LoanAccount(loan_id, written, 0, chain, 0, reasons), shown


def opened(
    unit: Unit, application: Application, product: Product, terms: Terms
) -> tuple[LoanSummary, LoanAccount, Tables]:
    """Opens an account on an application: the loan, its account, what it shows."""
    loan_id = unit.new_id("loan")
    kept, shown = begin(loan_id, terms, product.servicing.charge_off_reasons if product.servicing else ())
    loan = applying.application_summary(loan_id, application, product, terms, shown.plan)
    loan_store.summaries.add(unit, loan)
    store.add(unit, kept, shown)
    unit.record(applying.opened(loan))
    return loan, kept, shown


def asked(view: View, loan: LoanSummary, kept: LoanAccount, question: Callable[[Account], T]) -> T:
    """What an account answers; the question changes nothing."""
    account, shown = _account(view, loan, kept)
    answer = question(account)
    REPLAYS.put(kept.chain, account, shown)
    return answer


def preview(view: View, request: Message, kind: type[Operation]) -> tuple[PlanLine, ...]:
    """The plan as it would be after the operation a request describes, which is not done."""
    loan, kept = found(view, request.loan_id)  # type: ignore[attr-defined]
    currency = loan.principal.currency
    operation = operation_of(request, kind, operation_id="preview", today=view.business_date, currency=currency)
    rows = asked(view, loan, kept, lambda account: account.preview(operation))
    return engine.plan_lines(loan.loan_id, currency, rows)


def found(view: View, loan_id: str) -> tuple[LoanSummary, LoanAccount]:
    """A serviced loan and its account, or `LoanNotFound`, `LoanMustBeServiced`."""
    loan = loan_store.summaries.load(view, loan_id)
    domain.must_be_serviced(loan)
    return loan, store.accounts.load(view, loan_id)


def tables(loan_id: str, account: Account, before: Tables) -> Tables:
    """What an account shows."""
    return engine.tables_of(
        loan_id,
        account.terms.currency,
        account.schedule(),
        account.transactions(),
        account.charges(),
        before=before.transactions,
    )


def _account(view: View, loan: LoanSummary, kept: LoanAccount) -> tuple[Account, Tables]:
    """The account as its history made it, and what it showed."""
    known = REPLAYS.take(kept.chain)
    if known is not None:
        return known
    account, known_until = checkpoints.opened(view, kept, from_json(kept.terms, Terms))
    for entered in store.history(view, loan.loan_id, after=known_until):
        account.apply(_operation(entered))
    return account, store.tables(view, loan.loan_id)


def _operation(entered: LoanOperation) -> Operation:
    operation: Operation = from_json(entered.content, getattr(kernel, entered.kind))
    return operation


def _applied(account: Account, operation: Operation, chain: str, before: Tables) -> None:
    """Applies an operation; where it is refused the account is as it was, and is kept."""
    refused = True
    try:
        account.apply(operation)
        refused = False
    finally:
        if refused:
            REPLAYS.put(chain, account, before)
