"""`zhongtai bench`: prints the figures of `tests/load`, which come with a checkout and not with the wheel."""

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(add_completion=False)


@app.command()
def bench(
    only: Annotated[list[str] | None, typer.Argument(help="Only these groups, such as commands, bus, ledger.")] = None,
    runs: Annotated[int, typer.Option(help="How often each figure is measured.", min=1, max=50)] = 5,
    json: Annotated[bool, typer.Option(help="Print the figures as JSON.")] = False,
) -> None:
    """Print the figures: minimum, median and maximum of five runs, beside what was wanted."""
    sys.path.insert(0, str(Path.cwd()))
    if find_spec("tests") is None or find_spec("tests.load") is None:
        Console(stderr=True).print("the figures are measured in a checkout: run make bench there", style="red")
        raise typer.Exit(2)
    import_module("tests.load.report").report(only or [], runs=runs, as_json=json)
