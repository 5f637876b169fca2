"""The RPCs of reconciliations."""

from zhongtai.operations.account import store as account_store
from zhongtai.operations.bank_statement.domain import must_be_ours
from zhongtai.operations.bank_statement.store import STATEMENT_LINE
from zhongtai.operations.bank_statement.store import lines as statement_lines
from zhongtai.operations.matching_rule import store as rule_store
from zhongtai.operations.reconciliation import deciding, rounds, steps, store
from zhongtai.operations.reconciliation.domain import ItemSide, Reconciliation, must_be_each_once
from zhongtai.operations.v1 import bank_statement_pb2 as statement_v1
from zhongtai.operations.v1 import reconciliation_pb2 as v1
from zhongtai.operations.v1 import work_order_pb2 as order_v1
from zhongtai.operations.work_order.store import work_orders
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.kept import change_once
from zhongtai.runtime.orchestration import Orchestration
from zhongtai.runtime.unit import Unit, View, on, rpc

# The work orders that are answered here, by their kinds and queue in `work_order/opened_by.json`.
QUEUE, DIFFERENCE, AGED_BREAK = "reconciliation", "reconciliation_difference", "reconciliation_break"


@rpc
def set_reconciliation(request: v1.SetReconciliationRequest, unit: Unit) -> v1.SetReconciliationResponse:
    """Says how an account is reconciled; what was matched stays."""
    account = must_be_ours(account_store.accounts.load(unit, request.account_id))
    rules = rule_store.load(unit, request.rule_set or rule_store.SHIPPED.rule_set)
    present = store.reconciliations.find(unit, account.account_id)
    found = Reconciliation(
        account_id=account.account_id,
        rule_set=rules.rule_set,
        break_after_days=request.break_after_days,
        last_number=present.last_number if present else 0,
        reconciled_on=present.reconciled_on if present else None,
        lines_open=present.lines_open if present else 0,
        items_open=present.items_open if present else 0,
    )
    (store.reconciliations.save if present else store.reconciliations.add)(unit, found)
    return v1.SetReconciliationResponse(reconciliation=message_of(found, v1.Reconciliation))


@rpc
async def reconcile_account(request: v1.ReconcileAccountRequest, given: Orchestration) -> v1.ReconcileAccountResponse:
    """Takes legs over, matches what is open, and finds what is open for too long, as far as one call goes."""
    done = await rounds.reconcile(given, request.account_id)

    def finish(unit: Unit) -> v1.ReconcileAccountResponse:
        found = steps.finish(unit, request.account_id, done.matches)
        return message_of(done, v1.ReconcileAccountResponse, reconciliation=message_of(found, v1.Reconciliation))

    reply, _ = await change_once(given, request, finish)
    return reply


@rpc
async def reconcile_accounts(
    request: v1.ReconcileAccountsRequest, given: Orchestration
) -> v1.ReconcileAccountsResponse:
    """Reconciles the account that is next, as far as one call goes."""
    accounts = await given.read(lambda view: store.accounts_from(view, request.position))
    if not accounts:
        return v1.ReconcileAccountsResponse()
    account_id, *following = accounts
    done = await rounds.reconcile(given, account_id)

    def finish(unit: Unit) -> v1.ReconcileAccountsResponse:
        found = steps.finish(unit, account_id, done.matches)
        return v1.ReconcileAccountsResponse(
            next_position=account_id if done.more else "".join(following),
            reconciliation=message_of(found, v1.Reconciliation),
        )

    reply, _ = await change_once(given, request, finish)
    return reply


@rpc
def match_by_hand(request: v1.MatchByHandRequest, unit: Unit) -> v1.MatchByHandResponse:
    """Matches what a person has chosen."""
    must_be_each_once(request.line_ids, request.item_ids)
    members = {ItemSide.STATEMENT: list(request.line_ids), ItemSide.LEDGER: list(request.item_ids)}
    account_id = store.reconciliations.load(unit, request.account_id).account_id
    made = deciding.by_hand(
        unit,
        account_id,
        members,
        by=unit.caller.acting,
        difference_code=request.difference_code,
        reason=request.reason,
    )
    return v1.MatchByHandResponse(match_id=made.match_id, match=message_of(made, v1.Match))


@rpc
def undo_match(request: v1.UndoMatchRequest, unit: Unit) -> v1.UndoMatchResponse:
    """Takes a match apart; no rule puts it together again."""
    match, undone = store.matches.load(unit, request.match_id).undo(unit.caller.acting, request.reason)
    if undone:
        store.matches.save(unit, match)
        store.free(unit, match)
        unit.record(undone)
    return v1.UndoMatchResponse(match=message_of(match, v1.Match))


