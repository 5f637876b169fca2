"""What an account shows and what an operation changed: nothing a replay changes is silent, and all of it balances."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.credit.examples import cny
from zhongtai.credit.loan_account import engine, postings
from zhongtai.credit.loan_account.domain import (
    NOTHING,
    OPERATIONS_MAX,
    Changes,
    LoanAccount,
    OperationsExhausted,
    Tables,
    chained,
)
from zhongtai.credit.loan_payment.domain import AccountPayOffMustBeExact, must_pay_off
from zhongtai.credit.servicing.domain import ChargeOffReason
from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.servicing import operations as do
from zhongtai.kernel.servicing import terms as kernel
from zhongtai.kernel.servicing.account import Account
from zhongtai.kernel.servicing.postings import Role
from zhongtai.runtime.plain import from_json, to_json

START = date(2026, 1, 5)
ORDER = tuple(kernel.Bucket(when, part) for when in kernel.Dueness for part in reversed(kernel.Component))
TERMS = kernel.Terms(
    currency="CNY",
    principal=1_200_000,
    submitted_on=START,
    expected_disbursement_on=START,
    repayment=kernel.Repayment(instalments=6),
    interest=kernel.Interest(rate=Decimal(12), days_in_year=kernel.DaysInYear.D365),
    allocation=kernel.Allocation(waterfalls={"DEFAULT": kernel.Waterfall(ORDER)}),
    recalculation=kernel.InterestRecalculation(),
)


def shown(account: Account, before: Tables) -> Tables:
    return engine.tables_of(
        "loan_1",
        "CNY",
        account.schedule(),
        account.transactions(),
        account.charges(),
        before=before.transactions,
    )


def applied(before: Tables, changes: Changes) -> Tables:
    """The tables with exactly what was told changed: what the store and every listener end up with."""
    transactions = {one.number: one for one in before.transactions}
    transactions |= {one.number: one for one in (*changes.booked, *changes.reverted, *changes.amended)}
    plan = {row.number: row for row in before.plan} | {row.number: row for row in changes.plan}
    charges = {one.charge_id: one for one in before.charges} | {one.charge_id: one for one in changes.charges}
    for number in changes.dropped:
        del plan[number]
    for charge_id in changes.dropped_charges:
        del charges[charge_id]
    return Tables(tuple(plan.values()), tuple(transactions.values()), tuple(charges.values()))


def in_order(tables: Tables) -> Tables:
    return Tables(
        tuple(sorted(tables.plan, key=lambda row: row.number)),
        tuple(sorted(tables.transactions, key=lambda one: one.number)),
        tuple(sorted(tables.charges, key=lambda one: one.charge_id)),
    )


def lent() -> tuple[Account, Tables]:
    account = Account(TERMS)
    tables = shown(account, NOTHING)
    for operation in (
        do.Approve(reference="a", booked_on=START, dated=START, amount=1_200_000, expected_disbursement_on=START),
        do.Disburse(reference="d", booked_on=START, dated=START, amount=1_200_000),
    ):
        account.apply(operation)
        tables = shown(account, tables)
    return account, tables


# A step: how many days pass, how many days back the payment counts, how much it is; none of it undoes the last one.
STEPS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 30), st.integers(0, 400_000)), min_size=1, max_size=8)


@settings(max_examples=60)
@given(STEPS)
def test_what_is_told_of_an_operation_is_all_that_it_changed(steps: list[tuple[int, int, int]]) -> None:
    account, before = lent()
    today, last = START, ""
    for place, (later, back, amount) in enumerate(steps):
        today += timedelta(days=later)
        name = f"p{place}"
        operation: do.Operation = do.UndoTransaction(reference=name, booked_on=today, transaction=last)
        if amount:
            dated = max(START, today - timedelta(days=back))
            operation = do.Pay(reference=name, booked_on=today, dated=dated, amount=amount)
            last = name
        try:
            account.apply(operation)
        except Refusal:
            assert shown(account, before) == before, "a refused operation leaves no trace"
            continue
        after = shown(account, before)
        changes = engine.changes("loan_1", before, after)
        assert in_order(applied(before, changes)) == in_order(after)
        assert not any(one.reverted for one in changes.booked) or amount == 0
        for posting in postings.postings_of(TERMS, after, changes, None):
            sums: dict[str, int] = defaultdict(int)
            for leg in posting.legs:
                sums[leg.side] += leg.amount.minor_units
            assert sums["DEBIT"] == sums["CREDIT"] > 0, posting
        before = after


@settings(max_examples=40)
@given(STEPS)
def test_the_books_of_a_loan_hold_what_its_account_owes(steps: list[tuple[int, int, int]]) -> None:
    """The postings of all operations together leave on the portfolio the principal owed, whatever was replayed."""
    account, before = Account(TERMS), NOTHING
    portfolio, today = 0, START
    operations: list[do.Operation] = [
        do.Approve(reference="a", booked_on=START, dated=START, amount=1_200_000, expected_disbursement_on=START),
        do.Disburse(reference="d", booked_on=START, dated=START, amount=1_200_000),
    ]
    for place, (later, back, amount) in enumerate(steps):
        today += timedelta(days=later)
        dated = max(START, today - timedelta(days=back))
        operations.append(do.Pay(reference=f"p{place}", booked_on=today, dated=dated, amount=amount or 1))
    for operation in operations:
        try:
            account.apply(operation)
        except Refusal:
            continue
        after = shown(account, before)
        for posting in postings.postings_of(TERMS, after, engine.changes("loan_1", before, after), None):
            for leg in posting.legs:
                if leg.role == Role.PORTFOLIO:
                    portfolio += leg.amount.minor_units if leg.side == "DEBIT" else -leg.amount.minor_units
        before = after
        assert portfolio == account.outstanding().principal


def test_a_transaction_the_account_tells_no_more_stays_and_is_marked() -> None:
    account, before = lent()
    paid = do.Pay(reference="p", booked_on=date(2026, 2, 20), dated=date(2026, 2, 20), amount=100_000)
    account.apply(paid)
    middle = shown(account, before)
    account.apply(replace(paid, reference="q", dated=date(2026, 1, 15)))
    after = shown(account, middle)
    old = next(one for one in after.transactions if one.transaction_id == "p")
    assert (old.reverted, old.replaced) == (True, True)
    assert len({one.number for one in after.transactions}) == len(after.transactions)


def test_the_oldest_due_date_is_that_of_the_oldest_line_not_paid_in_full() -> None:
    account, tables = lent()
    assert oldest(account, tables) == date(2026, 2, 5)
    account.apply(do.Pay(reference="p", booked_on=START, dated=START, amount=account.payoff(START)))
    assert oldest(account, shown(account, tables)) is None


def oldest(account: Account, tables: Tables) -> date | None:
    return min((row.due_date for row in tables.plan if row.number > 0 and row.unpaid > 0), default=None)


def test_an_operation_rests_and_comes_back_as_it_was() -> None:
    account, _ = lent()
    for operation in account.operations:
        assert from_json(to_json(operation), type(operation)) == operation
    assert from_json(to_json(TERMS), kernel.Terms) == TERMS


def test_a_history_has_a_last_operation() -> None:
    kept = LoanAccount("loan_1", "{}", OPERATIONS_MAX - 1, "", 0, ())
    entered = kept.follow("lop_1", "Pay", "{}", START, START)
    assert (entered.number, entered.chain) == (OPERATIONS_MAX, chained("", "{}"))
    with pytest.raises(OperationsExhausted):
        replace(kept, operations=OPERATIONS_MAX).follow("lop_2", "Pay", "{}", START, START)


def test_a_charge_off_is_borne_by_the_expense_of_its_reason() -> None:
    reasons = (ChargeOffReason("FRAUD", fraud=True), ChargeOffReason("DEATH", fraud=False))
    assert postings.expense_of(reasons, "FRAUD") is Role.CHARGE_OFF_FRAUD_EXPENSE
    assert postings.expense_of(reasons, "DEATH") is Role.CHARGE_OFF_EXPENSE
    assert postings.expense_of(reasons, "OTHER") is None
    assert postings.expense_of(reasons, None) is None


def test_a_pay_off_is_exact() -> None:
    must_pay_off(cny(100), cny(100))
    with pytest.raises(AccountPayOffMustBeExact):
        must_pay_off(cny(100), cny(101))
