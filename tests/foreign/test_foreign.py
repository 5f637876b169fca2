"""Clients in another language: Node calls a product and receives its events with nothing but the `.proto` files."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from zhongtai.runtime.contracts import PACKAGES

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
INCLUDE = [str(ROOT / "protos"), str(ROOT / "build" / "protos" / "include")]
# 身份证 of nobody: area 110101, born 1949-12-31, with the check digit of GB 11643.
IDENTITY_NUMBER = "11010519491231002X"
INSTALL_WITHIN_S = 120
RUN_WITHIN_S = 60


@pytest.fixture(scope="module")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts with their locked packages beside them; skips where Node or the registry is not there."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("node and npm are not installed")
    folder = tmp_path_factory.mktemp("foreign")
    for name in ("package.json", "package-lock.json", "call_product.mjs", "receive_events.mjs"):
        shutil.copy(HERE / name, folder / name)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_WITHIN_S, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"the npm registry did not answer within {INSTALL_WITHIN_S} s")
    unreachable = ("ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN")
    if done.returncode and any(sign in done.stderr for sign in unreachable):
        pytest.skip(f"the npm registry does not answer: {done.stderr.strip().splitlines()[-1]}")
    assert not done.returncode, done.stderr
    return folder


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Where the doors of an embedded platform in a process of its own are; `admin` is the file of its first client."""
    data = tmp_path_factory.mktemp("platform")
    ports = {f"ZHONGTAI_{name.upper()}_GRPC_PORT": "0" for name in PACKAGES}
    mine = {name: value for name, value in os.environ.items() if not name.startswith("ZHONGTAI_")}
    environment = mine | ports | {"ZHONGTAI_DATA": str(data), "ZHONGTAI_NATS_PORT": "0", "ZHONGTAI_HTTP_PORT": "0"}
    with (data / "log").open("w") as log:
        command = [sys.executable, "-m", "zhongtai.runtime.main", "serve", "--json"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            yield _printed(process, data / "log") | {"admin": str(data / "admin.json")}
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)


@pytest.mark.slow
def test_node_calls_a_product_and_receives_its_events(node_folder: Path, addresses: dict[str, str]) -> None:
    admin = json.loads(Path(addresses["admin"]).read_text(encoding="utf-8"))
    called = node(
        node_folder,
        "call_product.mjs",
        {
            "http": addresses["http"],
            "grpc": addresses["grpc gateway"],
            "client_id": admin["client_id"],
            "secret": admin["secret"],
            "identity_number": IDENTITY_NUMBER,
            "include": INCLUDE,
        },
    )[0]
    assert called["status"] == "RUN_STATUS_COMPLETED"
    assert called["outcome"] == "GIVEN"
    # The same request id with another body is refused, in a status that any gRPC client knows.
    assert called["refused"] == "ALREADY_EXISTS"
    run, customer = called["run_id"], called["customer_id"]
    wanted = [
        wanted_event("marketing", "customer", "CustomerRegistered", customer),
        wanted_event("gateway", "run", "ProductAnnounced", run),
        wanted_event("gateway", "run", "RunEnded", run),
    ]
    given = {"nats": addresses["nats"], "include": INCLUDE, "wanted": wanted}
    registered, announced, ended = node(node_folder, "receive_events.mjs", given)
    assert registered["event"]["customer_id"] == customer
    assert announced["event"]["topic"] == "gift_received"
    assert announced["event"]["attributes"] == {"amount": "CNY 250.00"}
    assert ended["event"]["status"] == "RUN_STATUS_COMPLETED"
    assert len({each["id"] for each in (registered, announced, ended)}) == 3


def wanted_event(service: str, noun: str, name: str, key: str) -> dict[str, str]:
    """Where an event is found, and which one is meant."""
    file = f"zhongtai/{service}/v1/{noun}.proto"
    return {"stream": f"zhongtai_{service}", "file": file, "subject": f"zhongtai.{service}.v1.{name}", "key": key}


def node(folder: Path, script: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    """What a script prints, line by line; fails with what it complains about."""
    command = ["node", script, json.dumps(given)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=RUN_WITHIN_S, check=False)
    assert not done.returncode, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def _printed(process: "subprocess.Popen[str]", log: Path) -> dict[str, str]:
    """The addresses a starting platform prints as JSON over several lines; fails where it ends before."""
    assert process.stdout
    text = ""
    for line in process.stdout:
        text += line
        if line.rstrip() == "}":
            return dict(json.loads(text))
    raise AssertionError(f"the platform did not start: {log.read_text()}")
