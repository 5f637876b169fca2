"""What term deposits share: how they are booked, what keeps their principal from others, what is done at maturity."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from operator import attrgetter

from zhongtai.kernel.money import Money
from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import AccountStatus, Hold, HoldPlaced
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.ledger.domain import Draft
from zhongtai.operations.term_deposit import store
from zhongtai.operations.term_deposit.domain import (
    MaturityInstruction,
    TermDeposit,
    TermDepositLine,
    TermDepositPaid,
    TermDepositStatus,
    TermDepositTotal,
)
from zhongtai.runtime.unit import Unit

# The principal is held for as long as it is a deposit.
_EVER = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Posting:
    """What a posting rule of term deposits reads."""

    reference: str
    principal: Money
    interest: Money
    tax: Money
    booked_on: date
    account_id: str = ""
    settlement_account_id: str = ""

    @property
    def net_interest(self) -> Money:
        """The interest without its tax."""
        return self.interest - self.tax


def book(unit: Unit, rule: str, deposit: TermDeposit, amounts: tuple[Money, Money, Money], on: date) -> str:
    """Posts a step of a deposit, of principal, interest and the tax of it; answers the entry."""
    posting = Posting(deposit.term_deposit_id, *amounts, on, deposit.account_id, deposit.settlement_account_id)
    (entry,) = ledger_store.post(unit, _drafts(unit, rule, posting))
    if posting.interest:
        _take(unit, deposit, posting.interest)
    return entry.entry_id


def accrued(unit: Unit, line: TermDepositLine, on: date) -> list[Draft]:
    """The entry of what the deposits of a product earned, if they earned anything."""
    reference = f"term deposit interest {on} {line.product}"
    nothing = line.accrued.nothing
    return _drafts(unit, "ACCRUED", Posting(reference, nothing, line.accrued, nothing, on))


def held(unit: Unit, deposit: TermDeposit) -> TermDeposit:
    """The deposit with its principal held, so that nothing else can spend it; freezes stand beside that."""
    account = account_store.accounts.load(unit, deposit.account_id)
    hold = Hold(unit.new_id("hold"), deposit.principal, _EVER, deposit.term_deposit_id)
    account_store.accounts.save(unit, replace(account, holds=(*account.holds, hold)))
    unit.record(HoldPlaced(account.account_id, hold.hold_id, hold.amount, hold.expires_at))
    return replace(deposit, hold_id=hold.hold_id)


def freed(unit: Unit, deposit: TermDeposit) -> TermDeposit:
    """The deposit with its principal free to be booked."""
    account_store.release_hold(unit, deposit.account_id, deposit.hold_id)
    return replace(deposit, hold_id="")


def pay(
    unit: Unit, before: TermDeposit, after: TermDeposit, paid: TermDepositPaid, on: date
) -> tuple[TermDeposit, str]:
    """Books what a deposit is paid, saves it, closes its account where nothing is left; answers it and the entry.

    An account that others paid into, or that is frozen beyond the deposit, stays open.
    """
    free = freed(unit, before)
    entry_id = book(unit, "PAID", free, (paid.principal, paid.interest, paid.tax), on)
    if paid.closed:
        account = account_store.accounts.load(unit, after.account_id)
        if not account.balance and not account.held(unit.now):
            account, closed = account.close(unit.now)
            account_store.accounts.save(unit, account)
            unit.record_all([closed] if closed else [])
        after = replace(after, hold_id="")
    else:
        after = held(unit, after)
    store.deposits.save(unit, after)
    unit.record(paid)
    return after, entry_id


def mature(unit: Unit, deposit: TermDeposit) -> str:
    """Does what was instructed for a deposit whose term is over; answers "paid", "renewed" or "kept".

    What a freeze keeps on its account is not paid out, but kept until its owner comes for it.
    """
    assert deposit.matures_on, "a deposit with a term"
    product, on = store.product(deposit.product), deposit.matures_on
    settlement = account_store.accounts.load(unit, deposit.settlement_account_id)
    reachable = settlement.status is not AccountStatus.CLOSED
    keeps = deposit.instruction is MaturityInstruction.KEEP
    if keeps or (not reachable and deposit.instruction is not MaturityInstruction.RENEW_ALL):
        store.deposits.save(unit, replace(deposit, status=TermDepositStatus.MATURED))
        return "kept"
    rates = store.rates(unit, product, on, settlement)
    if deposit.instruction is MaturityInstruction.PAY_OUT:
        if not _may_be_paid(unit, deposit):
            store.deposits.save(unit, replace(deposit, status=TermDepositStatus.MATURED))
            return "kept"
        after, paid = deposit.withdrawn(None, product, on, rates)
        pay(unit, deposit, after, paid, on)
        return "paid"
    after, paid, renewed = deposit.matured(product, rates)
    free = freed(unit, deposit)
    if paid.interest:
        rule = "INTEREST_KEPT" if deposit.instruction is MaturityInstruction.RENEW_ALL else "PAID"
        book(unit, rule, free, (paid.principal, paid.interest, paid.tax), on)
        unit.record(paid)
    store.deposits.save(unit, held(unit, after))
    unit.record(renewed)
    return "renewed"


def _may_be_paid(unit: Unit, deposit: TermDeposit) -> bool:
    """Whether nothing but the deposit itself keeps its principal on its account: no freeze, whole or in part."""
    account, _ = account_store.accounts.load(unit, deposit.account_id).release_hold(deposit.hold_id, unit.now)
    return account.status is AccountStatus.ACTIVE and deposit.principal <= account.available(unit.now)


def _drafts(unit: Unit, rule: str, posting: Posting) -> list[Draft]:
    draft = store.rule(rule).draft(unit.new_id("ent"), lambda path: attrgetter(path)(posting))
    return [draft] if draft else []


def _take(unit: Unit, deposit: TermDeposit, interest: Money) -> None:
    """Takes interest that was paid out of what is accrued."""
    total = store.total(unit, deposit.product, interest)
    if total:
        store.totals.save(unit, total.paid(interest))
    else:
        first = TermDepositTotal(deposit.product, interest.currency, date.min, 0)
        store.totals.add(unit, first.paid(interest))
