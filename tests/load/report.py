"""Prints every figure as a table: minimum, median and maximum, beside what is wanted."""

from importlib import import_module
from statistics import median

from rich.console import Console
from rich.table import Table

from tests.load.figure import Figure

GROUPS = (
    "actus",
    "schedules",
    "allowance",
    "deposits",
    "end_of_day",
    "closing",
    "exposure",
    "imports",
    "reconciliation",
    "commands",
    "costs",
    "ledger",
    "work_orders",
    "payments",
    "bus",
    "notifications",
    "door",
    "platform",
)


def report(only: list[str], *, runs: int, as_json: bool) -> None:
    """Measures the groups named, or all, and prints their figures; exits where a group has no such name."""
    if strangers := set(only) - set(GROUPS):
        raise SystemExit(f"{', '.join(sorted(strangers))}: no such group; there are {', '.join(GROUPS)}")
    console = Console()
    figures: list[Figure] = []
    for group in only or GROUPS:
        with console.status(f"measuring {group}"):
            figures += import_module(f"tests.load.{group}").run(runs)
    if as_json:
        console.print_json(
            data=[{"name": it.name, "unit": it.unit, "values": it.values, "wanted": it.wanted} for it in figures]
        )
        return
    table = Table("figure", "unit", "min", "median", "max", "wanted", box=None)
    for figure in figures:
        low, middle, high = (
            f"{value:,.1f}" for value in (min(figure.values), median(figure.values), max(figure.values))
        )
        table.add_row(figure.name, figure.unit, low, f"[bold]{middle}[/bold]", high, figure.wanted)
    console.print(table)
