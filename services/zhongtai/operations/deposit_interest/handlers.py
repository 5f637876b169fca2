"""The RPCs of interest on demand deposits."""

from zhongtai.kernel.money import Money
from zhongtai.operations.account import store as account_store
from zhongtai.operations.deposit_accrual import domain as accrual_domain
from zhongtai.operations.deposit_accrual import store as accrual_store
from zhongtai.operations.deposit_interest import accruing, previewing, store
from zhongtai.operations.deposit_interest.domain import DAY
from zhongtai.operations.v1 import deposit_interest_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, money_message
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def accrue_deposits(request: v1.AccrueDepositsRequest, unit: Unit) -> v1.AccrueDepositsResponse:
    """Does the next piece of an accrual."""
    on = date_of(request.business_date)
    accrual = accrual_store.accruals.find(unit, on.isoformat())
    if accrual is None:
        accrual = accrual_domain.begin(on, today=unit.business_date, last=accrual_store.last(unit))
        accrual_store.accruals.add(unit, accrual)
    after = accruing.step(unit, accrual)
    if after != accrual:
        accrual_store.accruals.save(unit, after)
    return v1.AccrueDepositsResponse(more=not after.is_done, accrual=message_of(after, v1.DepositAccrual))


@rpc
def preview_deposit_accrual(request: v1.PreviewDepositAccrualRequest, view: View) -> v1.PreviewDepositAccrualResponse:
    """What an accrual would post."""
    lines, left = previewing.preview(view, date_of(request.business_date))
    return v1.PreviewDepositAccrualResponse(
        lines=[message_of(line, v1.DepositAccrualLine) for line in lines], entries_left=left
    )


@rpc
def get_deposit_interest(request: v1.GetDepositInterestRequest, view: View) -> v1.GetDepositInterestResponse:
    """What an account earned through yesterday."""
    account = account_store.accounts.load(view, request.account_id)
    interest, terms = accruing.caught_up(view, account, view.business_date - DAY)
    _, amount, tax = interest.settled(terms, view.business_date)
    return v1.GetDepositInterestResponse(
        deposit_interest=message_of(
            interest,
            v1.DepositInterest,
            balance=money_message(Money(interest.currency_code, interest.balance_minor)),
            product=str(interest.product),
            rate={"value": str(terms.first_rate(interest.through))},
            interest=money_message(amount),
            tax=money_message(tax),
        )
    )


@rpc
def settle_deposit_interest(request: v1.SettleDepositInterestRequest, unit: Unit) -> v1.SettleDepositInterestResponse:
    """Pays an account what it earned through yesterday."""
    account = account_store.accounts.load(unit, request.account_id)
    seen = store.interests.find(unit, account.account_id)
    through = unit.business_date - DAY
    store.plan_of(account.account_id, account.product)
    legs = store.legs_of(unit, account.account_id, seen.seen_number if seen else 0)
    accruing.count(unit, {account.account_id: legs} if legs else {}, through)
    interest = store.interests.find(unit, account.account_id)
    due = [interest] if interest and interest.settled_through < through else []
    paid = accruing.pay(unit, due, through, unit.business_date).get(account.account_id)
    if paid is None:
        nothing = money_message(Money(account.currency_code, 0))
        return v1.SettleDepositInterestResponse(interest=nothing, tax=nothing)
    entry_id, fact = paid
    return v1.SettleDepositInterestResponse(
        entry_id=entry_id, interest=money_message(fact.amount), tax=money_message(fact.tax)
    )
