"""The RPCs of balances at any date as of any moment."""

from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import GENERAL
from zhongtai.operations.balance_history import store
from zhongtai.operations.balance_history.domain import Cut, DateKind
from zhongtai.operations.chart import store as chart_store
from zhongtai.operations.ledger.engine import trial_balance
from zhongtai.operations.v1 import balance_history_pb2 as v1
from zhongtai.runtime.convert import date_message, date_of, instant_of, message_of, money_message
from zhongtai.runtime.unit import Unit, View, rpc

_KINDS = {
    v1.DATE_KIND_UNSPECIFIED: DateKind.BOOKING,
    v1.DATE_KIND_BOOKING: DateKind.BOOKING,
    v1.DATE_KIND_VALUE: DateKind.VALUE,
}


@rpc
def get_balance_as_of(request: v1.GetBalanceAsOfRequest, view: View) -> v1.GetBalanceAsOfResponse:
    """The balance of a code or an account."""
    on = date_of(request.on) if request.HasField("on") else view.business_date
    kind = _KINDS[request.by]
    if request.account_id:
        account = account_store.accounts.load(view, request.account_id)
        side, at = account.side, _cut(request, view, account.book)
        found = store.balances_of_account(view, at, account.account_id, kind, on)
    else:
        side = chart_store.in_force(view).account(request.account_code).side
        at = _cut(request, view, request.book or GENERAL)
        found = store.balances_of_codes(view, at, [request.account_code], kind, on)
    return v1.GetBalanceAsOfResponse(
        side="SIDE_" + side,
        balances=[money_message(side.balance(currency, moved)) for (_, currency), moved in sorted(found.items())],
        on=date_message(on),
        through_number=at.through,
    )


@rpc
def get_trial_balance_as_of(request: v1.GetTrialBalanceAsOfRequest, view: View) -> v1.GetTrialBalanceAsOfResponse:
    """The trial balance."""
    on = date_of(request.on) if request.HasField("on") else view.business_date
    at, chart = _cut(request, view, request.book or GENERAL), chart_store.in_force(view)
    found = store.balances_of_codes(view, at, list(chart.accounts), _KINDS[request.by], on)
    return message_of(trial_balance(chart, on, found), v1.GetTrialBalanceAsOfResponse, through_number=at.through)


@rpc
def extend_balance_history(request: v1.ExtendBalanceHistoryRequest, unit: Unit) -> v1.ExtendBalanceHistoryResponse:
    """Sums the next entries of each book."""
    books = (request.book,) if request.book else store.books(unit)
    more = [store.extend(unit, book) for book in books]
    return v1.ExtendBalanceHistoryResponse(more=any(more))


def _cut(request: v1.GetBalanceAsOfRequest | v1.GetTrialBalanceAsOfRequest, view: View, book: str) -> Cut:
    return store.cut_as_of(view, book, instant_of(request.as_of) if request.HasField("as_of") else None)
