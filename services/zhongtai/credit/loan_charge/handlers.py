"""The RPCs of loan charges: each is one operation of the loan's account."""

from zhongtai.credit.loan_account.performing import perform
from zhongtai.credit.v1 import loan_charge_pb2 as v1
from zhongtai.kernel.servicing import operations
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import Unit, rpc


@rpc
def add_loan_charge(request: v1.AddLoanChargeRequest, unit: Unit) -> v1.AddLoanChargeResponse:
    """Raises a charge."""
    return message_of(perform(unit, request, operations.AddCharge), v1.AddLoanChargeResponse)


@rpc
def delete_loan_charge(request: v1.DeleteLoanChargeRequest, unit: Unit) -> v1.DeleteLoanChargeResponse:
    """Takes a charge away that was raised before the money left."""
    return message_of(perform(unit, request, operations.DeleteCharge), v1.DeleteLoanChargeResponse)


@rpc
def waive_loan_charge(request: v1.WaiveLoanChargeRequest, unit: Unit) -> v1.WaiveLoanChargeResponse:
    """Gives up what is unpaid of a charge."""
    return message_of(perform(unit, request, operations.WaiveCharge), v1.WaiveLoanChargeResponse)


@rpc
def undo_waive_loan_charge(request: v1.UndoWaiveLoanChargeRequest, unit: Unit) -> v1.UndoWaiveLoanChargeResponse:
    """Takes a waiver back."""
    return message_of(perform(unit, request, operations.UndoWaiveCharge), v1.UndoWaiveLoanChargeResponse)


@rpc
def adjust_loan_charge(request: v1.AdjustLoanChargeRequest, unit: Unit) -> v1.AdjustLoanChargeResponse:
    """Gives credit for a charge, shared out like a payment."""
    return message_of(perform(unit, request, operations.AdjustCharge), v1.AdjustLoanChargeResponse)
