"""Holds the platform's formulas against figures printed in standards and textbooks.

    python -m tests.cases.published FILE [--json]

A row names its set, its inputs, the figure and the tolerance. What computes lies in the platform: this only reads the
inputs of a row, in whichever way the row's source states them, and asks. Exits 1 where a row differs.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.cases.published_balance import BALANCE_SETS
from tests.cases.published_credit import CREDIT_SETS
from zhongtai.kernel.refusals import Refusal

SETS: dict[str, Callable[[Mapping[str, Any]], Decimal | float | int]] = {**CREDIT_SETS, **BALANCE_SETS}


@dataclass(frozen=True)
class Outcome:
    """How a row went; `got` is a figure, or why there is none."""

    set: str
    id: str
    expected: float
    tolerance: float
    got: str
    agrees: bool

    def __str__(self) -> str:
        return f"{self.set} {self.id}: expected {self.expected} within {self.tolerance}, got {self.got}"


def outcomes(file: Path) -> Iterator[Outcome]:
    """Every row of the file. Numbers are read exactly."""
    yield from (outcome(row) for row in json.loads(file.read_text(), parse_float=Decimal))


def outcome(row: Mapping[str, Any]) -> Outcome:
    """One row against the platform."""
    expected, tolerance = Decimal(row["expected"]), Decimal(row["tol"])
    try:
        value = Decimal(SETS[row["set"]](row))
        got, agrees = f"{value:.12g}", abs(value - expected) <= tolerance
    except (Refusal, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as problem:
        got, agrees = f"{type(problem).__name__}: {problem}", False
    return Outcome(row["set"], row["id"], float(expected), float(tolerance), got, agrees)


def main() -> int:
    """Prints `N of M` for each set and the rows that differ, for a person or as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.cases.published", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="the outcome as JSON")
    options = parser.parse_args()
    every = list(outcomes(options.file))
    different = [it for it in every if not it.agrees]
    names = dict.fromkeys(it.set for it in every)
    counts = {name: [it.agrees for it in every if it.set == name] for name in names}
    if options.json:
        sets = {name: {"passed": sum(agreed), "rows": len(agreed)} for name, agreed in counts.items()}
        told = {"passed": len(every) - len(different), "rows": len(every), "sets": sets}
        print(json.dumps({**told, "different": [asdict(it) for it in different]}, ensure_ascii=False, indent=2))
    else:
        print(f"{len(every) - len(different)} of {len(every)}")
        for name, agreed in counts.items():
            print(f"  {name}: {sum(agreed)} of {len(agreed)}")
        for it in different:
            print(f"  {it}")
    return 1 if different or not every else 0


if __name__ == "__main__":
    sys.exit(main())
