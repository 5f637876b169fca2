"""What a posting rule moves: queues, caps, shares, overdrafts; nothing is made, lost or given twice."""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.posting_flow.domain import (
    POSTINGS_MAX,
    FundsMissing,
    Moved,
    PostingsExhausted,
    SendAllMustBeBounded,
    SentAmountMustNotBeNegative,
    allot,
    evaluate,
)
from zhongtai.operations.posting_term.domain import Amount
from zhongtai.operations.posting_text.domain import SharesMustBeOne, flow
from zhongtai.operations.posting_value.domain import MetadataNotFound, ValueMustFit

Json = dict[str, Any]
NOTHING: Json = {}


class Accounts:
    """Balances by account, all in one currency unless told; the bank has no bound."""

    def __init__(self, **units: int) -> None:
        self.units = {(account, "CNY", ""): held for account, held in units.items()}

    def balance(self, account: str, currency: str, colour: str) -> int:
        return self.units.get((account, currency, colour), 0)

    def overdraft(self, account: str, currency: str) -> int | None:
        return None if account == "bank" else 0

    def currencies(self, account: str) -> Iterable[str]:
        return [currency for owner, currency, _ in self.units if owner == account]

    def metadata(self, account: str, key: str) -> str | None:
        return {"fee": "12.5%", "cap": "CNY 30", "days": "7"}.get(key)


def cny(units: int) -> Json:
    return {"currency": "CNY", "minor_units": units}


def at(code: str, **more: Any) -> Json:
    return {"account_code": code, **more}


def moved(*steps: Json, named: Json | None = None, fields: Json | None = None, **units: int) -> Moved:
    return evaluate(flow({"let": named or {}, "steps": list(steps)}), (fields or {}).__getitem__, Accounts(**units))


def moved_on(units: dict[str, int], *steps: Json) -> Moved:
    return evaluate(flow({"steps": list(steps)}), NOTHING.__getitem__, Accounts(**units))


def told(found: Moved) -> list[tuple[str, str, int]]:
    return [(posting.source, posting.destination, posting.units) for posting in found.postings]


def send(units: int, source: Any, destination: Any) -> Json:
    return {"send": cny(units), "from": source, "to": destination}


def test_sources_give_in_their_order_and_the_first_to_come_is_the_first_to_go() -> None:
    source = {"in_order": [at("a"), {"up_to": cny(20), "from": at("b")}, at("bank")]}
    destination = {"in_order": [{"up_to": cny(15), "to": at("x")}, {"up_to": cny(5), "to": "KEPT"}], "rest": at("y")}
    found = moved(send(60, source, destination), a=10, b=100)
    assert told(found) == [("a", "x", 10), ("b", "x", 5), ("b", "y", 10), ("bank", "y", 30)]


def test_what_is_kept_is_there_for_the_next_step() -> None:
    kept = {"in_order": [{"up_to": cny(4), "to": at("x")}], "rest": "KEPT"}
    everything = {"send_all": "CNY", "from": at("a"), "to": at("y")}
    assert told(moved(send(10, at("a"), kept), everything, a=10)) == [("a", "x", 4), ("a", "y", 6)]


def test_no_account_gives_twice_what_it_has() -> None:
    assert told(moved(send(30, {"in_order": [at("a"), at("a"), at("bank")]}, at("x")), a=10)) == [
        ("a", "x", 10),
        ("bank", "x", 20),
    ]
    with pytest.raises(FundsMissing) as refused:
        moved(send(20, at("a"), at("x")), send(20, at("a"), at("x")), a=30)
    assert (refused.value.needed, refused.value.available) == (20, 10)


def test_one_of_several_gives_all_or_leaves_no_trace() -> None:
    half_of_a = {"shares": [{"share": "1/2", "from": at("a")}, {"share": "1/2", "from": at("bank")}]}
    source = {"one_of": [half_of_a, at("b"), {"in_order": [at("a"), at("b")]}]}
    assert told(moved(send(30, source, at("x")), a=10, b=40)) == [("b", "x", 30)]
    assert told(moved(send(30, source, at("x")), a=10, b=20)) == [("a", "x", 10), ("b", "x", 20)]
    assert told(moved(send(30, source, at("x")), a=15)) == [("a", "x", 15), ("bank", "x", 15)]


@pytest.mark.parametrize(("overdraft", "given"), [(5, 3), (0, 0), (-9, 0)])
def test_an_overdraft_counts_from_what_is_owed_already(overdraft: int, given: int) -> None:
    source = {"in_order": [at("a", overdraft=cny(overdraft)), at("bank")]}
    expected = [("a", "x", given)] if given else []
    assert told(moved(send(10, source, at("x")), a=-2)) == [*expected, ("bank", "x", 10 - given)]


def test_what_has_no_bound_gets_none_by_a_rule() -> None:
    assert told(moved(send(10, at("bank", overdraft=cny(5)), at("x")))) == [("bank", "x", 10)]


