"""Logs are JSON lines that never tell what the contract says is personal."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from zhongtai.common.v1 import options_pb2
from zhongtai.runtime import logs
from zhongtai.runtime.call import Call, Caller

NAME, SECRET = "张三", "hunter2"


def person_type() -> type[Message]:
    """A message with a field of every class, alone, repeated, in a map and inside another message."""
    file = descriptor_pb2.FileDescriptorProto(name="logs_test.proto", package="logs_test", syntax="proto3")
    file.dependency.append("zhongtai/common/v1/options.proto")
    person = file.message_type.add(name="Person")
    field = descriptor_pb2.FieldDescriptorProto
    classes = {
        "id": (field.TYPE_STRING, field.LABEL_OPTIONAL, options_pb2.DATA_CLASS_C1),
        "name": (field.TYPE_STRING, field.LABEL_OPTIONAL, options_pb2.DATA_CLASS_C2),
        "phones": (field.TYPE_STRING, field.LABEL_REPEATED, options_pb2.DATA_CLASS_C2),
        "password": (field.TYPE_BYTES, field.LABEL_OPTIONAL, options_pb2.DATA_CLASS_C3),
        "photo": (field.TYPE_BYTES, field.LABEL_OPTIONAL, options_pb2.DATA_CLASS_UNSPECIFIED),
        "tags": (field.TYPE_STRING, field.LABEL_REPEATED, options_pb2.DATA_CLASS_UNSPECIFIED),
        "partner": (field.TYPE_MESSAGE, field.LABEL_OPTIONAL, options_pb2.DATA_CLASS_UNSPECIFIED),
        "children": (field.TYPE_MESSAGE, field.LABEL_REPEATED, options_pb2.DATA_CLASS_UNSPECIFIED),
        "parents": (field.TYPE_MESSAGE, field.LABEL_REPEATED, options_pb2.DATA_CLASS_C2),
        "friends": (field.TYPE_MESSAGE, field.LABEL_REPEATED, options_pb2.DATA_CLASS_UNSPECIFIED),
    }
    for number, (name, (kind, label, classed)) in enumerate(classes.items(), 1):
        added = person.field.add(name=name, number=number, type=kind, label=label)
        if kind == field.TYPE_MESSAGE:
            added.type_name = ".logs_test.Person.FriendsEntry" if name == "friends" else ".logs_test.Person"
        if classed:
            added.options.Extensions[options_pb2.data_class] = classed  # type: ignore[index]  # stubs know no own options
    entry = person.nested_type.add(name="FriendsEntry", options=descriptor_pb2.MessageOptions(map_entry=True))
    entry.field.add(name="key", number=1, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    entry.field.add(name="value", number=2, type=field.TYPE_MESSAGE, label=1, type_name=".logs_test.Person")
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return GetMessageClass(pool.FindMessageTypeByName("logs_test.Person"))


Person: Any = person_type()


def person(**fields: Any) -> Any:
    return Person(id="cus_1", name=NAME, phones=["138"], password=SECRET.encode(), **fields)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """The stream the logs go to, with pytest's own handlers put back afterwards."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    # Only ours is closed by a new start: pytest needs its own again.
    root.handlers = []
    logs.start("INFO", stream)
    yield stream
    root.handlers = handlers
    root.setLevel(level)


def last(stream: io.StringIO) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stream.getvalue().splitlines()[-1])
    return found


def test_personal_fields_are_masked_at_any_depth() -> None:
    whole = person(partner=person(), children=[person()], parents=[person()], friends={"a": person()}, photo=b"123")
    masked = {"id": "cus_1", "name": "[C2]", "phones": "[C2]", "password": "[C3]"}
    assert logs.loggable(whole) == {
        **masked,
        "photo": "[3 bytes]",
        "partner": masked,
        "children": [masked],
        "parents": "[C2]",
        "friends": {"a": masked},
    }


def test_long_values_are_cut() -> None:
    shown = logs.loggable(person(tags=["x" * 501] * 21))["tags"]
    assert len(shown) == logs.MOST_ITEMS + 1
    assert shown[-1] == "… 21 in all"
    assert shown[0] == "x" * 500 + "…"


@pytest.mark.parametrize(
    "say",
    [
        lambda log: log.info("asked: %s", person()),
        lambda log: log.info("asked: %(request)s", {"request": person()}),
        lambda log: log.info(person()),
        lambda log: log.info("asked", extra={"request": person()}),
        lambda log: log.info("asked", extra={"requests": [{"deep": person()}]}),
    ],
    ids=["argument", "named argument", "message", "extra", "deep in extra"],
)
def test_no_way_of_logging_a_message_tells_what_is_personal(lines: io.StringIO, say: Any) -> None:
    say(logging.getLogger("zhongtai.test"))
    assert "cus_1" in lines.getvalue()
    assert NAME not in json.dumps(last(lines), ensure_ascii=False)
    assert SECRET not in lines.getvalue()


def test_of_a_domain_object_only_the_type_is_told(lines: io.StringIO) -> None:
    caller = Caller(NAME, "client-1")
    logging.getLogger("zhongtai.test").info("asked", extra={"caller": caller})
    assert last(lines)["caller"] == "<Caller>"


def test_a_line_is_json_with_its_trace(lines: io.StringIO) -> None:
    token = logs.current_trace.set("ab" * 16)
    try:
        logging.getLogger("zhongtai.test").warning("额度 %d", 5, extra={"service": "credit"})
    finally:
        logs.current_trace.reset(token)
    line = last(lines)
    assert (line["level"], line["message"], line["service"], line["trace_id"]) == (
        "WARNING",
        "额度 5",
        "credit",
        "ab" * 16,
    )
    assert line["time"].endswith("+00:00")


def test_less_than_the_level_is_not_logged(lines: io.StringIO) -> None:
    logging.getLogger("zhongtai.test").debug("quiet")
    assert lines.getvalue() == ""


def test_a_defect_is_written_with_its_stack_and_its_number(lines: io.StringIO) -> None:
    try:
        raise KeyError("here")
    except KeyError as error:
        told = logs.defect(error, "credit.HoldLimit", Call(Caller("app", "client-1")))
    line = last(lines)
    assert line["trace_id"] == told.trace_id
    assert len(told.trace_id) == 32
    assert 'raise KeyError("here")' in line["stack"]
    assert len(lines.getvalue().splitlines()) == 1
