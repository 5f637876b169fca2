"""The RPCs of reconciliations."""

from functools import partial
from itertools import repeat

from zhongtai.kernel.money import Money
from zhongtai.operations.account import store as account_store
from zhongtai.operations.bank_statement.domain import must_be_ours
from zhongtai.operations.bank_statement.store import STATEMENT_LINE
from zhongtai.operations.bank_statement.store import lines as statement_lines
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.matching_rule import store as rule_store
from zhongtai.operations.reconciliation import steps, store
from zhongtai.operations.reconciliation.domain import BY_HAND, ItemSide, Match, Reconciliation, must_be_each_once
from zhongtai.operations.v1 import bank_statement_pb2 as statement_v1
from zhongtai.operations.v1 import reconciliation_pb2 as v1
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.kept import change_once
from zhongtai.runtime.orchestration import Orchestration
from zhongtai.runtime.unit import Unit, View, rpc


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
    account_id = request.account_id
    if await given.change(lambda unit: steps.pull(unit, account_id)):
        for _ in range(steps.PULLS_A_CALL):
            if not await given.change(lambda unit: steps.pull(unit, account_id)):
                break
        return await _reconciled(request, given, v1.ReconcileAccountResponse(more=True))
    pairs = await given.read(lambda view: steps.find(view, account_id), "ReconcileAccount")
    matches = 0
    for piece in steps.pieces(pairs[: steps.MATCHES_A_CALL]):
        matches += await given.change(partial(steps.keep, account_id=account_id, pairs=piece))
    if len(pairs) > steps.MATCHES_A_CALL:
        return await _reconciled(request, given, v1.ReconcileAccountResponse(more=True, matches=matches))
    new_ids = map(given.new_id, repeat("brk"))
    breaks, left = await given.read(lambda view: steps.aged(view, account_id, new_ids), "ReconcileAccount.aged")
    await given.change(lambda unit: steps.age(unit, account_id, breaks))
    reply = v1.ReconcileAccountResponse(matches=matches, breaks_found=len(breaks), breaks_left=left)
    return await _reconciled(request, given, reply)


async def _reconciled(
    request: v1.ReconcileAccountRequest, given: Orchestration, reply: v1.ReconcileAccountResponse
) -> v1.ReconcileAccountResponse:
    """The reply of a call, with the reconciliation as it stands after it."""

    def finish(unit: Unit) -> v1.ReconcileAccountResponse:
        found = steps.finish(unit, request.account_id, reply.matches)
        return v1.ReconcileAccountResponse(
            reconciliation=message_of(found, v1.Reconciliation),
            matches=reply.matches,
            breaks_found=reply.breaks_found,
            breaks_left=reply.breaks_left,
            more=reply.more,
        )

    kept, _ = await change_once(given, request, finish)
    return kept


@rpc
def match_by_hand(request: v1.MatchByHandRequest, unit: Unit) -> v1.MatchByHandResponse:
    """Matches what a person has chosen."""
    account = account_store.accounts.load(unit, store.reconciliations.load(unit, request.account_id).account_id)
    must_be_each_once(request.line_ids, request.item_ids)
    sums = [
        Money(account.currency_code, store.must_be_open(unit, account.account_id, side, ids))
        for side, ids in ((ItemSide.STATEMENT, request.line_ids), (ItemSide.LEDGER, request.item_ids))
    ]
    made = Match.made(
        unit.new_id("mat"),
        account.account_id,
        rule=BY_HAND,
        lines=(len(request.line_ids), sums[0]),
        items=(len(request.item_ids), sums[1]),
        difference_code=request.difference_code,
        on=unit.business_date,
        now=unit.now,
        by=unit.caller.acting,
        reason=request.reason,
    )
    store.matches.add(unit, made)
    store.take(unit, ItemSide.STATEMENT, [(member, made.match_id) for member in request.line_ids])
    store.take(unit, ItemSide.LEDGER, [(member, made.match_id) for member in request.item_ids])
    unit.record_all([fact for fact in (made.proposed(),) if fact])
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
    subject = unit.caller.acting
    match = store.matches.load(unit, request.match_id)
    match.must_be_open_to(subject)
    (entry,) = ledger_store.post(unit, [match.draft(unit.new_id("ent"))])
    match, decided = match.approve(subject, entry.entry_id)
    store.matches.save(unit, match)
    unit.record(decided)
    return v1.ApproveDifferenceResponse(entry_id=entry.entry_id, match=message_of(match, v1.Match))


@rpc
def reject_difference(request: v1.RejectDifferenceRequest, unit: Unit) -> v1.RejectDifferenceResponse:
    """Takes a match apart whose difference is none to post."""
    subject = unit.caller.acting
    match = store.matches.load(unit, request.match_id)
    match.must_be_open_to(subject)
    match, decided = match.reject(subject, request.reason)
    store.matches.save(unit, match)
    store.free(unit, match)
    unit.record(decided)
    return v1.RejectDifferenceResponse(match=message_of(match, v1.Match))


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
    conditions = (STATEMENT_LINE.c.account_id == request.account_id, STATEMENT_LINE.c.match_id == "")
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
