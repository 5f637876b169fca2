"""What became of a reference, and what the ledger says of loans that were taken over."""

from zhongtai.credit.exposure_proof.domain import LOANS_ACCOUNT_CODE
from zhongtai.credit.loan_import import store
from zhongtai.credit.v1 import loan_import_pb2 as v1
from zhongtai.operations.v1 import ledger_pb2 as ledger_v1
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import Unit, View, on, rpc


@rpc
def get_imported_loan(request: v1.GetImportedLoanRequest, view: View) -> v1.GetImportedLoanResponse:
    """The loan of a reference."""
    return message_of(store.imported.load(view, request.reference), v1.GetImportedLoanResponse)


@on
def entry_posted(event: ledger_v1.EntryPosted, unit: Unit) -> None:
    """Tells what was booked of a batch as booked of its loans; an entry of another amount stays with the batch."""
    batch = store.batches.find(unit, event.reference)
    sign = 0 if batch is None else batch.booked(_debited(event, batch.opening.currency))
    if batch is not None and sign:
        store.share_out(unit, batch, sign)


def _debited(event: ledger_v1.EntryPosted, currency: str) -> int:
    """What an entry debits the loans account with, in minor units; below zero where it credits it."""
    return sum(
        leg.amount.minor_units if leg.side == ledger_v1.SIDE_DEBIT else -leg.amount.minor_units
        for leg in event.legs
        if leg.account_code == LOANS_ACCOUNT_CODE and leg.amount.currency_code == currency
    )
