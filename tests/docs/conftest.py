"""What a piece of a page is run against: a platform that really runs, or a copy of the tree."""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Piece
from zhongtai.testing.embedded import Child

TOOLS = Path(sys.executable).parent
# What a stranger's machine has and the pages name; a test's platform takes free ports and a folder of its own.
HTTP, NATS, DATA = "http://127.0.0.1:8080", "127.0.0.1:4222", '"data/'


@dataclass(frozen=True)
class Place:
    """A folder and settings to run pieces in; `names` are put in the place of what the page says."""

    folder: Path
    environment: dict[str, str]
    names: dict[str, str]

    def run(self, piece: Piece) -> str:
        """What the piece prints; fails with it where one of its commands fails."""
        text = piece.text
        for said, here in self.names.items():
            text = text.replace(said, here)
        command = {"bash": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}[piece.language]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **self.environment}
        done = subprocess.run(
            [*command, text], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, f"{text}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done.stdout


def lend_tools(folder: Path) -> None:
    """Gives a folder a `.venv` that only leads to the tools of this one: `make` there can never install into it."""
    tools = folder / ".venv" / "bin"
    tools.mkdir(parents=True)
    for name in ("python", "zhongtai", "buf", "ruff"):
        (tools / name).write_text(f'#!/bin/sh\nexec "{TOOLS / name}" "$@"\n')
        (tools / name).chmod(0o755)
    (tools.parent / ".made").touch()


@pytest.fixture(scope="module")
async def platform(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """A platform as `make run` starts it, and the checkout to call it from."""
    folder = tmp_path_factory.mktemp("platform")
    async with Child(folder / "data", migrated=False) as child:
        broker = f"127.0.0.1:{child.environment['ZHONGTAI_NATS_PORT']}"
        names = {HTTP: child.address, NATS: broker, DATA: f'"{child.folder}/'}
        checkout = folder / "checkout"
        lend_tools(checkout)
        yield Place(checkout, child.environment, names)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A copy of everything that is or will be committed."""
    folder = tmp_path_factory.mktemp("tree")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    lend_tools(folder)
    roots = os.pathsep.join(str(folder / root) for root in ("services", "shared", "gateway"))
    place = Place(folder, {"PYTHONPATH": roots}, {})
    place.run(Piece("tree", "bash", "make proto"))
    return place
