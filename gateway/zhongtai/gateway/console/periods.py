"""The periods of books: which months and years are closed, what a closed year carried forward, and closing the next."""

from contextlib import suppress
from datetime import date

from starlette.responses import Response

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console.refusals import NothingHere
from zhongtai.gateway.console.site import Told, Visit
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import book_day_pb2
from zhongtai.operations.v1 import book_period_pb2 as v1
from zhongtai.runtime.convert import date_message

ROWS = 50
GENERAL = "general"


async def listed(visit: Visit) -> Response:
    """What a book says about its dates, the periods that are closed, and what closing another one would post."""
    return await _show(visit)


async def act(visit: Visit) -> Response:
    """Closes a period; a refusal stands above the form."""
    fields, verb = await visit.form(), visit.request.path_params["verb"]
    through = _day(fields.get("through", ""))
    if verb != "close" or through is None:
        raise NothingHere(name=verb[:40])
    book = fields.get("book", "")
    request_id = fields.get("request_id", "")
    told = await visit.act(v1.ClosePeriodRequest(request_id=request_id, book=book, through=date_message(through)))
    return visit.go("periods", book=book, done="close") if told else await _show(visit, book, through, told.refusal)


async def _show(visit: Visit, book: str = "", through: date | None = None, refusal: Refusal | None = None) -> Response:
    book = book or visit.query.get("book", "").strip()[:64] or GENERAL
    through = through or _day(visit.query.get("through", ""))
    drafts: Told | None = None
    if through and not refusal:
        drafts = await visit.told(v1.PreviewPeriodRequest(book=book, through=date_message(through)))
    page = PageRequest(size=ROWS, token=visit.query.get("page", ""), newest_first=True)
    return visit.show(
        "periods.html",
        book=book,
        through=through.isoformat() if through else "",
        told=await visit.told(v1.ListPeriodsRequest(page=page)),
        dates=await visit.told(book_day_pb2.GetBookDayRequest(book=book)),
        drafts=drafts,
        refusal=refusal,
        done=visit.query.get("done", "") == "close",
        kind=period_kind,
        late=lambda one: book_day_pb2.LateEntries.Name(one.late_entries).removeprefix("LATE_ENTRIES_"),
        # The id is the form's: a form that is sent twice asks once.
        new_id=lambda: visit.console.ids.new("req"),
    )


def period_kind(period: v1.BookPeriod) -> str:
    """Which period it is, `MONTH`."""
    return v1.PeriodKind.Name(period.kind).removeprefix("PERIOD_KIND_")


def _day(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text)
    return None
