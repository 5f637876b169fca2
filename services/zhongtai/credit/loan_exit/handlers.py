"""The RPCs of loan exits: each is one operation of the loan's account."""

from zhongtai.credit.loan_account.performing import perform
from zhongtai.credit.v1 import loan_exit_pb2 as v1
from zhongtai.kernel.servicing import operations
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import Unit, rpc


@rpc
def terminate_contract(request: v1.TerminateContractRequest, unit: Unit) -> v1.TerminateContractResponse:
    """Ends the contract today."""
    return message_of(perform(unit, request, operations.TerminateContract), v1.TerminateContractResponse)


@rpc
def undo_termination(request: v1.UndoTerminationRequest, unit: Unit) -> v1.UndoTerminationResponse:
    """Takes a termination back."""
    return message_of(perform(unit, request, operations.UndoTermination), v1.UndoTerminationResponse)


@rpc
def charge_off_loan(request: v1.ChargeOffLoanRequest, unit: Unit) -> v1.ChargeOffLoanResponse:
    """Takes a loan out of the performing books."""
    return message_of(perform(unit, request, operations.ChargeOff), v1.ChargeOffLoanResponse)


@rpc
def undo_charge_off(request: v1.UndoChargeOffRequest, unit: Unit) -> v1.UndoChargeOffResponse:
    """Takes a charge-off back."""
    return message_of(perform(unit, request, operations.UndoChargeOff), v1.UndoChargeOffResponse)


@rpc
def mark_fraud(request: v1.MarkFraudRequest, unit: Unit) -> v1.MarkFraudResponse:
    """Marks an account as fraud, or no longer."""
    return message_of(perform(unit, request, operations.SetFraud), v1.MarkFraudResponse)


@rpc
def write_off_loan(request: v1.WriteOffLoanRequest, unit: Unit) -> v1.WriteOffLoanResponse:
    """Gives up what is owed and closes the account."""
    return message_of(perform(unit, request, operations.WriteOff), v1.WriteOffLoanResponse)


@rpc
def undo_write_off(request: v1.UndoWriteOffRequest, unit: Unit) -> v1.UndoWriteOffResponse:
    """Takes a write-off back."""
    return message_of(perform(unit, request, operations.UndoWriteOff), v1.UndoWriteOffResponse)
