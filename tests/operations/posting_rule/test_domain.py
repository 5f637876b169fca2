"""A posting rule as an entry: legs that stand in it and legs of its flow; the shipped form is the small case."""

from collections.abc import Iterable
from typing import Any

import pytest

from zhongtai.kernel.money import Money
from zhongtai.operations.account.domain import Side
from zhongtai.operations.ledger.domain import Leg
from zhongtai.operations.posting_rule.domain import PostingRule, note_text
from zhongtai.operations.posting_term.domain import Amount
from zhongtai.operations.posting_text.domain import RuleMustBeWellFormed
from zhongtai.runtime.plain import reader


class Rich:
    """Accounts with a thousand each."""

    def balance(self, account: str, currency: str, colour: str) -> int:
        return 1_000

    def overdraft(self, account: str, currency: str) -> int | None:
        return 0

    def currencies(self, account: str) -> Iterable[str]:
        return ()

    def metadata(self, account: str, key: str) -> str | None:
        return None


RULE: dict[str, Any] = {
    "on": "FEE",
    "reference": "fee_id",
    "narrative": "A fee",
    "let": {"tax": {"currency": "CNY", "minor_units": 6}},
    "legs": [
        {"side": "DEBIT", "account_code": "6421", "amount": "tax"},
        {"side": "CREDIT", "account_code": "2221", "amount": "tax"},
    ],
    "steps": [
        {"send": "fee", "from": {"account": "payer"}, "to": {"account_code": "6021"}},
        {"send": "tax", "from": {"account": "payer"}, "to": {"account_code": "6021"}},
    ],
}
HAPPENED = {"fee_id": "fee_1", "fee": Money("CNY", 100), "payer": "acc_1"}


def test_an_entry_holds_the_legs_of_the_rule_and_of_its_flow() -> None:
    draft = reader(PostingRule)(RULE).draft("ent_1", HAPPENED.__getitem__, Rich())
    assert (draft.reference, draft.narrative) == ("fee_1", "A fee")
    assert draft.legs == (
        Leg("6421", "", Side.DEBIT, Money("CNY", 6)),
        Leg("2221", "", Side.CREDIT, Money("CNY", 6)),
        Leg("", "acc_1", Side.DEBIT, Money("CNY", 106)),
        Leg("6021", "", Side.CREDIT, Money("CNY", 106)),
    )


def test_a_flow_of_nothing_posts_nothing() -> None:
    rule = reader(PostingRule)(RULE | {"legs": [], "steps": RULE["steps"][:1]})
    assert rule.draft("ent_1", (HAPPENED | {"fee": Money("CNY", 0)}).__getitem__, Rich()) is None


def test_a_rule_that_is_not_well_formed_is_never_made() -> None:
    with pytest.raises(RuleMustBeWellFormed):
        reader(PostingRule)(RULE | {"steps": [{"send": "fee"}]})


def test_notes_are_told_as_text() -> None:
    assert [note_text(known) for known in (Amount("CNY", 5), 7, "x")] == ["CNY 5", "7", "x"]
