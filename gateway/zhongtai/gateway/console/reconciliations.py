"""Our accounts with other banks: what is open on both sides, what has been for too long, and how it is cleared."""

from collections.abc import Callable

from google.protobuf.message import Message
from starlette.responses import Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console.refusals import NothingHere
from zhongtai.gateway.console.site import Visit
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import bank_statement_pb2
from zhongtai.operations.v1 import reconciliation_pb2 as v1

ROWS = 25
MOST = 200
STATES = tuple(name.removeprefix("BREAK_STATE_") for name in v1.BreakState.keys()[1:])
# What stands before the id of a line or an item in the name of its box.
LINE, ITEM = "line ", "item "

Fields = dict[str, str]
# What each button asks for, of an account and the fields of the form.
VERBS: dict[str, Callable[[str, Fields], Message]] = {
    "match": lambda account, fields: v1.MatchByHandRequest(
        request_id=fields.get("request_id", ""),
        account_id=account,
        line_ids=_chosen(fields, LINE),
        item_ids=_chosen(fields, ITEM),
        difference_code=fields.get("difference_code", "").strip(),
        reason=fields.get("reason", "").strip(),
    ),
    "undo": lambda _, fields: v1.UndoMatchRequest(
        request_id=fields.get("request_id", ""),
        match_id=fields.get("match_id", ""),
        reason=fields.get("reason", "").strip(),
    ),
    "approve": lambda _, fields: v1.ApproveDifferenceRequest(
        request_id=fields.get("request_id", ""), match_id=fields.get("match_id", "")
    ),
    "reject": lambda _, fields: v1.RejectDifferenceRequest(
        request_id=fields.get("request_id", ""),
        match_id=fields.get("match_id", ""),
        reason=fields.get("reason", "").strip(),
    ),
}


async def listed(visit: Visit) -> Response:
    """Every account that is reconciled, and the breaks that stand so, of all accounts or of one."""
    state = visit.query.get("state", STATES[0])
    account = visit.query.get("account_id", "").strip()
    request = v1.ListReconciliationBreaksRequest(
        account_id=account,
        state=f"BREAK_STATE_{state if state in STATES else 'UNSPECIFIED'}",
        page=PageRequest(size=ROWS, token=visit.query.get("page", "")),
    )
    return visit.show(
        "reconciliations.html",
        told=await visit.told(v1.ListReconciliationsRequest(page=PageRequest(size=MOST))),
        breaks=await visit.told(request),
        states=STATES,
        filters={"account_id": account, "state": state if state in STATES else ""},
        state=break_state,
        side=side,
    )


async def one(visit: Visit) -> Response:
    """One account: what is open, the differences that wait for somebody, and the newest matches."""
    return await _show(visit)


async def act(visit: Visit) -> Response:
    """Matches by hand, takes apart, agrees to a difference or refuses it; a refusal stands above what is open."""
    fields, verb = await visit.form(), visit.request.path_params["verb"]
    account = visit.request.path_params["account_id"]
    if verb not in VERBS:
        raise NothingHere(name=verb[:40])
    told = await visit.act(VERBS[verb](account, fields))
    if not told:
        return await _show(visit, told.refusal)
    return visit.go(f"reconciliations/{account}", done=verb)


async def statements(visit: Visit) -> Response:
    """The statements of all accounts or of one, the newest first."""
    account = visit.query.get("account_id", "").strip()
    request = bank_statement_pb2.ListBankStatementsRequest(
        account_id=account, page=PageRequest(size=ROWS, token=visit.query.get("page", ""), newest_first=True)
    )
    return visit.show(
        "bank_statements.html",
        told=await visit.told(request),
        filters={"account_id": account},
        status=statement_status,
    )


async def statement(visit: Visit) -> Response:
    """One statement with its lines, all or those that nothing is matched with."""
    statement_id = visit.request.path_params["statement_id"]
    asked = bank_statement_pb2.GetBankStatementRequest(statement_id=statement_id)
    found = (await visit.ask(asked, bank_statement_pb2.GetBankStatementResponse)).bank_statement
    lines = bank_statement_pb2.ListStatementLinesRequest(
        statement_id=statement_id,
        unmatched="unmatched" in visit.query,
        page=PageRequest(size=ROWS, token=visit.query.get("page", "")),
    )
    return visit.show(
        "bank_statement.html",
        found=found,
        lines=await visit.told(lines),
        unmatched="unmatched" in visit.query,
        status=statement_status(found),
    )


async def _show(visit: Visit, refusal: Refusal | None = None) -> Response:
    account = visit.request.path_params["account_id"]
    asked = v1.GetReconciliationRequest(account_id=account)
    found = (await visit.ask(asked, v1.GetReconciliationResponse)).reconciliation
    page = PageRequest(size=ROWS)
    done = visit.query.get("done", "")
    return visit.show(
        "reconciliation.html",
        found=found,
        lines=await visit.told(v1.ListOpenLinesRequest(account_id=account, page=page)),
        items=await visit.told(v1.ListLedgerItemsRequest(account_id=account, unmatched=True, page=page)),
        proposed=await visit.told(
            v1.ListMatchesRequest(account_id=account, difference_status=v1.DIFFERENCE_STATUS_PROPOSED, page=page)
        ),
        matches=await visit.told(
            v1.ListMatchesRequest(account_id=account, page=PageRequest(size=ROWS, newest_first=True))
        ),
        refusal=refusal,
        done=done if done in VERBS else "",
        standing=v1.MATCH_STATUS_MATCHED,
        difference=difference_status,
        # The id is the form's: a form that is sent twice asks once.
        new_id=lambda: visit.console.ids.new("req"),
        line_box=LINE,
        item_box=ITEM,
    )


def break_state(found: v1.ReconciliationBreak) -> str:
    """How a break stands, `OPEN`."""
    return v1.BreakState.Name(found.state).removeprefix("BREAK_STATE_")


def side(found: v1.ReconciliationBreak) -> str:
    """Whose side a break is on, `STATEMENT`."""
    return v1.ItemSide.Name(found.side).removeprefix("ITEM_SIDE_")


def difference_status(found: v1.Match) -> str:
    """How what a match leaves over stands, `PROPOSED`."""
    return v1.DifferenceStatus.Name(found.difference_status).removeprefix("DIFFERENCE_STATUS_")


def statement_status(found: bank_statement_pb2.BankStatement) -> str:
    """How a statement stands, `LANDED`."""
    return bank_statement_pb2.BankStatementStatus.Name(found.status).removeprefix("BANK_STATEMENT_STATUS_")


def _chosen(fields: Fields, box: str) -> list[str]:
    return [name.removeprefix(box) for name in fields if name.startswith(box)]
