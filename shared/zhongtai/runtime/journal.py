"""What the runtime writes beside every change, in the same transaction, in every service's store.

outbox       the facts to be told, in order           kept_reply   what was answered to a request id
inbox        the events that were handled             audit_entry  who did what, when
relay        how far the outbox has been told
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Column, Integer, MetaData, Table, bindparam, func, select
from sqlalchemy.types import BigInteger, LargeBinary, Text

from zhongtai.runtime.envelope import Envelope
from zhongtai.runtime.plain import instant_text
from zhongtai.runtime.transactions import Reading, Writing

metadata = MetaData()

OUTBOX = Table(
    "outbox",
    metadata,
    # SQLite counts rows by themselves only in a column of its own integer type.
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("event_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("occurred_at", Text, nullable=False),
    Column("business_date", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("cause", Text, nullable=False),
    Column("trace", Text, nullable=False),
    sqlite_autoincrement=True,
)
RELAY = Table(
    "relay",
    metadata,
    Column("name", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)
INBOX = Table(
    "inbox",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("handler", Text, primary_key=True),
    Column("handled_at", Text, nullable=False),
    sqlite_with_rowid=False,
)
KEPT_REPLY = Table(
    "kept_reply",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("rpc", Text, primary_key=True),
    Column("request_id", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("reply", LargeBinary, nullable=False),
    Column("kept_at", Text, nullable=False),
    # One tree instead of two: a reply is only ever looked up by its whole key.
    sqlite_with_rowid=False,
)
AUDIT_ENTRY = Table(
    "audit_entry",
    metadata,
    Column("entry", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", Text, nullable=False),
    Column("business_date", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("on_behalf_of", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

_FACTS_AFTER = (
    select(OUTBOX).where(OUTBOX.c.sequence > bindparam("after")).order_by(OUTBOX.c.sequence).limit(bindparam("most"))
)
_LAST_FACT = select(func.coalesce(func.max(OUTBOX.c.sequence), 0))
_RELAYED = select(RELAY.c.sequence).where(RELAY.c.name == "outbox")
_ADD_RELAYED = RELAY.insert()
_SET_RELAYED = RELAY.update().where(RELAY.c.name == "outbox").values(sequence=bindparam("reached"))
_HANDLED = select(INBOX.c.event_id).where(
    INBOX.c.event_id == bindparam("event_id"), INBOX.c.handler == bindparam("handler")
)
_KEPT = select(KEPT_REPLY.c.fingerprint, KEPT_REPLY.c.reply).where(
    KEPT_REPLY.c.client_id == bindparam("client_id"),
    KEPT_REPLY.c.rpc == bindparam("rpc"),
    KEPT_REPLY.c.request_id == bindparam("request_id"),
)


@dataclass(frozen=True, slots=True)
class RequestKey:
    """Whose request it is: ids are each client's own."""

    client_id: str
    rpc: str
    request_id: str


@dataclass(frozen=True, slots=True)
class KeptReply:
    """What was answered, and the fingerprint of what had been asked."""

    fingerprint: bytes
    reply: bytes


def kept_reply(writing: Writing, key: RequestKey) -> KeptReply | None:
    """The reply kept under a request id, by an earlier commit or by an earlier change of this batch."""
    noted: KeptReply | None = writing.noted(key)
    if noted is not None:
        return noted
    rows = writing.look_up(_KEPT, {"client_id": key.client_id, "rpc": key.rpc, "request_id": key.request_id})
    return KeptReply(rows[0].fingerprint, rows[0].reply) if rows else None


def is_kept(reading: Reading, key: RequestKey) -> bool:
    """True where a commit has kept a reply under a request id."""
    return bool(reading.rows(_KEPT, {"client_id": key.client_id, "rpc": key.rpc, "request_id": key.request_id}))


