"""Journal entries: what each transaction of a loan account posts, by rules that are data.

A rule says, for one type of transaction, which role is debited and which is credited for each part of it. A role is
the part an account plays (the portfolio, the fund source, …); a chart names the ledger account of each role. Loans
charged off, marked as fraud, or written off are posted by their own rules. A transaction that was reverted posts the
same lines again with sides changed, so that nothing is ever rewritten.

The rules are those of Apache Fineract's accrual and cash accounting for loans (Apache-2.0), read in its processors and
written anew; interest taken back by a charge-back is posted too, so that every entry balances.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from zhongtai.kernel.servicing.terms import Accounting
from zhongtai.kernel.servicing.transactions import Transaction, TransactionType

T = TransactionType


class Role(StrEnum):
    """The part a ledger account plays for a loan."""

    PORTFOLIO = "PORTFOLIO"
    FUND_SOURCE = "FUND_SOURCE"
    INTEREST_RECEIVABLE = "INTEREST_RECEIVABLE"
    FEE_RECEIVABLE = "FEE_RECEIVABLE"
    PENALTY_RECEIVABLE = "PENALTY_RECEIVABLE"
    INTEREST_INCOME = "INTEREST_INCOME"
    FEE_INCOME = "FEE_INCOME"
    PENALTY_INCOME = "PENALTY_INCOME"
    OVERPAYMENT = "OVERPAYMENT"
    GOODWILL = "GOODWILL"
    GOODWILL_INTEREST = "GOODWILL_INTEREST"
    GOODWILL_FEE = "GOODWILL_FEE"
    GOODWILL_PENALTY = "GOODWILL_PENALTY"
    RECOVERY_INCOME = "RECOVERY_INCOME"
    WRITTEN_OFF = "WRITTEN_OFF"
    CHARGE_OFF_EXPENSE = "CHARGE_OFF_EXPENSE"
    CHARGE_OFF_FRAUD_EXPENSE = "CHARGE_OFF_FRAUD_EXPENSE"
    CHARGE_OFF_INTEREST = "CHARGE_OFF_INTEREST"
    CHARGE_OFF_FEE = "CHARGE_OFF_FEE"
    CHARGE_OFF_PENALTY = "CHARGE_OFF_PENALTY"
    DEFERRED_INCOME = "DEFERRED_INCOME"
    CAPITALIZATION_INCOME = "CAPITALIZATION_INCOME"
    BUY_DOWN_EXPENSE = "BUY_DOWN_EXPENSE"
    BUY_DOWN_INCOME = "BUY_DOWN_INCOME"
    VALUE_ADDED_TAX = "VALUE_ADDED_TAX"
    STAMP_DUTY_EXPENSE = "STAMP_DUTY_EXPENSE"
    STAMP_DUTY = "STAMP_DUTY"


class Part(StrEnum):
    """What of a transaction a rule speaks of; NOT_OVERPAID is the amount less what was overpaid."""

    PRINCIPAL = "PRINCIPAL"
    INTEREST = "INTEREST"
    FEE = "FEE"
    PENALTY = "PENALTY"
    OVERPAID = "OVERPAID"
    NOT_OVERPAID = "NOT_OVERPAID"
    AMOUNT = "AMOUNT"


R = Role
Sides = tuple[Role, Role]
"""The role that is debited, and the one that is credited."""

Rule = Mapping[Part, Sides]


@dataclass(frozen=True, slots=True)
class Line:
    """One side of a journal entry, in minor units; one of `debit` and `credit` is zero."""

    account: str
    debit: int
    credit: int


def rule(
    principal: Sides | None = None,
    interest: Sides | None = None,
    fee: Sides | None = None,
    penalty: Sides | None = None,
    overpaid: Sides | None = None,
) -> Rule:
    """A rule by the parts of a transaction."""
    named = zip(
        (Part.PRINCIPAL, Part.INTEREST, Part.FEE, Part.PENALTY, Part.OVERPAID),
        (principal, interest, fee, penalty, overpaid),
        strict=True,
    )
    return {part: sides for part, sides in named if sides is not None}


def claims_paid_from(source: Role) -> Rule:
    """A source clears what is owed; what is too much is owed to the customer."""
    return rule(
        (source, R.PORTFOLIO),
        (source, R.INTEREST_RECEIVABLE),
        (source, R.FEE_RECEIVABLE),
        (source, R.PENALTY_RECEIVABLE),
        (source, R.OVERPAYMENT),
    )


def all_to(source: Role, target: Role) -> Rule:
    """Everything a source clears goes to one role; what is too much is owed to the customer."""
    return rule((source, target), (source, target), (source, target), (source, target), (source, R.OVERPAYMENT))


def turned(rule_: Rule) -> Rule:
    """The rule with its sides changed."""
    return {part: (credit, debit) for part, (debit, credit) in rule_.items()}


ACCRUAL = rule(
    None,
    (R.INTEREST_RECEIVABLE, R.INTEREST_INCOME),
    (R.FEE_RECEIVABLE, R.FEE_INCOME),
    (R.PENALTY_RECEIVABLE, R.PENALTY_INCOME),
)
GIVEN_BACK: Rule = {
    Part.NOT_OVERPAID: (R.PORTFOLIO, R.FUND_SOURCE),
    Part.OVERPAID: (R.OVERPAYMENT, R.FUND_SOURCE),
}

PERFORMING: dict[TransactionType, Rule] = {
    T.DISBURSEMENT: GIVEN_BACK,
    T.REPAYMENT: claims_paid_from(R.FUND_SOURCE),
    T.DOWN_PAYMENT: claims_paid_from(R.FUND_SOURCE),
    T.MERCHANT_ISSUED_REFUND: claims_paid_from(R.FUND_SOURCE),
    T.PAYOUT_REFUND: claims_paid_from(R.FUND_SOURCE),
    T.CHARGE_PAYMENT: claims_paid_from(R.FUND_SOURCE),
    T.REPAYMENT_AT_DISBURSEMENT: rule(fee=(R.FUND_SOURCE, R.FEE_INCOME), penalty=(R.FUND_SOURCE, R.PENALTY_INCOME)),
    T.GOODWILL_CREDIT: rule(
        (R.GOODWILL, R.PORTFOLIO),
        (R.GOODWILL_INTEREST, R.INTEREST_RECEIVABLE),
        (R.GOODWILL_FEE, R.FEE_RECEIVABLE),
        (R.GOODWILL_PENALTY, R.PENALTY_RECEIVABLE),
        (R.GOODWILL, R.OVERPAYMENT),
    ),
    T.INTEREST_PAYMENT_WAIVER: claims_paid_from(R.INTEREST_INCOME),
    T.INTEREST_REFUND: claims_paid_from(R.INTEREST_INCOME),
    T.CHARGE_ADJUSTMENT: claims_paid_from(R.FEE_INCOME),
    T.CREDIT_BALANCE_REFUND: GIVEN_BACK,
    T.CHARGEBACK: turned(claims_paid_from(R.FUND_SOURCE)),
    T.REFUND: rule(
        (R.PORTFOLIO, R.FUND_SOURCE),
        (R.INTEREST_INCOME, R.FUND_SOURCE),
        (R.FEE_INCOME, R.FUND_SOURCE),
        (R.PENALTY_INCOME, R.FUND_SOURCE),
        (R.OVERPAYMENT, R.FUND_SOURCE),
    ),
    T.ACCRUAL: ACCRUAL,
    T.ACCRUAL_ADJUSTMENT: turned(ACCRUAL),
    T.WRITE_OFF: claims_paid_from(R.WRITTEN_OFF),
    T.WAIVE_CHARGES: claims_paid_from(R.WRITTEN_OFF),
    T.RECOVERY: {Part.AMOUNT: (R.FUND_SOURCE, R.RECOVERY_INCOME)},
    T.CHARGE_OFF: rule(
        (R.CHARGE_OFF_EXPENSE, R.PORTFOLIO),
        (R.CHARGE_OFF_INTEREST, R.INTEREST_RECEIVABLE),
        (R.CHARGE_OFF_FEE, R.FEE_RECEIVABLE),
        (R.CHARGE_OFF_PENALTY, R.PENALTY_RECEIVABLE),
    ),
    T.CAPITALIZED_INCOME: {
        Part.NOT_OVERPAID: (R.PORTFOLIO, R.DEFERRED_INCOME),
        Part.OVERPAID: (R.OVERPAYMENT, R.DEFERRED_INCOME),
    },
    T.CAPITALIZED_INCOME_ADJUSTMENT: claims_paid_from(R.DEFERRED_INCOME),
    T.CAPITALIZED_INCOME_AMORTIZATION: {Part.AMOUNT: (R.DEFERRED_INCOME, R.CAPITALIZATION_INCOME)},
    T.CAPITALIZED_INCOME_AMORTIZATION_ADJUSTMENT: {Part.AMOUNT: (R.CAPITALIZATION_INCOME, R.DEFERRED_INCOME)},
    T.BUY_DOWN_FEE: {Part.AMOUNT: (R.BUY_DOWN_EXPENSE, R.DEFERRED_INCOME)},
    T.BUY_DOWN_FEE_ADJUSTMENT: {Part.AMOUNT: (R.DEFERRED_INCOME, R.BUY_DOWN_EXPENSE)},
    T.BUY_DOWN_FEE_AMORTIZATION: {Part.AMOUNT: (R.DEFERRED_INCOME, R.BUY_DOWN_INCOME)},
    T.BUY_DOWN_FEE_AMORTIZATION_ADJUSTMENT: {Part.AMOUNT: (R.BUY_DOWN_INCOME, R.DEFERRED_INCOME)},
}
"""The rules of a loan that is expected to be repaid."""

REFUNDED_AFTER_CHARGE_OFF = rule(
    (R.FUND_SOURCE, R.CHARGE_OFF_EXPENSE),
    (R.FUND_SOURCE, R.CHARGE_OFF_INTEREST),
    (R.FUND_SOURCE, R.CHARGE_OFF_FEE),
    (R.FUND_SOURCE, R.CHARGE_OFF_PENALTY),
    (R.FUND_SOURCE, R.OVERPAYMENT),
)
INTEREST_GIVEN_AFTER_CHARGE_OFF = all_to(R.INTEREST_INCOME, R.CHARGE_OFF_INTEREST)

CHARGED_OFF: dict[TransactionType, Rule] = {
    T.REPAYMENT: all_to(R.FUND_SOURCE, R.RECOVERY_INCOME),
    T.MERCHANT_ISSUED_REFUND: REFUNDED_AFTER_CHARGE_OFF,
    T.PAYOUT_REFUND: REFUNDED_AFTER_CHARGE_OFF,
    T.GOODWILL_CREDIT: rule(
        (R.GOODWILL, R.RECOVERY_INCOME),
        (R.GOODWILL_INTEREST, R.RECOVERY_INCOME),
        (R.GOODWILL_FEE, R.RECOVERY_INCOME),
        (R.GOODWILL_PENALTY, R.RECOVERY_INCOME),
        (R.GOODWILL, R.OVERPAYMENT),
    ),
    T.INTEREST_PAYMENT_WAIVER: INTEREST_GIVEN_AFTER_CHARGE_OFF,
    T.INTEREST_REFUND: INTEREST_GIVEN_AFTER_CHARGE_OFF,
    T.CHARGE_ADJUSTMENT: {
        **all_to(R.FEE_INCOME, R.CHARGE_OFF_FEE),
        Part.PENALTY: (R.FEE_INCOME, R.CHARGE_OFF_PENALTY),
    },
    T.CREDIT_BALANCE_REFUND: {
        Part.NOT_OVERPAID: (R.CHARGE_OFF_EXPENSE, R.FUND_SOURCE),
        Part.OVERPAID: (R.OVERPAYMENT, R.FUND_SOURCE),
    },
    T.CHARGEBACK: turned(REFUNDED_AFTER_CHARGE_OFF),
    T.WRITE_OFF: rule(
        (R.WRITTEN_OFF, R.CHARGE_OFF_EXPENSE),
        (R.WRITTEN_OFF, R.CHARGE_OFF_INTEREST),
        (R.WRITTEN_OFF, R.CHARGE_OFF_FEE),
        (R.WRITTEN_OFF, R.CHARGE_OFF_PENALTY),
    ),
    T.CAPITALIZED_INCOME_AMORTIZATION: {Part.AMOUNT: (R.DEFERRED_INCOME, R.CHARGE_OFF_EXPENSE)},
    T.BUY_DOWN_FEE_AMORTIZATION: {Part.AMOUNT: (R.DEFERRED_INCOME, R.CHARGE_OFF_EXPENSE)},
}
"""What is posted otherwise once a loan is charged off."""

WRITTEN_OFF: dict[TransactionType, Rule] = {
    T.CAPITALIZED_INCOME_AMORTIZATION: {Part.AMOUNT: (R.DEFERRED_INCOME, R.WRITTEN_OFF)},
    T.BUY_DOWN_FEE_AMORTIZATION: {Part.AMOUNT: (R.DEFERRED_INCOME, R.WRITTEN_OFF)},
}
"""What is posted otherwise by the write-off itself."""

CASH_INSTEAD = {
    R.INTEREST_RECEIVABLE: R.INTEREST_INCOME,
    R.FEE_RECEIVABLE: R.FEE_INCOME,
    R.PENALTY_RECEIVABLE: R.PENALTY_INCOME,
}
"""On a cash basis nothing is receivable: income is told when it is paid."""

FOR_A_REASON = frozenset({T.CHARGE_OFF, T.CAPITALIZED_INCOME_AMORTIZATION, T.BUY_DOWN_FEE_AMORTIZATION})
"""Types whose expense may depend on the reason of the charge-off."""

BY_ROLE = frozenset({T.ACCRUAL, T.ACCRUAL_ADJUSTMENT, T.CHARGEBACK})
"""Types that keep a line for every role; the others one line for every account and side."""


def journal(
    transaction: Transaction,
    chart: Mapping[Role, str],
    accounting: Accounting = Accounting.ACCRUAL_PERIODIC,
    *,
    written_off: bool = False,
    buy_down_by_merchant: bool = True,
    expense: Role | None = None,
) -> tuple[Line, ...]:
    """The lines of a transaction, debits and credits equal; with those of its reversal where it was reverted.

    `chart` names the account of every role that occurs; KeyError where one is missing. `written_off`: it was booked by
    the write-off of the loan. `expense`: the role that bears a charge-off for the reason it was given, if there is one.
    """
    if accounting is Accounting.NONE:
        return ()
    found = rule_of(transaction, written_off)
    if accounting is Accounting.CASH and transaction.type in (T.ACCRUAL, T.ACCRUAL_ADJUSTMENT):
        found = {}
    debits: dict[tuple[str, str], int] = {}
    credits: dict[tuple[str, str], int] = {}
    for part, sides in found.items():
        amount = part_of(transaction, part)
        if amount:
            for side, role in zip((debits, credits), sides, strict=True):
                played = played_by(role, transaction, accounting, buy_down_by_merchant=buy_down_by_merchant)
                if expense is not None and role is R.CHARGE_OFF_EXPENSE and transaction.type in FOR_A_REASON:
                    played = expense
                key = (chart[played], played if transaction.type in BY_ROLE else "")
                side[key] = side.get(key, 0) + amount
    lines = [Line(account, amount, 0) for (account, _), amount in debits.items()]
    lines += [Line(account, 0, amount) for (account, _), amount in credits.items()]
    if transaction.reverted:
        lines += [Line(line.account, line.credit, line.debit) for line in lines]
    return tuple(lines)


def rule_of(transaction: Transaction, written_off: bool) -> Rule:
    """The rule a transaction is posted by; empty where it posts nothing."""
    if written_off and transaction.type in WRITTEN_OFF:
        return WRITTEN_OFF[transaction.type]
    if transaction.charged_off and transaction.type in CHARGED_OFF:
        return CHARGED_OFF[transaction.type]
    return PERFORMING.get(transaction.type, {})


def part_of(transaction: Transaction, part: Part) -> int:
    """The amount of a part, in minor units.

    A charge-back may tell principal that was paid at once by what had been overpaid: that is no claim.
    """
    portions = transaction.portions
    twice = max(portions.total + transaction.overpaid - transaction.amount, 0)
    return {
        Part.PRINCIPAL: max(portions.principal - twice, 0),
        Part.INTEREST: portions.interest,
        Part.FEE: portions.fee,
        Part.PENALTY: portions.penalty,
        Part.OVERPAID: transaction.overpaid,
        Part.NOT_OVERPAID: transaction.amount - transaction.overpaid,
        Part.AMOUNT: transaction.amount,
    }[part]


def played_by(role: Role, transaction: Transaction, accounting: Accounting, *, buy_down_by_merchant: bool) -> Role:
    """The role that plays the part under this accounting, for a fraud, or for a buy-down the customer pays."""
    if accounting is Accounting.CASH:
        role = CASH_INSTEAD.get(role, role)
    if role is R.CHARGE_OFF_EXPENSE and transaction.fraud:
        return R.CHARGE_OFF_FRAUD_EXPENSE
    if role is R.BUY_DOWN_EXPENSE and not buy_down_by_merchant:
        return R.FUND_SOURCE
    return role


def booked_by_write_off(transactions: Iterable[Transaction]) -> frozenset[str]:
    """The transactions that an operation booked together with a write-off."""
    kept = list(transactions)
    operations = {each.operation for each in kept if each.type is T.WRITE_OFF}
    return frozenset(each.id for each in kept if each.operation in operations)
