"""Clients that must be there before anybody can register one: made at the start, each secret in a file of its own."""

import asyncio
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from zhongtai.gateway.client import store
from zhongtai.gateway.client.domain import Client, ClientStatus, Key
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.security import hash_secret, new_secret
from zhongtai.runtime.service import Service
from zhongtai.runtime.transactions import Reading, Writing

_STARTER = Call(Caller(subject="start", client_id="start", scopes=frozenset({"*"})))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A client that must be there, with its rights; `subject` is the person or program behind it."""

    client_id: str
    scopes: tuple[str, ...]
    subject: str = ""
    name: str = ""


ADMIN = Wanted("admin", ("*",), "admin", "The bank's administrator")


async def ensure(service: Service, folder: Path, wanted: Iterable[Wanted]) -> list[Path]:
    """Makes the clients that are not there yet, and writes `<client_id>.json` with the secret of each into the folder.

    The file is on disk before the client is in the store: a start that is killed in between makes a new secret.
    A client that is there is left as it is, whatever became of its file. Answers the files written.
    """
    written = []
    for one in wanted:
        if await service.store.read(_known(service, one.client_id)):
            continue
        key_id, secret = service.ids.new("key"), new_secret()
        secret_hash = await asyncio.to_thread(hash_secret, secret)
        told = {"client_id": one.client_id, "key_id": key_id, "secret": secret}
        file = folder / f"{one.client_id}.json"
        await asyncio.to_thread(_write, file, json.dumps(told, indent=2) + "\n")
        await service.store.change(_adding(service, one, key_id, secret_hash))
        written.append(file)
    return written


def _known(service: Service, client_id: str) -> Callable[[Reading], Client | None]:
    return lambda reading: store.clients.find(service.view(reading, _STARTER), client_id)


def _adding(service: Service, wanted: Wanted, key_id: str, secret_hash: str) -> Callable[[Writing], None]:
    """What writes the client with its key, and tells it."""

    def add(writing: Writing) -> None:
        unit = service.unit(writing, _STARTER, f"start:{wanted.client_id}")
        client = Client(
            client_id=wanted.client_id,
            subject=wanted.subject or wanted.client_id,
            name=wanted.name,
            scopes=tuple(sorted(wanted.scopes)),
            daily_cap=0,
            calls_per_second=0,
            status=ClientStatus.ACTIVE,
            registered_at=unit.now,
        )
        store.clients.add(unit, client)
        store.keys.add(unit, Key(client.client_id, key_id, secret_hash, unit.now))
        unit.record(client.registered())

    return add


def _write(file: Path, text: str) -> None:
    """Writes a file for its owner's eyes only, whole or not at all."""
    handle, draft = tempfile.mkstemp(dir=file.parent)  # mode 0600
    with os.fdopen(handle, "w", encoding="utf-8") as open_file:
        open_file.write(text)
        open_file.flush()
        os.fsync(open_file.fileno())
    Path(draft).replace(file)
