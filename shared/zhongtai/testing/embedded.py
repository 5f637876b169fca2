"""The whole platform for a test: in this process, or as a child that can be killed and started again.

Both are the real thing on real ports with a real broker; only the folder and the ports are the test's own.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from zhongtai.runtime.contracts import PACKAGES
from zhongtai.runtime.platform import Platform
from zhongtai.runtime.settings import Placement, Settings
from zhongtai.testing.templates import fresh_sqlite

COMMAND = (sys.executable, "-m", "zhongtai.runtime.main")
# Long, as a machine may have other work: one that ends instead is seen at once.
READY_WITHIN_S = 180.0
STOP_WITHIN_S = 60.0
LOOK_AGAIN_S = 0.01
# Below the ports that connections are given by the kernel: nothing else takes one while the platform is down.
FIRST_PORT, LAST_PORT = 20_000, 32_000
_chance = random.Random(os.getpid())


def settings_for(folder: Path, **changes: Any) -> Settings:
    """Settings with every door on a free port and everything that is kept in the folder."""
    free = Settings(data=folder, http_port=0, environment="test", **{name: Placement() for name in PACKAGES})  # type: ignore[arg-type]
    return replace(replace(free, nats=replace(free.nats, port=0)), **changes)


@asynccontextmanager
async def embedded(folder: Path, **changes: Any) -> AsyncIterator[Platform]:
    """The platform in this process, on free ports; `changes` are fields of `Settings`: `credit=Placement(…)`."""
    plant_stores(folder)
    async with Platform(settings_for(folder, **changes).check()) as platform:
        yield platform


def plant_stores(folder: Path) -> None:
    """Gives a folder without stores those that a first start would make by migrating, which takes it seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.glob("*.db")):
        for service in PACKAGES:
            fresh_sqlite(service, folder)


def free_ports(number: int) -> list[int]:
    """So many ports that nobody listens on now, and that no connection will be given before somebody does.

    Processes that share the tests of a run share the ports, too: none takes what another's platform comes back to.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    own = range(FIRST_PORT + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]), LAST_PORT, workers)
    found: list[int] = []
    while len(found) < number:
        port = _chance.choice(own)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in found:
                found.append(port)
    return found


def free_doors() -> dict[str, int]:
    """A free port for each door of the platform, by the name of its setting."""
    names = ("ZHONGTAI_HTTP_PORT", "ZHONGTAI_NATS_PORT", *(f"ZHONGTAI_{name.upper()}_GRPC_PORT" for name in PACKAGES))
    return dict(zip(names, free_ports(len(names)), strict=True))


def tables(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of every SQLite store in a folder, by `service.table`, in an order of their own."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for file in sorted(folder.glob("*.db")):
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
            for (table,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                found[f"{file.stem}.{table}"] = sorted(store.execute(f'SELECT * FROM "{table}"'), key=repr)
    return found


@dataclass
class Child:
    """`zhongtai serve` in a process of its own, always on the same data and ports.

    `async with Child(folder)` starts it; it may be killed, stopped and started again any number of times, and leaves
    no process behind. Its first start finds migrated stores, unless it is told to migrate them itself.
    """

    folder: Path
    services: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    migrated: bool = True
    starts: int = 0
    _ports: Mapping[str, int] = field(default_factory=free_doors)
    _process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> "Child":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()
        self.kill_broker()

    @property
    def environment(self) -> dict[str, str]:
        """The settings that lead any `zhongtai` command to this platform."""
        return {
            "ZHONGTAI_DATA": str(self.folder),
            "ZHONGTAI_ENVIRONMENT": "test",
            **{name: str(port) for name, port in self._ports.items()},
            **self.extra,
        }

    @property
    def address(self) -> str:
        """The HTTP door."""
        return f"http://127.0.0.1:{self._ports['ZHONGTAI_HTTP_PORT']}"

    @property
    def log_file(self) -> Path:
        """What the platform said, of all its lives."""
        return self.folder / "platform.log"

    @property
    def broker_pid(self) -> int:
        """The process of the broker, which may be a killed platform's; 0 where none runs on this folder."""
        folder = self.folder / "nats"
        with contextlib.suppress(OSError, ValueError):
            pid = int((folder / "nats-server.pid").read_text(encoding="utf-8"))
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            return pid if str(folder.resolve()).encode() in command and state != "Z" else 0
        return 0

    async def start(self) -> dict[str, str]:
        """Starts it and answers its addresses once every door is open; fails with its log where it ends before."""
        await self.begin()
        return await self.ready()

    async def begin(self) -> None:
        """Starts it and does not wait."""
        assert self._process is None, "it runs already"
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.migrated:
            plant_stores(self.folder)
        self.starts += 1
        with self.log_file.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *COMMAND,
                "serve",
                *self.services,
                "--json",
                env=os.environ | self.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )

    async def ready(self) -> dict[str, str]:
        """Its addresses, which it prints once every door is open."""
        assert self._process, "it was not started"
        assert self._process.stdout
        printed = ""
        async with asyncio.timeout(READY_WITHIN_S):
            while not printed.endswith("}\n"):
                line = (await self._process.stdout.readline()).decode()
                if not line:
                    raise RuntimeError(f"the platform did not start:\n{self.log_file.read_text()[-4000:]}")
                printed += line
        addresses: dict[str, str] = json.loads(printed)
        return addresses

    async def kill(self) -> None:
        """Ends the platform with SIGKILL; its broker lives on, as it would after a crash."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            self._process = None

    def kill_broker(self) -> None:
        """Ends the broker with SIGKILL."""
        if pid := self.broker_pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    async def broker_after(self, dead: int) -> int:
        """The process of the broker, once it is another than the dead one."""
        async with asyncio.timeout(READY_WITHIN_S):
            while (pid := self.broker_pid) in (0, dead):
                await asyncio.sleep(LOOK_AGAIN_S)
        return pid

    async def stop(self, within_s: float = STOP_WITHIN_S) -> int:
        """Asks it to stop, as Ctrl-C does, and answers its exit code; TimeoutError where it takes longer."""
        assert self._process, "it does not run"
        self._process.send_signal(signal.SIGINT)
        async with asyncio.timeout(within_s):
            code = await self._process.wait()
        self._process = None
        return code

    async def command(self, *arguments: str) -> str:
        """What a `zhongtai` command prints against this platform; fails with it where the command does."""
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            *arguments,
            env=os.environ | self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        printed, said = await process.communicate()
        if process.returncode:
            raise RuntimeError(
                f"zhongtai {' '.join(arguments)}: {process.returncode}\n{said.decode()}{printed.decode()}"
            )
        return printed.decode()
