"""The portfolio and the repricing gap as charts and tables; every figure of the portfolio leads to its sources."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from google.type.date_pb2 import Date
from starlette.responses import Response

from zhongtai.asset_liability.v1 import gap_pb2
from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console import formats, session
from zhongtai.gateway.console.charts import Chart, Series
from zhongtai.gateway.console.language import Words
from zhongtai.gateway.console.site import Visit
from zhongtai.reporting.v1 import portfolio_pb2
from zhongtai.runtime.violations import RequestInvalid, Violation

CURRENCY = "CNY"
ROWS = 50
APPROVALS = ("approved", "referred", "declined")
BALANCES = ("disbursed", "repaid_principal", "principal_outstanding", "arrears")
INCOME = ("interest_income", "funding_cost", "income_after_transfer_price")
NARROWING = ("product_id", "grade", "currency_code", "reason", "bucket_id")


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a table: its text, and where its sources are."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of figures with the chart above it."""

    key: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    chart: Chart | None


async def report(visit: Visit) -> Response:
    """The report at the close of a day."""
    as_of = _day(visit.query.get("as_of", ""))
    told = await visit.told(portfolio_pb2.GetPortfolioRequest(as_of=as_of))
    gap = await visit.told(gap_pb2.GetRepricingGapRequest(as_of=as_of, currency_code=CURRENCY))
    drill = _drill(told.reply.as_of) if told else _drill(Date())
    words = visit.words
    return visit.show(
        "portfolio.html",
        told=told,
        gap=gap,
        as_of=formats.day(told.reply.as_of) if told else "",
        tiles=_tiles(told.reply, drill) if told else [],
        tables=_tables(told.reply, words, drill) if told else [],
        gap_table=_gap(gap.reply.gap, words) if gap else None,
    )


async def sources(visit: Visit) -> Response:
    """The events, and the ledger entries, behind one figure."""
    narrowed = {name: visit.query[name] for name in NARROWING if name in visit.query}
    request = portfolio_pb2.ListSourcesRequest(
        figure=visit.query.get("figure", ""),
        as_of=_day(visit.query.get("as_of", "")),
        page=PageRequest(size=ROWS, token=visit.query.get("page", "")),
        **narrowed,
    )
    reply = await visit.ask(request, portfolio_pb2.ListSourcesResponse)
    kept = {name: value for name, value in visit.query.items() if name != "page"}
    following = urlencode(kept | {"page": reply.page.next_token}) if reply.page.next_token else ""
    return visit.show(
        "sources.html",
        figure=request.figure,
        narrowed=narrowed,
        as_of=formats.day(request.as_of),
        sources=reply.sources,
        following=following,
        first=urlencode(kept) if "page" in visit.query else "",
    )


Drill = Callable[..., str]


def _drill(as_of: Date) -> Drill:
    """What makes the address of a figure's sources."""

    def drill(figure: str, **narrowed: str) -> str:
        query = {"figure": figure, "as_of": formats.day(as_of)} | narrowed
        return f"{session.PATH}/portfolio/sources?{urlencode(query)}"

    return drill


def _tiles(reply: portfolio_pb2.GetPortfolioResponse, drill: Drill) -> list[tuple[str, Cell]]:
    """The totals, by currency."""
    total = reply.approvals_total.applications
    tiles = [("applications", Cell(f"{total.value:,}", drill(total.figure)))] if total.figure else []
    for line in reply.loans_total:
        tiles.append(("loans_disbursed", _count(line.loans_disbursed, drill, currency_code=line.currency_code)))
        tiles += [
            (name, _money(getattr(line, name), drill, currency_code=line.currency_code))
            for name in ("principal_outstanding", "arrears", *INCOME)
        ]
    return tiles


def _tables(reply: portfolio_pb2.GetPortfolioResponse, words: Words, drill: Drill) -> list[Table]:
    found = [
        _approvals(reply, words, drill),
        _declines(reply, words, drill),
        _loans("balances", BALANCES, reply, words, drill),
        _arrears(reply, words, drill),
        _loans("income", INCOME, reply, words, drill),
    ]
    return [table for table in found if table.rows]


def _approvals(reply: portfolio_pb2.GetPortfolioResponse, words: Words, drill: Drill) -> Table:
    columns = ("applications", *APPROVALS, "taken_up")
    lines = list(reply.approvals)
    rows = [
        (line.grade or words("portfolio.no_grade"), _counts(line, columns, drill, grade=line.grade)) for line in lines
    ]
    total = (words("portfolio.total"), _counts(reply.approvals_total, columns, drill))
    colours = ("good", "wait", "bad")
    series = [
        Series(
            words(f"figure.{name}"),
            colour,
            [getattr(line, name).value for line in lines],
            [drill(getattr(line, name).figure, grade=line.grade) for line in lines],
            stack="decided",
        )
        for name, colour in zip(APPROVALS, colours, strict=True)
    ]
    chart = Chart([label for label, _ in rows], series)
    return Table("approvals", columns, (*rows, total) if rows else (), chart)


