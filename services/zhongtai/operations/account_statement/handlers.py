"""The RPCs of statements."""

from zhongtai.operations.account import store as account_store
from zhongtai.operations.account_statement import store
from zhongtai.operations.account_statement.document import statement_document
from zhongtai.operations.account_statement.domain import LINES_MAX, Period, Position, StatementOrder, must_fit
from zhongtai.operations.v1 import account_statement_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of
from zhongtai.runtime.paper import CONTENT_TYPE
from zhongtai.runtime.unit import View, rpc


@rpc
def get_account_statement(request: v1.GetAccountStatementRequest, view: View) -> v1.GetAccountStatementResponse:
    """A page of a statement."""
    account = account_store.accounts.load(view, request.account_id)
    order = v1.StatementOrder.Name(request.order or v1.STATEMENT_ORDER_BOOKING).removeprefix("STATEMENT_ORDER_")
    period = Period(date_of(request.first_day), date_of(request.last_day), StatementOrder(order))
    page = store.page(view, account, period, Position.of(request.position), request.size)
    return v1.GetAccountStatementResponse(statement=message_of(page, v1.StatementPage))


@rpc
def render_account_statement(
    request: v1.RenderAccountStatementRequest, view: View
) -> v1.RenderAccountStatementResponse:
    """The statement as a PDF."""
    account = account_store.accounts.load(view, request.account_id)
    period = Period(date_of(request.first_day), date_of(request.last_day))
    found = must_fit(store.page(view, account, period, None, LINES_MAX))
    return v1.RenderAccountStatementResponse(
        content=statement_document(account, found, view.language), content_type=CONTENT_TYPE
    )
