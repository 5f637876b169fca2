"""Holds the servicing of loans against the acceptance scenarios of Apache Fineract.

    python -m tests.cases.fineract FILE.jsonl.gz [--json] [--only ID ...] [--diff] [--engine]

Each scenario is a timeline of steps on one loan and of what must be seen of it after them: schedules, transaction
tables, statuses, amounts, charges, journals, refusals, to the cent. A scenario passes when everything it expects is
so. Products and reference data are read beside the file, else in ZHONGTAI_CASES. Exits 1 where a scenario fails.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.cases.fineract.driving import Outcome, Run
from tests.cases.fineract.engine import EngineDriver
from tests.cases.fineract.records import cases, library
from tests.cases.fineract.service import CreditService, ServiceDriver

MOST_REASONS = 40


def main() -> int:
    """Prints how many scenarios passed, failed and are not supported, and why, for a person or as JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.cases.fineract",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="the outcome as JSON")
    parser.add_argument(
        "--only", nargs="+", metavar="ID", help="these scenarios alone (an id, or part of a file's name)"
    )
    parser.add_argument("--kind", choices=("progressive", "cumulative"), help="scenarios of one kind alone")
    parser.add_argument("--engine", action="store_true", help="the servicing engine alone, without the credit service")
    parser.add_argument("--diff", action="store_true", help="every difference of each scenario")
    options = parser.parse_args()
    beside = options.file.parent
    folder = beside if (beside / "products.json").exists() else Path(os.environ["ZHONGTAI_CASES"]) / "fineract"
    shelf = library(folder)
    outcomes = []
    with CreditService() as service:
        for case in cases(options.file):
            if options.only and not any(each == case.id or each in case.file for each in options.only):
                continue
            run = Run(case, shelf, EngineDriver() if options.engine else ServiceDriver(service))
            if options.kind and run.outcome.progressive != (options.kind == "progressive"):
                continue
            outcomes.append(run.play())
    if options.json:
        print(json.dumps(summary(outcomes), ensure_ascii=False, indent=1))
    else:
        tell(outcomes, differences=options.diff)
    return 1 if any(outcome.result == "failed" for outcome in outcomes) or not outcomes else 0


def summary(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """The run as data: counts, and each scenario with its differences."""
    results = Counter(outcome.result for outcome in outcomes)
    return {
        "cases": len(outcomes),
        "passed": results["passed"],
        "failed": results["failed"],
        "not_supported": results["not supported"],
        "first_schedules": tally((outcome.first_schedule,) for outcome in outcomes),
        "checks": by_name([check for outcome in outcomes for check in outcome.checks]),
        "operations": by_name([step for outcome in outcomes for step in outcome.steps]),
        "outcomes": [asdict(outcome) | {"result": outcome.result} for outcome in outcomes],
    }


def tally(marks: object) -> dict[str, int]:
    """How many are right of how many that are known."""
    known = [mark for (mark,) in marks if mark is not None]  # type: ignore[attr-defined]
    return {"passed": sum(known), "of": len(known)}


def by_name(marks: Sequence[tuple[str, bool]]) -> dict[str, dict[str, int]]:
    """How many of each name are right of how many, the most frequent first."""
    right, every = Counter(name for name, good in marks if good), Counter(name for name, _ in marks)
    return {name: {"passed": right[name], "of": count} for name, count in every.most_common()}


def tell(outcomes: Sequence[Outcome], differences: bool) -> None:
    """The run for a person."""
    for title, some in (
        ("all", outcomes),
        ("progressive", [outcome for outcome in outcomes if outcome.progressive]),
        ("cumulative", [outcome for outcome in outcomes if not outcome.progressive]),
    ):
        results = Counter(outcome.result for outcome in some)
        first = tally((outcome.first_schedule,) for outcome in some)
        print(
            f"{title:12} passed {results['passed']} of {len(some)}, failed {results['failed']}, "
            f"not supported {results['not supported']}; first schedules {first['passed']} of {first['of']}"
        )
    for title, marks in (
        ("expectations", [check for outcome in outcomes for check in outcome.checks]),
        ("operations", [step for outcome in outcomes for step in outcome.steps]),
    ):
        print(f"\n{title}, passed of seen:")
        print("  " + ", ".join(f"{name} {n['passed']}/{n['of']}" for name, n in by_name(marks).items()))
    failed = [outcome for outcome in outcomes if outcome.differences]
    print("\nfirst difference, by kind:")
    reasons = Counter(outcome.differences[0].reason for outcome in failed)
    for reason, count in reasons.most_common(MOST_REASONS):
        example = next(outcome for outcome in failed if outcome.differences[0].reason == reason)
        print(f"  {count:4} {reason}   e.g. {example.id}: {example.differences[0].problem[:160]}")
    print("\nnot supported:")
    unsupported = Counter(outcome.unsupported for outcome in outcomes if outcome.result == "not supported")
    for unsupported_reason, number in unsupported.most_common():
        print(f"  {number:4} {unsupported_reason}")
    print("\nfailed:")
    for outcome in failed:
        print(f"  {outcome.id} {outcome.file} {outcome.product}")
        for difference in outcome.differences if differences else outcome.differences[:1]:
            print(
                f"      #{difference.place} {difference.reason}: {difference.problem[: None if differences else 200]}"
            )


if __name__ == "__main__":
    sys.exit(main())
