"""The parts of the console without a platform: vendored files, sessions, formats and charts."""

import asyncio
import hashlib
import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from zhongtai.common.v1.money_pb2 import Money
from zhongtai.gateway.console import formats, session
from zhongtai.gateway.console.catalogue import components
from zhongtai.gateway.console.charts import Chart, Series
from zhongtai.gateway.console.files import FOLDER, MEDIA, address_of, content
from zhongtai.gateway.console.refusals import FormMalformed
from zhongtai.gateway.console.runs import timeline
from zhongtai.gateway.v1 import run_pb2
from zhongtai.runtime import contracts

OURS = {"console.css", "console.js", "seal.svg"}


def test_vendored_files_are_what_the_registry_gave() -> None:
    hashes = json.loads((FOLDER / "manifest.json").read_text())["sha256"]
    assert set(hashes) == set(MEDIA) - OURS
    assert {name: hashlib.sha256(content(name)).hexdigest() for name in hashes} == hashes


def test_every_file_in_the_folder_is_served_by_its_content() -> None:
    assert {entry.name for entry in FOLDER.iterdir()} == set(MEDIA) | {"manifest.json"}
    assert address_of("console.css").endswith(hashlib.sha256(content("console.css")).hexdigest()[:12])


def test_our_style_and_script_fetch_nothing_from_elsewhere() -> None:
    for name in OURS - {"seal.svg"}:
        assert not re.search(rb"https?://|@import|url\(|eval\(|innerHTML", content(name))


@given(
    st.one_of(
        st.text(max_size=60),
        st.builds("/console{}".format, st.text(max_size=40)),
        st.builds("{}/console/".format, st.text(max_size=20)),
    )
)
@example("//elsewhere.example/console/")
@example("https://elsewhere.example/console/")
@example("/console/\\elsewhere.example")
@settings(max_examples=100)
def test_the_way_back_never_leaves_the_console(path: str) -> None:
    back = session.way_back(path)
    parts = urlsplit(back)
    assert (parts.scheme, parts.netloc) == ("", "")
    assert back.startswith("/console/")
    assert "\n" not in back
    assert "\\" not in back


@pytest.mark.parametrize("path", ["/console/runs?status=WAITING&page=abc", "/console/work-orders/wo_1"])
def test_the_way_back_is_kept(path: str) -> None:
    assert session.way_back(path) == path


@pytest.mark.parametrize("body", [b"a=1&a=2", b"a=%ff", b"x" * 20_000, b"&".join([b"k%d=1" % i for i in range(65)])])
def test_a_form_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(FormMalformed):
        asyncio.run(session.form(_request(body)))


def test_a_form_token_is_of_its_session_alone() -> None:
    assert session.form_token("one") == session.form_token("one") != session.form_token("two")
    assert "one" not in session.form_token("one")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (timedelta(), "0.0 ms"),
        (timedelta(microseconds=4_240), "4.2 ms"),
        (timedelta(milliseconds=249), "249 ms"),
        (timedelta(seconds=1.254), "1.25 s"),
        (timedelta(minutes=3, seconds=4), "3 min 4 s"),
        (timedelta(hours=5, minutes=6), "5 h 6 min"),
        (timedelta(days=2, hours=3), "2 d 3 h"),
    ],
)
def test_durations(value: timedelta, text: str) -> None:
    assert formats.duration(value) == text


def test_amounts_and_dates() -> None:
    assert formats.money(Money(currency_code="CNY", minor_units=-123_456_789)) == "CNY -1,234,567.89"
    assert formats.money(Money(currency_code="JPY", minor_units=1500)) == "JPY 1,500"
    assert formats.money(Money()) == formats.NOTHING
    assert formats.major_units(Money(currency_code="JPY", minor_units=1500)) == Decimal(1500)
    assert formats.major_units(Money(currency_code="CNY", minor_units=1)) == Decimal("0.01")
    assert formats.day(Date(year=2026, month=5, day=4)) == "2026-05-04"
    assert ">2026-05-04 08:00:00<" in formats.instant(Timestamp(seconds=1_777_852_800))
    assert formats.instant(Timestamp()) == formats.NOTHING


def test_whole_numbers_of_a_struct_have_no_point() -> None:
    told = Struct()
    told.update({"term_months": 12, "rate": 0.5, "lines": [{"number": 3}]})
    assert json.loads(formats.pretty(told)) == {"term_months": 12, "rate": 0.5, "lines": [{"number": 3}]}
    assert "12.0" not in formats.pretty(told)


def test_the_data_of_a_chart_cannot_leave_its_element() -> None:
    chart = Chart(["</script><b>&"], [Series("<!--", "good", [Decimal("1234.5")], ["/console/x?a=1&b=2"])])
    assert not re.search("[<>&]", chart.data)
    told = json.loads(chart.data)
    assert told["categories"] == ["</script><b>&"]
    assert told["series"][0]["links"] == ["/console/x?a=1&b=2"]
    assert told["series"][0]["texts"] == ["1,234.5"]


def test_bars_lie_within_the_time_of_the_run() -> None:
    run = run_pb2.Run(started_at=Timestamp(seconds=100))
    for start, end in ((100, 101), (101, 101), (101, 104), (104, 103), (104, 0)):
        step = run.steps.add(kind=run_pb2.STEP_KIND_UNDO, status=run_pb2.STEP_STATUS_DONE)
        step.started_at.seconds = start
        if end:
            step.ended_at.seconds = end
    moments = timeline(run, {})
    assert [moment.left for moment in moments] == [0, 250, 250, 994, 994]
    assert [moment.width for moment in moments] == [250, 6, 750, 6, 6]
    assert [moment.took for moment in moments] == ["1.00 s", "0.0 ms", "3.00 s", "0.0 ms", formats.NOTHING]


def test_the_catalogue_holds_every_rpc_and_event() -> None:
    found = [component for group in components().values() for component in group]
    assert sum(len(component.rpcs) for component in found) == len(contracts.all_methods())
    assert {name for component in found for name, _ in component.events} == set(contracts.events())
    assert all(rpc.sentence and rpc.scope and rpc.effect != "UNSPECIFIED" for each in found for rpc in each.rpcs)
    streamed = {rpc.stream for each in found for rpc in each.rpcs if rpc.stream and rpc.stream_sentence}
    assert streamed == {
        stream.descriptor.name for package in contracts.PACKAGES for stream in contracts.streams(package)
    }
    (customer,) = [component for component in found if component.name == "customer"]
    assert "C2" in {personal.data_class for personal in customer.personal}


def _request(body: bytes) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "method": "POST", "headers": [], "path": "/", "query_string": b""}, receive)
