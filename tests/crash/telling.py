"""The demonstration as the crash tests tell it: by a channel that counts its answers, and what came of it, in figures.

A moment of a crash is a number of answers: the story itself says when it is hit, however fast the machine is.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from zhongtai.gateway.demonstration.channel import Channel
from zhongtai.gateway.demonstration.proof import Proof, prove
from zhongtai.gateway.demonstration.staff import CHANNEL_SCOPES, OFFICER_SCOPES, Notebook, sign_in
from zhongtai.gateway.demonstration.story import Story, Told
from zhongtai.runtime import journal
from zhongtai.testing.applicants import columns_of, digest, read
from zhongtai.testing.embedded import Child, tables

SEED = 7
SUBJECT = list(journal.OUTBOX.columns.keys()).index("subject")


class Progressing:
    """How many answers were had, and who waits for the next ones."""

    def __init__(self) -> None:
        self.answers = 0
        self._waiting: list[tuple[int, asyncio.Event]] = []

    def answered(self) -> None:
        """One more."""
        self.answers += 1
        for at, event in self._waiting:
            if self.answers >= at:
                event.set()

    async def reached(self, at: int) -> None:
        """Returns when so many answers were had."""
        event = asyncio.Event()
        self._waiting.append((at, event))
        if self.answers >= at:
            event.set()
        await event.wait()


class CountingChannel(Channel):
    """A channel that counts what was acknowledged to it, and has patience on a machine that has other work."""

    tries = 600

    def __init__(self, address: str, client_id: str, secret: str, counting: Progressing) -> None:
        super().__init__(address, client_id, secret)
        self._counting = counting

    async def post(self, path: str, body: dict[str, Any], *, key: str) -> dict[str, Any]:
        """Changes something, once for each key, and counts the answer."""
        answer = await super().post(path, body, key=key)
        self._counting.answered()
        return answer


@dataclass
class Ending:
    """What a told story left behind, in figures that must not depend on how often it was interrupted."""

    outcomes: Counter[str]
    reasons: Counter[str]
    loans: int
    repaid: int
    missed: int
    rows: dict[str, int]
    facts: Counter[str]
    answers: int = field(compare=False, default=0)


async def tell(platform: Child, applicants: Path, counting: Progressing) -> tuple[Ending, Proof]:
    """Tells the story of a file to the platform, proves its lines, and counts what it left."""
    notebook = Notebook(platform.folder)
    proof = Proof()
    async with (
        await _counting(platform, notebook, "demo-channel", CHANNEL_SCOPES, counting) as channel,
        await _counting(platform, notebook, "demo-officer", OFFICER_SCOPES, counting) as officer,
    ):
        people, columns, name = read(applicants, SEED), columns_of(applicants), digest(applicants)
        progress = Progress(console=Console(quiet=True))
        told = await Story(channel, officer, notebook, people, applicants, columns, name, progress).tell()
        await prove(channel, proof, told.closed)
    return _ending(platform, told, counting.answers), proof


async def _counting(
    platform: Child, notebook: Notebook, client_id: str, scopes: tuple[str, ...], counting: Progressing
) -> CountingChannel:
    async with await sign_in(platform.address, platform.folder, notebook, client_id, scopes):
        return CountingChannel(platform.address, client_id, notebook.get("clients", client_id), counting)


def _ending(platform: Child, told: Told, answers: int) -> Ending:
    found = tables(platform.folder)
    rows = {name: len(each) for name, each in found.items()}
    facts = Counter(row[SUBJECT] for name, each in found.items() if name.endswith(".outbox") for row in each)
    return Ending(told.outcomes, told.reasons, len(told.loans), told.repaid, told.missed, rows, facts, answers)
