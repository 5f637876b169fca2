"""The RPCs of loan changes: each is one operation of the loan's account."""

from zhongtai.credit.loan_account.performing import perform, preview
from zhongtai.credit.v1 import loan_account_pb2 as account_v1
from zhongtai.credit.v1 import loan_change_pb2 as v1
from zhongtai.kernel.servicing import operations
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def capitalise_income(request: v1.CapitaliseIncomeRequest, unit: Unit) -> v1.CapitaliseIncomeResponse:
    """Adds income to the balance, earned over the rest of the term."""
    return message_of(perform(unit, request, operations.CapitalizeIncome), v1.CapitaliseIncomeResponse)


@rpc
def adjust_capitalised_income(
    request: v1.AdjustCapitalisedIncomeRequest, unit: Unit
) -> v1.AdjustCapitalisedIncomeResponse:
    """Gives part of a capitalised income back."""
    return message_of(perform(unit, request, operations.AdjustCapitalizedIncome), v1.AdjustCapitalisedIncomeResponse)


@rpc
def add_buy_down_fee(request: v1.AddBuyDownFeeRequest, unit: Unit) -> v1.AddBuyDownFeeResponse:
    """Takes a fee for a lower rate, earned over the rest of the term."""
    return message_of(perform(unit, request, operations.BuyDownFee), v1.AddBuyDownFeeResponse)


@rpc
def adjust_buy_down_fee(request: v1.AdjustBuyDownFeeRequest, unit: Unit) -> v1.AdjustBuyDownFeeResponse:
    """Gives part of a buy-down fee back."""
    return message_of(perform(unit, request, operations.AdjustBuyDownFee), v1.AdjustBuyDownFeeResponse)


@rpc
def re_age_loan(request: v1.ReAgeLoanRequest, unit: Unit) -> v1.ReAgeLoanResponse:
    """Spreads what is outstanding today over new instalments."""
    return message_of(perform(unit, request, operations.ReAge), v1.ReAgeLoanResponse)


@rpc
def undo_re_age(request: v1.UndoReAgeRequest, unit: Unit) -> v1.UndoReAgeResponse:
    """Takes the last re-age back."""
    return message_of(perform(unit, request, operations.UndoReAge), v1.UndoReAgeResponse)


@rpc
def re_amortise_loan(request: v1.ReAmortiseLoanRequest, unit: Unit) -> v1.ReAmortiseLoanResponse:
    """Spreads what is past due today over the instalments to come."""
    return message_of(perform(unit, request, operations.ReAmortize), v1.ReAmortiseLoanResponse)


@rpc
def undo_re_amortise(request: v1.UndoReAmortiseRequest, unit: Unit) -> v1.UndoReAmortiseResponse:
    """Takes the last re-amortisation back."""
    return message_of(perform(unit, request, operations.UndoReAmortize), v1.UndoReAmortiseResponse)


@rpc
def reschedule_loan(request: v1.RescheduleLoanRequest, unit: Unit) -> v1.RescheduleLoanResponse:
    """From an instalment on."""
    return message_of(perform(unit, request, operations.Reschedule), v1.RescheduleLoanResponse)


@rpc
def change_loan_rate(request: v1.ChangeLoanRateRequest, unit: Unit) -> v1.ChangeLoanRateResponse:
    """Changes the nominal rate of an application before the money leaves."""
    return message_of(perform(unit, request, operations.ChangeRate), v1.ChangeLoanRateResponse)


@rpc
def pause_interest(request: v1.PauseInterestRequest, unit: Unit) -> v1.PauseInterestResponse:
    """From one day to another, both counted, no interest is earned."""
    return message_of(perform(unit, request, operations.PauseInterest), v1.PauseInterestResponse)


@rpc
def delete_interest_pause(request: v1.DeleteInterestPauseRequest, unit: Unit) -> v1.DeleteInterestPauseResponse:
    """Takes a pause of interest back."""
    return message_of(perform(unit, request, operations.DeletePause), v1.DeleteInterestPauseResponse)


@rpc
def pause_delinquency(request: v1.PauseDelinquencyRequest, unit: Unit) -> v1.PauseDelinquencyResponse:
    """From one day to another no day counts as overdue."""
    return message_of(perform(unit, request, operations.PauseDelinquency), v1.PauseDelinquencyResponse)


@rpc
def end_delinquency_pause(request: v1.EndDelinquencyPauseRequest, unit: Unit) -> v1.EndDelinquencyPauseResponse:
    """Ends the running pause of delinquency today."""
    return message_of(perform(unit, request, operations.EndDelinquencyPause), v1.EndDelinquencyPauseResponse)


@rpc
def preview_re_age(request: v1.PreviewReAgeRequest, view: View) -> v1.PreviewReAgeResponse:
    """The plan as it would be."""
    plan = preview(view, request, operations.ReAge)
    return v1.PreviewReAgeResponse(plan=[message_of(line, account_v1.PlanLine) for line in plan])


@rpc
def preview_re_amortise(request: v1.PreviewReAmortiseRequest, view: View) -> v1.PreviewReAmortiseResponse:
    """The plan as it would be."""
    plan = preview(view, request, operations.ReAmortize)
    return v1.PreviewReAmortiseResponse(plan=[message_of(line, account_v1.PlanLine) for line in plan])
