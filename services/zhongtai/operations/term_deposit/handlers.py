"""The RPCs of term deposits."""

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction

from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import Account, AccountClass
from zhongtai.operations.deposit_rate import store as rate_store
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.term_deposit import paying, store
from zhongtai.operations.term_deposit.domain import (
    MaturityInstruction,
    TermDeposit,
    TermDepositTotal,
    must_be_over,
)
from zhongtai.operations.v1 import term_deposit_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, money_message, money_of
from zhongtai.runtime.unit import Unit, View, rpc

_DAY = timedelta(days=1)
_ACCOUNT_PRODUCT = "term_deposit"


@rpc
def open_term_deposit(request: v1.OpenTermDepositRequest, unit: Unit) -> v1.OpenTermDepositResponse:
    """Moves money into a new deposit."""
    product, principal = store.product(request.product), money_of(request.amount)
    settlement = account_store.customers_account(unit, request.settlement_account_id)
    rate = rate_store.on_day(unit, product.rate_code, product.currency_code, unit.business_date).tiers[0].rate
    account, opened_account = Account.open(
        unit.new_id("acc"),
        account_store.product(_ACCOUNT_PRODUCT),
        AccountClass.CUSTOMER,
        settlement.customer_id,
        principal.currency,
    )
    deposit, opened = TermDeposit.open(
        (unit.new_id("tdp"), account.account_id),
        (settlement.customer_id, settlement.account_id),
        product,
        principal,
        rate=rate,
        instruction=_instruction(request.instruction or v1.MATURITY_INSTRUCTION_PAY_OUT),
        on=unit.business_date,
    )
    account_store.accounts.add(unit, account)
    paying.book(unit, "OPENED", deposit, (principal, principal.nothing, principal.nothing), unit.business_date)
    deposit = paying.held(unit, deposit)
    store.deposits.add(unit, deposit)
    unit.record_all([opened_account, opened])
    return v1.OpenTermDepositResponse(term_deposit_id=deposit.term_deposit_id, term_deposit=_message(deposit))


@rpc
def withdraw_term_deposit(request: v1.WithdrawTermDepositRequest, unit: Unit) -> v1.WithdrawTermDepositResponse:
    """Pays the whole or a part back."""
    deposit = store.deposits.load(unit, request.term_deposit_id).must_be_open()
    product, on = store.product(deposit.product), unit.business_date
    amount = money_of(request.amount) if request.HasField("amount") else None
    settlement = account_store.accounts.load(unit, deposit.settlement_account_id)
    after, paid = deposit.withdrawn(amount, product, on, store.rates(unit, product, on, settlement))
    after, entry_id = paying.pay(unit, deposit, after, paid, on)
    return v1.WithdrawTermDepositResponse(
        entry_id=entry_id,
        principal=money_message(paid.principal),
        interest=money_message(paid.interest),
        term_deposit=_message(after),
        tax=money_message(paid.tax),
    )


@rpc
def quote_term_deposit(request: v1.QuoteTermDepositRequest, view: View) -> v1.QuoteTermDepositResponse:
    """What the whole would be paid today."""
    deposit = store.deposits.load(view, request.term_deposit_id).must_be_open()
    product, on = store.product(deposit.product), view.business_date
    settlement = account_store.accounts.load(view, deposit.settlement_account_id)
    _, paid = deposit.withdrawn(None, product, on, store.rates(view, product, on, settlement))
    return message_of(paid, v1.QuoteTermDepositResponse)


@rpc
def give_notice(request: v1.GiveNoticeRequest, unit: Unit) -> v1.GiveNoticeResponse:
    """Gives notice of a withdrawal."""
    deposit = store.deposits.load(unit, request.term_deposit_id)
    deposit = deposit.noticed(money_of(request.amount), store.product(deposit.product), unit.business_date)
    store.deposits.save(unit, deposit)
    return v1.GiveNoticeResponse(term_deposit=_message(deposit))


