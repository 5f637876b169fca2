"""The RPCs of loan payments: each is one operation of the loan's account."""

from zhongtai.credit.loan_account.performing import asked, found, perform
from zhongtai.credit.loan_payment.domain import must_pay_off
from zhongtai.credit.v1 import loan_payment_pb2 as v1
from zhongtai.kernel.money import Money
from zhongtai.kernel.servicing import operations
from zhongtai.runtime.convert import date_message, date_of, message_of, money_message, money_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def receive_payment(request: v1.ReceivePaymentRequest, unit: Unit) -> v1.ReceivePaymentResponse:
    """Books a payment of any kind by the waterfall of its kind."""
    return message_of(perform(unit, request, operations.Pay), v1.ReceivePaymentResponse)


@rpc
def pay_off_account(request: v1.PayOffAccountRequest, unit: Unit) -> v1.PayOffAccountResponse:
    """Books a repayment of exactly what pays the loan off on a day."""
    loan, kept = found(unit, request.loan_id)
    on = date_of(request.dated) if request.HasField("dated") else unit.business_date
    expected = asked(unit, loan, kept, lambda account: account.payoff(on))
    must_pay_off(Money(loan.principal.currency, expected), money_of(request.amount))
    return message_of(perform(unit, request, operations.PayOff), v1.PayOffAccountResponse)


@rpc
def refund_interest(request: v1.RefundInterestRequest, unit: Unit) -> v1.RefundInterestResponse:
    """Gives back interest of what a refund repaid, by hand."""
    return message_of(perform(unit, request, operations.RefundInterest), v1.RefundInterestResponse)


@rpc
def undo_transaction(request: v1.UndoTransactionRequest, unit: Unit) -> v1.UndoTransactionResponse:
    """Reverts a transaction and what depends on it."""
    return message_of(perform(unit, request, operations.UndoTransaction), v1.UndoTransactionResponse)


@rpc
def adjust_transaction(request: v1.AdjustTransactionRequest, unit: Unit) -> v1.AdjustTransactionResponse:
    """Books a transaction again with another amount or day."""
    return message_of(perform(unit, request, operations.AdjustTransaction), v1.AdjustTransactionResponse)


@rpc
def refund_credit_balance(request: v1.RefundCreditBalanceRequest, unit: Unit) -> v1.RefundCreditBalanceResponse:
    """Gives back what was overpaid."""
    return message_of(perform(unit, request, operations.CreditBalanceRefund), v1.RefundCreditBalanceResponse)


@rpc
def charge_back_payment(request: v1.ChargeBackPaymentRequest, unit: Unit) -> v1.ChargeBackPaymentResponse:
    """Takes a payment back for the payer's bank, in whole or in part."""
    return message_of(perform(unit, request, operations.ChargeBack), v1.ChargeBackPaymentResponse)


@rpc
def quote_account_pay_off(request: v1.QuoteAccountPayOffRequest, view: View) -> v1.QuoteAccountPayOffResponse:
    """What pays a loan off on a day."""
    loan, kept = found(view, request.loan_id)
    on = date_of(request.on) if request.HasField("on") else view.business_date
    total = asked(view, loan, kept, lambda account: account.payoff(on))
    return v1.QuoteAccountPayOffResponse(
        loan_id=loan.loan_id,
        total=money_message(Money(loan.principal.currency, total)),
        on=date_message(on),
    )
