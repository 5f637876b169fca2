"""The RPCs of loan amendments: each is one operation of the loan's account."""

from zhongtai.credit.loan_account.performing import perform
from zhongtai.credit.v1 import loan_amendment_pb2 as v1
from zhongtai.kernel.servicing import operations
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import Unit, rpc


@rpc
def amend_future_rule(request: v1.AmendFutureRuleRequest, unit: Unit) -> v1.AmendFutureRuleResponse:
    """Lets one type of transaction meet other instalments in advance."""
    return message_of(perform(unit, request, operations.ChangeFutureRule), v1.AmendFutureRuleResponse)


@rpc
def amend_charge_accrual(request: v1.AmendChargeAccrualRequest, unit: Unit) -> v1.AmendChargeAccrualResponse:
    """Lets charges be earned on another day."""
    return message_of(perform(unit, request, operations.ChangeChargeAccrual), v1.AmendChargeAccrualResponse)


@rpc
def amend_overdue_interest(request: v1.AmendOverdueInterestRequest, unit: Unit) -> v1.AmendOverdueInterestResponse:
    """Lets overdue principal bear interest, or no longer."""
    return message_of(perform(unit, request, operations.ChangeOverdueInterest), v1.AmendOverdueInterestResponse)


@rpc
def amend_maturity_accrual(request: v1.AmendMaturityAccrualRequest, unit: Unit) -> v1.AmendMaturityAccrualResponse:
    """Lets charges raised after maturity be earned at once, or no longer."""
    return message_of(perform(unit, request, operations.ChangeMaturityAccrual), v1.AmendMaturityAccrualResponse)


@rpc
def amend_ended_payments(request: v1.AmendEndedPaymentsRequest, unit: Unit) -> v1.AmendEndedPaymentsResponse:
    """Lets payments come in on a loan that is paid off or overpaid, or no longer."""
    return message_of(perform(unit, request, operations.ChangeEndedPayments), v1.AmendEndedPaymentsResponse)
