"""Reads the scenario files: one JSON record a line, money as decimal text, dates as ISO text."""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

Entry = Mapping[str, Any]
"""One entry of a timeline: `{op, ...}` or `{expect, ...}`."""


@dataclass(frozen=True)
class Case:
    """A scenario: what is done to one loan, and what must be seen of it, in order."""

    id: str
    file: str
    name: str
    timeline: tuple[Entry, ...]
    loan: Mapping[str, Any]


@dataclass(frozen=True)
class Library:
    """What scenarios refer to by name: products, and the reference data (charges, delinquency ranges, settings)."""

    products: Mapping[str, Mapping[str, Any]]
    reference: Mapping[str, Any]


def cases(path: Path) -> Iterator[Case]:
    """Every scenario of a file, in its order; `.gz` is unpacked."""
    content = path.read_bytes()
    for line in (gzip.decompress(content) if path.suffix == ".gz" else content).splitlines():
        record = json.loads(line)
        yield Case(
            id=record["id"],
            file=record["file"],
            name=record["name"],
            timeline=tuple(record["timeline"]),
            loan=record.get("loan") or {},
        )


def library(folder: Path) -> Library:
    """The products and the reference data that lie beside the scenarios."""
    return Library(
        products=json.loads((folder / "products.json").read_text(encoding="utf-8")),
        reference=json.loads((folder / "reference.json").read_text(encoding="utf-8")),
    )


def cents(text: str | float | None) -> int | None:
    """Money as minor units of two digits; nothing stays nothing."""
    if text in (None, "", "null"):
        return None
    scaled = Decimal(str(text)).scaleb(2)
    assert scaled == scaled.to_integral_value(), f"{text} is finer than a cent"
    return int(scaled)


def day(text: str | None) -> date | None:
    """A date as the files write it: `2024-01-31`, or `31 January 2024` inside a step's table."""
    if text in (None, "", "null"):
        return None
    assert text is not None
    if text[:4].isdigit():
        return date.fromisoformat(text)
    return datetime.strptime(text, "%d %B %Y").date()  # noqa: DTZ007 - a calendar date has no zone
