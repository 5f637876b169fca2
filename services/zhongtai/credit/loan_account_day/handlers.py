"""The RPC that closes loan accounts for a day, piece by piece."""

from zhongtai.credit.loan_account_day import closing, store
from zhongtai.credit.loan_account_day.domain import AT_ONCE
from zhongtai.credit.v1 import loan_account_day_pb2 as v1
from zhongtai.runtime.unit import Unit, rpc


@rpc
def close_loan_account_days(request: v1.CloseLoanAccountDaysRequest, unit: Unit) -> v1.CloseLoanAccountDaysResponse:
    """Closes the next accounts for the day before today."""
    loans = store.not_closed(unit, request.position, AT_ONCE)
    refused = closing.close(unit, loans)
    return v1.CloseLoanAccountDaysResponse(
        closed=len(loans) - refused,
        refused=refused,
        next_position=loans[-1].loan_id if len(loans) == AT_ONCE else "",
    )