@rpc
def cancel_notice(request: v1.CancelNoticeRequest, unit: Unit) -> v1.CancelNoticeResponse:
    """Takes the notice back."""
    deposit = store.deposits.load(unit, request.term_deposit_id)
    deposit = deposit.notice_forfeited(store.product(deposit.product))
    store.deposits.save(unit, deposit)
    return v1.CancelNoticeResponse(term_deposit=_message(deposit))


@rpc
def instruct_maturity(request: v1.InstructMaturityRequest, unit: Unit) -> v1.InstructMaturityResponse:
    """Says what is to be done at maturity."""
    deposit = store.deposits.load(unit, request.term_deposit_id).must_be_open()
    deposit = deposit.instructed(_instruction(request.instruction))
    store.deposits.save(unit, deposit)
    return v1.InstructMaturityResponse(term_deposit=_message(deposit))


@rpc
def accrue_term_deposits(request: v1.AccrueTermDepositsRequest, unit: Unit) -> v1.AccrueTermDepositsResponse:
    """Posts what all deposits earned through a date."""
    on = must_be_over(date_of(request.business_date), unit.business_date)
    present, owed = store.every_total(unit), store.owed(unit, on)
    lines, drafts = [], []
    for key in sorted({*present, *owed}):
        before = present.get(key) or TermDepositTotal(*key, date.min, 0)
        if before.through >= on:
            continue
        after, line = before.accrued(owed.get(key, Fraction(0)), on)
        (store.totals.save if key in present else store.totals.add)(unit, after)
        lines.append(line)
        drafts += paying.accrued(unit, line, on)
    if drafts:
        ledger_store.post(unit, drafts)
    return v1.AccrueTermDepositsResponse(lines=[message_of(line, v1.TermDepositLine) for line in lines])


@rpc
def preview_term_deposit_accrual(
    request: v1.PreviewTermDepositAccrualRequest, view: View
) -> v1.PreviewTermDepositAccrualResponse:
    """What accruing through a date would post."""
    on = date_of(request.business_date)
    present, owed = store.every_total(view), store.owed(view, on)
    totals = {key: present.get(key) or TermDepositTotal(*key, date.min, 0) for key in sorted({*present, *owed})}
    lines = [total.accrued(owed.get(key, Fraction(0)), on)[1] for key, total in totals.items() if total.through < on]
    return v1.PreviewTermDepositAccrualResponse(lines=[message_of(line, v1.TermDepositLine) for line in lines])


@rpc
def mature_term_deposits(request: v1.MatureTermDepositsRequest, unit: Unit) -> v1.MatureTermDepositsResponse:
    """Does what was instructed for the next deposits whose term is over."""
    on = must_be_over(date_of(request.business_date), unit.business_date)
    due = store.due(unit, on + _DAY)
    done = Counter(paying.mature(unit, deposit) for deposit in due)
    return v1.MatureTermDepositsResponse(more=bool(due), paid=done["paid"], renewed=done["renewed"], kept=done["kept"])


@rpc
def get_term_deposit(request: v1.GetTermDepositRequest, view: View) -> v1.GetTermDepositResponse:
    """One deposit."""
    return v1.GetTermDepositResponse(term_deposit=_message(store.deposits.load(view, request.term_deposit_id)))


@rpc
def list_term_deposits(request: v1.ListTermDepositsRequest, view: View) -> v1.ListTermDepositsResponse:
    """Deposits page by page."""
    conditions = [store.TERM_DEPOSIT.c.customer_id == request.customer_id] if request.customer_id else []
    found, page = store.deposits.page(view, request.page, *conditions)
    return v1.ListTermDepositsResponse(term_deposits=[_message(deposit) for deposit in found], page=page)


def _instruction(value: int) -> MaturityInstruction:
    return MaturityInstruction(v1.MaturityInstruction.Name(value).removeprefix("MATURITY_INSTRUCTION_"))


def _message(deposit: TermDeposit) -> v1.TermDeposit:
    return message_of(deposit, v1.TermDeposit)
