"""Posting rules through the door: released by version and date, previewed without a trace, posted with the balances."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from tests.operations.bank import Bank, cny
from zhongtai.kernel.currencies import EXPONENTS
from zhongtai.operations.v1 import account_pb2, ledger_pb2
from zhongtai.operations.v1 import posting_rule_pb2 as v1
from zhongtai.runtime.convert import date_message

TODAY = date(2026, 1, 5)

# A sale: paid from the wallet first, then from the credit line; a capped fee to the bank, the rest to the merchant.
SALE: dict[str, Any] = {
    "let": {"most": {"currency": "CNY", "minor_units": 500}},
    "steps": [
        {
            "send": "amount",
            "from": {"in_order": [{"account": "wallet"}, {"up_to": "line", "from": {"account_code": "1303"}}]},
            "to": {
                "shares": [
                    {
                        "share": "fee",
                        "to": {
                            "in_order": [{"up_to": "most", "to": {"account_code": "6021"}}],
                            "rest": {"account": "merchant"},
                        },
                    },
                    {"share": "REMAINING", "to": {"account": "merchant"}},
                ]
            },
        },
        {"note": "wallet", "value": {"metadata_of": {"account": "wallet"}, "key": "customer_id"}},
        {
            "note": "left",
            "of": {"account": "wallet"},
            "value": {"balance_of": {"account": "wallet"}, "currency": "CNY"},
        },
    ],
}


def release(terms: Any, version: int = 1, day: date = TODAY, rule: str = "sale") -> v1.ReleasePostingRuleRequest:
    return v1.ReleasePostingRuleRequest(
        request_id=f"release-{rule}-{version}-{day}-{hash(str(terms))}",
        rule=v1.ReleasedRule(
            rule=rule,
            version=version,
            narrative="A sale",
            terms=terms if isinstance(terms, str) else json.dumps(terms),
            effective_from=date_message(day),
        ),
    )


def fields(**given: Any) -> list[v1.RuleField]:
    def field(name: str, value: Any) -> v1.RuleField:
        if isinstance(value, int):
            return v1.RuleField(name=name, amount=cny(value))
        return v1.RuleField(name=name, text=value)

    return [field(name, value) for name, value in given.items()]


def told(legs: Any) -> list[tuple[str, str, int]]:
    sides = {ledger_pb2.SIDE_DEBIT: "DEBIT", ledger_pb2.SIDE_CREDIT: "CREDIT"}
    return [(leg.account_id or leg.account_code, sides[leg.side], leg.amount.minor_units) for leg in legs]


async def test_what_is_previewed_is_posted_from_the_balances_as_they_stand(bank: Bank) -> None:
    wallet, merchant = await bank.deposit(8_000), await bank.deposit()
    await bank.door.call(release(SALE))
    asked = fields(amount=10_000, line=5_000, fee="12.5%", wallet=wallet, merchant=merchant)
    before = await bank.door.envelopes()
    preview = await bank.door.call(v1.PreviewPostingRequest(rule="sale", fields=asked))
    assert await bank.door.envelopes() == before
    posted = await bank.door.call(v1.PostByRuleRequest(request_id="p1", rule="sale", fields=asked, reference="sale_1"))
    expected = [
        (wallet, "DEBIT", 8_000),
        ("6021", "CREDIT", 500),
        (merchant, "CREDIT", 9_500),
        ("1303", "DEBIT", 2_000),
    ]
    assert told(preview.legs) == told(posted.entry.legs) == expected
    assert {(note.key, note.account, note.value) for note in posted.notes} == {
        ("wallet", "", "cus_1"),
        ("left", wallet, "CNY 0"),
    }
    assert (posted.entry.narrative, posted.entry.reference, posted.version) == ("A sale", "sale_1", 1)
    assert (await bank.account(wallet)).balance == cny(0)
    await bank.must_be_sound()


async def test_terms_are_previewed_before_anybody_releases_them(bank: Bank) -> None:
    wallet, merchant = await bank.deposit(8_000), await bank.deposit()
    asked = fields(amount=10_000, line=5_000, fee="1%", wallet=wallet, merchant=merchant)
    before = await bank.door.envelopes()
    request = v1.PreviewPostingRequest(rule="sale", terms=json.dumps(SALE), fields=asked)
    preview = await bank.door.call(request)
    assert (preview.version, told(preview.legs)[1]) == (0, ("6021", "CREDIT", 100))
    assert await bank.door.envelopes() == before
    request.terms = '{"steps": [{"send": "amount"}]}'
    assert (await bank.door.refused(request)).reason == "RULE_MUST_BE_WELL_FORMED"
    request.terms = ""
    assert (await bank.door.refused(request)).reason == "POSTING_RULE_NOT_FOUND"


async def test_held_money_is_not_there_for_a_rule(bank: Bank) -> None:
    wallet, merchant = await bank.deposit(1_000), await bank.deposit()
    await bank.door.call(account_pb2.PlaceHoldRequest(request_id="h1", account_id=wallet, amount=cny(400)))
    terms = {"steps": [{"send_all": "CNY", "from": {"account": "wallet"}, "to": {"account": "merchant"}}]}
    await bank.door.call(release(terms))
    asked = fields(wallet=wallet, merchant=merchant)
    posted = await bank.door.call(v1.PostByRuleRequest(request_id="p1", rule="sale", fields=asked, reference="all"))
    assert told(posted.entry.legs) == [(wallet, "DEBIT", 600), (merchant, "CREDIT", 600)]
    nothing = await bank.door.refused(v1.PostByRuleRequest(request_id="p2", rule="sale", fields=asked, reference="all"))
    assert nothing.reason == "NOTHING_TO_POST"
    assert not (await bank.door.call(v1.PreviewPostingRequest(rule="sale", fields=asked))).legs


async def test_a_version_never_changes_and_counts_from_its_date(bank: Bank) -> None:
    legs = [
        {"side": "DEBIT", "account_code": "1001", "amount": "amount"},
        {"side": "CREDIT", "account_code": "6021", "amount": "amount"},
    ]
    later = TODAY + timedelta(days=3)
    await bank.door.call(release({"legs": legs}))
    await bank.door.call(release({"legs": legs}))
    assert [fact.version for fact in await bank.door.facts(v1.PostingRuleReleased)] == [1]
    await bank.door.call(release({"legs": [legs[1], legs[0]]}, version=2, day=later))
    changed = await bank.door.refused(release({"legs": legs + legs}))
    assert changed.reason == "POSTING_RULE_VERSION_ALREADY_RELEASED"
    past = await bank.door.refused(release({"legs": legs}, version=3, day=TODAY - timedelta(days=1)))
    assert past.reason == "EFFECTIVE_DATE_MUST_NOT_BE_PAST"
    asked = v1.PreviewPostingRequest(rule="sale", fields=fields(amount=5))
    assert (await bank.door.call(asked)).version == 1
    bank.door.today(later)
    assert (await bank.door.call(asked)).version == 2
    assert (await bank.door.call(v1.GetPostingRuleRequest(rule="sale", version=1))).rule.released_on == date_message(
        TODAY
    )
    assert len((await bank.door.call(v1.ListPostingRulesRequest(rule="sale"))).rules) == 2
    assert len((await bank.door.call(v1.ListPostingRulesRequest(rule="other"))).rules) == 0
    assert (
        await bank.door.refused(v1.GetPostingRuleRequest(rule="sale", version=9))
    ).reason == "POSTING_RULE_NOT_FOUND"


A = {"account_code": "1001"}


@pytest.mark.parametrize(
    ("reason", "terms"),
    [
        ("RULE_MUST_BE_WELL_FORMED", "[]"),
        ("RULE_MUST_BE_WELL_FORMED", "{,"),
        ("RULE_MUST_BE_WELL_FORMED", "[" * 10_000),
        ("RULE_MUST_BE_WELL_FORMED", {}),
        ("RULE_MUST_BE_WELL_FORMED", {"legs": [{"side": "UP"}]}),
        ("RULE_MUST_BE_WELL_FORMED", {"legs": [], "steps": {}}),
        ("RULE_MUST_BE_WELL_FORMED", {"script": "send"}),
        ("SHARES_MUST_BE_ONE", {"steps": [{"send": "x", "from": A, "to": {"shares": [{"share": "1%", "to": A}]}}]}),
        (
            "REMAINDER_MUST_BE_ONE",
            {"steps": [{"send": "x", "from": A, "to": {"shares": [{"share": "REMAINING", "to": A}] * 2}}]},
        ),
    ],
)
async def test_what_is_no_rule_is_not_released(bank: Bank, reason: str, terms: Any) -> None:
    assert (await bank.door.refused(release(terms))).reason == reason
    assert not await bank.door.facts(v1.PostingRuleReleased)


def moves(**more: Any) -> dict[str, Any]:
    return {"steps": [{"send": "amount", "from": {"account": "from"}, "to": {"account": "to"}} | more]}


REFUSED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("FIELD_NOT_GIVEN", moves(), {"amount": 1}),
    ("VALUE_MUST_FIT", moves(), {"amount": "one", "from": "1001", "to": "6021"}),
    ("VALUE_MUST_FIT", {"legs": [{"side": "DEBIT", "account": "amount", "amount": "amount"}]}, {"amount": 1}),
    ("VALUE_MUST_FIT", {"legs": [{"side": "DEBIT", "account": "from", "amount": "from"}]}, {"from": "1001"}),
    (
        "METADATA_NOT_FOUND",
        {"steps": [{"note": "n", "value": {"metadata_of": {"account": "wallet"}, "key": "shoe"}}]},
        {},
    ),
    ("FUNDS_MISSING", moves(), {"amount": 101, "from": "wallet", "to": "6021"}),
    (
        "SENT_AMOUNT_MUST_NOT_BE_NEGATIVE",
        moves(send={"negative": "amount"}),
        {"amount": 1, "from": "1001", "to": "6021"},
    ),
    ("SEND_ALL_MUST_BE_BOUNDED", {"steps": [{"send_all": "CNY", "from": A, "to": A}]}, {}),
    (
        "SHARES_MUST_BE_ONE",
        moves(to={"shares": [{"share": "to", "to": A}]}),
        {"amount": 1, "from": "1001", "to": "50%"},
    ),
    (
        "POSTINGS_EXHAUSTED",
        {
            "steps": [
                {"send": {"currency": currency, "minor_units": 1}, "from": A, "to": A}
                for currency in sorted(EXPONENTS)[:19]
            ]
        }
        | {"legs": [{"side": "DEBIT", "account_code": "1001", "amount": "amount"}] * 64},
        {"amount": 1},
    ),
    (
        "COLOUR_MUST_NOT_BE_POSTED",
        {"steps": [{"send": "amount", "from": A | {"colour": {"text": "RED"}}, "to": A}]},
        {"amount": 1},
    ),
    (
        "CURRENCY_MUST_MATCH",
        moves(**{"from": {"up_to": {"currency": "USD", "minor_units": 1}, "from": A}}),
        {"amount": 1, "to": "6021"},
    ),
    ("CURRENCY_UNKNOWN", moves(send={"currency": "EUR/4", "minor_units": 1}), {"from": "1001", "to": "6021"}),
    ("AMOUNT_OUT_OF_BOUNDS", moves(send={"currency": "CNY", "minor_units": 10**18}), {"from": "1001", "to": "6021"}),
    ("ACCOUNT_NOT_FOUND", moves(), {"amount": 1, "from": "acc_none", "to": "6021"}),
    ("ACCOUNT_CODE_NOT_FOUND", moves(), {"amount": 1, "from": "9999", "to": "6021"}),
]


@pytest.mark.parametrize(("reason", "terms", "given"), REFUSED)
async def test_what_cannot_be_posted_is_refused_the_same_in_a_preview(
    bank: Bank, reason: str, terms: dict[str, Any], given: dict[str, Any]
) -> None:
    wallet = await bank.deposit(100)
    asked = fields(**{name: wallet if value == "wallet" else value for name, value in given.items()}, wallet=wallet)
    await bank.door.call(release(terms))
    before = await bank.door.envelopes()
    preview = await bank.door.refused(v1.PreviewPostingRequest(rule="sale", fields=asked))
    posting = await bank.door.refused(v1.PostByRuleRequest(request_id="p1", rule="sale", fields=asked, reference="r"))
    assert (preview.reason, posting.reason) == (reason, reason)
    assert await bank.door.envelopes() == before
