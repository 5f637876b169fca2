"""A loan account (贷款账户): a loan serviced by the conventions of its product, as the history of what happened.

An account is its terms and its operations; everything else is their replay (`zhongtai.kernel.servicing`). What a replay
books otherwise than it stood is told: transactions that were reverted, those booked in their place, lines of the plan
that changed. Always true: a booked transaction never changes but for the mark that it was reverted.
"""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from zhongtai.credit.loan.domain import LoanStatus, LoanSummary
from zhongtai.credit.servicing.domain import ChargeOffReason
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Unmet
from zhongtai.kernel.servicing.transactions import Portions

# What nobody will ever reach by servicing one loan, and what a replay still takes a second for.
OPERATIONS_MAX = 20_000


class LoanMustBeServiced(Unmet):
    """The loan {loan_id} follows its agreed schedule alone: only a loan of a product with conventions is serviced so.

    贷款{loan_id}仅按约定还款计划管理：只有设有服务约定的产品项下贷款支持此操作。
    """

    loan_id: str


class ProductMustBeServiced(Unmet):
    """The product {product_id} states no servicing conventions: open its loans with OpenLoan.

    产品{product_id}未设服务约定：请使用OpenLoan开立贷款。
    """

    product_id: str


class TermMustBeWholePeriods(Invalid):
    """{term_months} months are no whole number of periods of {every_months} months: choose another term.

    {term_months}个月不是{every_months}个月还款周期的整数倍：请选择其他期限。
    """

    term_months: int
    every_months: int


class OperationsExhausted(Unmet):
    """The account of the loan {loan_id} has {maximum} operations, the most there may be: close it and open another.

    贷款{loan_id}的账户操作已达上限{maximum}笔：请结清后另开贷款。
    """

    loan_id: str
    maximum: int


@dataclass(frozen=True, slots=True)
class LoanTransaction:
    """One line of the transaction table of an account; `number` counts the lines in the order they were booked.

    `balance` is the principal outstanding after it; `of` the transaction or charge it belongs to, "" where none.
    `replaced`: the account itself reverted it, because history came out otherwise; another stands in its place.
    """

    loan_id: str
    number: int
    transaction_id: str
    operation_id: str
    kind: str
    dated: date
    booked_on: date
    amount: Money
    principal: Money
    interest: Money
    fee: Money
    penalty: Money
    overpaid: Money
    balance: Money
    reverted: bool
    replayed: bool
    replaced: bool
    charged_off: bool
    fraud: bool
    of: str


@dataclass(frozen=True, slots=True)
class PlanDetail:
    """What a line of the plan tells beside its principal and interest, in minor units of the loan's currency."""

    start_on: date | None
    paid_on: date | None
    due: Portions
    paid: Portions
    waived: Portions
    written_off: Portions
    in_advance: int
    late: int
    disbursed: int
    down_payment: bool


@dataclass(frozen=True, slots=True)
class OwedParts:
    """Amounts by what they pay, or by what is owed."""

    principal: Money
    interest: Money
    fee: Money
    penalty: Money


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A line of the plan as it is told; `PlanRow` is how it rests."""

    number: int
    start_on: date | None
    due_date: date
    paid_on: date | None
    balance: Money
    due: OwedParts
    paid: OwedParts
    waived: OwedParts
    written_off: OwedParts
    in_advance: Money
    late: Money
    outstanding: Money
    disbursed: Money
    down_payment: bool


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A line of the plan: an instalment by its number, from 1; or a disbursement, numbered -1, -2 and so on."""

    loan_id: str
    number: int
    due_date: date
    principal: Money
    interest: Money
    total: Money
    balance: Money
    principal_paid: Money
    interest_paid: Money
    detail: PlanDetail

    @property
    def unpaid(self) -> int:
        """What is still owed of it, in minor units."""
        detail = self.detail
        return detail.due.total - detail.paid.total - detail.waived.total - detail.written_off.total

    def line(self) -> PlanLine:
        """The line as it is told."""
        detail, currency = self.detail, self.balance.currency
        return PlanLine(
            number=self.number,
            start_on=detail.start_on,
            due_date=self.due_date,
            paid_on=detail.paid_on,
            balance=self.balance,
            due=owed_parts(detail.due, currency),
            paid=owed_parts(detail.paid, currency),
            waived=owed_parts(detail.waived, currency),
            written_off=owed_parts(detail.written_off, currency),
            in_advance=Money(currency, detail.in_advance),
            late=Money(currency, detail.late),
            outstanding=Money(currency, self.unpaid),
            disbursed=Money(currency, detail.disbursed),
            down_payment=detail.down_payment,
        )


@dataclass(frozen=True, slots=True)
class LoanCharge:
    """A charge of an account, and what of it is paid, waived and outstanding."""

    loan_id: str
    charge_id: str
    name: str
    penalty: bool
    due_on: date | None
    due: Money
    paid: Money
    waived: Money
    outstanding: Money


@dataclass(frozen=True, slots=True)
class LoanOperation:
    """An operation as it is kept: `content` is its JSON text, `chain` the hash of all operations up to it."""

    loan_id: str
    number: int
    operation_id: str
    kind: str
    booked_on: date
    dated: date | None
    content: str
    chain: str


