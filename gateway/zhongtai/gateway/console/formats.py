"""How values of the contracts look on a page: exact, with their unit, the same in every table."""

import json
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from markupsafe import Markup

from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.kernel.currencies import EXPONENTS
from zhongtai.kernel.money import Money
from zhongtai.runtime.clock import BANK_ZONE

NOTHING = "—"
_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)


def money(value: MoneyMessage) -> str:
    """`CNY 1,234.56`."""
    return str(Money(value.currency_code, value.minor_units)) if value.currency_code else NOTHING


def major_units(value: MoneyMessage) -> Decimal:
    """The amount in whole units of its currency, for the length of a bar; never for reckoning."""
    return Decimal(value.minor_units).scaleb(-EXPONENTS.get(value.currency_code, 2))


def day(value: Date) -> str:
    """`2026-05-04`."""
    return date(value.year, value.month, value.day).isoformat() if value.year else NOTHING


def instant(value: Timestamp) -> Markup:
    """A `<time>` element in the bank's time zone, to the second; the instant itself, in UTC, is in its title."""
    if not value.seconds:
        return Markup(NOTHING)
    exact = value.ToDatetime(UTC)
    local = exact.astimezone(BANK_ZONE)
    return Markup('<time datetime="{}" title="{}">{:%Y-%m-%d %H:%M:%S}</time>').format(
        exact.isoformat(), exact.isoformat(timespec="milliseconds"), local
    )


def duration(value: timedelta) -> str:
    """`0.4 ms`, `12 ms`, `1.25 s`, `3 min 4 s`, `2 d 3 h`."""
    if value >= timedelta(days=1):
        return f"{value.days} d {value.seconds // 3600} h"
    if value >= timedelta(hours=1):
        return f"{value.seconds // 3600} h {value.seconds % 3600 // 60} min"
    if value >= _MINUTE:
        return f"{value.seconds // 60} min {value.seconds % 60} s"
    if value >= _SECOND:
        return f"{value / _SECOND:.2f} s"
    milliseconds = value / timedelta(milliseconds=1)
    return f"{milliseconds:.1f} ms" if milliseconds < 10 else f"{milliseconds:.0f} ms"


def pretty(value: Struct | dict[str, Any]) -> str:
    """A JSON object for reading; whole numbers, which protobuf carries as doubles, without their point."""
    plain = MessageToDict(value) if isinstance(value, Message) else value
    return json.dumps(whole(plain), ensure_ascii=False, indent=2)


def whole(value: Any) -> Any:
    """The same JSON value with 12.0 as 12."""
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def short(full_name: str) -> str:
    """`zhongtai.credit.v1.LoanService.OpenLoan` as `OpenLoan`."""
    return full_name.rpartition(".")[2]


def service_of(full_name: str) -> str:
    """`zhongtai.credit.v1.LoanOpened` as `credit`."""
    parts = full_name.split(".")
    return parts[1] if len(parts) > 2 else ""
