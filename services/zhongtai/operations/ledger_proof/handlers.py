"""The RPC of the proofs, and what is heard of credit's own."""

from zhongtai.credit.v1 import exposure_proof_pb2 as exposure_v1
from zhongtai.operations.account.domain import GENERAL
from zhongtai.operations.ledger_proof import store
from zhongtai.operations.ledger_proof.domain import OpenExposureBreak
from zhongtai.operations.v1 import ledger_proof_pb2 as v1
from zhongtai.runtime.convert import date_message, date_of, message_of, money_of
from zhongtai.runtime.unit import Unit, View, on, rpc


@rpc
def prove_ledger(request: v1.ProveLedgerRequest, view: View) -> v1.ProveLedgerResponse:
    """Every proof at the end of a booking date."""
    at = date_of(request.on) if request.HasField("on") else view.business_date
    proofs = store.prove(view, at, request.book or GENERAL)
    return v1.ProveLedgerResponse(
        on=date_message(at),
        proofs=[message_of(proof, v1.LedgerProof, holds=proof.holds) for proof in proofs],
        proven=all(proof.holds for proof in proofs),
    )


@on
def exposure_break_is_open(event: exposure_v1.ExposureBreakFound, unit: Unit) -> None:
    """Keeps a difference that credit has found."""
    found = OpenExposureBreak(event.break_id, event.subject, money_of(event.counted), money_of(event.owed))
    store.exposure_breaks.add(unit, found)


@on
def exposure_break_is_gone(event: exposure_v1.ExposureBreakResolved, unit: Unit) -> None:
    """Forgets a difference that is gone."""
    if store.exposure_breaks.find(unit, event.break_id) is not None:
        store.exposure_breaks.remove(unit, event.break_id)