def test_a_cap_above_what_is_needed_takes_no_more() -> None:
    source = {"in_order": [{"up_to": cny(200), "from": at("bank")}, at("a")]}
    assert told(moved(send(10, source, at("x")), send(10, at("a"), at("y")), a=10)) == [
        ("bank", "x", 10),
        ("a", "y", 10),
    ]


def test_what_is_set_aside_stays() -> None:
    aside = {"set_aside": cny(7), "of": at("a")}
    all_aside = {
        "set_aside_all": "CNY",
        "of": at(
            "b",
        ),
    }
    source = {"in_order": [at("a"), at("b"), at("bank")]}
    assert told(moved(aside, all_aside, send(10, source, at("x")), a=10, b=5)) == [("a", "x", 3), ("bank", "x", 7)]
    with pytest.raises(FundsMissing):
        moved({"set_aside_all": "CNY", "of": at("a")}, send(1, at("a", overdraft=cny(30)), at("x")), a=-30)


def test_values_are_read_named_and_worked_out() -> None:
    named = {
        "fee": {"metadata_of": {"account": "payer"}, "key": "fee", "kind": "SHARE"},
        "cap": {"metadata_of": {"account": "payer"}, "key": "cap", "kind": "AMOUNT"},
        "days": {"metadata_of": {"account": "payer"}, "key": "days", "kind": "NUMBER"},
        "room": {"minus": [cny(500), {"balance_of": {"account": "payer"}, "currency": "CNY"}]},
    }
    split = {
        "shares": [
            {
                "share": "fee",
                "to": {"in_order": [{"up_to": "cap", "to": at("fees:{payer}:{days}")}], "rest": at("rest")},
            },
            {"share": "REMAINING", "to": {"account": "payee"}},
        ]
    }
    steps = ({"send": "room", "from": {"account": "payer"}, "to": split}, {"note": "room", "value": "room"})
    found = moved(*steps, named=named, fields={"payer": "a", "payee": "b"}, a=250)
    assert told(found) == [("a", "fees:a:7", 30), ("a", "rest", 2), ("a", "b", 218)]
    assert found.notes == {"room": Amount("CNY", 250)}
    owed = {"plus": [{"overdraft_of": at("a"), "currency": "CNY"}, {"negative": cny(-1)}]}
    paid = {"send": owed, "from": at("bank"), "to": at("a")}
    assert told(moved(paid, {"note": "n", "value": 1, "of": at("a")}, a=-9)) == [("bank", "a", 10)]
    assert told(moved({"send": "amount", "from": at("a"), "to": at("b")}, fields={"amount": Money("CNY", 3)}, a=3))


def test_a_coloured_source_gives_its_colour_only_and_a_scaled_one_changes_what_lacks() -> None:
    accounts = Accounts(a=100)
    accounts.units |= {("a", "CNY", "RED"): 30, ("a", "CNY/2", ""): 5, ("a", "CNY/3", ""): 77}
    red = {"in_order": [at("a", colour={"text": "RED"}), at("a")]}
    found = evaluate(flow({"steps": [send(50, red, at("x"))]}), NOTHING.__getitem__, accounts)
    assert [(posting.units, posting.colour) for posting in found.postings] == [(30, "RED"), (20, "")]
    scaled = {"send": {"currency": "CNY/2", "minor_units": 13}, "from": at("a", scaling_through=at("s")), "to": at("x")}
    found = evaluate(flow({"steps": [scaled]}), NOTHING.__getitem__, accounts)
    assert [(each.source, each.destination, each.currency, each.units) for each in found.postings] == [
        ("a", "s", "CNY/3", 70),
        ("a", "s", "CNY", 1),
        ("s", "a", "CNY/2", 107),
        ("a", "x", "CNY/2", 13),
    ]


SHARES = {"shares": [{"share": "part", "to": at("x")}, {"share": "1/2", "to": at("y")}]}
REFUSED: list[tuple[type[Refusal], Json, Json]] = [
    (SentAmountMustNotBeNegative, send(-1, at("bank"), at("x")), {}),
    (SentAmountMustNotBeNegative, {"set_aside": cny(-1), "of": at("a")}, {}),
    (SendAllMustBeBounded, {"send_all": "CNY", "from": at("bank"), "to": at("x")}, {}),
    (
        SendAllMustBeBounded,
        {"send_all": "CNY", "from": {"shares": [{"share": "100%", "from": at("a")}]}, "to": at("x")},
        {},
    ),
    (SharesMustBeOne, send(1, at("bank"), SHARES), {"part": Fraction(2, 3)}),
    (SharesMustBeOne, send(1, at("bank"), SHARES), {"part": Fraction(1, 3)}),
    (SharesMustBeOne, send(1, at("bank"), SHARES), {"part": Fraction(-1, 2)}),
    (ValueMustFit, send(1, at("bank"), SHARES), {"part": 1.5}),
    (ValueMustFit, send(1, at("bank"), SHARES), {"part": "a half"}),
    (ValueMustFit, {"send": "amount", "from": at("a"), "to": at("x")}, {"amount": 5}),
    (ValueMustFit, {"note": "n", "value": {"ratio": [1, 0]}}, {}),
    (ValueMustFit, {"note": "n", "value": {"plus": [1, cny(1)]}}, {}),
    (ValueMustFit, {"note": "n", "value": {"plus": [10**39 * 9, 10**39 * 9]}}, {}),
    (ValueMustFit, {"note": "n", "value": {"metadata_of": at("a"), "key": "fee", "kind": "NUMBER"}}, {}),
    (MetadataNotFound, {"note": "n", "value": {"metadata_of": at("a"), "key": "none"}}, {}),
    (CurrencyMustMatch, send(1, {"up_to": {"currency": "USD", "minor_units": 1}, "from": at("a")}, at("x")), {}),
    (CurrencyMustMatch, {"note": "n", "value": {"minus": [cny(1), {"currency": "USD", "minor_units": 1}]}}, {}),
]


