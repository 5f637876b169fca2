"""The `zhongtai` command.

Verbs are loaded when they are called, so that `zhongtai --help` answers at once. A component may add commands of its
own, `zhongtai <service> <noun> …`, by a `commands.py` with a Typer `app` in its folder.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import click
import typer
from typer.core import TyperGroup

VERBS = {
    "serve": "Start the platform, or only the services named, and serve until Ctrl-C.",
    "demo": "Send 1,000 applicants through a product and check what must hold.",
    "call": "Call one RPC with a JSON request.",
    "tail": "Print events as they happen.",
    "status": "Say how every service is.",
    "data": "Look after the stores: migrate, replay, dead letters.",
    "bench": "Print the figures: minimum, median and maximum of five runs.",
}
# The demonstration is a caller of the gateway and lies beside it.
ELSEWHERE = {"demo": "zhongtai.gateway.demonstration.command"}
SERVICES = ("marketing", "credit", "operations", "risk", "asset_liability", "reporting", "gateway")


class _Verbs(TyperGroup):
    """A group that knows its verbs' names and sentences, and loads a verb when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*VERBS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in VERBS:
            if ctx.resilient_parsing or _asks_for_help_of_all():
                return click.Command(cmd_name, help=VERBS[cmd_name])
            return _loaded(ELSEWHERE.get(cmd_name, f"zhongtai.runtime.commands.{cmd_name}"), cmd_name)
        if cmd_name in SERVICES:
            return _Nouns(cmd_name)
        return None


class _Nouns(click.Group):
    """The components of a service that have commands of their own."""

    def __init__(self, service: str) -> None:
        super().__init__(service, help=f"Commands of the components of {service}.")
        self._service = service

    def list_commands(self, ctx: click.Context) -> list[str]:
        components = import_module("zhongtai.runtime.service").components(self._service)
        return [noun for noun in components if find_spec(f"zhongtai.{self._service}.{noun}.commands")]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        return _loaded(f"zhongtai.{self._service}.{cmd_name}.commands", cmd_name)


def _asks_for_help_of_all() -> bool:
    return len(sys.argv) < 2 or sys.argv[1] in ("--help", "-h")


def _loaded(module: str, name: str) -> click.Command:
    app: typer.Typer = import_module(module).app
    command: Any = typer.main.get_command(app)
    command.name = name
    found: click.Command = command
    return found


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
