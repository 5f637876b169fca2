"""How a posting rule is written: what is not well formed is refused at its place, and everything has a limit."""

from contextlib import suppress
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.operations.posting_term.domain import Amount, Applied, FromAccount, Given, Kept, Read, Send, Verb
from zhongtai.operations.posting_text.domain import (
    DEPTH_MAX,
    PARTS_MAX,
    STEPS_MAX,
    RemainderMustBeOne,
    RuleMustBeWellFormed,
    SharesMustBeOne,
    amount,
    flow,
    share,
)

A: dict[str, Any] = {"account_code": "a"}
ONE: dict[str, Any] = {"currency": "CNY", "minor_units": 1}


def sent(**more: Any) -> dict[str, Any]:
    return {"steps": [{"send": ONE, "from": A, "to": A, **more}]}


def test_a_rule_is_read_into_its_words() -> None:
    source = {"account": "loan.account", "overdraft": "UNBOUNDED", "colour": {"text": "RED"}}
    (step,) = flow({"steps": [{"send": "amount", "from": source, "to": "KEPT"}]}).steps
    assert step == Send(Read("amount"), FromAccount(Read("loan.account"), unbounded=True, colour=Given("RED")), Kept())
    (step,) = flow(sent(**{"from": {"account_code": "fees:{payer}"}})).steps
    assert isinstance(step, Send)
    assert isinstance(step.source, FromAccount)
    assert step.source.account == Applied(Verb.JOINED, (Given("fees:"), Read("payer")))
    assert flow({}).steps == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12.5%", Fraction(1, 8)), ("0.019%", Fraction(19, 100_000)), ("1/3", Fraction(1, 3)), ("100%", Fraction(1))]
    + [(text, None) for text in ("", "1/0", "12,5%", "-1%", "1/3/4", "%", "٣%")],
)
def test_shares_are_exact(text: str, expected: Fraction | None) -> None:
    assert share(text) == expected


def test_amounts_are_read_from_text() -> None:
    assert amount("USD/2 -5") == Amount("USD/2", -5)
    assert [amount(text) for text in ("USD", "usd 5", "USD 5.0", "USD 1" + "0" * 40, "USD ٣", "USD --5")] == [None] * 6


def shares(*parts: str) -> dict[str, Any]:
    return {"shares": [{"share": part, "to": A} for part in parts]}


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("steps", {"steps": {}}),
    ("steps", sent() | {"steps": sent()["steps"] * (STEPS_MAX + 1)}),
    ("steps[0]", {"steps": [{"give": 1}]}),
    ("steps[0]", sent(more=1)),
    ("steps[0].send", sent(send={"plus": [1]})),
    ("steps[0].send", sent(send=True)),
    ("steps[0].send", sent(send=1.5)),
    ("steps[0].send", sent(send="two words")),
    ("steps[0].send", sent(send=10**40)),
    ("steps[0].send", sent(send={"share": "1/0"})),
    ("steps[0].send.kind", sent(send={"metadata_of": A, "key": "k", "kind": "FLOAT"})),
    ("steps[0].from", sent(**{"from": "a"})),
    ("steps[0].from", sent(**{"from": {"one_of": []}})),
    ("steps[0].from", sent(**{"from": A | {"overdrafts": 1}})),
    ("steps[0].from.in_order", sent(**{"from": {"in_order": [A] * (PARTS_MAX + 1)}})),
    ("steps[0].to", sent(to={"in_order": []})),
    ("steps[0].to", sent(to=A | {"overdraft": "UNBOUNDED"})),
    ("steps[0].to.in_order[0]", sent(to={"in_order": [A], "rest": A})),
    ("steps[0].to.shares[0]", sent(to={"shares": [A]})),
    ("let", {"let": {"not a name": 1}}),
    ("let", {"let": []}),
    ("let.x", {"let": {"x": []}}),
]


@pytest.mark.parametrize(("place", "plain"), REFUSED)
def test_what_is_not_well_formed_is_refused_at_its_place(place: str, plain: dict[str, Any]) -> None:
    with pytest.raises(RuleMustBeWellFormed) as refused:
        flow(plain)
    assert refused.value.place == place


def test_shares_are_one_and_one_takes_the_remainder() -> None:
    flow(sent(to=shares("1/3", "2/3")))
    flow(sent(to=shares("100%", "REMAINING")))
    for parts in (("1/3",), ("2/3", "2/3"), ("101%", "REMAINING")):
        with pytest.raises(SharesMustBeOne):
            flow(sent(to=shares(*parts)))
    with pytest.raises(RemainderMustBeOne):
        flow(sent(to=shares("REMAINING", "REMAINING")))
    flow(sent(to=shares("part", "1/3")))


def test_a_rule_has_only_so_many_levels() -> None:
    deep: dict[str, Any] = A
    for _ in range(DEPTH_MAX + 1):
        deep = {"in_order": [deep]}
    with pytest.raises(RuleMustBeWellFormed):
        flow(sent(**{"from": deep}))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "send",
                    "send_all",
                    "from",
                    "to",
                    "in_order",
                    "one_of",
                    "shares",
                    "share",
                    "up_to",
                    "rest",
                    "account",
                    "note",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
)


@given(st.dictionaries(st.sampled_from(["let", "steps"]), JSON), st.lists(JSON, max_size=3))
def test_any_json_is_read_or_refused_by_name(plain: dict[str, Any], steps: list[Any]) -> None:
    for candidate in (plain, {"steps": steps}):
        with suppress(RuleMustBeWellFormed, SharesMustBeOne, RemainderMustBeOne):
            flow(candidate)