@pytest.mark.parametrize(("refusal", "step", "fields"), REFUSED)
def test_what_cannot_be_done_is_refused_by_name(refusal: type[Refusal], step: Json, fields: Json) -> None:
    with pytest.raises(refusal):
        moved(step, fields=fields, a=100)


def test_postings_have_a_limit() -> None:
    many = {"in_order": [at(f"a{number}") for number in range(60)]}
    units = {f"a{number}": 100 for number in range(60)}
    steps = [send(60, {"in_order": [{"up_to": cny(1), "from": each} for each in many["in_order"]]}, at("x"))] * 17
    with pytest.raises(PostingsExhausted) as refused:
        moved_on(units, *steps)
    assert refused.value.maximum == POSTINGS_MAX


@given(st.lists(st.integers(0, 50), min_size=1, max_size=8).filter(any), st.integers(0, 10**20))
def test_shares_come_to_the_whole_and_each_is_within_one_of_its_due(weights: list[int], units: int) -> None:
    shares = [Fraction(weight, sum(weights)) for weight in weights]
    parts = allot(shares, units)
    assert sum(parts) == units
    assert all(
        0 <= part - each * units < 1 or 0 <= each * units - part < 1 for part, each in zip(parts, shares, strict=True)
    )
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if not weight)
    assert allot([*shares[:-1], None], units) == parts


NAMES = st.sampled_from(["a", "b", "c", "d"])
ACCOUNTS = st.builds(at, NAMES)
CAPS = st.integers(-5, 60).map(cny)


def shared(side: str, inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    parts = st.lists(st.tuples(st.sampled_from(["1/3", "1/7", "12.5%"]), inner), min_size=1, max_size=2)
    return st.tuples(parts, inner).map(
        lambda found: {
            "shares": [
                *({"share": share, side: part} for share, part in found[0]),
                {"share": "REMAINING", side: found[1]},
            ]
        }
    )


def sources(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return (
        st.fixed_dictionaries({"in_order": st.lists(inner, max_size=3)})
        | st.fixed_dictionaries({"one_of": st.lists(inner, min_size=1, max_size=3)})
        | st.fixed_dictionaries({"up_to": CAPS, "from": inner})
        | shared("from", inner)
    )


def destinations(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    capped = st.lists(st.fixed_dictionaries({"up_to": CAPS, "to": inner}), max_size=2)
    return (
        st.fixed_dictionaries({"in_order": capped, "rest": inner})
        | st.fixed_dictionaries({"one_of": capped, "rest": inner})
        | shared("to", inner)
    )


SOURCES = st.recursive(
    ACCOUNTS | st.builds(lambda code, units: at(code, overdraft=cny(units)), NAMES, st.integers(-5, 40)), sources
)
DESTINATIONS = st.recursive(st.builds(at, st.sampled_from(["a", "x", "y"])) | st.just("KEPT"), destinations)


@given(
    st.lists(st.tuples(st.integers(0, 120), SOURCES, DESTINATIONS), min_size=1, max_size=3),
    st.dictionaries(NAMES, st.integers(-20, 80)),
)
def test_whatever_the_rule_money_is_conserved_and_no_account_goes_beyond_its_overdraft(
    asked: list[tuple[int, Any, Any]], units: dict[str, int]
) -> None:
    try:
        found = moved_on(units, *(send(*each) for each in asked))
    except FundsMissing:
        return
    ends = Counter(units)
    for posting in found.postings:
        assert posting.units > 0
        ends[posting.source] -= posting.units
        ends[posting.destination] += posting.units
        # Forty is the most that any rule here allows an account to be overdrawn.
        assert ends[posting.source] >= min(-40, units.get(posting.source, 0))
    assert sum(ends.values()) == sum(units.values())
    assert sum(posting.units for posting in found.postings) <= sum(each[0] for each in asked)
