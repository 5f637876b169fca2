"""The RPCs of the general ledger, and what credit's events post by rules that are data."""

from collections.abc import Callable
from datetime import date
from operator import attrgetter
from typing import Any

from google.protobuf.message import Message
from google.type.date_pb2 import Date

from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.credit.v1 import loan_account_pb2 as account_credit
from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import GENERAL, Account, Side
from zhongtai.operations.chart import store as chart_store
from zhongtai.operations.chart.domain import GeneralAccount
from zhongtai.operations.dimension.domain import Dimensions
from zhongtai.operations.ledger import store
from zhongtai.operations.ledger.domain import BalanceCondition, Draft, EntryKind, Leg
from zhongtai.operations.ledger.engine import trial_balance
from zhongtai.operations.ledger_chain import store as chain_store
from zhongtai.operations.ledger_chain.engine import fault_of_end, fault_of_sums
from zhongtai.operations.ledger_entry import store as entry_store
from zhongtai.operations.posting_rule.domain import RoleLeg, role_draft
from zhongtai.operations.posting_rule.store import LedgerBalances
from zhongtai.operations.v1 import ledger_pb2 as v1
from zhongtai.runtime.convert import date_message, date_of, instant_of, message_of, money_message, money_of, value_of
from zhongtai.runtime.unit import Unit, View, on, on_each, rpc

_SIDES = {v1.SIDE_DEBIT: Side.DEBIT, v1.SIDE_CREDIT: Side.CREDIT}
_KINDS = {
    v1.ENTRY_KIND_UNSPECIFIED: EntryKind.POSTED,
    **{v1.EntryKind.Value(f"ENTRY_KIND_{kind}"): kind for kind in EntryKind},
}
_READ_AT_ONCE = 100_000


@rpc
def post_entry(request: v1.PostEntryRequest, unit: Unit) -> v1.PostEntryResponse:
    """Posts one entry."""
    (entry,) = store.post(unit, [_draft(unit.new_id("ent"), request.draft)])
    return v1.PostEntryResponse(entry_id=entry.entry_id, entry=message_of(entry, v1.Entry))


@rpc
def post_entries(request: v1.PostEntriesRequest, unit: Unit) -> v1.PostEntriesResponse:
    """Posts many entries, all or none."""
    entry_ids = unit.new_ids("ent", len(request.drafts))
    entries = store.post(unit, list(map(_draft, entry_ids, request.drafts)))
    return v1.PostEntriesResponse(
        entry_ids=[entry.entry_id for entry in entries],
        first_number=entries[0].number,
        last_number=entries[-1].number,
        last_hash=entries[-1].hash,
    )


@rpc
def reverse_entry(request: v1.ReverseEntryRequest, unit: Unit) -> v1.ReverseEntryResponse:
    """Posts the mirror of an entry, once."""
    reversal = entry_store.reversal_of(unit, request.entry_id)
    if reversal is None:
        (reversal,) = store.post(unit, [entry_store.load(unit, request.entry_id).mirror(unit.new_id("ent"))])
    return v1.ReverseEntryResponse(reversal_entry_id=reversal.entry_id, reversal=message_of(reversal, v1.Entry))


@rpc
def correct_entry(request: v1.CorrectEntryRequest, unit: Unit) -> v1.CorrectEntryResponse:
    """Posts the mirror of an entry and the right one, both or neither."""
    mirror = entry_store.load(unit, request.entry_id).mirror(unit.new_id("ent"))
    reversal, correction = store.post(unit, [mirror, _draft(unit.new_id("ent"), request.draft)])
    return v1.CorrectEntryResponse(
        correction_entry_id=correction.entry_id,
        reversal=message_of(reversal, v1.Entry),
        correction=message_of(correction, v1.Entry),
    )


@rpc
def get_entry(request: v1.GetEntryRequest, view: View) -> v1.GetEntryResponse:
    """One entry."""
    found = entry_store.load(view, request.entry_id)
    reversal = entry_store.reversal_of(view, found.entry_id)
    resolution = entry_store.resolution_of(view, found.entry_id)
    return v1.GetEntryResponse(
        entry=message_of(found, v1.Entry),
        reversed_by=reversal.entry_id if reversal else "",
        resolved_by=resolution.entry_id if resolution else "",
    )


@rpc
def find_entry(request: v1.FindEntryRequest, view: View) -> v1.FindEntryResponse:
    """The id of the entry with a number."""
    return v1.FindEntryResponse(entry_id=entry_store.id_of(view, request.book, request.number))


@rpc
def list_entries(request: v1.ListEntriesRequest, view: View) -> v1.ListEntriesResponse:
    """Entries, page by page."""
    conditions = entry_store.about(request.account_code, request.account_id, request.reference)
    numbers, page = entry_store.entry_numbers.page(view, request.page, *conditions)
    entries = entry_store.numbered(view, numbers)
    return v1.ListEntriesResponse(entries=[message_of(entry, v1.Entry) for entry in entries], page=page)


