"""Adding a component or a product edits no existing file, and what `make component` writes is green at once.

The proof runs in a copy of the tree: there it is generated, its contracts too, and its tests and the shape of the house
are run.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.rules import ROOT
from zhongtai.testing import component, scenario
from zhongtai.testing.component import NameRefused, plural, words

TOOLS = Path(sys.executable).parent
NEW = "credit/covenant"


def ran(tree: Path, *command: str) -> str:
    """What a command prints in a tree, which comes before the one that is installed; fails with it."""
    roots = os.pathsep.join(str(tree / root) for root in ("services", "shared", "gateway"))
    settings = {**os.environ, "PYTHONPATH": roots, "GIT_CONFIG_GLOBAL": os.devnull, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=tree, env=settings, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of everything that is or will be committed, as a repository of its own."""
    copy = tmp_path_factory.mktemp("tree")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    ran(copy, "git", "init", "--quiet")
    ran(copy, "git", "add", "--all")
    ran(copy, "git", "-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "--message", "as it was")
    return copy


@pytest.mark.slow
def test_a_new_component_is_green_and_edits_nothing(tree: Path) -> None:
    ran(tree, sys.executable, "-m", "zhongtai.testing.component", NEW)
    changes = ran(tree, "git", "status", "--porcelain", "--untracked-files=all").splitlines()
    assert len(changes) == len(component.TEMPLATES)
    assert {change[:2] for change in changes} == {"??"}, "an existing file was edited"

    ran(tree, sys.executable, "protos/generate.py")
    ran(tree, str(TOOLS / "buf"), "lint", "build/protos/image.binpb", "--path", "zhongtai")
    ran(tree, str(TOOLS / "buf"), "format", "--diff", "--exit-code", "protos/zhongtai/credit/v1/covenant.proto")
    code = ["services/zhongtai/credit/covenant", "tests/credit/covenant"]
    ran(tree, str(TOOLS / "ruff"), "check", *code)
    ran(tree, str(TOOLS / "ruff"), "format", "--check", *code)
    files = [str(file.relative_to(tree)) for folder in code for file in sorted((tree / folder).glob("*.py"))]
    ran(tree, str(TOOLS / "mypy"), "--cache-dir", str(tree / "build" / "types"), *files)
    shape = ["tests/architecture/test_shape.py", "tests/architecture/test_contracts.py"]
    passed = ran(tree, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"tests/{NEW}", *shape)
    assert "covenant" not in passed, "nothing of the new component is skipped or failed"


@pytest.mark.slow
def test_a_new_product_is_one_file_and_compiles(tree: Path) -> None:
    before = set(ran(tree, "git", "status", "--porcelain", "--untracked-files=all").splitlines())
    ran(tree, sys.executable, "-m", "zhongtai.testing.scenario", "deposit_transfer")
    after = set(ran(tree, "git", "status", "--porcelain", "--untracked-files=all").splitlines())
    assert after - before == {"?? gateway/zhongtai/scenarios/deposit_transfer.yaml"}
    ran(tree, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/scenarios/test_products.py")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "not <service>/<noun>"),
        ("covenant", "not <service>/<noun>"),
        ("credit/limit/hold", "not <service>/<noun>"),
        ("treasury/covenant", "no service 'treasury'"),
        ("gateway/covenant", "no service 'gateway'"),
        ("credit/Covenant", "not snake case"),
        ("credit/bank-covenant", "not snake case"),
        ("credit/../covenant", "not <service>/<noun>"),
        ("credit/covenant_of_a_very_long_name", "longer than"),
        ("credit/utils", "does not say what it is"),
        ("credit/list", "means something else"),
        ("credit/class", "means something else"),
        ("credit/store", "means something else"),
        ("credit/covenants", "is many"),
        ("credit/limit", "is there already"),
        ("operations/loan", "answers /v1/loans already"),
        ("credit/instalment", "has a Instalment already"),
    ],
)
def test_a_name_that_would_not_do_is_refused_with_the_reason(name: str, why: str) -> None:
    with pytest.raises(NameRefused, match=why):
        component.written(ROOT, name)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "not snake case"),
        ("Deposit", "not snake case"),
        ("../deposit", "not snake case"),
        ("d" * 49, "longer than"),
        ("consumer_instalment", "is there already"),
    ],
)
def test_a_product_name_that_would_not_do_is_refused_with_the_reason(name: str, why: str) -> None:
    with pytest.raises(NameRefused, match=why):
        scenario.written(ROOT, name)


def test_many_are_named_as_english_has_it() -> None:
    nouns = ("covenant", "facility", "survey", "branch", "tax", "business_day")
    many = ["covenants", "facilities", "surveys", "branches", "taxes", "business_days"]
    assert [plural(noun) for noun in nouns] == many
    assert words("credit/bank_facility")["Nouns"] == "BankFacilities"
