"""The RPCs of posting rules: released versions, what they would post, and what is posted by them."""

from collections.abc import Callable, Iterable
from typing import Any

from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.ledger.domain import Draft, Leg
from zhongtai.operations.posting_flow.domain import Moved
from zhongtai.operations.posting_rule import store
from zhongtai.operations.posting_rule.domain import (
    ReleasedRule,
    field_of,
    must_fit_an_entry,
    must_post,
    note_text,
)
from zhongtai.operations.v1 import posting_rule_pb2 as v1
from zhongtai.operations.v1.ledger_pb2 import Entry
from zhongtai.operations.v1.ledger_pb2 import Leg as LegMessage
from zhongtai.runtime.convert import date_of, message_of, money_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def release_posting_rule(request: v1.ReleasePostingRuleRequest, unit: Unit) -> v1.ReleasePostingRuleResponse:
    """Releases a version of a rule."""
    asked = value_of(request.rule, ReleasedRule)
    before = store.rules.find(unit, asked.rule, asked.version)
    released, fact = asked.release(before, unit.business_date, unit.caller.subject)
    if fact is not None:
        store.rules.add(unit, released)
        unit.record(fact)
    return v1.ReleasePostingRuleResponse(rule=released.rule, version=released.version)


@rpc
def get_posting_rule(request: v1.GetPostingRuleRequest, view: View) -> v1.GetPostingRuleResponse:
    """One version of a rule."""
    released = store.load(view, request.rule, request.version)
    return v1.GetPostingRuleResponse(rule=message_of(released, v1.ReleasedRule))


@rpc
def list_posting_rules(request: v1.ListPostingRulesRequest, view: View) -> v1.ListPostingRulesResponse:
    """Versions of rules, page by page."""
    wanted = [store.POSTING_RULE.c.rule == request.rule] if request.rule else []
    found, page = store.rules.page(view, request.page, *wanted)
    return v1.ListPostingRulesResponse(rules=[message_of(rule, v1.ReleasedRule) for rule in found], page=page)


@rpc
def preview_posting(request: v1.PreviewPostingRequest, view: View) -> v1.PreviewPostingResponse:
    """What a rule would post now."""
    if request.terms:
        asked = ReleasedRule(request.rule, 0, "", request.terms, view.business_date)
    else:
        asked = store.load(view, request.rule, request.version)
    legs, moved = _posted(view, asked, request.fields)
    return v1.PreviewPostingResponse(
        version=asked.version, legs=[message_of(leg, LegMessage) for leg in legs], notes=_notes(moved)
    )


@rpc
def post_by_rule(request: v1.PostByRuleRequest, unit: Unit) -> v1.PostByRuleResponse:
    """Posts by a rule."""
    released = store.load(unit, request.rule, request.version)
    legs, moved = _posted(unit, released, request.fields)
    draft = Draft(
        unit.new_id("ent"),
        request.reference,
        released.narrative,
        must_post(legs),
        date_of(request.booking_date) if request.HasField("booking_date") else None,
        date_of(request.value_date) if request.HasField("value_date") else None,
    )
    (entry,) = ledger_store.post(unit, [draft])
    return v1.PostByRuleResponse(
        entry_id=entry.entry_id, version=released.version, entry=message_of(entry, Entry), notes=_notes(moved)
    )


def _posted(view: View, released: ReleasedRule, fields: Iterable[v1.RuleField]) -> tuple[tuple[Leg, ...], Moved]:
    rule = store.read(released)
    read = _reader(fields)
    moved = rule.moved(read, store.LedgerBalances(view))
    return must_fit_an_entry(rule.posted(read, moved)), moved


def _reader(fields: Iterable[v1.RuleField]) -> Callable[[str], Any]:
    """Reads the fields of a request by their names."""
    given: dict[str, Any] = {}
    for field in fields:
        kind = field.WhichOneof("value") or "text"
        given[field.name] = money_of(field.amount) if kind == "amount" else getattr(field, kind)
    return lambda name: field_of(given, name)


def _notes(moved: Moved) -> list[v1.RuleNote]:
    return [v1.RuleNote(key=key, value=note_text(known)) for key, known in moved.notes.items()] + [
        v1.RuleNote(key=key, account=account, value=note_text(known))
        for account, notes in moved.account_notes.items()
        for key, known in notes.items()
    ]
