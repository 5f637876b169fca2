"""Publishes every seal as a line of a file on this machine, which anybody may copy to where no database reaches.

The file only grows. What it lacks is taken from the store, so a start after a crash goes on where the last whole line
ended. `zhongtai ledger verify` holds the store against it.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.ledger_seal import store
from zhongtai.operations.ledger_seal.domain import LedgerSeal, published, seal_of
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.platform import Platform
from zhongtai.runtime.service import Service
from zhongtai.runtime.unit import View

PAUSE_S = 2.0
_PUBLISHER = Call(Caller("publisher", "operations"))
log = logging.getLogger(__name__)


@asynccontextmanager
async def running(platform: Platform, service: Service) -> AsyncIterator[None]:
    """Publishes while this is open."""
    publisher = Publisher(service, platform.settings.ledger_seals_file())
    going = asyncio.create_task(publisher.go_on())
    try:
        yield
    finally:
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)


class Publisher:
    """Keeps a file of the seals of a store."""

    def __init__(self, service: Service, file: Path) -> None:
        self._service = service
        self._file = file
        # The number of the last seal of each book that is in the file; not known before it was read.
        self._last: dict[str, int] | None = None

    async def go_on(self) -> None:
        """Publishes again and again."""
        while True:
            try:
                await self.publish()
            except (Refusal, OSError, ValueError):
                # A store or a disk that is away comes back; until then nothing is published.
                log.exception("the seals of the ledger could not be published in %s", self._file)
                self._last = None
            await asyncio.sleep(PAUSE_S)

    async def publish(self) -> int:
        """Appends the seals that the file lacks; answers how many. Raises ValueError where a line is no seal."""
        if self._last is None:
            self._last = await asyncio.to_thread(_last_numbers, self._file)
        last = self._last

        def lacking(view: View) -> list[LedgerSeal]:
            return [seal for book in store.books(view) for seal in store.behind(view, book, last.get(book, 0))]

        read = self._service.store.read
        seals = await read(lambda reading: lacking(self._service.view(reading, _PUBLISHER)), "publishing seals")
        if seals:
            await asyncio.to_thread(_append, self._file, "".join(f"{published(seal)}\n" for seal in seals))
            last |= {seal.book: seal.seal_number for seal in seals}
        return len(seals)


def _last_numbers(file: Path) -> dict[str, int]:
    """The number of the last seal of each book in the file; a line that a crash tore is taken off."""
    if not file.exists():
        return {}
    text = file.read_bytes()
    whole = text[: text.rfind(b"\n") + 1]
    if len(whole) < len(text):
        os.truncate(file, len(whole))
    seals = map(seal_of, whole.decode().splitlines())
    return {seal.book: seal.seal_number for seal in seals}


def _append(file: Path, lines: str) -> None:
    with file.open("a", encoding="utf-8") as appended:
        appended.write(lines)
        appended.flush()
        os.fsync(appended.fileno())
