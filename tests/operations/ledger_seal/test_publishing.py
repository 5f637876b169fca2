"""Seals in a file, and the command that holds a store against it."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from tests.operations.bank import Bank
from tests.operations.ledger_seal.test_check_proof import CHECK
from zhongtai.operations.ledger_chain import store as chain_store
from zhongtai.operations.ledger_seal.commands import app
from zhongtai.operations.ledger_seal.domain import seal_of
from zhongtai.operations.ledger_seal.running import Publisher
from zhongtai.operations.v1 import ledger_seal_pb2 as v1
from zhongtai.runtime.engines import Engines


async def sealed(bank: Bank) -> str:
    """The id of a new entry under a new seal."""
    entry = await bank.post(("1001", "DEBIT", 7), ("4001", "CREDIT", 7))
    await bank.door.call(v1.SealLedgerRequest(request_id=bank.request_id()))
    return entry.entry_id


async def test_every_seal_is_published_once_and_a_torn_line_again(bank: Bank, tmp_path: Path) -> None:
    file = tmp_path / "ledger_seals.jsonl"
    publisher = Publisher(bank.door.service, file)
    assert await publisher.publish() == 0
    assert not file.exists()
    await sealed(bank)
    await sealed(bank)
    assert await publisher.publish() == 2
    assert await publisher.publish() == 0
    listed = await bank.door.call(v1.ListLedgerSealsRequest())
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [seal_of(line).hash for line in lines] == [seal.hash for seal in listed.seals]
    whole = file.read_bytes()
    file.write_bytes(whole[:-5])
    assert await Publisher(bank.door.service, file).publish() == 1
    assert file.read_bytes() == whole
    with pytest.raises(ValueError, match="is no seal"):
        seal_of(lines[0].replace('[\\"zhongtai.ledger_seal.1', '[ \\"zhongtai.ledger_seal.1'))


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, store_url: str, tmp_path: Path) -> CliRunner:
    """The command, on the store of this test."""
    monkeypatch.setenv("ZHONGTAI_DATA", str(tmp_path))
    monkeypatch.setenv("ZHONGTAI_OPERATIONS_DATABASE_URL", store_url)
    return CliRunner()


def told(command: CliRunner, *words: str) -> tuple[int, Any]:
    """The exit code and the JSON of `ledger verify`."""
    found = command.invoke(app, ["verify", "--json", *words])
    return found.exit_code, json.loads(found.output)


async def test_the_command_says_what_is_intact_and_what_is_not(
    bank: Bank, command: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        entry_id = await sealed(bank)
    await Publisher(bank.door.service, tmp_path / "ledger_seals.jsonl").publish()
    (tmp_path / "ledger_keys.json").write_text(json.dumps(bank.door.service.signer.private), encoding="utf-8")
    code, (found,) = told(command)
    assert (code, found["intact"], found["entries"], found["seals"]) == (0, True, 3, 3)
    assert told(command, "--from", "2", "--book", "general")[0] == 0
    monkeypatch.setattr(chain_store, "PAGE", 1)
    assert told(command) == (code, [found])

    written = tmp_path / "proof.json"
    assert command.invoke(app, ["proof", entry_id, "-o", str(written)]).exit_code == 0
    assert CHECK.check(written.read_bytes().decode()).startswith(f"entry {entry_id}, 3 of general")
    assert command.invoke(app, ["proof", "ent_none"]).exit_code == 2
    no_book = command.invoke(app, ["verify", "--book", "nowhere"])
    assert (no_book.exit_code, "there is no book nowhere" in no_book.output) == (2, True)
    assert command.invoke(app, ["verify", "--keys", str(tmp_path / "nowhere")]).exit_code == 2
    assert command.invoke(app, ["verify", "--seals", str(tmp_path / "nowhere")]).exit_code == 2

    engine = Engines.open(str(bank.door.service.store.engine.url.render_as_string(hide_password=False)), "operations")
    with engine.begin() as intruder:
        if intruder.dialect.name == "postgresql":
            intruder.execute(text("SET LOCAL session_replication_role = replica"))
        for name in intruder.execute(text(_TRIGGERS)).scalars().all() if intruder.dialect.name == "sqlite" else ():
            intruder.execute(text(f"DROP TRIGGER {name}"))
        intruder.execute(text("UPDATE ledger_entry SET narrative = 'forged' WHERE number = 2"))
    engine.dispose()
    code, (found,) = told(command)
    assert (code, found["fault"], found["bad_number"]) == (1, "CONTENT_CHANGED", 2)
    assert found["bad_entry_id"]
    said = command.invoke(app, ["verify"])
    assert said.exit_code == 1
    assert f"TAMPERED WITH at entry 2 {found['bad_entry_id']}" in said.output


def test_where_there_is_no_ledger_the_command_says_so_and_leaves_no_trace(
    command: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    monkeypatch.setenv("ZHONGTAI_OPERATIONS_DATABASE_URL", f"sqlite:///{nowhere / 'operations.db'}")
    for words in (["verify"], ["proof", "ent_1"]):
        said = command.invoke(app, words)
        assert (said.exit_code, "there is no ledger" in said.output) == (2, True)
    assert not list(nowhere.iterdir())


_TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
