"""Term and notice deposits, what a night of interest came to, and the accounts that nobody uses."""

from urllib.parse import quote

from starlette.responses import Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console.site import Visit
from zhongtai.operations.v1 import deposit_interest_pb2, dormancy_pb2, term_deposit_pb2

ROWS = 25
DORMANCIES = tuple(name.removeprefix("DORMANCY_STATUS_") for name in dormancy_pb2.DormancyStatus.keys()[1:])


async def listed(visit: Visit) -> Response:
    """The deposits, the newest first; a deposit's id in the search box leads to it."""
    sought = visit.query.get("term_deposit_id", "").strip()
    if sought:
        return visit.go(f"deposits/{quote(sought, safe='')}")
    filters = {"customer_id": visit.query.get("customer_id", "").strip()}
    request = term_deposit_pb2.ListTermDepositsRequest(customer_id=filters["customer_id"], page=_page(visit))
    return visit.show("deposits.html", told=await visit.told(request), filters=filters, state=_state)


async def one(visit: Visit) -> Response:
    """One deposit, and what it would be paid today."""
    term_deposit_id = visit.request.path_params["term_deposit_id"]
    request = term_deposit_pb2.GetTermDepositRequest(term_deposit_id=term_deposit_id)
    deposit = (await visit.ask(request, term_deposit_pb2.GetTermDepositResponse)).term_deposit
    return visit.show(
        "deposit.html",
        deposit=deposit,
        status=_state(deposit),
        instruction=term_deposit_pb2.MaturityInstruction.Name(deposit.instruction).removeprefix(
            "MATURITY_INSTRUCTION_"
        ),
        quote=await visit.told(term_deposit_pb2.QuoteTermDepositRequest(term_deposit_id=term_deposit_id)),
    )


async def accruals(visit: Visit) -> Response:
    """What interest on demand deposits came to, night by night, the latest first."""
    told = await visit.told(deposit_interest_pb2.ListDepositAccrualsRequest(page=_page(visit)))
    return visit.show("deposit_accruals.html", told=told)


async def dormant(visit: Visit) -> Response:
    """The accounts that fell dormant, or that were given notice, and the rules by which they do."""
    status = visit.query.get("status", "")
    status = status if status in DORMANCIES else "DORMANT"
    request = dormancy_pb2.ListDormanciesRequest(status=f"DORMANCY_STATUS_{status}", page=_page(visit))
    return visit.show(
        "dormant_accounts.html",
        told=await visit.told(request),
        rules=await visit.told(dormancy_pb2.ListDormancyRulesRequest()),
        statuses=DORMANCIES,
        filters={"status": status},
        state=lambda found: dormancy_pb2.DormancyStatus.Name(found.status).removeprefix("DORMANCY_STATUS_"),
    )


def _page(visit: Visit) -> PageRequest:
    return PageRequest(size=ROWS, token=visit.query.get("page", ""), newest_first=True)


def _state(deposit: term_deposit_pb2.TermDeposit) -> str:
    return term_deposit_pb2.TermDepositStatus.Name(deposit.status).removeprefix("TERM_DEPOSIT_STATUS_")
