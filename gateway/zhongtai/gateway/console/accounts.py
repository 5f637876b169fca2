"""Accounts: the list, one with its statement, its interest, what binds it and who may order from it; wallets."""

from contextlib import suppress
from datetime import date, timedelta
from urllib.parse import quote

from starlette.responses import Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console.site import Visit
from zhongtai.operations.v1 import (
    account_class_pb2,
    account_freeze_pb2,
    account_pb2,
    account_statement_pb2,
    deposit_interest_pb2,
    dormancy_pb2,
    mandate_pb2,
    wallet_pb2,
)
from zhongtai.runtime.convert import date_message

ROWS = 25
STATUSES = tuple(name.removeprefix("ACCOUNT_STATUS_") for name in account_pb2.AccountStatus.keys()[1:])
ORDERS = tuple(name.removeprefix("STATEMENT_ORDER_") for name in account_statement_pb2.StatementOrder.keys()[1:])
# A statement that nobody asked days for goes back so far.
_RECENT = timedelta(days=30)


async def listed(visit: Visit) -> Response:
    """The list; an account's id in the search box leads to it."""
    sought = visit.query.get("account_id", "").strip()
    if sought:
        return visit.go(f"accounts/{quote(sought, safe='')}")
    status = visit.query.get("status", "")
    filters = {"customer_id": visit.query.get("customer_id", ""), "status": status if status in STATUSES else ""}
    request = account_pb2.ListAccountsRequest(
        customer_id=filters["customer_id"],
        status=f"ACCOUNT_STATUS_{filters['status'] or 'UNSPECIFIED'}",
        page=PageRequest(size=ROWS, token=visit.query.get("page", ""), newest_first=True),
    )
    told = await visit.told(request)
    return visit.show("accounts.html", told=told, statuses=STATUSES, filters=filters, state=_state)


async def one(visit: Visit) -> Response:
    """One account."""
    account_id = visit.request.path_params["account_id"]
    account = (
        await visit.ask(account_pb2.GetAccountRequest(account_id=account_id), account_pb2.GetAccountResponse)
    ).account
    first_day, last_day = _days(visit)
    order = visit.query.get("order", "")
    order = order if order in ORDERS else ORDERS[0]
    statement = account_statement_pb2.GetAccountStatementRequest(
        account_id=account_id,
        first_day=date_message(first_day),
        last_day=date_message(last_day),
        order=f"STATEMENT_ORDER_{order}",
        size=ROWS,
        position=visit.query.get("page", ""),
    )
    return visit.show(
        "account.html",
        account=account,
        status=_state(account),
        statement=await visit.told(statement),
        orders=ORDERS,
        filters={"first_day": first_day.isoformat(), "last_day": last_day.isoformat(), "order": order},
        interest=await visit.told(deposit_interest_pb2.GetDepositInterestRequest(account_id=account_id)),
        tier=await visit.told(account_class_pb2.GetAccountClassRequest(account_id=account_id)),
        freezes=await visit.told(account_freeze_pb2.ListFreezesRequest(account_id=account_id)),
        dormancy=await visit.told(dormancy_pb2.GetDormancyRequest(account_id=account_id)),
        mandates=await visit.told(mandate_pb2.ListMandatesRequest(account_id=account_id)),
        tier_name=account_class_pb2.AccountTier.Name,
        freeze_name=account_freeze_pb2.FreezeStatus.Name,
    )


async def paper(visit: Visit) -> Response:
    """The statement as a PDF."""
    account_id = visit.request.path_params["account_id"]
    first_day, last_day = _days(visit)
    request = account_statement_pb2.RenderAccountStatementRequest(
        account_id=account_id, first_day=date_message(first_day), last_day=date_message(last_day)
    )
    made = await visit.ask(request, account_statement_pb2.RenderAccountStatementResponse)
    headers = {"content-disposition": f'attachment; filename="statement-{first_day}-{last_day}.pdf"'}
    return Response(made.content, media_type=made.content_type, headers=headers | {"cache-control": "no-store"})


async def wallets(visit: Visit) -> Response:
    """The wallets and the numbers that lead to them."""
    filters = {"customer_id": visit.query.get("customer_id", "")}
    request = wallet_pb2.ListWalletsRequest(
        customer_id=filters["customer_id"],
        page=PageRequest(size=ROWS, token=visit.query.get("page", ""), newest_first=True),
    )
    return visit.show("wallets.html", told=await visit.told(request), filters=filters)


def _days(visit: Visit) -> tuple[date, date]:
    """The days asked for, or the last thirty."""
    last_day = visit.console.given.clock.business_date()
    days = {"first_day": last_day - _RECENT, "last_day": last_day}
    for name in days:
        with suppress(ValueError):
            days[name] = date.fromisoformat(visit.query.get(name, ""))
    return days["first_day"], days["last_day"]


def _state(account: account_pb2.Account) -> str:
    return account_pb2.AccountStatus.Name(account.status).removeprefix("ACCOUNT_STATUS_")
