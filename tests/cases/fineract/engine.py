"""The kernel's account as the account under test."""

from collections.abc import Sequence
from datetime import date

from tests.cases.fineract.views import (
    AccountView,
    ChargeRow,
    Delinquency,
    JournalLine,
    ScheduleRow,
    TransactionRow,
)
from zhongtai.kernel.servicing.account import Account
from zhongtai.kernel.servicing.arrears import lateness, lateness_by_instalment, overdue, pauses
from zhongtai.kernel.servicing.books import Status
from zhongtai.kernel.servicing.operations import AddCharge, ChargeOff, Operation
from zhongtai.kernel.servicing.postings import Role, booked_by_write_off, journal
from zhongtai.kernel.servicing.terms import Charge, ChargeBasis, ChargeTime, Terms
from zhongtai.kernel.servicing.transactions import ChargeRow as AccountCharge
from zhongtai.kernel.servicing.transactions import ScheduleRow as Instalment
from zhongtai.kernel.servicing.transactions import Transaction

CHARGE_TIME_WORDS = {
    ChargeTime.DISBURSEMENT: "Disbursement",
    ChargeTime.TRANCHE_DISBURSEMENT: "Tranche Disbursement",
    ChargeTime.SPECIFIED_DUE_DATE: "Specified due date",
    ChargeTime.INSTALMENT: "Installment Fee",
    ChargeTime.OVERDUE: "Overdue Fees",
}
CHARGE_BASIS_WORDS = {
    ChargeBasis.FLAT: "Flat",
    ChargeBasis.PERCENT_OF_AMOUNT: "% Amount",
    ChargeBasis.PERCENT_OF_AMOUNT_AND_INTEREST: "% Loan Amount + Interest",
    ChargeBasis.PERCENT_OF_INTEREST: "% Interest",
    ChargeBasis.PERCENT_OF_DISBURSEMENT: "% Disbursement Amount",
}


CHART = {
    Role.PORTFOLIO: "112601",
    Role.INTEREST_RECEIVABLE: "112603",
    Role.FEE_RECEIVABLE: "112603",
    Role.PENALTY_RECEIVABLE: "112603",
    Role.FUND_SOURCE: "145023",
    Role.OVERPAYMENT: "l1",
    Role.DEFERRED_INCOME: "145024",
    Role.INTEREST_INCOME: "404000",
    Role.FEE_INCOME: "404007",
    Role.PENALTY_INCOME: "404007",
    Role.CHARGE_OFF_INTEREST: "404001",
    Role.CHARGE_OFF_FEE: "404008",
    Role.CHARGE_OFF_PENALTY: "404008",
    Role.GOODWILL: "744003",
    Role.GOODWILL_INTEREST: "404001",
    Role.GOODWILL_FEE: "404008",
    Role.GOODWILL_PENALTY: "404008",
    Role.RECOVERY_INCOME: "744008",
    Role.CHARGE_OFF_EXPENSE: "744007",
    Role.CHARGE_OFF_FRAUD_EXPENSE: "744037",
    Role.WRITTEN_OFF: "e4",
    Role.CAPITALIZATION_INCOME: "404000",
    Role.BUY_DOWN_EXPENSE: "450280",
    Role.BUY_DOWN_INCOME: "450281",
}
"""The ledger accounts of the suite's products (LoanProductsRequestFactory), by their role."""

AGEING = {Status.ACTIVE}
REASONS = {
    "FRAUD": Role.CHARGE_OFF_FRAUD_EXPENSE,
    "DELINQUENT": Role.CHARGE_OFF_EXPENSE,
    "OTHER": Role.CHARGE_OFF_EXPENSE,
}
NOT_DELINQUENT = Delinquency(None, None, 0, 0, 0, None)


