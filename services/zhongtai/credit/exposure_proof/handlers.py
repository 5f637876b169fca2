"""The RPCs of the proof of exposure, and what it hears of the general ledger."""

from collections import Counter

from zhongtai.credit.exposure_proof import domain, store
from zhongtai.credit.v1 import exposure_proof_pb2 as v1
from zhongtai.operations.v1 import ledger_pb2 as ledger_v1
from zhongtai.runtime.convert import date_of, message_of
from zhongtai.runtime.unit import Unit, View, on, rpc


@rpc
def prove_exposure(request: v1.ProveExposureRequest, unit: Unit) -> v1.ProveExposureResponse:
    """Compares limits, loans, the ledger and the limit tree, and keeps what came of it."""
    _ = request
    today = unit.business_date
    found = domain.findings(
        store.differences(unit), store.open_breaks(unit), on=today, new_id=lambda: unit.new_id("break")
    )
    store.breaks.add_all(unit, found.found)
    store.breaks.save_all(unit, (*found.seen, *found.resolved))
    limits, loans, nodes, totals = store.compared(unit)
    proof = domain.ExposureProof(today, limits, loans, nodes, len(found.found) + len(found.seen), found.left, totals)
    if store.proofs.find(unit, today.isoformat()) is None:
        store.proofs.add(unit, proof)
    else:
        store.proofs.save(unit, proof)
    unit.record_all(found.facts)
    return v1.ProveExposureResponse(proof=_message(proof), found=len(found.found), resolved=len(found.resolved))


@rpc
def get_exposure_proof(request: v1.GetExposureProofRequest, view: View) -> v1.GetExposureProofResponse:
    """The proof of a business date."""
    on_day = date_of(request.on) if request.HasField("on") else view.business_date
    return v1.GetExposureProofResponse(proof=_message(store.proofs.load(view, on_day.isoformat())))


@rpc
def list_exposure_breaks(request: v1.ListExposureBreaksRequest, view: View) -> v1.ListExposureBreaksResponse:
    """The breaks that stand so."""
    status = v1.BreakStatus.Name(request.status).removeprefix("BREAK_STATUS_")
    conditions = [store.EXPOSURE_BREAK.c.status == status] if request.status else []
    found, page = store.breaks.page(view, request.page, *conditions)
    return v1.ListExposureBreaksResponse(breaks=[message_of(one, v1.ExposureBreak) for one in found], page=page)


@on
def entry_posted(event: ledger_v1.EntryPosted, unit: Unit) -> None:
    """Keeps what the ledger has of each loan: an entry on the loans account is about the loan it refers to."""
    balances: Counter[str] = Counter()
    for leg in event.legs:
        if leg.account_code == domain.LOANS_ACCOUNT_CODE:
            sign = 1 if leg.side == ledger_v1.SIDE_DEBIT else -1
            balances[leg.amount.currency_code] += sign * leg.amount.minor_units
    for currency, minor_units in balances.items():
        known = store.ledger_exposures.find(unit, event.reference, currency)
        if known is None:
            store.ledger_exposures.add(unit, domain.LedgerExposure(event.reference, currency, minor_units))
        else:
            store.ledger_exposures.save(unit, known.posted(minor_units))


def _message(proof: domain.ExposureProof) -> v1.ExposureProof:
    return message_of(proof, v1.ExposureProof, proven=proof.proven)
