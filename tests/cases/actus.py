"""Holds the cash-flow engine against contract vectors in the official ACTUS layout.

    python -m tests.cases.actus FOLDER [--json]

Strict: every field a result publishes, signed, in order, exact timestamps, numbers to 1e-8 absolute or relative. It
knows the layout of the files and nothing of contracts. Exits 1 where a case fails.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from zhongtai.kernel.actus.codes import ContractPerformance, EventType
from zhongtai.kernel.actus.engine import cash_flows
from zhongtai.kernel.actus.events import Event
from zhongtai.kernel.actus.observed import Observed, ObservedEvent
from zhongtai.kernel.actus.terms import number_of, terms_of, time_of
from zhongtai.kernel.refusals import Refusal

TOLERANCE = Decimal("1e-8")

FIELDS: dict[str, Callable[[Event], datetime | Decimal | str | None]] = {
    "eventDate": lambda event: event.time,
    "eventType": lambda event: event.type.value,
    "payoff": lambda event: event.payoff,
    "currency": lambda event: event.currency,
    "notionalPrincipal": lambda event: event.state.notional_principal,
    "nominalInterestRate": lambda event: event.state.nominal_interest_rate,
    "accruedInterest": lambda event: event.state.accrued_interest,
    "exerciseDate": lambda event: event.state.exercise_date,
    "exerciseAmount": lambda event: event.state.exercise_amount,
}


@dataclass(frozen=True)
class Difference:
    """The first thing a case and the engine disagree on; `event` is the place in the results, from 0."""

    event: int
    field: str
    expected: str
    actual: str

    def __str__(self) -> str:
        return f"event {self.event}, {self.field}: expected {self.expected}, got {self.actual}"


@dataclass(frozen=True)
class Outcome:
    """How a case went; no difference is a pass."""

    file: str
    case: str
    difference: Difference | None


# What a file or a case that is not in the layout, or says what nobody understands, comes to.
_PROBLEMS = (Refusal, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError)


def outcomes(folder: Path) -> Iterator[Outcome]:
    """Every case of every file of the folder, by name. Numbers are read exactly."""
    for path in sorted(folder.glob("*.json")):
        try:
            cases = list(json.loads(path.read_text(), parse_float=Decimal).items())
        except _PROBLEMS as problem:
            yield Outcome(path.name, path.stem, _problem("layout", problem))
            continue
        for name, case in cases:
            yield Outcome(path.name, name, difference(case))


def difference(case: Mapping[str, Any]) -> Difference | None:
    """The first difference between what a case publishes and what the engine says of its terms."""
    try:
        until = time_of(case["to"]) if case.get("to") else None
        events = cash_flows(terms_of(case["terms"]), observed_of(case), until)
    except _PROBLEMS as problem:
        return _problem("evaluation", problem)
    try:
        return first_difference(case["results"], events)
    except _PROBLEMS as problem:
        return _problem("results", problem)


def _problem(field: str, problem: BaseException) -> Difference:
    return Difference(0, field, "events", f"{type(problem).__name__}: {problem}")


def first_difference(results: Sequence[Mapping[str, Any]], events: Sequence[Event]) -> Difference | None:
    """Where published results and events part."""
    for place, (expected, event) in enumerate(zip(results, events, strict=False)):
        for field, value in expected.items():
            actual = FIELDS[field](event) if field in FIELDS else "no such field"
            if not agree(value, actual):
                return Difference(place, field, str(value), str(actual))
    if len(events) != len(results):
        shorter = min(len(events), len(results))
        more = [f"{event.time.isoformat()} {event.type}" for event in events[shorter:][:1]]
        more += [f"{row['eventDate']} {row['eventType']}" for row in results[shorter:][:1]]
        return Difference(shorter, "events", f"{len(results)} events", f"{len(events)}, next {more[0]}")
    return None


def agree(expected: Any, actual: datetime | Decimal | str | None) -> bool:
    """Whether a published value is the engine's."""
    if isinstance(actual, datetime):
        return isinstance(expected, str) and expected != "" and time_of(expected) == actual
    if isinstance(actual, Decimal):
        told = None if expected in (None, "") else number_of(expected)
        return told is not None and abs(actual - told) <= TOLERANCE * max(Decimal(1), abs(told))
    if actual is None:
        return expected in (None, "")
    return bool(expected == actual)


def observed_of(case: Mapping[str, Any]) -> Observed:
    """The observed data and events of a case."""
    markets = {
        code: tuple(sorted((time_of(row["timestamp"]), number_of(row["value"])) for row in series["data"]))
        for code, series in (case.get("dataObserved") or {}).items()
    }
    return Observed(markets, tuple(observed_event(row) for row in case.get("eventsObserved") or ()))


def observed_event(row: Mapping[str, Any]) -> ObservedEvent:
    """An observed event of a case."""
    performance = (row.get("states") or {}).get("contractPerformance")
    return ObservedEvent(
        time=time_of(row["time"]),
        type=EventType(row["type"]),
        value=number_of(row.get("value") or 0),
        contract_id=row.get("contractId") or "",
        performance=ContractPerformance(performance) if performance else None,
    )


def main() -> int:
    """Prints `N of M` and the failing cases, for a person or as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.cases.actus", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true", help="the outcome as JSON")
    options = parser.parse_args()
    every = list(outcomes(options.folder))
    failed = [outcome for outcome in every if outcome.difference]
    if options.json:
        told = {"passed": len(every) - len(failed), "cases": len(every), "failed": [asdict(one) for one in failed]}
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        print(f"{len(every) - len(failed)} of {len(every)}")
        for outcome in failed:
            print(f"  {outcome.file} {outcome.case}: {outcome.difference}")
    return 1 if failed or not every else 0


if __name__ == "__main__":
    sys.exit(main())
