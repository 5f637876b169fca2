"""The RPCs of the proof of exposure, and what it hears of the general ledger."""

from collections import Counter
from functools import partial

from zhongtai.credit.exposure_proof import domain, store
from zhongtai.credit.v1 import exposure_proof_pb2 as v1
from zhongtai.operations.v1 import ledger_pb2 as ledger_v1
from zhongtai.runtime.convert import date_of, message_of
from zhongtai.runtime.kept import change_once
from zhongtai.runtime.orchestration import Orchestration
from zhongtai.runtime.unit import Unit, View, on, rpc


@rpc
async def prove_exposure(request: v1.ProveExposureRequest, given: Orchestration) -> v1.ProveExposureResponse:
    """Compares limits, loans, the ledger and the limit tree as of one moment, and keeps what differs.

    It reads beside the writer and writes short pieces. Where it is cut off, the breaks it leaves are true.
    """
    compared = await given.read(lambda view: store.compare(view, lambda: given.new_id("break")))
    for piece in compared.findings.pieces():
        await given.change(partial(_keep, piece))

    def finish(unit: Unit) -> v1.ProveExposureResponse:
        if store.proofs.find(unit, compared.proof.business_date.isoformat()) is None:
            store.proofs.add(unit, compared.proof)
        else:
            store.proofs.save(unit, compared.proof)
        found, resolved = len(compared.findings.found), len(compared.findings.resolved)
        return v1.ProveExposureResponse(proof=_message(compared.proof), found=found, resolved=resolved)

    reply, _ = await change_once(given, request, finish)
    return reply


def _keep(piece: domain.Findings, unit: Unit) -> None:
    """Writes a piece of what was found, as far as no proof beside this one has written it meanwhile."""
    fresh = piece.fresh(store.open_among(unit, piece))
    store.breaks.add_all(unit, fresh.found)
    store.breaks.save_all(unit, (*fresh.seen, *fresh.resolved))
    unit.record_all(fresh.facts)


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
