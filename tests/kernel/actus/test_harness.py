"""The harness itself: strict in every field, and silent about contracts."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cases.actus import difference, outcomes

TERMS = {
    "contractType": "PAM",
    "contractID": "one",
    "contractRole": "RPL",
    "currency": "CHF",
    "statusDate": "2024-01-01T00:00:00",
    "initialExchangeDate": "2024-01-02T00:00",
    "maturityDate": "2024-07-01T23:59:59",
    "notionalPrincipal": " 1000",
    "nominalInterestRate": Decimal("0.09"),
    "dayCountConvention": "30E360",
    "cycleAnchorDateOfInterestPayment": "2024-01-02T00:00:00",
    "cycleOfInterestPayment": "P1YL1",
}
RESULTS = [
    ["2024-01-02T00:00", "IED", 1000, -1000, 0],
    ["2024-01-02T00:00", "IP", 0, -1000, 0],
    ["2024-07-01T23:59:59", "IP", -45, -1000, 0],
    ["2024-07-01T23:59:59", "MD", -1000, 0, 0],
]
NAMES = ["eventDate", "eventType", "payoff", "notionalPrincipal", "accruedInterest"]


def case(results: list[list[Any]]) -> dict[str, Any]:
    rows = [{**dict(zip(NAMES, row, strict=True)), "currency": "CHF", "nominalInterestRate": "0.09"} for row in results]
    return {"terms": TERMS, "to": "", "dataObserved": {}, "eventsObserved": [], "results": rows}


def test_what_is_told_is_found() -> None:
    assert difference(case(RESULTS)) is None


def test_a_field_that_the_engine_does_not_tell_is_a_difference() -> None:
    told = case(RESULTS)
    told["results"][1]["marketValue"] = 7
    assert str(difference(told)) == "event 1, marketValue: expected 7, got no such field"


@pytest.mark.parametrize(
    ("row", "column", "value", "field"),
    [
        (2, 0, "2024-07-02T00:00:00", "eventDate"),
        (2, 1, "IPCI", "eventType"),
        (2, 2, 45, "payoff"),
        (2, 2, Decimal("-45.0000006"), "payoff"),
        (3, 3, None, "notionalPrincipal"),
        (1, 4, "1e-7", "accruedInterest"),
    ],
)
def test_the_first_difference_is_named(row: int, column: int, value: object, field: str) -> None:
    results = [list(line) for line in RESULTS]
    results[row][column] = value
    found = difference(case(results))
    assert found is not None
    assert (found.event, found.field) == (row, field)


@pytest.mark.parametrize("results", [RESULTS[:3], [*RESULTS, RESULTS[-1]]])
def test_a_row_less_or_more_is_a_difference(results: list[list[Any]]) -> None:
    found = difference(case(results))
    assert found is not None
    assert found.field == "events"


def test_a_refusal_is_a_difference_too() -> None:
    found = difference({**case(RESULTS), "terms": {**TERMS, "couponRate": 1}})
    assert found is not None
    assert "couponRate" in found.actual


@pytest.mark.parametrize(
    ("change", "field", "named"),
    [
        ({"terms": {**TERMS, "contractType": "SCRCR"}}, "evaluation", "SCRCR"),
        ({"terms": {**TERMS, "dayCountConvention": "A336"}}, "evaluation", "A336"),
        ({"terms": None}, "evaluation", "NoneType"),
        ({"eventsObserved": [{"time": "2024-02-01T00:00", "type": "??"}]}, "evaluation", "??"),
        ({"dataObserved": {"X": {"data": [{"timestamp": "soon", "value": 1}]}}}, "evaluation", "soon"),
        ({"results": None}, "results", "NoneType"),
        ({"results": [{"eventDate": "soon"}]}, "results", "soon"),
        ({"results": [{"payoff": "much"}]}, "results", "much"),
    ],
)
def test_what_nobody_understands_fails_by_its_name(change: dict[str, Any], field: str, named: str) -> None:
    found = difference({**case(RESULTS), **change})
    assert found is not None
    assert found.field == field
    assert named in found.actual


def test_a_file_in_another_layout_fails_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "ann.json").write_text("[1, 2]")
    (tmp_path / "lam.json").write_text("{")
    (tmp_path / "pam.json").write_text(json.dumps({"pam01": case(RESULTS), "pam02": 7}, default=str))
    told = {outcome.case: outcome.difference and outcome.difference.field for outcome in outcomes(tmp_path)}
    assert told == {"ann": "layout", "lam": "layout", "pam01": None, "pam02": "evaluation"}
