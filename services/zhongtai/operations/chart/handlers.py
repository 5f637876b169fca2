"""The RPCs of the chart of accounts."""

from dataclasses import replace

from zhongtai.operations.chart import store
from zhongtai.operations.chart.domain import Chart, ChartRelease
from zhongtai.operations.v1 import chart_pb2 as v1
from zhongtai.operations.v1.ledger_pb2 import GeneralAccount
from zhongtai.runtime.convert import date_message, date_of, message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def release_chart(request: v1.ReleaseChartRequest, unit: Unit) -> v1.ReleaseChartResponse:
    """Releases a version of the chart."""
    asked = value_of(request.release, ChartRelease)
    asked = replace(asked, released_on=unit.business_date, released_by=unit.caller.acting)
    if released := store.history(unit).release(asked):
        store.release(unit, asked)
        unit.record(released)
    return v1.ReleaseChartResponse(version=asked.version)


@rpc
def get_chart_version(request: v1.GetChartVersionRequest, view: View) -> v1.GetChartVersionResponse:
    """A version of the chart, and the whole chart as of it."""
    release, chart = store.history(view).version(request.version)
    return v1.GetChartVersionResponse(release=message_of(release, v1.ChartRelease), accounts=_lines(chart))


@rpc
def list_chart_versions(request: v1.ListChartVersionsRequest, view: View) -> v1.ListChartVersionsResponse:
    """Every version of the chart without its lines."""
    _ = request
    releases = store.history(view).releases
    return v1.ListChartVersionsResponse(
        releases=[message_of(replace(release, lines=()), v1.ChartRelease) for release in releases]
    )


@rpc
def list_account_codes(request: v1.ListAccountCodesRequest, view: View) -> v1.ListAccountCodesResponse:
    """The codes that are in force on a date."""
    on = date_of(request.on) if request.HasField("on") else view.business_date
    chart = store.history(view).on(on)
    return v1.ListAccountCodesResponse(on=date_message(on), accounts=_lines(chart, request.code_prefix))


def _lines(chart: Chart, prefix: str = "") -> list[GeneralAccount]:
    return [message_of(line, GeneralAccount) for code, line in chart.accounts.items() if code.startswith(prefix)]
