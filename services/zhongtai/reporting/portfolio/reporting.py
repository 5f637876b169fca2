"""The portfolio at the close of a day as it is told: the figures that the store has summed, in lines."""

from datetime import date

from zhongtai.reporting.portfolio import engine, store
from zhongtai.reporting.v1 import portfolio_pb2 as v1
from zhongtai.runtime.convert import date_message, message_of
from zhongtai.runtime.unit import View


def portfolio(view: View, as_of: date) -> v1.GetPortfolioResponse:
    """The report; the statements that sum it go over the loans once each."""
    approvals, approvals_total = engine.approval_lines(store.outcomes(view, as_of))
    late = store.arrears_groups(view, as_of)
    loans, loans_total = engine.loan_lines(store.loan_groups(view, as_of), late)
    declines = engine.decline_lines(store.declines(view, as_of))
    return v1.GetPortfolioResponse(
        as_of=date_message(as_of),
        approvals=[message_of(line, v1.ApprovalLine) for line in approvals],
        approvals_total=message_of(approvals_total, v1.ApprovalLine),
        declines=[message_of(line, v1.DeclineLine) for line in declines],
        loans=[message_of(line, v1.LoanLine) for line in loans],
        loans_total=[message_of(line, v1.LoanLine) for line in loans_total],
        arrears=[message_of(line, v1.ArrearsLine) for line in engine.arrears_lines(late, as_of)],
    )
