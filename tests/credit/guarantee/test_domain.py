"""What a guarantee answers for of what is owed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as some

from tests.credit.examples import cny
from zhongtai.credit.guarantee.domain import (
    Guarantee,
    GuaranteeForm,
    GuaranteeSharing,
    GuaranteeStatus,
    Guarantor,
    GuarantorKind,
)

TODAY = date(2026, 1, 5)


def guarantor(share: str | None = None, cap: int | None = None, claimed: int = 0) -> Guarantor:
    part, most = Decimal(share) if share else None, None if cap is None else cny(cap)
    return Guarantor("gua", GuarantorKind.COMPANY, part, most, cny(claimed), cny(0))


def guarantee(*guarantors: Guarantor, sharing: GuaranteeSharing = GuaranteeSharing.SEVERAL) -> Guarantee:
    return Guarantee("gua_1", "loan_1", GuaranteeForm.JOINT_LIABILITY, sharing, guarantors, TODAY)


def test_each_answers_up_to_its_share_and_its_cap() -> None:
    several = guarantee(guarantor("0.5"), guarantor("0.3", cap=100), guarantor("0.1", cap=100, claimed=70))
    assert several.answers_for(cny(1_000), TODAY) == cny(500 + 100 + 30)
    joint = replace(several, sharing=GuaranteeSharing.JOINT_AND_SEVERAL)
    assert joint.answers_for(cny(1_000), TODAY) == cny(1_000)


def test_what_ended_answers_for_nothing() -> None:
    standing = guarantee(guarantor("1"))
    assert standing.answers_for(cny(5), TODAY) == cny(5)
    assert standing.answers_for(cny(5), date(2026, 1, 6)) == cny(0)
    assert replace(standing, status=GuaranteeStatus.RELEASED).answers_for(cny(5), TODAY) == cny(0)


caps = some.none() | some.integers(0, 2_000)


@settings(max_examples=60)
@given(some.lists(caps, min_size=1, max_size=4), some.integers(0, 2_000), some.sampled_from(GuaranteeSharing))
def test_nobody_answers_for_more_than_is_owed(limits: list[int | None], owed: int, sharing: GuaranteeSharing) -> None:
    answered = guarantee(*(guarantor("0.25", cap) for cap in limits), sharing=sharing).answers_for(cny(owed), TODAY)
    assert 0 <= answered.minor_units <= owed
