"""Files of loans under way, and how a caller sends them: what the tests of imports share."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from tests.credit.examples import request_id
from zhongtai.credit.file_import.domain import PART_BYTES
from zhongtai.credit.v1 import file_import_pb2 as v1
from zhongtai.testing.doors import Door

# A consumer loan of CNY 12,000.00 over twelve months, four of them gone by; today is 2026-01-05 in the tests.
LOAN = {
    "reference": "OLD-1",
    "customer_id": "cus_1",
    "product_id": "consumer_instalment",
    "account_id": "acc_1",
    "currency": "CNY",
    "principal": "12000.00",
    "outstanding": "8200.00",
    "nominal_interest_rate": "0.12",
    "annual_percentage_rate": "0.126825",
    "term_months": "12",
    "start_date": "2025-08-20",
    "last_due_date": "2025-12-20",
}
ARREARS = {"arrears_principal": "900.00", "arrears_interest": "81.50", "arrears_since": "2025-11-20"}
WORKING = (v1.IMPORT_PHASE_CONVERTING, v1.IMPORT_PHASE_CHECKING, v1.IMPORT_PHASE_LANDING, v1.IMPORT_PHASE_ABANDONING)


def loan(number: int, **changes: str) -> dict[str, str]:
    """A row about a customer of its own, with changes."""
    return LOAN | {"reference": f"OLD-{number}", "customer_id": f"cus_{number}"} | changes


def csv_file(
    rows: Iterable[Mapping[str, str]], encoding: str = "utf-8", delimiter: str = ",", end: str = "\n"
) -> bytes:
    """The rows as a file; the columns are those of any row."""
    listed = list(rows)
    columns = list(dict.fromkeys(name for row in listed for name in row))
    lines = [delimiter.join(columns), *(delimiter.join(row.get(name, "") for name in columns) for row in listed)]
    return (end.join(lines) + end).encode(encoding)


def content_hash(content: bytes) -> str:
    """The hash a file is announced with."""
    parts = [content[first : first + PART_BYTES] for first in range(0, len(content), PART_BYTES)]
    return sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()


async def begun(door: Door, content: bytes, **fields: Any) -> str:
    """Announces a file; answers the import's id."""
    said: dict[str, Any] = {"kind": v1.IMPORT_KIND_LOANS, "format": v1.FILE_FORMAT_CSV}
    said |= {"size_bytes": len(content), "content_hash": content_hash(content)} | fields
    reply = await door.call(v1.BeginFileImportRequest(request_id=request_id(), **said))
    return str(reply.import_id)


async def sent(door: Door, content: bytes, **fields: Any) -> str:
    """Announces a file and sends its parts; answers the import's id."""
    import_id = await begun(door, content, **fields)
    known = await door.call(v1.GetFileImportRequest(import_id=import_id))
    if known.file_import.phase != v1.IMPORT_PHASE_RECEIVING:
        return import_id
    for number, first in enumerate(range(0, len(content), PART_BYTES)):
        part = content[first : first + PART_BYTES]
        await door.call(
            v1.AppendFilePartRequest(request_id=request_id(), import_id=import_id, number=number, content=part)
        )
    return import_id


async def go_on(door: Door, import_id: str) -> v1.FileImport:
    """Goes on until nothing is under way."""
    while True:
        reply = await door.call(v1.ContinueFileImportRequest(request_id=request_id(), import_id=import_id))
        found: v1.FileImport = reply.file_import
        if found.phase not in WORKING:
            return found


async def checked(door: Door, content: bytes, **fields: Any) -> v1.FileImport:
    """A file, sent and checked."""
    import_id = await sent(door, content, **fields)
    await door.call(v1.SealFileRequest(request_id=request_id(), import_id=import_id))
    return await go_on(door, import_id)


async def landed(door: Door, content: bytes, **fields: Any) -> v1.FileImport:
    """A file, sent, checked and landed."""
    found = await checked(door, content, **fields)
    await door.call(v1.LandFileImportRequest(request_id=request_id(), import_id=found.import_id))
    return await go_on(door, found.import_id)


async def findings(door: Door, import_id: str) -> list[tuple[int, str, str]]:
    """What is wrong with the rows of an import: line, field and reason."""
    reply = await door.call(v1.ListBadRowsRequest(import_id=import_id))
    return [(one.line, one.field, one.reason) for one in reply.bad_rows]