@dataclass(frozen=True, slots=True)
class LoanCheckpoint:
    """An account as bytes after its operation `number`, whose hash is `chain`; `code` wrote them and can read them."""

    loan_id: str
    number: int
    chain: str
    code: str
    state: bytes


@dataclass(frozen=True, slots=True)
class LoanAccount:
    """How an account stands: its terms as JSON text, how many operations it had, and their hash.

    `returned` is the principal told to have come back (LoanRepaid less LoanOwedAgain), in minor units; it is below zero
    where more is owed than was lent. `reasons` are the product's for charge-offs.
    """

    loan_id: str
    terms: str
    operations: int
    chain: str
    returned: int
    reasons: tuple[ChargeOffReason, ...]

    def follow(self, operation_id: str, kind: str, content: str, booked_on: date, dated: date | None) -> LoanOperation:
        """The operation that comes next in the history; refuses one too many."""
        if self.operations >= OPERATIONS_MAX:
            raise OperationsExhausted(loan_id=self.loan_id, maximum=OPERATIONS_MAX)
        chain = chained(self.chain, content)
        return LoanOperation(self.loan_id, self.operations + 1, operation_id, kind, booked_on, dated, content, chain)


@dataclass(frozen=True, slots=True)
class ArrearsClass:
    """What is late of the instalments of one class of arrears."""

    range: str
    amount: Money


@dataclass(frozen=True, slots=True)
class DelinquencyPause:
    """Days that do not count as overdue; the last counts again."""

    start_on: date
    end_on: date


@dataclass(frozen=True, slots=True)
class LoanArrears:
    """How late an account is: `past_due` from the due date, `delinquent` after grace and without paused days."""

    range: str
    past_due_since: date | None
    past_due_days: int
    delinquent_since: date | None
    delinquent_days: int
    amount: Money
    overdue: Money
    by_instalment: tuple[ArrearsClass, ...]
    pauses: tuple[DelinquencyPause, ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything an account shows: its plan, its transactions in the order they were booked, its charges."""

    plan: tuple[PlanRow, ...]
    transactions: tuple[LoanTransaction, ...]
    charges: tuple[LoanCharge, ...]


NOTHING = Tables((), (), ())
"""What an account shows before it is opened."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What an operation changed: `booked` are new, `reverted` stood before, `amended` are otherwise not as they were.

    `plan` and `charges` are the lines that are new or changed; `dropped` the numbers of lines that are gone,
    `dropped_charges` the ids of charges that were taken away.
    """

    loan_id: str
    booked: tuple[LoanTransaction, ...]
    reverted: tuple[LoanTransaction, ...]
    amended: tuple[LoanTransaction, ...]
    plan: tuple[PlanRow, ...]
    dropped: tuple[int, ...]
    charges: tuple[LoanCharge, ...]
    dropped_charges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leg:
    """A side of a posting: which of the product's accounts (a role), debit or credit, how much."""

    role: str
    side: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Posting:
    """What is posted for a transaction that was booked or reverted."""

    transaction_id: str
    kind: str
    reversal: bool
    value_date: date
    legs: tuple[Leg, ...]


@dataclass(frozen=True, slots=True)
class LoanAccountOpened:
    """An account was opened on an application for a loan."""

    loan_id: str
    customer_id: str
    product_id: str
    product_version: int
    limit_id: str
    principal: Money


@dataclass(frozen=True, slots=True)
class LoanAccountChanged:
    """An operation was performed on an account: every change it made."""

    loan_id: str
    customer_id: str
    product_id: str
    limit_id: str
    operation_id: str
    operation: str
    booked_on: date
    status: LoanStatus
    outstanding: Money
    principal_returned: Money
    booked: tuple[LoanTransaction, ...]
    reverted: tuple[LoanTransaction, ...]
    plan: tuple[PlanLine, ...]
    dropped: tuple[int, ...]
    charges: tuple[LoanCharge, ...]
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True)
class Performed:
    """The answer to an operation; `transaction_id` is the first transaction it booked, "" where it booked none.

    A charge that was raised and a pause that was begun go by the id of the operation.
    """

    loan_id: str
    operation_id: str
    charge_id: str
    pause_id: str
    transaction_id: str
    status: LoanStatus
    outstanding: Money
    booked: tuple[LoanTransaction, ...]
    reverted: tuple[LoanTransaction, ...]


def owed_parts(portions: Portions, currency: str) -> OwedParts:
    """The amounts of portions in minor units."""
    parts = (portions.principal, portions.interest, portions.fee, portions.penalty)
    return OwedParts(*(Money(currency, part) for part in parts))


def chained(before: str, content: str) -> str:
    """The hash of a history: of the hash before and the text of the next operation."""
    return sha256(f"{before}\n{content}".encode()).hexdigest()


def must_be_serviced(loan: LoanSummary) -> None:
    """Refuses to service a loan that follows its schedule alone."""
    if not loan.serviced:
        raise LoanMustBeServiced(loan_id=loan.loan_id)