def keep_reply(writing: Writing, key: RequestKey, kept: KeptReply, now: datetime) -> None:
    """Keeps a reply, to be given again to the same request."""
    writing.note(key, kept)
    writing.append(
        KEPT_REPLY,
        {
            "client_id": key.client_id,
            "rpc": key.rpc,
            "request_id": key.request_id,
            "fingerprint": kept.fingerprint,
            "reply": kept.reply,
            "kept_at": instant_text(now),
        },
    )


def add_audit(
    writing: Writing,
    *,
    now: datetime,
    business_date: date,
    subject: str,
    client_id: str,
    on_behalf_of: str,
    action: str,
    request_id: str,
    fingerprint: bytes,
) -> None:
    """Writes who did what."""
    writing.append(
        AUDIT_ENTRY,
        {
            "at": instant_text(now),
            "business_date": business_date.isoformat(),
            "subject": subject,
            "client_id": client_id,
            "on_behalf_of": on_behalf_of,
            "action": action,
            "request_id": request_id,
            "fingerprint": fingerprint,
        },
    )


@dataclass(frozen=True, slots=True)
class Fact:
    """What is to be told: an event of that subject about the aggregate of that key, as its message's bytes."""

    event_id: str
    subject: str
    key: str
    payload: bytes


def add_facts(
    writing: Writing,
    facts: Iterable[Fact],
    *,
    occurred_at: datetime,
    business_date: date,
    cause: str,
    trace: Mapping[str, str],
) -> None:
    """Puts facts into the outbox, in order: they are told after the commit, or never were."""
    when, day, followed = instant_text(occurred_at), business_date.isoformat(), json.dumps(dict(trace)) if trace else ""
    for fact in facts:
        writing.append(
            OUTBOX,
            {
                "event_id": fact.event_id,
                "subject": fact.subject,
                "key": fact.key,
                "occurred_at": when,
                "business_date": day,
                "payload": fact.payload,
                "cause": cause,
                "trace": followed,
            },
        )


def handled(writing: Writing, event_id: str, handler: str) -> bool:
    """True where the handler has had the event; else marks that it has, if this change succeeds."""
    if was_handled(writing, event_id, handler):
        return True
    writing.note((event_id, handler), True)
    return False


def was_handled(writing: Writing, event_id: str, handler: str) -> bool:
    """True where the handler has had the event, by an earlier commit or by an earlier change of this batch."""
    return bool(
        writing.noted((event_id, handler)) or writing.look_up(_HANDLED, {"event_id": event_id, "handler": handler})
    )


def mark_handled(writing: Writing, event_id: str, handler: str, now: datetime) -> None:
    """The inbox mark, in the handler's own transaction: the event acts once."""
    writing.append(INBOX, {"event_id": event_id, "handler": handler, "handled_at": instant_text(now)})


def facts_after(reading: Reading, source: str, sequence: int, most: int) -> list[Envelope]:
    """The next facts of an outbox, in order."""
    return [
        Envelope(
            event_id=row.event_id,
            subject=row.subject,
            key=row.key,
            source=source,
            sequence=row.sequence,
            occurred_at=datetime.fromisoformat(row.occurred_at),
            business_date=date.fromisoformat(row.business_date),
            payload=row.payload,
            cause=row.cause,
            trace=json.loads(row.trace) if row.trace else {},
        )
        for row in reading.rows(_FACTS_AFTER, {"after": sequence, "most": most})
    ]


def last_sequence(reading: Reading) -> int:
    """The place of the last fact in the outbox; 0 where there is none."""
    return int(reading.rows(_LAST_FACT)[0][0])


def relayed(reading: Reading) -> int:
    """How far the outbox has been told."""
    rows = reading.rows(_RELAYED)
    return int(rows[0].sequence) if rows else 0


def mark_relayed(writing: Writing, sequence: int) -> None:
    """Remembers how far the outbox has been told; telling again from further back does no harm."""
    if not writing.execute(_SET_RELAYED, {"reached": sequence}):
        writing.execute(_ADD_RELAYED, {"name": "outbox", "sequence": sequence})
