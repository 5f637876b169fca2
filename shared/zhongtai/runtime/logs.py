"""Logs: one JSON object a line, with the trace it belongs to, and no personal data.

A protobuf message may be given to a log call as it is, as an argument or as a value of `extra`: what its contract
says is C2 or C3 is masked, at any depth. Exceptions are written with their stack.
"""

import json
import logging
import secrets
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import PurePath
from typing import Any, TextIO

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from zhongtai.common.v1 import options_pb2
from zhongtai.runtime import contracts
from zhongtai.runtime.call import Call
from zhongtai.runtime.errors import Internal
from zhongtai.runtime.telemetry import trace_id

LONGEST_TEXT = 500
MOST_ITEMS = 20

# The trace of the call that the running task serves; the writer's thread has none.
current_trace: ContextVar[str] = ContextVar("current_trace", default="")

_log = logging.getLogger(__name__)
_MASKS: dict[int, str] = {options_pb2.DATA_CLASS_C2: "[C2]", options_pb2.DATA_CLASS_C3: "[C3]"}
_TEXTUAL = (date, timedelta, Decimal, PurePath, BaseException)
_OWN_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def start(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Writes the logs of this process to the stream (standard error) from now on, as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)


def loggable(message: Message) -> dict[str, Any]:
    """The set fields of a message by name, masked by the class their contract gives them; long values are cut."""
    return {field.name: _field(field, value) for field, value in message.ListFields()}


def defect(error: BaseException, where: str, call: Call) -> Internal:
    """Writes a defect down in full, once, and gives what the caller is told: a number to ask with."""
    number = trace_id(call.trace) or current_trace.get() or secrets.token_hex(16)
    said = {"where": where, "client_id": call.caller.client_id, "trace_id": number}
    _log.error("defect in %s", where, exc_info=error, extra=said)
    return Internal(trace_id=number)


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON: time, level, logger, message, trace_id, and the fields of `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; of an object that is no message and no plain value only the type is told."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _text(record),
        }
        if trace := current_trace.get():
            line["trace_id"] = trace
        line |= {name: _plain(value) for name, value in vars(record).items() if name not in _OWN_FIELDS}
        if record.exc_info:
            line["stack"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=_plain_or_type)


def _text(record: logging.LogRecord) -> str:
    """The message with its arguments, masked before they are put in."""
    if isinstance(record.args, Mapping):
        return str(record.msg) % {name: _plain(value) for name, value in record.args.items()}
    arguments = tuple(_plain(value) for value in record.args or ())
    words = _plain(record.msg)
    return str(words) % arguments if arguments else str(words)


def _plain(value: Any) -> Any:
    return loggable(value) if isinstance(value, Message) else value


def _plain_or_type(value: Any) -> Any:
    """What JSON does not know: a message is masked, a plain value is text, a domain object stays untold."""
    if isinstance(value, Message):
        return loggable(value)
    return str(value) if isinstance(value, _TEXTUAL) else f"<{type(value).__name__}>"


def _field(field: FieldDescriptor, value: Any) -> Any:
    if mask := _MASKS.get(contracts.data_class(field)):
        return mask
    if field.message_type and field.message_type.GetOptions().map_entry:
        return _map(field.message_type.fields_by_name["value"], value)
    if field.is_repeated:
        return _cut([_value(field, item) for item in value[:MOST_ITEMS]], len(value))
    return _value(field, value)


def _map(field: FieldDescriptor, entries: Mapping[Any, Any]) -> dict[str, Any]:
    shown = list(entries)[:MOST_ITEMS]
    return {str(key): _value(field, entries[key]) for key in shown} | (
        {"…": f"{len(entries)} in all"} if len(entries) > MOST_ITEMS else {}
    )


def _cut(shown: list[Any], size: int) -> list[Any]:
    return [*shown, f"… {size} in all"] if size > len(shown) else shown


def _value(field: FieldDescriptor, value: Any) -> Any:
    if isinstance(value, Message):
        return loggable(value)
    if isinstance(value, bytes):
        return f"[{len(value)} bytes]"
    if field.enum_type:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else value
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return value[:LONGEST_TEXT] + "…"
    return value
