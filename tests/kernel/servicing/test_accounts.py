"""Accounts as a whole: what every history keeps, and hand cases of single operations."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.servicing import operations as do
from zhongtai.kernel.servicing.account import VERBS, Account
from zhongtai.kernel.servicing.books import Status
from zhongtai.kernel.servicing.replay import replay
from zhongtai.kernel.servicing.terms import (
    Allocation,
    Bucket,
    Charge,
    ChargeBasis,
    ChargeTime,
    Convention,
    DaysInMonth,
    DaysInYear,
    FutureRule,
    Interest,
    InterestRecalculation,
    Repayment,
    Terms,
    Tranches,
    Waterfall,
)
from zhongtai.kernel.servicing.transactions import Transaction, TransactionType

T = TransactionType
START = date(2024, 1, 1)
ORDER = tuple(
    Bucket.parse(f"{dueness}_{component}")
    for dueness in ("PAST_DUE", "DUE", "IN_ADVANCE")
    for component in ("PENALTY", "FEE", "INTEREST", "PRINCIPAL")
)
LATE_FEE = Charge("late", ChargeTime.OVERDUE, ChargeBasis.PERCENT_OF_AMOUNT, percent=Decimal("1.5"), penalty=True)


def terms(rule: FutureRule = FutureRule.NEXT_INSTALLMENT, **others: Any) -> Terms:
    """A loan of 100.00 over six months at 7 %, by 30/360, progressive."""
    return Terms(
        **{
            "currency": "EUR",
            "principal": 10_000,
            "submitted_on": START,
            "expected_disbursement_on": START,
            "repayment": Repayment(instalments=6),
            "interest": Interest(
                rate=Decimal(7), days_in_month=DaysInMonth.THIRTY, days_in_year=DaysInYear.D360, partial_periods=False
            ),
            "allocation": Allocation(waterfalls={"DEFAULT": Waterfall(ORDER, rule)}),
            **others,
        }
    )


def lent(loan: Terms | None = None, amount: int | None = None) -> Account:
    """The loan approved and paid out on its first day."""
    loan = loan or terms()
    amount = amount or loan.principal
    return replay(
        loan,
        [
            do.Approve(
                reference="a", booked_on=START, dated=START, amount=loan.principal, expected_disbursement_on=START
            ),
            do.Disburse(reference="d", booked_on=START, dated=START, amount=amount),
        ],
    )


def pay(account: Account, reference: str, on: date, amount: int, **others: Any) -> None:
    account.apply(do.Pay(reference=reference, booked_on=on, dated=on, amount=amount, **others))


def close(account: Account, until: date) -> None:
    account.apply(do.EndOfDay(reference=f"eod/{until}", booked_on=until))


def told(account: Account) -> tuple[object, ...]:
    """All that the account tells."""
    return (
        account.status,
        account.schedule(),
        account.transactions(),
        account.charges(),
        account.outstanding(),
        account.overpaid(),
    )


def of_type(account: Account, *types: TransactionType) -> list[Transaction]:
    return [each for each in account.transactions() if each.type in types and not each.reverted]


# -- hand cases --


def test_every_operation_has_its_verb() -> None:
    kinds = {each for each in vars(do).values() if isinstance(each, type) and issubclass(each, do.Operation)}
    assert kinds - {do.Operation, do.Dated} == set(VERBS)


def test_a_loan_paid_as_planned_is_closed_with_its_last_instalment() -> None:
    """Five times 17.01 and once 17.00 for 100.00 lent: SOURCE apache/fineract, schedule scenarios."""
    account = lent()
    for number, row in enumerate(account.schedule()[1:], start=1):
        pay(account, f"p{number}", row.due_on, row.outstanding)
    assert [each.amount for each in of_type(account, T.REPAYMENT)] == [1701, 1701, 1701, 1701, 1701, 1700]
    assert (account.status, account.outstanding().total) == (Status.CLOSED_OBLIGATIONS_MET, 0)
    assert sum(each.amount for each in of_type(account, T.ACCRUAL)) == 205


def test_a_payment_clears_interest_before_principal_and_the_oldest_instalment_first() -> None:
    account = lent()
    pay(account, "p", date(2024, 3, 1), 2_000)
    (payment,) = of_type(account, T.REPAYMENT)
    assert (payment.portions.interest, payment.portions.principal) == (107, 1893)
    assert [row.paid_on for row in account.schedule()[1:3]] == [date(2024, 3, 1), None]


@pytest.mark.parametrize(("rule", "met"), [(FutureRule.NEXT_INSTALLMENT, 2), (FutureRule.LAST_INSTALLMENT, 6)])
def test_money_in_advance_goes_where_the_rule_says(rule: FutureRule, met: int) -> None:
    account = lent(terms(rule, interest=Interest()))
    pay(account, "p", date(2024, 2, 1), 1_667 + 500)
    assert [row.number for row in account.schedule()[2:] if row.paid.total] == [met]


def test_a_backdated_payment_lets_the_later_one_be_shared_out_anew() -> None:
    account = lent()
    pay(account, "late", date(2024, 3, 1), 1_701)
    account.apply(do.Pay(reference="early", booked_on=date(2024, 3, 1), dated=date(2024, 2, 1), amount=1_701))
    early, late = of_type(account, T.REPAYMENT)
    assert (early.portions.interest, late.portions.interest) == (58, 49)
    (replaced,) = account.replaced()
    assert (replaced.portions.interest, replaced.reverted) == (58, True)


def test_an_overpaid_loan_gives_the_rest_back_once() -> None:
    account = lent(terms(interest=Interest()))
    pay(account, "p", date(2024, 1, 5), 12_000)
    assert (account.status, account.overpaid()) == (Status.OVERPAID, 2_000)
    refund = do.CreditBalanceRefund(reference="r", booked_on=date(2024, 1, 6), dated=date(2024, 1, 6), amount=2_000)
    account.apply(refund)
    assert (account.status, account.overpaid()) == (Status.CLOSED_OBLIGATIONS_MET, 0)
    with pytest.raises(Refusal):
        account.apply(replace(refund, reference="again"))


def test_a_charge_back_is_owed_again() -> None:
    account = lent(terms(interest=Interest()))
    pay(account, "p", date(2024, 2, 1), 1_667)
    (payment,) = of_type(account, T.REPAYMENT)
    before = account.outstanding().principal
    account.apply(do.ChargeBack(reference="c", booked_on=date(2024, 2, 5), transaction=payment.id, amount=1_000))
    assert account.outstanding().principal == before + 1_000


def test_interest_is_earned_day_by_day_and_in_full_at_the_end() -> None:
    account = lent()
    close(account, date(2024, 1, 16))
    close(account, date(2024, 1, 17))
    assert [each.dated.day for each in of_type(account, T.ACCRUAL)] == [15, 16]
    account.apply(do.PayOff(reference="x", booked_on=date(2024, 1, 17), dated=date(2024, 1, 17)))
    earned = sum(each.amount for each in of_type(account, T.ACCRUAL))
    assert earned == sum(row.due.interest for row in account.schedule())


def test_a_late_fee_is_raised_once_for_each_instalment_and_is_due_with_it() -> None:
    """1.5 % of the overdue principal of 16.43, after more than two days; the next close raises none again."""
    account = lent(terms(charges=(LATE_FEE,)))
    close(account, date(2024, 2, 4))
    assert account.charges() == ()
    close(account, date(2024, 2, 5))
    close(account, date(2024, 2, 6))
    (charge,) = account.charges()
    assert (charge.name, charge.due, charge.due_on, charge.penalty) == ("late", 25, date(2024, 2, 1), True)
    assert account.schedule()[1].due.penalty == 25


def test_a_charged_off_loan_takes_payments_and_no_interest_pause() -> None:
    account = lent()
    on = date(2024, 2, 10)
    account.apply(do.ChargeOff(reference="o", booked_on=on, dated=on))
    (charge_off,) = of_type(account, T.CHARGE_OFF)
    assert charge_off.amount == account.outstanding().total
    with pytest.raises(Refusal):
        account.apply(do.PauseInterest(reference="z", booked_on=on, start_on=on, end_on=on + timedelta(days=5)))
    pay(account, "p", on, 1_701)
    assert account.charged_off
    account.apply(do.UndoTransaction(reference="u", booked_on=on, transaction=of_type(account, T.REPAYMENT)[0].id))
    account.apply(do.UndoChargeOff(reference="v", booked_on=on))
    assert not account.charged_off


def test_a_written_off_loan_owes_nothing_and_may_be_recovered() -> None:
    account = lent()
    on = date(2024, 2, 10)
    account.apply(do.WriteOff(reference="w", booked_on=on, dated=on))
    assert (account.status, account.outstanding().total) == (Status.CLOSED_WRITTEN_OFF, 0)
    pay(account, "r", on, 500, type=do.PaymentType.RECOVERY)
    assert of_type(account, T.RECOVERY)[0].amount == 500


def test_what_was_charged_back_of_a_loan_paid_off_is_paid_in_parts() -> None:
    """Found by random histories: the only open instalment holds the charge-back, and is paid before it is due."""
    account = lent(LOANS["recalculated"])
    account.apply(do.PayOff(reference="x", booked_on=date(2024, 1, 11), dated=date(2024, 1, 11)))
    (payment,) = of_type(account, T.REPAYMENT)
    account.apply(do.ChargeBack(reference="c", booked_on=date(2024, 1, 23), transaction=payment.id, amount=3_001))
    account.apply(do.Pay(reference="p", booked_on=date(2024, 2, 16), dated=date(2024, 1, 26), amount=446))
    assert account.outstanding().principal == 3_001 - 444
    check(account)


def test_what_was_overpaid_meets_every_charge_raised_later() -> None:
    account = lent(terms(interest=Interest()))
    pay(account, "p", date(2024, 1, 2), 12_000)
    for name, due in (("first", date(2024, 9, 21)), ("second", date(2024, 8, 3))):
        fee = Charge("fee", ChargeTime.SPECIFIED_DUE_DATE, ChargeBasis.FLAT, 700, due_on=due)
        account.apply(do.AddCharge(reference=name, booked_on=date(2024, 4, 15), charge=fee))
    assert (account.outstanding().total, account.overpaid()) == (0, 600)


def test_a_preview_changes_nothing() -> None:
    account = lent()
    before = told(account)
    plan = account.preview(do.Reschedule(reference="x", booked_on=START, from_on=date(2024, 2, 1), extra_instalments=2))
    assert len(plan) == len(account.schedule()) + 2
    assert told(account) == before


# -- what every history keeps --

DAYS = st.integers(0, 40)
KINDS = st.sampled_from(
    [
        *("pay", "pay", "pay", "refund", "credit", "backdated", "undo", "adjust", "charge back", "close", "close"),
        *("fee", "waive", "disburse", "pay off", "refund credit", "re-age", "re-amortise", "pause", "reschedule"),
        *("charge off", "undo charge off", "end", "undo end", "write off"),
    ]
)
STEPS = st.lists(st.tuples(KINDS, DAYS, st.integers(1, 6_000), st.integers(0, 10)), max_size=12)
LOANS = {
    "plain": terms(),
    "last first": terms(FutureRule.LAST_INSTALLMENT),
    "spread": terms(FutureRule.REAMORTIZATION, interest=Interest()),
    "recalculated": terms(recalculation=InterestRecalculation(), charges=(LATE_FEE,)),
    "tranches": terms(tranches=Tranches(), principal=20_000),
    "cumulative": terms(
        convention=Convention.CUMULATIVE,
        allocation=Allocation(strategy="mifos-standard-strategy"),
        charges=(LATE_FEE,),
    ),
}
NAMES = st.sampled_from(sorted(LOANS))


def step(account: Account, at: tuple[str, date, int, int], name: str) -> do.Operation | None:
    """The operation the step stands for; None where there is nothing to do it to."""
    kind, on, amount, pick = at
    base: dict[str, Any] = {"reference": name, "booked_on": on}
    standing = [each for each in account.transactions() if not each.reverted and each.type is T.REPAYMENT]
    one = standing[pick % len(standing)].id if standing else ""
    rows = account.charges()
    charge = rows[pick % len(rows)].id if rows else ""
    ways: dict[str, Any] = {
        "pay": lambda: do.Pay(**base, dated=on, amount=amount),
        "refund": lambda: do.Pay(**base, dated=on, amount=amount, type=do.PaymentType.MERCHANT_ISSUED_REFUND),
        "credit": lambda: do.Pay(**base, dated=on, amount=amount, type=do.PaymentType.GOODWILL_CREDIT),
        "backdated": lambda: do.Pay(**base, dated=on - timedelta(days=3 * pick), amount=amount),
        "undo": lambda: do.UndoTransaction(**base, transaction=one),
        "adjust": lambda: do.AdjustTransaction(**base, transaction=one, dated=on, amount=amount),
        "charge back": lambda: do.ChargeBack(**base, transaction=one, amount=amount // 4 + 1),
        "close": lambda: do.EndOfDay(**base),
        "fee": lambda: do.AddCharge(
            **base,
            charge=Charge(
                "fee",
                ChargeTime.SPECIFIED_DUE_DATE,
                ChargeBasis.FLAT,
                amount // 10 + 1,
                penalty=pick % 2 == 0,
                due_on=on + timedelta(days=7 * pick - 20),
            ),
        ),
        "waive": lambda: do.WaiveCharge(**base, charge=charge),
        "charge off": lambda: do.ChargeOff(**base, dated=on),
        "undo charge off": lambda: do.UndoChargeOff(**base),
        "disburse": lambda: do.Disburse(**base, dated=on, amount=amount),
        "pay off": lambda: do.PayOff(**base, dated=on),
        "refund credit": lambda: do.CreditBalanceRefund(**base, dated=on, amount=max(account.overpaid(), 1)),
        "re-age": lambda: do.ReAge(
            **base, every=1, unit=account.terms.repayment.unit, start_on=on + timedelta(days=pick), instalments=3
        ),
        "re-amortise": lambda: do.ReAmortize(**base),
        "pause": lambda: do.PauseInterest(**base, start_on=on + timedelta(1), end_on=on + timedelta(2 + pick)),
        "reschedule": lambda: do.Reschedule(
            **base, from_on=account.schedule()[-1].due_on, extra_instalments=1 + pick % 2
        ),
        "end": lambda: do.TerminateContract(**base),
        "undo end": lambda: do.UndoTermination(**base),
        "write off": lambda: do.WriteOff(**base, dated=on),
    }
    needed = {"undo": one, "adjust": one, "charge back": one, "waive": charge}
    return ways[kind]() if needed.get(kind, kind) else None


_REDUCES = (T.REPAYMENT, T.DOWN_PAYMENT, T.MERCHANT_ISSUED_REFUND, T.GOODWILL_CREDIT, T.WRITE_OFF)
_OTHERWISE = (T.DISBURSEMENT, T.CAPITALIZED_INCOME, T.CHARGEBACK, T.CREDIT_BALANCE_REFUND, T.WAIVE_CHARGES)
_LENDS = (T.CREDIT_BALANCE_REFUND, T.CHARGEBACK, T.REFUND)
_ADDS = (T.CAPITALIZED_INCOME,)


def check(account: Account) -> None:
    """What holds of every account, whatever happened to it."""
    transactions = account.transactions()
    names = [each.id for each in (*transactions, *account.replaced())]
    assert len(names) == len(set(names)), "a transaction has a name of its own"
    for each in transactions:
        assert each.portions.total + each.overpaid == each.amount or each.type in _OTHERWISE, each
        assert each.reverted or min(each.amount, each.overpaid, *_fields(each)) >= 0, each
    owed = account.outstanding()
    assert sum(row.outstanding for row in account.schedule() if row.number is not None) == owed.total
    assert min(owed.principal, owed.interest, owed.fee, owed.penalty) >= 0
    assert owed.total == 0 or account.overpaid() == 0, "nobody owes and is owed"
    reduced = sum(each.portions.principal for each in of_type(account, *_REDUCES))
    lent_out = sum(each.amount - each.overpaid for each in of_type(account, T.DISBURSEMENT))
    lent_out += sum(min(each.portions.principal, each.amount - each.overpaid) for each in of_type(account, *_LENDS))
    lent_out += sum(each.amount - each.overpaid for each in of_type(account, *_ADDS))
    if all(not each.overpaid for each in of_type(account, T.DISBURSEMENT)):
        assert owed.principal == lent_out - reduced, "principal is what was lent and not paid"


def _fields(each: Transaction) -> tuple[int, int, int, int]:
    return (each.portions.principal, each.portions.interest, each.portions.fee, each.portions.penalty)


@given(NAMES, STEPS)
@effort(max_examples=150)
def test_whatever_happens_sums_hold_refusals_leave_no_trace_and_replay_tells_the_same(
    name: str, steps: list[tuple[str, int, int, int]]
) -> None:
    loan = LOANS[name]
    account = lent(loan, 10_000)
    on = START
    for number, (kind, days, amount, pick) in enumerate(steps):
        on += timedelta(days=days)
        operation = step(account, (kind, on, amount, pick), f"s{number}")
        if operation is None:
            continue
        before = told(account)
        try:
            account.apply(operation)
        except Refusal:
            assert told(account) == before, operation
        else:
            check(account)
    assert told(replay(loan, account.operations)) == told(account)


@given(NAMES, st.lists(st.tuples(DAYS, st.integers(1, 4_000)), max_size=4), st.integers(1, 6_000), DAYS)
@effort(max_examples=60)
def test_an_undone_payment_was_never_made(name: str, paid: list[tuple[int, int]], amount: int, days: int) -> None:
    account, twin = lent(LOANS[name], 10_000), lent(LOANS[name], 10_000)
    on = START
    for number, (gap, part) in enumerate(paid):
        on += timedelta(days=gap)
        pay(account, f"p{number}", on, part)
        pay(twin, f"p{number}", on, part)
    on += timedelta(days=days)
    pay(account, "extra", on, amount)
    (extra,) = [each for each in account.transactions() if each.operation == "extra" and each.type is T.REPAYMENT]
    account.apply(do.UndoTransaction(reference="undo", booked_on=on, transaction=extra.id))
    assert account.outstanding() == twin.outstanding()
    assert [row.due for row in account.schedule()] == [row.due for row in twin.schedule()]
