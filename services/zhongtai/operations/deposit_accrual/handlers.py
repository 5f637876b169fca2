"""The reads of accruals; what changes them is the accrual of interest, in the same transaction."""

from zhongtai.operations.deposit_accrual import store
from zhongtai.operations.v1 import deposit_interest_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of
from zhongtai.runtime.unit import View, rpc


@rpc
def get_deposit_accrual(request: v1.GetDepositAccrualRequest, view: View) -> v1.GetDepositAccrualResponse:
    """The accrual of a date."""
    accrual = store.accruals.load(view, date_of(request.business_date).isoformat())
    return v1.GetDepositAccrualResponse(accrual=message_of(accrual, v1.DepositAccrual))


@rpc
def list_deposit_accruals(request: v1.ListDepositAccrualsRequest, view: View) -> v1.ListDepositAccrualsResponse:
    """The dates that were accrued."""
    found, page = store.accruals.page(view, request.page)
    return v1.ListDepositAccrualsResponse(
        accruals=[message_of(accrual, v1.DepositAccrual) for accrual in found], page=page
    )
