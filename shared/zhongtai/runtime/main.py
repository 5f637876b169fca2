"""The `zhongtai` command.

Verbs are loaded when they are called, so that `zhongtai --help` answers at once. A component may add commands of its
own, `zhongtai <service> <noun> …`, by a `commands.py` with a Typer `app` in its folder.
"""

import os
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

VERBS = {
    "serve": "Start the platform, or only the services named, and serve until Ctrl-C.",
    "demo": "Send 1,000 applicants through a product and check what must hold.",
    "call": "Call one RPC with a JSON request.",
    "tail": "Print events as they happen.",
    "status": "Say how every service is.",
    "close": "Close the day of a book: every step and proof; or say what it would come to.",
    "eod": "Close a business date for all loans, or say what the close would come to.",
    "import": "Take rows of a file over: loans under way.",
    "iso": "Look at messages of ISO 20022: check a document by its schema.",
    "jobs": "Say what the platform does by itself and how it stands; run, pause or resume a job.",
    "ledger": "Verify the ledger, prove an entry, seal what is new.",
    "data": "Look after the stores: migrate, replay, dead letters.",
    "bench": "Print the figures: minimum, median and maximum of five runs.",
}
# The demonstration is a caller of the gateway and lies beside it, jobs and closes are its own; the end of day and
# imports are credit's, the ledger and messages are operations'.
ELSEWHERE = {
    "close": "zhongtai.gateway.closing.commands",
    "demo": "zhongtai.gateway.demonstration.command",
    "eod": "zhongtai.credit.end_of_day.commands",
    "import": "zhongtai.credit.file_import.commands",
    "iso": "zhongtai.operations.iso_message.commands",
    "jobs": "zhongtai.gateway.job.commands",
    "ledger": "zhongtai.operations.ledger_seal.commands",
}
SERVICES = ("marketing", "credit", "operations", "risk", "asset_liability", "reporting", "gateway")


# Typer carries its own copy of click, whose classes have no public name: what it hands over and gets is `Any` here.
class _Verbs(TyperGroup):
    """A group that knows its verbs' names and sentences, and loads a verb when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*VERBS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in VERBS:
            if not _is_named(cmd_name):
                return TyperCommand(cmd_name, help=VERBS[cmd_name], short_help=VERBS[cmd_name])
            return _loaded(ELSEWHERE.get(cmd_name, f"zhongtai.runtime.commands.{cmd_name}"), cmd_name)
        if cmd_name in SERVICES:
            return _Nouns(name=cmd_name, help=f"Commands of the components of {cmd_name}.", no_args_is_help=True)
        return None


class _Nouns(TyperGroup):
    """The components of a service that have commands of their own."""

    def list_commands(self, ctx: Any) -> list[str]:
        components = import_module("zhongtai.runtime.service").components(self.name)
        return [noun for noun in components if find_spec(f"zhongtai.{self.name}.{noun}.commands")]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.list_commands(ctx):
            return None
        return _loaded(f"zhongtai.{self.name}.{cmd_name}.commands", cmd_name)


def _is_named(verb: str) -> bool:
    """Whether the command line, or the one a shell is completing, names a verb."""
    completing = (os.environ.get(name, "") for name in ("COMP_WORDS", "_TYPER_COMPLETE_ARGS"))
    return verb in sys.argv[1:] or any(verb in words.split() for words in completing)


def _loaded(module: str, name: str) -> Any:
    app: typer.Typer = import_module(module).app
    command: Any = typer.main.get_command(app)
    command.name = name
    return command


app = typer.Typer(
    cls=_Verbs,
    name="zhongtai",
    help="Zhongtai 中台: an open financial middle-platform.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
)


@app.callback()
def _root() -> None:
    """Zhongtai 中台: an open financial middle-platform."""


def main() -> None:
    """The entry point of the `zhongtai` command."""
    app()


if __name__ == "__main__":
    main()