@rpc
def get_balance(request: v1.GetBalanceRequest, view: View) -> v1.GetBalanceResponse:
    """The balance of a code or an account at a date."""
    at = date_of(request.on) if request.HasField("on") else view.business_date
    owner: Account | GeneralAccount
    if request.account_id:
        owner = account_store.accounts.load(view, request.account_id)
        closings = store.closings_of(view, request.account_id, at, owner.book)
    else:
        owner = chart_store.in_force(view).account(request.account_code)
        closings = store.closings_of(view, request.account_code, at, request.book or GENERAL)
    return v1.GetBalanceResponse(
        side="SIDE_" + owner.side,
        balances=[money_message(owner.side.balance(currency, closing)) for currency, closing in closings],
        on=date_message(at),
    )


@rpc
def get_trial_balance(request: v1.GetTrialBalanceRequest, view: View) -> v1.GetTrialBalanceResponse:
    """The trial balance at a date."""
    at = date_of(request.on) if request.HasField("on") else view.business_date
    closings = store.closings_of_codes(view, at, request.book or GENERAL)
    return message_of(trial_balance(chart_store.in_force(view), at, closings), v1.GetTrialBalanceResponse)


@rpc
def get_chart(request: v1.GetChartRequest, view: View) -> v1.GetChartResponse:
    """The chart of accounts in force."""
    lines = chart_store.in_force(view).accounts.values()
    return v1.GetChartResponse(accounts=[message_of(line, v1.GeneralAccount) for line in lines])


@rpc
def verify_ledger(request: v1.VerifyLedgerRequest, view: View) -> v1.VerifyLedgerResponse:
    """Reads the chain again and names the first bad entry."""
    book = request.book or GENERAL
    head = chain_store.head(view, book)
    first = min(request.from_number or 1, head.number + 1)
    last = min(first + (request.maximum_entries or _READ_AT_ONCE) - 1, head.number)
    chain = chain_store.chain_between(view, book, first, last)
    fault, ended = chain.fault, last == head.number
    if ended and not fault:
        summed = store.sums_of_legs(view, book)
        fault = fault_of_end(head, chain_store.extent(view, book), chain.hash.decode()) or fault_of_sums(
            store.closings_of_codes(view, date.max, book), summed
        )
    return v1.VerifyLedgerResponse(
        intact=fault is None,
        entries_read=chain.number - first + 1,
        next_number=0 if ended or fault else last + 1,
        fault=f"LEDGER_FAULT_{fault.fault}" if fault else None,
        bad_number=fault.number if fault else 0,
        bad_entry_id=chain_store.entry_at(view, book, fault.number)[0] if fault else "",
        detail=fault.detail if fault else "",
        last_hash=chain.hash.decode(errors="replace"),
    )


@on
def loan_account_changed(event: account_credit.LoanAccountChanged, unit: Unit) -> None:
    """Books every transaction of a loan account that was booked or reverted, each as an entry of its own."""
    if event.postings:
        entry_ids = unit.new_ids("ent", len(event.postings))
        store.post(unit, [_by_role(event.loan_id, *pair) for pair in zip(entry_ids, event.postings, strict=True)])


@on_each(store.RULES)
def posted_by_rule(event: Message, unit: Unit) -> None:
    """Books what the posting rule of the event says; an event is heard because a rule names it."""
    rule = store.RULES[event.DESCRIPTOR.full_name]
    draft = rule.draft(unit.new_id("ent"), _reader(event), LedgerBalances(unit))
    if draft:
        store.post(unit, [draft])


def _by_role(loan_id: str, entry_id: str, posting: account_credit.LoanPosting) -> Draft:
    return role_draft(
        entry_id,
        loan_id,
        posting.kind,
        [RoleLeg(leg.role, Side(leg.side), money_of(leg.amount)) for leg in posting.legs],
        value_date=date_of(posting.value_date),
        roles=store.ROLES,
    )


def _draft(entry_id: str, draft: v1.EntryDraft) -> Draft:
    return Draft(
        draft.entry_id or entry_id,
        draft.reference,
        draft.narrative,
        tuple([_leg(leg) for leg in draft.legs]),
        date_of(draft.booking_date) if draft.HasField("booking_date") else None,
        date_of(draft.value_date) if draft.HasField("value_date") else None,
        None,
        draft.book or GENERAL,
        _KINDS[draft.kind],
        draft.resolves or None,
        instant_of(draft.expires_at) if draft.HasField("expires_at") else None,
        tuple([_condition(condition) for condition in draft.conditions]),
    )


def _leg(leg: v1.Leg) -> Leg:
    dimensions = value_of(leg.dimensions, Dimensions) if leg.HasField("dimensions") else None
    return Leg(leg.account_code, leg.account_id, _SIDES[leg.side], money_of(leg.amount), dimensions)


def _condition(condition: v1.BalanceCondition) -> BalanceCondition:
    return BalanceCondition(
        condition.account_id or condition.account_code,
        money_of(condition.at_least) if condition.HasField("at_least") else None,
        money_of(condition.at_most) if condition.HasField("at_most") else None,
    )


def _reader(event: Message) -> Callable[[str], Any]:
    """Reads a field of an event by its path, as a value of the domain."""

    def read(path: str) -> Any:
        part = attrgetter(path)(event)
        if isinstance(part, MoneyMessage):
            return money_of(part) if part.currency_code else None
        if isinstance(part, Date):
            return date_of(part) if part.year else None
        return part

    return read
