"""Imports from files: the list, and one with its progress, its totals and its bad rows, to be read or downloaded."""

import csv
import io
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.credit.v1 import file_import_pb2 as v1
from zhongtai.gateway.console.site import HEADERS, Visit
from zhongtai.runtime import contracts
from zhongtai.runtime.errors import ScopeMissing

ROWS = 25
AT_ONCE = 1000
_WORKING = (
    v1.IMPORT_PHASE_RECEIVING,
    v1.IMPORT_PHASE_CONVERTING,
    v1.IMPORT_PHASE_CHECKING,
    v1.IMPORT_PHASE_LANDING,
    v1.IMPORT_PHASE_ABANDONING,
)


def phase(found: v1.FileImport) -> str:
    """Where an import stands, as its word is called."""
    return v1.ImportPhase.Name(found.phase).removeprefix("IMPORT_PHASE_")


async def listed(visit: Visit) -> Response:
    """The imports, the newest first."""
    page = PageRequest(size=ROWS, token=visit.query.get("page", ""), newest_first=True)
    return visit.show("imports.html", told=await visit.told(v1.ListFileImportsRequest(page=page)), phase=phase)


async def one(visit: Visit) -> Response:
    """One import; while something is under way the page asks again."""
    import_id = visit.request.path_params["import_id"]
    reply = await visit.ask(v1.GetFileImportRequest(import_id=import_id), v1.GetFileImportResponse)
    page = PageRequest(size=ROWS, token=visit.query.get("page", ""))
    return visit.show(
        "import.html",
        found=reply.file_import,
        phase=phase(reply.file_import),
        works=reply.file_import.phase in _WORKING,
        bad=await visit.told(v1.ListBadRowsRequest(import_id=import_id, page=page)),
    )


async def bad_rows(visit: Visit) -> Response:
    """All bad rows as a file of separated values, in UTF-8 with a mark, which spreadsheets read as such."""
    import_id = visit.request.path_params["import_id"]
    request = v1.ListBadRowsRequest(import_id=import_id, page=PageRequest(size=AT_ONCE))
    method = contracts.method_of(request)
    if not visit.may(method):
        return visit.refused(ScopeMissing(scope=method.operation.scope))
    first = await visit.ask(request, v1.ListBadRowsResponse)
    headers = {**HEADERS, "content-disposition": f'attachment; filename="{file_name(import_id)}"'}
    return StreamingResponse(_lines(visit, import_id, first), media_type="text/csv; charset=utf-8", headers=headers)


def file_name(import_id: str) -> str:
    """The name of a file of bad rows; only letters and digits of the id, for it stands in a header."""
    return f"{''.join(letter for letter in import_id if letter.isalnum())[:40]}-bad-rows.csv"


async def _lines(visit: Visit, import_id: str, page: v1.ListBadRowsResponse) -> AsyncIterator[str]:
    yield "\ufeff" + _written(("line", "key", "field", "reason", "sentence", "sentence_zh"))
    while True:
        for row in page.bad_rows:
            yield _written((str(row.line), row.key, row.field, row.reason, row.sentence, row.sentence_zh))
        if not page.page.next_token:
            return
        following = PageRequest(size=AT_ONCE, token=page.page.next_token)
        page = await visit.ask(v1.ListBadRowsRequest(import_id=import_id, page=following), v1.ListBadRowsResponse)


def _written(cells: tuple[str, ...]) -> str:
    """One line; a cell that a spreadsheet would take for a formula is made a text."""
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell for cell in cells])
    return line.getvalue()
