"""The RPCs of loan disbursements: each is one operation of the loan's account."""

from zhongtai.credit.loan_account.performing import perform
from zhongtai.credit.v1 import loan_disbursement_pb2 as v1
from zhongtai.kernel.servicing import operations
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import Unit, rpc


@rpc
def approve_loan(request: v1.ApproveLoanRequest, unit: Unit) -> v1.ApproveLoanResponse:
    """Grants an application an amount, up to what was applied for or what the product lets."""
    return message_of(perform(unit, request, operations.Approve), v1.ApproveLoanResponse)


@rpc
def undo_approval(request: v1.UndoApprovalRequest, unit: Unit) -> v1.UndoApprovalResponse:
    """Takes an approval back before any money left."""
    return message_of(perform(unit, request, operations.UndoApproval), v1.UndoApprovalResponse)


@rpc
def reject_loan(request: v1.RejectLoanRequest, unit: Unit) -> v1.RejectLoanResponse:
    """Refuses an application."""
    return message_of(perform(unit, request, operations.Reject), v1.RejectLoanResponse)


@rpc
def withdraw_loan(request: v1.WithdrawLoanRequest, unit: Unit) -> v1.WithdrawLoanResponse:
    """Takes an application back for the customer."""
    return message_of(perform(unit, request, operations.Withdraw), v1.WithdrawLoanResponse)


@rpc
def disburse_loan(request: v1.DisburseLoanRequest, unit: Unit) -> v1.DisburseLoanResponse:
    """Tells the account that money reached the customer."""
    return message_of(perform(unit, request, operations.Disburse), v1.DisburseLoanResponse)


@rpc
def undo_disbursement(request: v1.UndoDisbursementRequest, unit: Unit) -> v1.UndoDisbursementResponse:
    """Takes every disbursement back."""
    return message_of(perform(unit, request, operations.UndoDisbursal), v1.UndoDisbursementResponse)


@rpc
def undo_last_disbursement(request: v1.UndoLastDisbursementRequest, unit: Unit) -> v1.UndoLastDisbursementResponse:
    """Takes the last disbursement back."""
    return message_of(perform(unit, request, operations.UndoLastDisbursal), v1.UndoLastDisbursementResponse)


@rpc
def add_expected_tranche(request: v1.AddExpectedTrancheRequest, unit: Unit) -> v1.AddExpectedTrancheResponse:
    """Foresees a further tranche."""
    return message_of(perform(unit, request, operations.AddExpectedTranche), v1.AddExpectedTrancheResponse)


@rpc
def change_approved_amount(request: v1.ChangeApprovedAmountRequest, unit: Unit) -> v1.ChangeApprovedAmountResponse:
    """Sets the amount approved."""
    return message_of(perform(unit, request, operations.ChangeApprovedAmount), v1.ChangeApprovedAmountResponse)


@rpc
def change_available_amount(request: v1.ChangeAvailableAmountRequest, unit: Unit) -> v1.ChangeAvailableAmountResponse:
    """Sets what may still be disbursed."""
    return message_of(perform(unit, request, operations.ChangeAvailableAmount), v1.ChangeAvailableAmountResponse)
