"""The `zhongtai` command: every verb has help, JSON and completion, and asking for help loads nothing heavy."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from zhongtai.runtime import main

ZHONGTAI = str(Path(sys.executable).parent / "zhongtai")
HEAVY = ("sqlalchemy", "grpc", "google.protobuf", "nats", "numpy", "starlette", "alembic")


def ran(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """What `zhongtai` does with these arguments."""
    settings = {**os.environ, "COLUMNS": "160", "NO_COLOR": "1", **environment}
    command = [ZHONGTAI, *arguments]
    return subprocess.run(command, env=settings, capture_output=True, text=True, timeout=120, check=False)


def completed(line: str) -> list[str]:
    """What bash is offered for the last word of a line."""
    place = str(len(line.split(" ")) - 1)
    return ran(_ZHONGTAI_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=place).stdout.split()


def leaves() -> list[tuple[str, Any]]:
    """Every command that does something, by its words: `call`, `data migrate`, …"""
    found = []
    for verb in main.VERBS:
        app = import_module(main.ELSEWHERE.get(verb, f"zhongtai.runtime.commands.{verb}")).app
        command: Any = typer.main.get_command(app)
        children = getattr(command, "commands", None)
        found += [(f"{verb} {name}", child) for name, child in children.items()] if children else [(verb, command)]
    return found


def test_help_names_every_verb_with_its_sentence() -> None:
    said = " ".join(ran("--help").stdout.split())
    for verb, sentence in main.VERBS.items():
        assert f" {verb} {sentence}" in said


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; sys.argv = ['zhongtai', '--help']\n"
        "from zhongtai.runtime.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print('loaded:', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.splitlines()[-1] == "loaded: []"


@pytest.mark.parametrize("verb", main.VERBS)
def test_a_verb_has_help_of_its_own(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["zhongtai", verb, "--help"])
    done = CliRunner(env={"COLUMNS": "160"}).invoke(main.app, [verb, "--help"], prog_name="zhongtai")
    assert done.exit_code == 0
    assert f"Usage: zhongtai {verb}" in done.stdout
    assert "--install-completion" not in done.stdout, "completion is installed for the whole command"


@pytest.mark.parametrize(("words", "command"), leaves(), ids=[words for words, _ in leaves()])
def test_every_command_can_answer_in_json(words: str, command: Any) -> None:
    assert "--json" in {option for parameter in command.params for option in parameter.opts}, words
    assert command.help, words


def test_the_shell_completes_verbs_nouns_and_options() -> None:
    assert set(completed("zhongtai ")) == set(main.VERBS)
    assert completed("zhongtai se") == ["serve"]
    assert {"migrate", "replay", "dead-letters"} <= set(completed("zhongtai data "))
    assert "--applicants" in completed("zhongtai demo --")
    assert "train" in completed("zhongtai risk scorecard ")


@pytest.mark.parametrize("arguments", [("nothing",), ("credit", "nothing")])
def test_a_word_that_is_none_is_told(arguments: tuple[str, ...]) -> None:
    done = ran(*arguments)
    assert done.returncode == 2
    assert "No such command 'nothing'" in done.stderr
