"""The table of parameters and operations says what there is: each field, RPC and test it names exists."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from google.protobuf import descriptor_pool

TESTS = Path(__file__).parents[1]
README = TESTS.parents[1] / "services/zhongtai/credit/README.md"
ROWS = re.findall(r"^\| (.+?) \| `(\w+)\.(\w+)` \| `(.+?)::(\w+)` \|$", README.read_text("utf-8"), re.MULTILINE)


for contract in (TESTS.parents[1] / "protos/zhongtai/credit/v1").glob("*.proto"):
    import_module(f"zhongtai.credit.v1.{contract.stem}_pb2")  # registers what the table names


def test_every_row_is_read() -> None:
    lines = [line for line in README.read_text("utf-8").splitlines() if "::" in line]
    assert len(ROWS) == len(lines) > 40


@pytest.mark.parametrize(("title", "owner", "name", "file", "test"), ROWS)
def test_what_a_row_names_exists(title: str, owner: str, name: str, file: str, test: str) -> None:
    pool = descriptor_pool.Default()
    full_name = f"zhongtai.credit.v1.{owner}"
    if owner.endswith("Service"):
        assert name in pool.FindServiceByName(full_name).methods_by_name, title
    else:
        assert name in pool.FindMessageTypeByName(full_name).fields_by_name, title
    assert re.search(rf"def {test}\(", (TESTS / file).read_text("utf-8")), title
