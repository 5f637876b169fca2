"""`zhongtai import loans`: a dry run lands nothing, a mapping is a file, and the same command again goes on."""

import asyncio
import csv
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.credit.examples import plant_seeds
from tests.credit.loan_files import begun, csv_file, loan
from zhongtai.credit.file_import import commands
from zhongtai.credit.v1 import file_import_pb2 as v1
from zhongtai.credit.v1 import loan_pb2
from zhongtai.runtime.client import Calls
from zhongtai.testing.doors import Door


@pytest.fixture(autouse=True)
async def platform(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command calls the door's service, which has the products that ship with it."""

    @asynccontextmanager
    async def calls() -> AsyncIterator[Calls]:
        yield Calls({"credit": door.service}, {})

    monkeypatch.setattr(commands, "local_calls", calls)
    await plant_seeds(door)


async def run(*arguments: str) -> Any:
    """What the command does, in a loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, commands.app, ["loans", *arguments])


async def test_a_dry_run_lands_nothing_and_a_mapping_is_a_file(door: Door, tmp_path: Path) -> None:
    file, mapping, bad = tmp_path / "loans.csv", tmp_path / "mapping.yaml", tmp_path / "bad.csv"
    rows = [loan(1), loan(2, outstanding="99999.00"), loan(3) | {"branch": "0017"}]
    file.write_bytes(csv_file(rows).replace(b"customer_id", "客户号".encode()).decode().encode("gbk"))
    mapping.write_text("columns: {customer_id: 客户号}\nconstants: {grade: BB}\nignored: [branch]\n", encoding="utf-8")
    refused = await run(str(file))
    assert (refused.exit_code, "COLUMN_MUST_BE_THERE" in refused.output + refused.stderr) == (1, True)
    dry = await run(str(file), "--mapping", str(mapping), "--dry-run", "--json")
    told = json.loads(dry.stdout)
    assert (dry.exit_code, told["good_rows"], told["landed_rows"], told["dry_run"]) == (3, 2, 0, True)
    assert told["findings"] == [
        {"line": 3, "key": "OLD-2", "field": "outstanding", "reason": "OUTSTANDING_MUST_BE_OF_PRINCIPAL"}
    ]
    assert not (await door.call(loan_pb2.ListLoansRequest())).loans
    done = await run(str(file), "--mapping", str(mapping), "--bad-rows", str(bad))
    assert (done.exit_code, "3 rows: 2 landed, 1 are bad" in done.stdout) == (3, True)
    assert "consumer_instalment: 2 rows, CNY 16,400.00" in done.stdout
    assert [one.grade for one in (await door.call(loan_pb2.ListLoansRequest())).loans] == ["BB", "BB"]
    with bad.open(encoding="utf-8-sig") as told_bad:
        assert [row["reason"] for row in csv.DictReader(told_bad)] == ["OUTSTANDING_MUST_BE_OF_PRINCIPAL"]


async def test_what_was_begun_goes_on(door: Door, tmp_path: Path) -> None:
    file = tmp_path / "loans.csv"
    content = csv_file([loan(number) for number in range(150)])
    file.write_bytes(content)
    fields = {"name": "loans.csv", "delimiter": ",", "encoding": v1.TEXT_ENCODING_UTF_8}
    import_id = await begun(door, content, **fields)
    for _ in range(2):
        done = await run(str(file), "--json")
        told = json.loads(done.stdout)
        assert (done.exit_code, told["import_id"], told["landed_rows"]) == (0, import_id, 150)


@pytest.mark.parametrize("arguments", [("--format", "xlsx"), ("--encoding", "utf-16")])
async def test_what_is_not_read_is_said(tmp_path: Path, arguments: tuple[str, str]) -> None:
    file = tmp_path / "loans.csv"
    file.write_bytes(csv_file([loan(1)]))
    assert (await run(str(file), *arguments)).exit_code == 2
