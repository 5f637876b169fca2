"""What can happen to a loan account: one frozen value for each.

`booked_on` is the business date it is given on, `dated` the day it counts for, on or before that (earlier: backdated).
`reference` names it; the transactions it books are `reference`, `reference/1` …"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from zhongtai.kernel.servicing.terms import Charge, ChargeAccrual, FutureRule, Unit


class PaymentType(StrEnum):
    """The kinds of money (or claim) that reduce what is owed."""

    REPAYMENT = "REPAYMENT"
    DOWN_PAYMENT = "DOWN_PAYMENT"
    MERCHANT_ISSUED_REFUND = "MERCHANT_ISSUED_REFUND"
    PAYOUT_REFUND = "PAYOUT_REFUND"
    GOODWILL_CREDIT = "GOODWILL_CREDIT"
    INTEREST_PAYMENT_WAIVER = "INTEREST_PAYMENT_WAIVER"
    RECOVERY = "RECOVERY"
    REFUND = "REFUND"


class ReAgeInterest(StrEnum):
    """What becomes of interest when a loan is re-aged."""

    DEFAULT = "DEFAULT"
    WAIVE_INTEREST = "WAIVE_INTEREST"
    EQUAL_AMORTIZATION_PAYABLE_INTEREST = "EQUAL_AMORTIZATION_PAYABLE_INTEREST"
    EQUAL_AMORTIZATION_FULL_INTEREST = "EQUAL_AMORTIZATION_FULL_INTEREST"


class ReAmortizeInterest(StrEnum):
    """What becomes of overdue interest when a loan is re-amortised."""

    DEFAULT = "DEFAULT"
    WAIVE_INTEREST = "WAIVE_INTEREST"
    EQUAL_AMORTIZATION_INTEREST_SPLIT = "EQUAL_AMORTIZATION_INTEREST_SPLIT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The base of every operation; never given itself."""

    reference: str
    booked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated(Operation):
    """An operation that counts for a day."""

    dated: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve(Dated):
    """The lender grants `amount`, expected to be paid out on `expected_disbursement_on`."""

    amount: int
    expected_disbursement_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject(Dated):
    """The lender refuses the application."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(Dated):
    """The customer takes the application back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoApproval(Operation):
    """The approval is taken back; the application is pending again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disburse(Dated):
    """Money is paid out. `instalment_amount` replaces the reckoned equal instalment."""

    amount: int
    instalment_amount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoDisbursal(Operation):
    """Every disbursement is taken back; the loan is approved again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoLastDisbursal(Operation):
    """The last of several disbursements is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddExpectedTranche(Dated):
    """A further tranche is foreseen for `dated`."""

    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAvailableAmount(Operation):
    """What may still be disbursed is set to `amount`."""

    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeApprovedAmount(Operation):
    """The approved amount is set to `amount`."""

    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay(Dated):
    """A payment of `type`. `interest_refund`: None by product; else whether interest is refunded with it."""

    amount: int
    type: PaymentType = PaymentType.REPAYMENT
    interest_refund: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayOff(Dated):
    """A repayment of exactly what `payoff_amount` quotes for `dated`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundInterest(Dated):
    """An interest refund of `amount`, given by hand for the refund named `transaction`."""

    transaction: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoTransaction(Operation):
    """The transaction is reverted, and what depends on it."""

    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustTransaction(Dated):
    """The transaction is reverted and booked again with `amount`."""

    transaction: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditBalanceRefund(Dated):
    """Overpaid money is given back."""

    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeBack(Operation):
    """`amount` of the payment named `transaction` is taken back by the payer's bank, as of `booked_on`."""

    transaction: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCharge(Operation):
    """A charge is raised; `charge.due_on` where it has a day."""

    charge: Charge


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiveCharge(Operation):
    """What is unpaid of the charge (its AddCharge reference) is waived; for an instalment fee, of one instalment."""

    charge: str
    instalment: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoWaiveCharge(Operation):
    """The waiver (a transaction) is taken back."""

    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustCharge(Operation):
    """A credit of `amount` for the charge, shared out like a payment, as of `booked_on`."""

    charge: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteCharge(Operation):
    """A charge raised before disbursement is taken away."""

    charge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CapitalizeIncome(Dated):
    """Income is added to the balance and earned over the rest of the term."""

    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustCapitalizedIncome(Dated):
    """Part of a capitalised income is given back."""

    transaction: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyDownFee(Dated):
    """A fee paid for a lower rate, earned over the rest of the term."""

    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustBuyDownFee(Dated):
    """Part of a buy-down fee is given back."""

    transaction: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReAge(Operation):
    """What is outstanding on `booked_on` is spread over new instalments from `start_on`."""

    every: int
    unit: Unit
    start_on: date
    instalments: int
    interest: ReAgeInterest = ReAgeInterest.DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoReAge(Operation):
    """The last re-age is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReAmortize(Operation):
    """What is past due on `booked_on` is spread over the instalments to come."""

    interest: ReAmortizeInterest = ReAmortizeInterest.DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoReAmortize(Operation):
    """The last re-amortisation is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseInterest(Operation):
    """From `start_on` to `end_on`, both counted, no interest is earned."""

    start_on: date
    end_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletePause(Operation):
    """The pause named by its operation is taken back."""

    pause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reschedule(Operation):
    """From the instalment due on (or running at) `from_on`: another due date, rate, grace, more instalments."""

    from_on: date
    adjusted_due_on: date | None = None
    grace_principal: int = 0
    grace_interest: int = 0
    extra_instalments: int = 0
    rate: Decimal | None = None
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRate(Operation):
    """Before disbursement, the rate of the application is changed."""

    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeOff(Dated):
    """The loan is no longer expected to be repaid: what is owed leaves the performing books."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoChargeOff(Operation):
    """The charge-off is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFraud(Operation):
    """The account is marked as fraud, or no longer."""

    fraud: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff(Dated):
    """What is owed is given up and the account closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoWriteOff(Operation):
    """The write-off is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminateContract(Operation):
    """The contract ends on `booked_on`: everything owed until then falls due at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoTermination(Operation):
    """The termination is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseDelinquency(Operation):
    """From `start_on` to `end_on` no day counts as overdue."""

    start_on: date
    end_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EndDelinquencyPause(Operation):
    """The running pause ends on `booked_on`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFutureRule(Operation):
    """The waterfall of one transaction type takes another rule for instalments in advance."""

    type: str
    rule: FutureRule


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeChargeAccrual(Operation):
    """From now on charges are earned on another day."""

    rule: ChargeAccrual


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOverdueInterest(Operation):
    """From now on overdue principal bears interest, or not."""

    bears_interest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMaturityAccrual(Operation):
    """From now on charges raised after maturity are earned at once, or not."""

    at_once: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEndedPayments(Operation):
    """From now on a repaid or overpaid loan takes further payments, or not."""

    allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOfDay(Operation):
    """The close of business: everything until the day before `booked_on` is earned, aged and told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccruePeriodically(Operation):
    """Interest and charges are accrued until `until`, without the rest of the end of day."""

    until: date
