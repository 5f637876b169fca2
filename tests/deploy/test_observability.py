"""Dashboards and alerts show only figures that the platform tells, under the names Prometheus gives them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.deploy.rendering import DEPLOY
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.errors import MethodUnknown
from zhongtai.runtime.figures import CALL_DURATION, EVENTS_BURIED, STORE_WAITING, WATCHED, Figure
from zhongtai.runtime.otlp import OtlpRecorder

FOLDER = DEPLOY / "observability"
DASHBOARDS = sorted((FOLDER / "dashboards").glob("*.json"))
_FIGURE = re.compile(r"\bzhongtai_[a-z_]+\b")
_UNITS = {"s": "_seconds"}


def prometheus_names(figure: Figure) -> set[str]:
    """What a figure is called once the collector has shown it to Prometheus: dots, unit and kind are written out."""
    name = figure.name.replace(".", "_") + _UNITS.get(figure.unit, "")
    if figure is CALL_DURATION:
        return {f"{name}_{part}" for part in ("bucket", "count", "sum")}
    return {f"{name}_total" if figure.grows else name}


TOLD = {name for figure in (CALL_DURATION, *WATCHED) for name in prometheus_names(figure)}


def expressions(document: object) -> Iterator[str]:
    """Every expression in a dashboard or in a file of alerts."""
    if isinstance(document, dict):
        for name, value in document.items():
            if name in ("expr", "query") and isinstance(value, str):
                yield value
            else:
                yield from expressions(value)
    elif isinstance(document, list):
        for value in document:
            yield from expressions(value)


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
def test_a_dashboard_shows_figures_that_are_told(file: Path) -> None:
    dashboard = json.loads(file.read_text(encoding="utf-8"))
    found = [name for text in expressions(dashboard) for name in _FIGURE.findall(text)]
    assert found
    assert set(found) <= TOLD
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    assert all(panel["description"] and panel["title"] for panel in dashboard["panels"])


def test_every_figure_is_shown_somewhere() -> None:
    texts = "".join(file.read_text(encoding="utf-8") for file in DASHBOARDS)
    for figure in (CALL_DURATION, *WATCHED):
        assert any(name in texts for name in prometheus_names(figure)), figure.name


def test_alerts_watch_figures_that_are_told_and_say_what_to_do() -> None:
    groups = yaml.safe_load((FOLDER / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    alerts = [rule for group in groups for rule in group["rules"]]
    assert len({alert["alert"] for alert in alerts}) == len(alerts)
    for alert in alerts:
        found = set(_FIGURE.findall(alert["expr"]))
        assert found, alert["alert"]
        assert found <= TOLD, alert["alert"]
        assert alert["labels"]["severity"] in ("page", "ticket")
        assert set(alert["annotations"]) == {"summary", "description"}


def test_the_collector_uses_what_it_declares() -> None:
    collector = yaml.safe_load((FOLDER / "collector.yaml").read_text(encoding="utf-8"))
    for pipeline in collector["service"]["pipelines"].values():
        for part, names in pipeline.items():
            assert set(names) <= set(collector[part])
    assert set(collector["service"]["extensions"]) == set(collector["extensions"])
    assert collector["exporters"]["prometheus"]["resource_to_telemetry_conversion"] == {"enabled": True}


def test_figures_are_told_with_their_value_and_calls_with_their_status() -> None:
    reader = InMemoryMetricReader()
    recorder = OtlpRecorder("", "credit", 0.0, processor=SimpleSpanProcessor(InMemorySpanExporter()), reader=reader)
    recorder.watch(lambda: [(STORE_WAITING, 3, {"service": "credit"}), (EVENTS_BURIED, 2, {"service": "credit"})])
    call = Call(Caller(subject="s", client_id="c"))
    with pytest.raises(MethodUnknown), recorder.span("x", call, "SERVER"):
        raise MethodUnknown(method="x")
    with pytest.raises(ZeroDivisionError), recorder.span("x", call, "SERVER"):
        raise ZeroDivisionError
    data: Any = reader.get_metrics_data()
    told = {metric.name: metric.data for metric in data.resource_metrics[0].scope_metrics[0].metrics}
    assert [point.value for point in told[STORE_WAITING.name].data_points] == [3]
    assert [point.value for point in told[EVENTS_BURIED.name].data_points] == [2]
    assert told[EVENTS_BURIED.name].is_monotonic
    points = told[CALL_DURATION.name].data_points
    assert {point.attributes["status"] for point in points} == {"UNIMPLEMENTED", "INTERNAL"}
    assert {point.attributes["side"] for point in points} == {"SERVER"}
    assert all(max(point.explicit_bounds) == 30 for point in points)
    recorder.close()