@rpc
def approve_difference(request: v1.ApproveDifferenceRequest, unit: Unit) -> v1.ApproveDifferenceResponse:
    """Posts what a match leaves over; whoever proposed it may not."""
    match = deciding.approve(unit, store.matches.load(unit, request.match_id), unit.caller.acting)
    return v1.ApproveDifferenceResponse(entry_id=match.entry_id, match=message_of(match, v1.Match))


@rpc
def reject_difference(request: v1.RejectDifferenceRequest, unit: Unit) -> v1.RejectDifferenceResponse:
    """Takes a match apart whose difference is none to post."""
    match = deciding.reject(unit, store.matches.load(unit, request.match_id), unit.caller.acting, request.reason)
    return v1.RejectDifferenceResponse(match=message_of(match, v1.Match))


@on
def work_order_decided(event: order_v1.WorkOrderDecided, unit: Unit) -> None:
    """Does what was agreed to in the queue of reconciliation: orders of any other queue decide nothing here."""
    if event.kind not in (DIFFERENCE, AGED_BREAK):
        return
    if work_orders.load(unit, event.work_order_id).queue_id != QUEUE:
        return
    approved = event.outcome == order_v1.WORK_ORDER_OUTCOME_APPROVED
    if event.kind == AGED_BREAK and approved:
        deciding.carry_out(unit, event.subject, event.decided_by, event.comment)
    elif event.kind == DIFFERENCE:
        deciding.decide(unit, event.subject, event.decided_by, approved=approved, comment=event.comment)


@rpc
def get_reconciliation(request: v1.GetReconciliationRequest, view: View) -> v1.GetReconciliationResponse:
    """One reconciliation."""
    found = store.reconciliations.load(view, request.account_id)
    return v1.GetReconciliationResponse(reconciliation=message_of(found, v1.Reconciliation))


@rpc
def list_reconciliations(request: v1.ListReconciliationsRequest, view: View) -> v1.ListReconciliationsResponse:
    """Every reconciliation."""
    found, page = store.reconciliations.page(view, request.page)
    return v1.ListReconciliationsResponse(
        reconciliations=[message_of(one, v1.Reconciliation) for one in found], page=page
    )


@rpc
def list_open_lines(request: v1.ListOpenLinesRequest, view: View) -> v1.ListOpenLinesResponse:
    """The lines of an account that nothing is matched with."""
    conditions = (STATEMENT_LINE.c.account_id == request.account_id, STATEMENT_LINE.c.match_id == "", store.LANDED)
    found, page = statement_lines.page(view, request.page, *conditions)
    return v1.ListOpenLinesResponse(lines=[message_of(one, statement_v1.StatementLine) for one in found], page=page)


@rpc
def list_ledger_items(request: v1.ListLedgerItemsRequest, view: View) -> v1.ListLedgerItemsResponse:
    """The items of an account, or those that nothing is matched with."""
    conditions = [store.ITEM.c.account_id == request.account_id]
    if request.unmatched:
        conditions.append(store.ITEM.c.match_id == "")
    found, page = store.items.page(view, request.page, *conditions)
    return v1.ListLedgerItemsResponse(items=[message_of(one, v1.LedgerItem) for one in found], page=page)


@rpc
def list_matches(request: v1.ListMatchesRequest, view: View) -> v1.ListMatchesResponse:
    """The matches of an account, or those whose difference stands so."""
    conditions = [store.MATCH.c.account_id == request.account_id]
    if request.difference_status:
        status = v1.DifferenceStatus.Name(request.difference_status).removeprefix("DIFFERENCE_STATUS_")
        conditions.append(store.MATCH.c.difference_status == status)
    found, page = store.matches.page(view, request.page, *conditions)
    return v1.ListMatchesResponse(matches=[message_of(one, v1.Match) for one in found], page=page)


@rpc
def list_reconciliation_breaks(
    request: v1.ListReconciliationBreaksRequest, view: View
) -> v1.ListReconciliationBreaksResponse:
    """The aged breaks, of all accounts or of one, or those that stand so."""
    conditions = [store.BREAK.c.account_id == request.account_id] if request.account_id else []
    if request.state:
        state = v1.BreakState.Name(request.state).removeprefix("BREAK_STATE_")
        conditions.append(store.BREAK.c.state == state)
    found, page = store.breaks.page(view, request.page, *conditions)
    return v1.ListReconciliationBreaksResponse(
        breaks=[message_of(one, v1.ReconciliationBreak) for one in found], page=page
    )
