"""Guarantee claims: how an amount is split among guarantors."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.credit.examples import cny
from zhongtai.credit.guarantee.domain import GuaranteeSharing, Guarantor, GuarantorKind
from zhongtai.credit.guarantee_claim.domain import split

SEVERAL, JOINT = GuaranteeSharing.SEVERAL, GuaranteeSharing.JOINT_AND_SEVERAL


def guarantor(name: str, share: str | None, cap: int | None, claimed: int = 0) -> Guarantor:
    return Guarantor(
        name,
        GuarantorKind.COMPANY,
        None if share is None else Decimal(share),
        None if cap is None else cny(cap),
        cny(claimed),
        cny(0),
    )


@pytest.mark.parametrize(
    ("sharing", "guarantors", "expected"),
    [
        (SEVERAL, [("0.5", None), ("0.3", None)], [500, 300]),
        (SEVERAL, [("0.5", 200), ("0.3", None)], [200, 300]),
        (JOINT, [(None, None), (None, None), (None, None)], [334, 333, 333]),
        (JOINT, [(None, 100), (None, None)], [100, 900]),
        (JOINT, [("0.8", 500), ("0.2", 100)], [500, 100]),
        (JOINT, [("0.8", 700), ("0.2", None)], [700, 300]),
        (JOINT, [("0", None), ("1", 400)], [0, 400]),
    ],
)
def test_shares_caps_and_what_falls_on_others(
    sharing: GuaranteeSharing, guarantors: list[tuple[str | None, int | None]], expected: list[int]
) -> None:
    named = [guarantor(str(place), *terms) for place, terms in enumerate(guarantors)]
    assert [part.minor_units for part in split(cny(1_000), named, sharing)] == expected


GUARANTORS = st.lists(
    st.tuples(
        st.sampled_from(["0", "0.1", "0.125"]),
        st.none() | st.integers(1, 10**6),
    ),
    min_size=1,
    max_size=8,
)


@given(st.integers(1, 10**7), GUARANTORS, st.sampled_from(GuaranteeSharing))
def test_nobody_bears_more_than_the_cap_and_all_bear_no_more_than_asked(
    amount: int, terms: list[tuple[str, int | None]], sharing: GuaranteeSharing
) -> None:
    named = [guarantor(str(place), share, cap) for place, (share, cap) in enumerate(terms)]
    parts = [part.minor_units for part in split(cny(amount), named, sharing)]
    assert all(
        0 <= part <= (amount if one.cap is None else one.cap.minor_units)
        for part, one in zip(parts, named, strict=True)
    )
    assert sum(parts) <= amount
    if sharing is JOINT:
        weighty = [one for one in named if one.share]
        room = sum(amount if one.cap is None else one.cap.minor_units for one in weighty)
        assert sum(parts) == min(amount, room), "joint guarantors leave nothing uncovered that a cap still takes"


def test_what_was_claimed_before_counts_against_the_cap() -> None:
    (part,) = split(cny(100), [guarantor("a", None, 100, claimed=30)], JOINT)
    assert part == cny(70)
