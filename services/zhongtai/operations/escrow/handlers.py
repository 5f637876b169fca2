"""The RPCs of escrows; an escrow, its entry and the account it moves change in one unit of work."""

from dataclasses import dataclass
from operator import attrgetter

from zhongtai.kernel.money import Money
from zhongtai.operations.account import store as account_store
from zhongtai.operations.account_class import store as class_store
from zhongtai.operations.account_class.domain import AccountUse
from zhongtai.operations.escrow import store
from zhongtai.operations.escrow.domain import Escrow, EscrowParty, EscrowReleased, EscrowReturned
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.ledger.domain import Draft
from zhongtai.operations.mandate import store as mandate_store
from zhongtai.operations.payment import bounds, trying
from zhongtai.operations.v1 import escrow_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, money_of
from zhongtai.runtime.unit import Unit, View, rpc


@dataclass(frozen=True, slots=True)
class _Moving:
    """What a posting rule of an escrow reads its fields of."""

    escrow: Escrow
    amount: Money


@rpc
def open_escrow(request: v1.OpenEscrowRequest, unit: Unit) -> v1.OpenEscrowResponse:
    """Takes money from the payer and keeps it."""
    amount = money_of(request.amount)
    wanted = Escrow(
        escrow_id=unit.new_id("esc"),
        end_to_end_id=request.end_to_end_id,
        initiating_party=unit.caller.client_id,
        payer_account_id=account_store.customers_account(unit, request.payer_account_id).account_id,
        payee_account_id=account_store.customers_account(unit, request.payee_account_id).account_id,
        condition=request.condition,
        amount=amount,
        released_by=tuple(map(_party, request.released_by)),
        returned_by=tuple(map(_party, request.returned_by)),
        expires_on=date_of(request.expires_on),
        released=amount.nothing,
        returned=amount.nothing,
    )
    escrow = store.by_reference(unit, wanted.initiating_party, wanted.end_to_end_id)
    if escrow:
        escrow.must_be(wanted)
    else:
        unit.record(wanted.opened(unit.business_date))
        mandate_store.must_allow(unit, wanted.payer_account_id, request.ordered_by, amount)
        bounds.count_paid(unit, wanted.payer_account_id, amount)
        _use_of_class(unit, wanted.payer_account_id, wanted.payee_account_id, amount, AccountUse.OUTWARD)
        escrow = wanted.booked(_posted(unit, "OPENED", wanted, amount))
        store.escrows.add(unit, escrow)
    return v1.OpenEscrowResponse(
        escrow_id=escrow.escrow_id, entry_id=escrow.entry_ids[0], escrow=message_of(escrow, v1.Escrow)
    )


@rpc
def release_escrow(request: v1.ReleaseEscrowRequest, unit: Unit) -> v1.ReleaseEscrowResponse:
    """Pays the payee."""
    amount, party = money_of(request.amount), _party(request.party)
    escrow = store.escrows.load(unit, request.escrow_id).release(amount, party, unit.business_date)
    _use_of_class(unit, escrow.payee_account_id, escrow.payer_account_id, amount, AccountUse.INWARD)
    entry_id = _posted(unit, "RELEASED", escrow, amount)
    escrow = escrow.booked(entry_id)
    store.escrows.save(unit, escrow)
    unit.record(EscrowReleased(escrow.escrow_id, amount, party, entry_id))
    return v1.ReleaseEscrowResponse(entry_id=entry_id, escrow=message_of(escrow, v1.Escrow))


@rpc
def return_escrow(request: v1.ReturnEscrowRequest, unit: Unit) -> v1.ReturnEscrowResponse:
    """Gives money back to the payer."""
    amount, party = money_of(request.amount), _party(request.party)
    escrow = store.escrows.load(unit, request.escrow_id).give_back(amount, party, unit.business_date)
    entry_id = _posted(unit, "RETURNED", escrow, amount)
    escrow = escrow.booked(entry_id)
    store.escrows.save(unit, escrow)
    unit.record(EscrowReturned(escrow.escrow_id, amount, party, entry_id))
    return v1.ReturnEscrowResponse(entry_id=entry_id, escrow=message_of(escrow, v1.Escrow))


@rpc
def return_expired_escrows(request: v1.ReturnExpiredEscrowsRequest, unit: Unit) -> v1.ReturnExpiredEscrowsResponse:
    """Gives back what is kept too long; an escrow whose payer's account takes nothing stays, and holds up no other."""
    due = store.expired(unit, request.position)
    returned = sum(_expired(unit, escrow) for escrow in due)
    return v1.ReturnExpiredEscrowsResponse(
        returned=returned, next_position=due[-1].escrow_id if len(due) == store.AT_ONCE else ""
    )


@rpc
def get_escrow(request: v1.GetEscrowRequest, view: View) -> v1.GetEscrowResponse:
    """One escrow."""
    return v1.GetEscrowResponse(escrow=message_of(store.escrows.load(view, request.escrow_id), v1.Escrow))


@rpc
def list_escrows(request: v1.ListEscrowsRequest, view: View) -> v1.ListEscrowsResponse:
    """Escrows, page by page."""
    found, page = store.escrows.page(view, request.page, *store.about(request.account_id))
    return v1.ListEscrowsResponse(escrows=[message_of(escrow, v1.Escrow) for escrow in found], page=page)


def _expired(unit: Unit, escrow: Escrow) -> bool:
    """Gives back all that is kept, where the payer's account takes it."""
    kept = escrow.kept
    draft = _draft(unit, "RETURNED", escrow, kept)
    if trying.why_not_posted(unit, draft) is not None:
        return False
    (entry,) = ledger_store.post(unit, [draft])
    store.escrows.save(unit, escrow.expire().booked(entry.entry_id))
    unit.record(EscrowReturned(escrow.escrow_id, kept, None, entry.entry_id))
    return True


def _posted(unit: Unit, event: str, escrow: Escrow, amount: Money) -> str:
    (entry,) = ledger_store.post(unit, [_draft(unit, event, escrow, amount)])
    return entry.entry_id


def _draft(unit: Unit, event: str, escrow: Escrow, amount: Money) -> Draft:
    moving = _Moving(escrow, amount)
    draft = store.RULES[event].draft(unit.new_id("ent"), lambda path: attrgetter(path)(moving))
    assert draft is not None, "what is moved is above zero"
    return draft


def _use_of_class(unit: Unit, account_id: str, counterparty: str, amount: Money, use: AccountUse) -> None:
    account = account_store.accounts.load(unit, account_id)
    class_store.use_of_limits(unit, account, counterparty, amount, use)


def _party(party: v1.EscrowParty) -> EscrowParty:
    return EscrowParty(v1.EscrowParty.Name(party).removeprefix("ESCROW_PARTY_"))
