"""Delegations: one's own roles, to another, for some days."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from zhongtai.operations.delegation.domain import (
    LONGEST,
    DelegateMustBeAnother,
    Delegation,
    DelegationMustBeOnesOwn,
    DelegationMustEndInTime,
    RolesMustBeOnesOwn,
)

NOW = datetime(2026, 5, 6, 1, 0, tzinfo=UTC)
LENT = Delegation("dlg_1", "ann", "bob", ("officer",), NOW, NOW + timedelta(days=5))
HELD = frozenset({"officer"})


def test_roles_are_lent_by_their_holder_to_another_for_some_days() -> None:
    assert LENT.must_be_lent_by(HELD, NOW).roles == ("officer",)
    with pytest.raises(RolesMustBeOnesOwn):
        LENT.must_be_lent_by(frozenset({"teller"}), NOW)
    with pytest.raises(DelegateMustBeAnother):
        replace(LENT, delegate="ann").must_be_lent_by(HELD, NOW)
    for until in (NOW, NOW + LONGEST + timedelta(seconds=1)):
        with pytest.raises(DelegationMustEndInTime):
            replace(LENT, valid_until=until).must_be_lent_by(HELD, NOW)


def test_one_of_the_two_ends_it_once() -> None:
    for person in ("ann", "bob"):
        ended, fact = LENT.end(person, NOW)
        assert fact is not None
        assert ended.end(person, NOW) == (ended, None)
    with pytest.raises(DelegationMustBeOnesOwn):
        LENT.end("carl", NOW)
    assert LENT.end("ann", LENT.valid_until) == (LENT, None)
