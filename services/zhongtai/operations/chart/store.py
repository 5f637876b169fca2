"""How the chart of accounts rests: a row for each version that was released behind the shipped one, never changed.

Version 1 is shipped as data, after the Chinese bank chart (金融企业会计科目). The writer keeps all versions in
memory, so that posting asks for none; there are as many as there were changes of the chart, a few a year.
"""

from datetime import date

from sqlalchemy import MetaData, Table

from zhongtai.operations.chart.domain import Chart, ChartHistory, ChartRelease, GeneralAccount
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, day, integer, json, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
CHART_RELEASE = Table(
    "chart_release",
    metadata,
    integer("version", primary_key=True, autoincrement=False),
    day("effective_from"),
    json("lines"),
    day("released_on"),
    text("released_by"),
)
releases = Records(CHART_RELEASE, ChartRelease)

_SHIPPED = shipped(__package__, "chart.json")
_FIRST = ChartRelease(1, date.min, tuple(map(reader(GeneralAccount), _SHIPPED)))
_ONLY_THE_FIRST = ChartHistory((_FIRST,))
# The chart as it is shipped: what shipped rules are held against.
CHART = _ONLY_THE_FIRST.on(date.max)
_HISTORY = ("history",)


def history(view: View) -> ChartHistory:
    """Every version of the chart."""
    if not isinstance(view, Unit):
        return _read(view)
    known: ChartHistory | None = view.recall(releases, _HISTORY)
    if known is None:
        known = _read(view)
        view.remember(releases, _HISTORY, known)
    return known


def in_force(view: View) -> Chart:
    """The chart that is in force on the business date."""
    return history(view).on(view.business_date)


def release(unit: Unit, asked: ChartRelease) -> None:
    """Adds a version behind the others."""
    releases.add(unit, asked)
    unit.remember(releases, _HISTORY, ChartHistory((*history(unit).releases, asked)))


def _read(view: View) -> ChartHistory:
    found = releases.where(view, order_by=CHART_RELEASE.c.version)
    return ChartHistory((_FIRST, *found)) if found else _ONLY_THE_FIRST
