"""import-linter sees every component through the namespace, and every one of its contracts is seen to break."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.rules import ROOT, ROOTS
from zhongtai.runtime.contracts import PACKAGES
from zhongtai.runtime.service import components

LINTER = str(Path(sys.executable).parent / "lint-imports")
DOMAIN = "services/zhongtai/credit/limit/domain.py"
# A line that breaks a contract, and the file it is planted in.
PLANTED = {
    "layers": ("services/zhongtai/credit/limit/handlers.py", "import zhongtai.risk.decision.domain"),
    "gateway": ("gateway/zhongtai/gateway/run/handlers.py", "import zhongtai.credit.limit.domain"),
    "kernel": ("shared/zhongtai/kernel/money.py", "import zhongtai.common.v1.money_pb2"),
    "domain": (DOMAIN, "import zhongtai.credit.limit.store"),
    "store": ("services/zhongtai/credit/limit/store.py", "import zhongtai.credit.loan.handlers"),
    "testing": (DOMAIN, "import zhongtai.testing.doors"),
}
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the three source roots and of the settings."""
    copy = tmp_path_factory.mktemp("imports")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for root in ROOTS:
        shutil.copytree(ROOT / root, copy / root, ignore=shutil.ignore_patterns("__pycache__", "static"))
    return copy


def linted(tree: Path, contract: str) -> tuple[int, str]:
    """How import-linter ends on one contract, and what it says."""
    roots = os.pathsep.join(str(tree / root) for root in ROOTS)
    done = subprocess.run(
        [LINTER, "--no-cache", "--no-logo", "--contract", contract],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": roots, "COLUMNS": "400"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout


def test_every_contract_has_a_planted_violation() -> None:
    assert {contract["id"] for contract in CONTRACTS} == set(PLANTED)


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_import_is_seen(tree: Path, contract: str) -> None:
    name, line = PLANTED[contract]
    file = tree / name
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}\n{line}\n", encoding="utf-8")
    try:
        ended, said = linted(tree, contract)
    finally:
        file.write_text(text, encoding="utf-8")
    assert ended == 1, said
    assert line.removeprefix("import ") in said


def test_a_component_is_seen_wherever_it_lies(tree: Path) -> None:
    """A handler that imports a test's tool is found in every component of every package."""
    planted = []
    for package in PACKAGES:
        root = "gateway" if package == "gateway" else "services"
        for noun in components(package):
            file = tree / root / "zhongtai" / package / noun / "planted.py"
            file.write_text('"""Planted."""\n\nimport grpc\n', encoding="utf-8")
            planted.append(f"zhongtai.{package}.{noun}.planted")
    settings = tree / "pyproject.toml"
    text = settings.read_text(encoding="utf-8")
    contract = {"id": "planted", "name": "planted", "type": "forbidden", "forbidden_modules": ["grpc"]}
    lines = "".join(
        f"{key} = {str(value)!r}\n" if isinstance(value, str) else f"{key} = {value}\n"
        for key, value in contract.items()
    )
    settings.write_text(
        f"{text}\n[[tool.importlinter.contracts]]\n{lines}source_modules = {planted}\n", encoding="utf-8"
    )
    ended, said = linted(tree, "planted")
    assert ended == 1, said
    assert [name for name in planted if f"{name} -> grpc" not in said] == []