def _declines(reply: portfolio_pb2.GetPortfolioResponse, words: Words, drill: Drill) -> Table:
    rows = tuple((line.reason, (_count(line.declined, drill, reason=line.reason),)) for line in reply.declines)
    values = [line.declined.value for line in reply.declines]
    links = [drill(line.declined.figure, reason=line.reason) for line in reply.declines]
    series = [Series(words("figure.declined"), "bad", values, links)]
    return Table("declines", ("declined",), rows, Chart([label for label, _ in rows], series, lying=True))


def _loans(
    key: str, names: tuple[str, ...], reply: portfolio_pb2.GetPortfolioResponse, words: Words, drill: Drill
) -> Table:
    lines = list(reply.loans)
    several = len({(line.product_id, line.currency_code) for line in lines}) > 1

    def label(line: portfolio_pb2.LoanLine) -> str:
        grade = line.grade or words("portfolio.no_grade")
        return f"{line.product_id} · {grade} · {line.currency_code}" if several else grade

    def narrowed(line: portfolio_pb2.LoanLine) -> dict[str, str]:
        return {"product_id": line.product_id, "grade": line.grade, "currency_code": line.currency_code}

    rows = [
        (label(line), tuple(_money(getattr(line, name), drill, **narrowed(line)) for name in names)) for line in lines
    ]
    rows += [
        (
            f"{words('portfolio.total')} {line.currency_code}",
            tuple(_money(getattr(line, name), drill, currency_code=line.currency_code) for name in names),
        )
        for line in reply.loans_total
    ]
    colours = ("first", "second", "third", "bad")
    series = [
        Series(
            words(f"figure.{name}"),
            colour,
            [formats.major_units(getattr(line, name).value) for line in lines],
            [drill(getattr(line, name).figure, **narrowed(line)) for line in lines],
            texts=[formats.money(getattr(line, name).value) for line in lines],
        )
        for name, colour in zip(names, colours, strict=False)
    ]
    return Table(key, names, tuple(rows) if lines else (), Chart([label(line) for line in lines], series))


def _arrears(reply: portfolio_pb2.GetPortfolioResponse, words: Words, drill: Drill) -> Table:
    names = ("loans_in_arrears", "arrears", "principal_outstanding")
    lines = list(reply.arrears)
    rows = []
    for line in lines:
        narrowed = {"bucket_id": line.bucket_id, "currency_code": line.currency_code}
        cells = (
            _count(line.loans_in_arrears, drill, **narrowed),
            _money(line.arrears, drill, **narrowed),
            _money(line.principal_outstanding, drill, **narrowed),
        )
        rows.append((words.known(f"bucket.{line.bucket_id}", line.bucket_id), cells))
    series = [
        Series(
            words(f"figure.{name}"),
            colour,
            [formats.major_units(getattr(line, name).value) for line in lines],
            [cells[place].href for _, cells in rows],
            texts=[cells[place].text for _, cells in rows],
        )
        for place, name, colour in ((1, "arrears", "bad"), (2, "principal_outstanding", "third"))
    ]
    return Table("arrears", names, tuple(rows), Chart([label for label, _ in rows], series))


def _gap(gap: gap_pb2.Gap, words: Words) -> Table:
    names = ("assets", "liabilities", "gap", "cumulative_gap")
    labels = [words.either(bucket.title, bucket.title_zh) for bucket in gap.buckets]
    rows = tuple(
        (label, tuple(Cell(formats.money(getattr(bucket, name))) for name in names))
        for label, bucket in zip(labels, gap.buckets, strict=True)
    )
    looks = (("assets", "third", 1), ("liabilities", "bad", -1), ("cumulative_gap", "first", 1))
    series = [
        Series(
            words(f"figure.{name}"),
            colour,
            # Liabilities hang below the line, so that the eye sees the gap.
            [formats.major_units(getattr(bucket, name)) * sign for bucket in gap.buckets],
            texts=[formats.money(getattr(bucket, name)) for bucket in gap.buckets],
            stack="" if name == "cumulative_gap" else "sides",
            line=name == "cumulative_gap",
        )
        for name, colour, sign in looks
    ]
    return Table("gap", names, rows, Chart(labels, series))


def _counts(
    line: portfolio_pb2.ApprovalLine, names: tuple[str, ...], drill: Drill, **narrowed: str
) -> tuple[Cell, ...]:
    return tuple(_count(getattr(line, name), drill, **narrowed) for name in names)


def _count(figure: portfolio_pb2.CountFigure, drill: Drill, **narrowed: str) -> Cell:
    return Cell(f"{figure.value:,}", drill(figure.figure, **narrowed) if figure.figure else "")


def _money(figure: portfolio_pb2.MoneyFigure, drill: Drill, **narrowed: str) -> Cell:
    return Cell(formats.money(figure.value), drill(figure.figure, **narrowed) if figure.figure else "")


def _day(text: str) -> Date | None:
    """The day of an address; None where it names none, which means the business date."""
    if not text or text == formats.NOTHING:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise RequestInvalid(
            violations=(
                Violation("as_of", "DATE_MALFORMED", "must be a date such as 2026-05-04", "须为2026-05-04格式的日期"),
            )
        ) from None
    return Date(year=found.year, month=found.month, day=found.day)
