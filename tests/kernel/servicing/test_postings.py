"""Postings: every entry balances, and the accounts of the cases the rules were read from."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.servicing.postings import CHARGED_OFF, PERFORMING, Line, Role, booked_by_write_off, journal
from zhongtai.kernel.servicing.terms import Accounting
from zhongtai.kernel.servicing.transactions import Portions, Transaction, TransactionType

DAY = date(2024, 1, 10)
CHART = {role: role.value for role in Role}
ONE_RECEIVABLE = {**CHART, Role.FEE_RECEIVABLE: "RECEIVABLE", Role.INTEREST_RECEIVABLE: "RECEIVABLE"}
amounts = st.integers(0, 10_000_000)


def booked(
    type_: TransactionType,
    *owed: int,
    overpaid: int = 0,
    reverted: bool = False,
    charged_off: bool = False,
    fraud: bool = False,
) -> Transaction:
    portions = Portions(*owed)
    return Transaction(
        id="op1",
        type=type_,
        dated=DAY,
        booked_on=DAY,
        amount=portions.total + overpaid,
        portions=portions,
        overpaid=overpaid,
        balance=0,
        reverted=reverted,
        replayed=False,
        operation="op1",
        charged_off=charged_off,
        fraud=fraud,
    )


@given(
    type_=st.sampled_from(TransactionType),
    owed=st.tuples(amounts, amounts, amounts, amounts),
    overpaid=amounts,
    charged_off=st.booleans(),
    reverted=st.booleans(),
    accounting=st.sampled_from(Accounting),
)
def test_every_entry_balances_and_a_reversal_leaves_nothing(
    *,
    type_: TransactionType,
    owed: tuple[int, int, int, int],
    overpaid: int,
    charged_off: bool,
    reverted: bool,
    accounting: Accounting,
) -> None:
    transaction = booked(type_, *owed, overpaid=overpaid, charged_off=charged_off, reverted=reverted)
    lines = journal(transaction, CHART, accounting)
    assert sum(line.debit for line in lines) == sum(line.credit for line in lines)
    assert all((line.debit > 0) != (line.credit > 0) for line in lines)
    if reverted:
        for account in CHART.values():
            assert sum(line.debit - line.credit for line in lines if line.account == account) == 0


def test_a_repayment_clears_each_claim_from_the_fund_source() -> None:
    """SOURCE: apache/fineract, AccrualBasedAccountingProcessorForLoan: one debit, one credit an account."""
    lines = journal(booked(TransactionType.REPAYMENT, 277_00, 10_00, 13_00), ONE_RECEIVABLE)
    assert lines == (
        Line("FUND_SOURCE", 300_00, 0),
        Line("PORTFOLIO", 0, 277_00),
        Line("RECEIVABLE", 0, 23_00),
    )


def test_after_a_charge_off_a_repayment_is_recovered_income() -> None:
    lines = journal(booked(TransactionType.REPAYMENT, 100, 20, charged_off=True), CHART)
    assert lines == (Line("FUND_SOURCE", 120, 0), Line("RECOVERY_INCOME", 0, 120))


def test_a_fraud_is_charged_off_to_its_own_expense() -> None:
    lines = journal(booked(TransactionType.CHARGE_OFF, 100, fraud=True), CHART)
    assert lines == (Line("CHARGE_OFF_FRAUD_EXPENSE", 100, 0), Line("PORTFOLIO", 0, 100))


def test_on_a_cash_basis_interest_is_income_when_paid_and_nothing_accrues() -> None:
    paid = journal(booked(TransactionType.REPAYMENT, 0, 20), CHART, Accounting.CASH)
    assert paid == (Line("FUND_SOURCE", 20, 0), Line("INTEREST_INCOME", 0, 20))
    assert journal(booked(TransactionType.ACCRUAL, 0, 20), CHART, Accounting.CASH) == ()
    assert journal(booked(TransactionType.REPAYMENT, 0, 20), CHART, Accounting.NONE) == ()


def test_a_write_off_takes_deferred_income_with_it() -> None:
    income = booked(TransactionType.CAPITALIZED_INCOME_AMORTIZATION, 0, 50)
    lines = journal(income, CHART, written_off=True)
    assert lines == (Line("DEFERRED_INCOME", 50, 0), Line("WRITTEN_OFF", 0, 50))
    assert booked_by_write_off([income, booked(TransactionType.WRITE_OFF, 100)]) == {"op1"}
    assert booked_by_write_off([income]) == frozenset()


def test_every_rule_names_roles_and_no_rule_posts_to_itself() -> None:
    for rules in (PERFORMING, CHARGED_OFF):
        for rule in rules.values():
            assert all(debit is not credit for debit, credit in rule.values())
