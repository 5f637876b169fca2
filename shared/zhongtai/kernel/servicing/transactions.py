"""What an account booked: transactions and the instalments they meet, as frozen values at the border.

Amounts are minor units. A transaction never changes silently: when the replay of a backdated entry shares it out
anew, the booked one stands as reverted and a new one is booked in its place, marked `replayed`.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class TransactionType(StrEnum):
    """What a transaction is; the values are told to people."""

    DISBURSEMENT = "Disbursement"
    REPAYMENT = "Repayment"
    DOWN_PAYMENT = "Down Payment"
    REPAYMENT_AT_DISBURSEMENT = "Repayment (at time of disbursement)"
    MERCHANT_ISSUED_REFUND = "Merchant Issued Refund"
    PAYOUT_REFUND = "Payout Refund"
    GOODWILL_CREDIT = "Goodwill Credit"
    INTEREST_PAYMENT_WAIVER = "Interest Payment Waiver"
    INTEREST_REFUND = "Interest Refund"
    CHARGE_ADJUSTMENT = "Charge Adjustment"
    CHARGE_PAYMENT = "Charge Payment"
    WAIVE_CHARGES = "Waive loan charges"
    REFUND = "Refund"
    CREDIT_BALANCE_REFUND = "Credit Balance Refund"
    CHARGEBACK = "Chargeback"
    CAPITALIZED_INCOME = "Capitalized Income"
    CAPITALIZED_INCOME_ADJUSTMENT = "Capitalized Income Adjustment"
    CAPITALIZED_INCOME_AMORTIZATION = "Capitalized Income Amortization"
    CAPITALIZED_INCOME_AMORTIZATION_ADJUSTMENT = "Capitalized Income Amortization Adjustment"
    BUY_DOWN_FEE = "Buy Down Fee"
    BUY_DOWN_FEE_ADJUSTMENT = "Buy Down Fee Adjustment"
    BUY_DOWN_FEE_AMORTIZATION = "Buy Down Fee Amortization"
    BUY_DOWN_FEE_AMORTIZATION_ADJUSTMENT = "Buy Down Fee Amortization Adjustment"
    RE_AGE = "Re-age"
    RE_AMORTIZE = "Re-amortize"
    CHARGE_OFF = "Charge-off"
    WRITE_OFF = "Close (as written-off)"
    RECOVERY = "Recovery Repayment"
    CONTRACT_TERMINATION = "Contract Termination"
    ACCRUAL = "Accrual"
    ACCRUAL_ADJUSTMENT = "Accrual Adjustment"
    ACCRUAL_ACTIVITY = "Accrual Activity"


@dataclass(frozen=True, slots=True)
class Portions:
    """An amount by what it pays, or what is owed, in minor units."""

    principal: int = 0
    interest: int = 0
    fee: int = 0
    penalty: int = 0

    @property
    def total(self) -> int:
        """The sum of the four."""
        return self.principal + self.interest + self.fee + self.penalty


@dataclass(frozen=True, slots=True)
class Transaction:
    """One line of the account's transaction table.

    `balance` is the principal outstanding after it. `operation` is the reference of the operation that caused it;
    `of` names the transaction it belongs to (the refund of an interest refund, the payment of a charge-back, the
    charge of a charge adjustment). `charge_off_state`: whether it was booked while the account was charged off
    (another posting rule), `fraud` likewise.
    """

    id: str
    type: TransactionType
    dated: date
    booked_on: date
    amount: int
    portions: Portions
    overpaid: int
    balance: int
    reverted: bool
    replayed: bool
    operation: str
    of: str | None = None
    charged_off: bool = False
    fraud: bool = False
    charges_paid: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One line of the repayment plan: an instalment, or (number None) a disbursement on its day.

    `due` and `paid` by component; `waived` likewise. `balance` is the principal left after it, `paid_on` the day it
    was cleared, `in_advance` and `late` how much was paid before and after its due date.
    """

    number: int | None
    start_on: date | None
    due_on: date
    paid_on: date | None
    balance: int
    due: Portions
    paid: Portions
    waived: Portions
    written_off: Portions
    in_advance: int = 0
    late: int = 0
    disbursed: int = 0
    down_payment: bool = False

    @property
    def outstanding(self) -> int:
        """What is still owed of the line."""
        return self.due.total - self.paid.total - self.waived.total - self.written_off.total


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """One charge of the account. `id` is the reference of its AddCharge, or "terms/<n>" for one of the contract."""

    id: str
    name: str
    penalty: bool
    due_on: date | None
    due: int
    paid: int
    waived: int
    outstanding: int
