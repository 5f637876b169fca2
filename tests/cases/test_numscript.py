"""The cases of the Numscript language, each told as a posting rule of ours; and the reading of its grammar."""

import json
import os
from pathlib import Path

import pytest

from tests.cases.numscript.playing import difference, outcomes
from tests.cases.numscript.scripts import ScriptNotUnderstood, script
from zhongtai.operations.posting_text.domain import flow

FILE = Path(os.environ.get("ZHONGTAI_CASES", "../shared/cases")) / "numscript_cases.json"


@pytest.mark.cases
@pytest.mark.skipif(not FILE.exists(), reason=f"{FILE} is not there: set ZHONGTAI_CASES")
def test_every_case_comes_to_the_same_postings() -> None:
    found = list(outcomes(json.loads(FILE.read_text(encoding="utf-8"))["files"]))
    assert found
    assert [outcome for outcome in found if outcome.difference] == []


SEND = "send [CNY 10] (source = @world destination = @a)"


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ({"expect.postings": []}, "postings: expected []"),
        ({"expect.postings": [{"source": "world", "destination": "a", "asset": "CNY", "amount": 9}]}, "postings"),
        ({"expect.error.missingFunds": True}, "error.missingFunds expected"),
        ({"expect.endBalances": [{"account": "a", "asset": "CNY", "amount": 9}]}, "endBalances"),
        ({"expect.txMetadata": {"key": "value"}}, "txMetadata"),
        ({"expect.unheard": 1}, "unheard"),
    ],
)
def test_a_wrong_expectation_is_told(expected: dict[str, object], told: str) -> None:
    assert told in difference({"script": SEND}, expected)


def test_a_refusal_that_was_not_expected_is_told() -> None:
    text = SEND.replace("@world", "@poor")
    assert "FUNDS_MISSING" in difference({"script": text}, {"expect.postings": []})
    assert "FUNDS_MISSING" in difference({"script": text}, {"expect.error.negativeAmount": True})
    assert difference({"script": text}, {"expect.error.missingFunds": True}) == ""


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("send [CNY 1_0] (source=@a destination=@b:c)", [("10", "a", "b:c")]),
        ("/* a /* nested */ one */ send [CNY 10](source=@a destination=@b:c) // the end", [("10", "a", "b:c")]),
    ],
)
def test_the_marks_of_the_grammar_are_read(text: str, steps: list[tuple[str, str, str]]) -> None:
    found = [
        (str(step["send"]["minor_units"]), step["from"]["account_code"], step["to"]["account_code"])
        for step in script(text).flow["steps"]
    ]
    assert found == steps


def test_a_block_of_shares_is_told_from_one_in_order() -> None:
    def read(destination: str) -> set[str]:
        step = script(f"send [CNY 1] (source = {{@a @b}} destination = {destination})").flow["steps"][0]
        flow({"steps": [step]})
        assert step["from"].keys() == {"in_order"}
        return set(step["to"])

    assert read("{ remaining to @c }") == {"in_order", "rest"}
    assert read("{ remaining to @c 1/2 kept }") == {"shares"}
    assert read("{ 1/(1+1) to @c remaining kept }") == {"shares"}
    assert read("oneof { max [CNY 1] to @c remaining to { 1% to @d remaining to @e } }") == {"one_of", "rest"}


@pytest.mark.parametrize(
    "text", ["send", "send [CNY 1] (source = @a)", "burn(@a)", "vars { number $x", "§", "send f(1) ("]
)
def test_what_is_not_in_the_grammar_is_not_guessed(text: str) -> None:
    with pytest.raises((ScriptNotUnderstood, IndexError)):
        script(text)
