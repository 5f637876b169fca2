"""How held commands rest: one row each, found by the request they came as."""

from datetime import datetime

from sqlalchemy import ColumnElement, Index, MetaData, Table, bindparam, or_

from zhongtai.operations.held_command.domain import HeldCommand, HeldCommandNotFound, HeldCommandStatus
from zhongtai.runtime.plain import instant_text
from zhongtai.runtime.store import Records, day, instant, json, octets, text
from zhongtai.runtime.unit import View

EXECUTED_AT_ONCE = 20

metadata = MetaData()
HELD_COMMAND = Table(
    "held_command",
    metadata,
    text("held_command_id", primary_key=True),
    text("rpc"),
    text("client_id"),
    text("command_request_id"),
    text("fingerprint"),
    octets("command"),
    text("maker"),
    text("on_behalf_of"),
    json("scopes"),
    day("business_date"),
    text("title"),
    text("title_zh"),
    instant("held_at"),
    instant("expires_at"),
    text("work_order_id"),
    text("status"),
    text("decided_by"),
    text("comment"),
    instant("ended_at", nullable=True),
    text("refusal_reason"),
    text("refusal_sentence"),
    Index("ux_held_command_request", "client_id", "rpc", "command_request_id", unique=True),
    Index("ix_held_command_status", "status", "held_command_id"),
)
held_commands = Records(HELD_COMMAND, HeldCommand, missing=HeldCommandNotFound)
_C = HELD_COMMAND.c
_OF_REQUEST = held_commands.query(
    _C.client_id == bindparam("client_id"),
    _C.rpc == bindparam("rpc"),
    _C.command_request_id == bindparam("command_request_id"),
)
_TO_MOVE = held_commands.query(
    _C.held_command_id > bindparam("last"),
    or_(
        _C.status == HeldCommandStatus.APPROVED.value,
        (_C.status == HeldCommandStatus.AWAITED.value) & (_C.expires_at <= bindparam("now")),
    ),
    order_by=_C.held_command_id,
    limit=EXECUTED_AT_ONCE,
)


def of_request(view: View, client_id: str, rpc: str, command_request_id: str) -> HeldCommand | None:
    """The command held under a client's request id, if there is one."""
    found = _OF_REQUEST(view, client_id=client_id, rpc=rpc, command_request_id=command_request_id)
    return found[0] if found else None


def to_move(view: View, now: datetime, last: str) -> list[HeldCommand]:
    """The next commands behind the `last` one that are approved or past their time, in the order they were held."""
    return _TO_MOVE(view, now=instant_text(now), last=last)


def conditions(**wanted: str) -> list[ColumnElement[bool]]:
    """The conditions on commands whose columns hold what is wanted; empty ones ask nothing."""
    return [_C[name] == value for name, value in wanted.items() if value]