class EngineDriver:
    """Applies operations to `zhongtai.kernel.servicing.account.Account` itself."""

    def open(self, terms: Terms) -> None:
        self.terms = terms
        self.account = Account(terms)
        self.charges: dict[str, Charge] = {f"terms/{n}": charge for n, charge in enumerate(terms.charges, 1)}
        self.operations: list[Operation] = []

    def apply(self, operation: Operation) -> None:
        self.account.apply(operation)
        self.operations.append(operation)
        if isinstance(operation, AddCharge):
            self.charges[operation.reference] = operation.charge

    def preview(self, operation: Operation) -> Sequence[ScheduleRow]:
        return [schedule_row(row) for row in self.account.preview(operation)]

    def view(self, on: date) -> AccountView:
        account = self.account
        schedule, transactions = account.schedule(), account.transactions()
        return AccountView(
            status=account.status.name,
            outstanding=account.outstanding().total,
            overpaid=account.overpaid(),
            schedule=tuple(map(schedule_row, schedule)),
            transactions=tuple(map(transaction_row, transactions)),
            charges=tuple(self.charge_row(row) for row in account.charges()),
            total_overdue=overdue(schedule, on),
            delinquency=self.delinquency(on) if account.status in AGEING else NOT_DELINQUENT,
        )

    def delinquency(self, on: date) -> Delinquency:
        """How late the loan is, by the account's own rules."""
        schedule, transactions = self.account.schedule(), self.account.transactions()
        paused, arrears = pauses(self.operations), self.terms.arrears
        late = lateness(schedule, transactions, arrears, on, paused)
        return Delinquency(
            range=late.range,
            since=late.delinquent_on,
            amount=late.amount,
            days=late.delinquent_days,
            past_due_days=late.past_due_days,
            past_due_date=late.past_due_on,
            pauses=tuple((each.start, each.end) for each in paused),
            instalments=tuple(lateness_by_instalment(schedule, transactions, arrears, on, paused).items()),
        )

    def charge_row(self, row: AccountCharge) -> ChargeRow:
        """A charge in the scenarios' words."""
        charge = self.charges[row.id]
        return ChargeRow(
            id=row.id,
            name=row.name,
            penalty=row.penalty,
            time=CHARGE_TIME_WORDS[charge.time],
            due_date=row.due_on,
            calculation=CHARGE_BASIS_WORDS[charge.basis],
            due=row.due,
            paid=row.paid,
            waived=row.waived,
            outstanding=row.outstanding,
        )

    def journal(self, transaction: str) -> Sequence[JournalLine]:
        transactions = self.account.transactions()
        found = next(each for each in transactions if each.id == transaction)
        lines = journal(
            found,
            CHART,
            self.terms.accounting,
            written_off=found.id in booked_by_write_off(transactions),
            buy_down_by_merchant=self.terms.buy_down_fee is None or self.terms.buy_down_fee.by_merchant,
            expense=self.expense(),
        )
        return [JournalLine(line.account, line.debit, line.credit) for line in lines]

    def expense(self) -> Role | None:
        """The role that bears the charge-off for its reason, in products that map reasons (by their name alone)."""
        if "REASON" not in self.terms.product:
            return None
        reasons = [each.reason for each in self.operations if isinstance(each, ChargeOff)]
        return REASONS.get(reasons[-1]) if reasons else None


def schedule_row(row: Instalment) -> ScheduleRow:
    """A line of the repayment plan in the scenarios' columns."""
    return ScheduleRow(
        number=row.number,
        days=(row.due_on - row.start_on).days if row.start_on and row.number is not None else None,
        due_date=row.due_on,
        paid_date=row.paid_on,
        balance=row.balance,
        principal=row.due.principal,
        interest=row.due.interest,
        fees=row.due.fee,
        penalties=row.due.penalty,
        due=row.due.total,
        paid=row.paid.total,
        in_advance=row.in_advance,
        late=row.late,
        waived=row.waived.total,
        outstanding=row.outstanding,
    )


def transaction_row(row: Transaction) -> TransactionRow:
    """A transaction in the scenarios' columns."""
    return TransactionRow(
        id=row.id,
        operation=row.operation,
        date=row.dated,
        type=row.type.value,
        amount=row.amount,
        principal=row.portions.principal,
        interest=row.portions.interest,
        fees=row.portions.fee,
        penalties=row.portions.penalty,
        balance=row.balance,
        overpayment=row.overpaid,
        reverted=row.reverted,
        replayed=row.replayed,
    )
