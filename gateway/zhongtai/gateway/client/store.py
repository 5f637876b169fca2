"""The tables of clients, their keys, and what they used of their daily caps."""

from datetime import date

from sqlalchemy import MetaData, Table, bindparam

from zhongtai.gateway.client.domain import Client, ClientNotFound, Key, Use
from zhongtai.runtime.store import Records, day, instant, integer, json, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()

CLIENT = Table(
    "gateway_client",
    metadata,
    text("client_id", primary_key=True),
    text("subject"),
    text("name"),
    json("scopes"),
    integer("daily_cap"),
    integer("calls_per_second"),
    text("status"),
    instant("registered_at"),
)
KEY = Table(
    "gateway_client_key",
    metadata,
    text("client_id", primary_key=True),
    text("key_id", primary_key=True),
    text("secret_hash"),
    instant("made_at"),
    instant("good_until", nullable=True),
)
USE = Table(
    "gateway_client_use",
    metadata,
    text("client_id", primary_key=True),
    day("day", primary_key=True),
    integer("used"),
)

clients = Records(CLIENT, Client, missing=ClientNotFound)
keys = Records(KEY, Key)
uses = Records(USE, Use)

_KEYS_OF = keys.query(KEY.c.client_id == bindparam("client_id"), order_by=KEY.c.key_id)


def keys_of(view: View, client_id: str) -> list[Key]:
    """Every key a client ever had."""
    return _KEYS_OF(view, client_id=client_id)


def take_calls(unit: Unit, client_id: str, on: date, cap: int) -> int:
    """Takes a block of calls from the day's cap and answers its size."""
    found = uses.find(unit, client_id, on.isoformat())
    use, taken = (found or Use(client_id, on, 0)).take(cap)
    if found is None:
        uses.add(unit, use)
    elif taken:
        uses.save(unit, use)
    return taken


def give_back_calls(unit: Unit, client_id: str, on: date, calls: int) -> None:
    """Gives back what a door took from the day's cap and did not use."""
    if found := uses.find(unit, client_id, on.isoformat()):
        uses.save(unit, found.give_back(calls))
