"""The RPC of late interest."""

from zhongtai.credit.late_interest import domain, store
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.v1 import late_interest_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, money_message
from zhongtai.runtime.unit import View, rpc


@rpc
def explain_late_interest(request: v1.ExplainLateInterestRequest, view: View) -> v1.ExplainLateInterestResponse:
    """What is owed of late interest of a loan, and how it comes about."""
    summary = loan_store.summaries.load(view, request.loan_id)
    domain.must_not_be_serviced(summary)
    on = date_of(request.on) if request.HasField("on") else view.business_date
    loan = loan_store.with_schedule(view, summary)
    found = store.reckoned(view, loan, on) or domain.nothing(loan, on)
    return v1.ExplainLateInterestResponse(
        loan_id=loan.loan_id,
        owed=money_message(found.account.owed),
        stood=money_message(found.stood),
        parts=[message_of(part, v1.LateInterestPart) for part in found.parts],
    )
