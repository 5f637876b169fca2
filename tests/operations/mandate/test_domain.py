"""Who may order what, alone or together."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.money import Money
from zhongtai.operations.mandate import domain
from zhongtai.operations.mandate.domain import Mandate, MandateKind

TODAY = date(2026, 6, 1)
PEOPLE = ("cus_1", "cus_2", "cus_3")


def cny(fen: int) -> Money:
    return Money("CNY", fen)


def mandate(together: int, fen: int | None = None, people: tuple[str, ...] = PEOPLE) -> Mandate:
    up_to = cny(fen) if fen else None
    return Mandate("mdt_1", "acc_1", MandateKind.HOLDER, people, together, up_to, TODAY, None)


def test_any_one_up_to_an_amount_and_both_above_it() -> None:
    mandates = [mandate(1, 1_000), mandate(2)]
    domain.must_cover(mandates, ["cus_2"], cny(1_000), TODAY)
    domain.must_cover(mandates, ["cus_2", "cus_3"], cny(1_001), TODAY)
    for ordered_by in (["cus_2"], ["cus_2", "cus_2"], ["cus_2", "cus_9"], []):
        with pytest.raises(domain.OrderMustBeCoveredByMandate):
            domain.must_cover(mandates, ordered_by, cny(1_001), TODAY)
    domain.must_cover([], [], cny(1_001), TODAY)


def test_a_mandate_ends_today_or_later() -> None:
    replace(mandate(1), ends_on=TODAY).given([], TODAY)
    with pytest.raises(domain.MandateMustEndAhead):
        replace(mandate(1), ends_on=TODAY - timedelta(days=1)).given([], TODAY)


def test_a_mandate_that_ended_covers_nothing_from_that_day_on() -> None:
    over, fact = mandate(1).ended(TODAY)
    assert fact
    assert over.ended(TODAY) == (over, None)
    with pytest.raises(domain.OrderMustBeCoveredByMandate):
        domain.must_cover([over, mandate(2)], ["cus_1"], cny(1), TODAY)
    lasting = replace(mandate(1), ends_on=TODAY)
    assert lasting.stands(TODAY)
    assert not lasting.stands(date(2026, 6, 2))


def test_a_mandate_names_as_many_as_order_together() -> None:
    assert mandate(3).given([], TODAY).together == 3
    for wrong in (mandate(4), mandate(1, people=("cus_1", "cus_1"))):
        with pytest.raises(domain.MandateMustNameEnough):
            wrong.given([], TODAY)
    with pytest.raises(domain.MandatesExhausted):
        mandate(1).given([mandate(1)] * domain.MANDATES_MAX, TODAY)


@given(
    ordered_by=st.lists(st.sampled_from((*PEOPLE, "cus_9")), max_size=5),
    together=st.integers(1, 3),
    up_to=st.integers(1, 100),
    fen=st.integers(1, 100),
)
def test_more_people_and_less_money_are_never_refused_where_fewer_and_more_are_not(
    ordered_by: list[str], together: int, up_to: int, fen: int
) -> None:
    given_right = mandate(together, up_to)
    if given_right.covers(ordered_by, cny(fen), TODAY):
        assert fen <= up_to
        assert len({*ordered_by} & {*PEOPLE}) >= together
        assert given_right.covers([*ordered_by, "cus_1"], cny(max(1, fen - 1)), TODAY)
