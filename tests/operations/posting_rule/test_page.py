"""The page for product teams says what comes of its rules: every block of it is run."""

import json
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import zhongtai.operations.posting_rule as noun
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.posting_rule.domain import ReleasedRule, field_of

PAGE = (Path(noun.__path__[0]) / "README.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


class Have:
    """What the accounts of an example have."""

    def __init__(self, units: dict[str, int]) -> None:
        self._units = units

    def balance(self, account: str, currency: str, colour: str) -> int:
        return self._units.get(account, 0)

    def overdraft(self, account: str, currency: str) -> int | None:
        return 0

    def currencies(self, account: str) -> Iterable[str]:
        return ("CNY",)

    def metadata(self, account: str, key: str) -> str | None:
        return None


def posted(example: dict[str, Any]) -> list[list[Any]] | str:
    """The legs that come of an example, or why there are none."""
    given = {name: Money("CNY", value) if isinstance(value, int) else value for name, value in example["given"].items()}
    rule = ReleasedRule("example", 1, "", json.dumps(example["rule"]), date(2026, 1, 5)).read()
    try:
        moved = rule.moved(lambda name: field_of(given, name), Have(example.get("have", {})))
    except Refusal as refusal:
        return refusal.reason
    legs = rule.posted(lambda name: field_of(given, name), moved)
    return [[leg.account_id or leg.account_code, str(leg.side), leg.amount.minor_units] for leg in legs]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_posts_what_the_page_says(example: dict[str, Any]) -> None:
    found = posted(example)
    expected = example.get("refused") or sorted(example["posts"])
    assert (found if isinstance(found, str) else sorted(found)) == expected


def test_the_page_shows_the_language() -> None:
    assert len(EXAMPLES) >= 9
    words = ("in_order", "up_to", "shares", "REMAINING", "one_of", "overdraft", "KEPT", "let", "send_all", "set_aside")
    assert [word for word in words if not any(f'"{word}"' in json.dumps(example) for example in EXAMPLES)] == []
