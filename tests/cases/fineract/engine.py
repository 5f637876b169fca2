"""The kernel's account as the account under test."""

from collections.abc import Sequence

from tests.cases.fineract.views import (
    AccountView,
    ChargeRow,
    Delinquency,
    JournalLine,
    ScheduleRow,
    TransactionRow,
)
from zhongtai.kernel.servicing.account import Account
from zhongtai.kernel.servicing.operations import AddCharge, Operation
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


class EngineDriver:
    """Applies operations to `zhongtai.kernel.servicing.account.Account` itself."""

    def open(self, terms: Terms) -> None:
        self.terms = terms
        self.account = Account(terms)
        self.charges: dict[str, Charge] = {f"terms/{n}": charge for n, charge in enumerate(terms.charges, 1)}

    def apply(self, operation: Operation) -> None:
        self.account.apply(operation)
        if isinstance(operation, AddCharge):
            self.charges[operation.reference] = operation.charge

    def preview(self, operation: Operation) -> Sequence[ScheduleRow]:
        return [schedule_row(row) for row in self.account.preview(operation)]

    def view(self) -> AccountView:
        account = self.account
        return AccountView(
            status=account.status.name,
            outstanding=account.outstanding().total,
            overpaid=account.overpaid(),
            schedule=tuple(map(schedule_row, account.schedule())),
            transactions=tuple(map(transaction_row, account.transactions())),
            charges=tuple(self.charge_row(row) for row in account.charges()),
            total_overdue=0,
            delinquency=Delinquency(None, None, 0, 0, 0, None),
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
        raise NotImplementedError("journal")


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
