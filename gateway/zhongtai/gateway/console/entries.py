"""Entries of the ledger: the newest, and one with its legs, its place in the chain, its seal and the proof of it."""

from contextlib import suppress
from urllib.parse import quote

from starlette.responses import Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console.site import Told, Visit
from zhongtai.operations.v1 import ledger_pb2
from zhongtai.operations.v1 import ledger_seal_pb2 as v1

ROWS = 25
# What the page of one entry calls the book that every entry belongs to where nobody names one.
GENERAL = "general"


async def listed(visit: Visit) -> Response:
    """The newest entries; an id, or a number with its book, leads to its entry."""
    sought = visit.query.get("entry_id", "").strip()
    refused = None
    if not sought and (number := visit.query.get("number", "").strip()):
        book = visit.query.get("book", "").strip() or GENERAL
        found = await visit.told(ledger_pb2.FindEntryRequest(book=book[:64], number=_number(number)))
        sought, refused = (found.reply.entry_id, None) if found else ("", found.refusal)
    if sought:
        return visit.go(f"entries/{quote(sought, safe='')}")
    filters = {name: visit.query.get(name, "").strip() for name in ("account_id", "reference")}
    request = ledger_pb2.ListEntriesRequest(
        account_id=filters["account_id"],
        # One of both at a time.
        reference="" if filters["account_id"] else filters["reference"],
        page=PageRequest(size=ROWS, token=visit.query.get("page", ""), newest_first=True),
    )
    return visit.show(
        "entries.html",
        told=await visit.told(request),
        filters=filters,
        refused=refused,
        general=GENERAL,
        kind=entry_kind,
    )


async def one(visit: Visit) -> Response:
    """One entry, and with `check` whether the proof of it holds."""
    entry_id = visit.request.path_params["entry_id"]
    found = await visit.ask(ledger_pb2.GetEntryRequest(entry_id=entry_id), ledger_pb2.GetEntryResponse)
    proof = await visit.told(v1.GetEntryProofRequest(entry_id=entry_id))
    checked: Told | None = None
    if proof and "check" in visit.query:
        checked = await visit.told(v1.CheckEntryProofRequest(document=proof.reply.document))
    return visit.show(
        "entry.html",
        found=found,
        entry=found.entry,
        proof=proof,
        checked=checked,
        kind=entry_kind(found.entry),
        debit=ledger_pb2.SIDE_DEBIT,
        flaw=v1.ProofFlaw.Name(checked.reply.flaw).removeprefix("PROOF_FLAW_") if checked else "",
    )


async def document(visit: Visit) -> Response:
    """The proof as the file that `deploy/check_proof.py` checks."""
    entry_id = visit.request.path_params["entry_id"]
    made = await visit.ask(v1.GetEntryProofRequest(entry_id=entry_id), v1.GetEntryProofResponse)
    headers = {"content-disposition": f'attachment; filename="proof-{made.hash[:16]}.json"'}
    return Response(made.document, media_type="application/json", headers=headers | {"cache-control": "no-store"})


def entry_kind(entry: ledger_pb2.Entry) -> str:
    """What an entry does, `POST_PENDING`."""
    return ledger_pb2.EntryKind.Name(entry.kind).removeprefix("ENTRY_KIND_")


def _number(text: str) -> int:
    """The number in a text; 0, which no entry has, where there is none."""
    with suppress(ValueError):
        return min(max(int(text), 0), 1 << 62)
    return 0
