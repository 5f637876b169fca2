"""Rules of clients: what may be granted, which secrets are good, and that a cap is never exceeded."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.gateway.client.domain import (
    Client,
    ClientMustBeActive,
    ClientStatus,
    Key,
    ScopesMustBeTheGrantorsOwn,
    ScopesMustExist,
    Use,
    check_grant,
    rotate,
)

NOON = datetime(2026, 5, 4, 4, tzinfo=UTC)
KNOWN = ("credit.limit.read", "credit.limit.write", "risk.decision.write")
APP = Client("app", "app", "", ("credit.*",), 0, 0, ClientStatus.ACTIVE, NOON)


@pytest.mark.parametrize(
    "scope", ["credit.limit.read", "credit.*", "credit.limit.*", "*", "platform.business_date", "role:credit_officer"]
)
def test_scopes_of_the_contracts_the_doors_and_the_bank_exist(scope: str) -> None:
    check_grant([scope], KNOWN, lambda _: True)


@pytest.mark.parametrize(
    "scope", ["credit.limit.delete", "credit", "cred.*", "credit.lim*", "role:", "role:Credit", ".*", "**"]
)
def test_other_scopes_do_not_exist(scope: str) -> None:
    with pytest.raises(ScopesMustExist) as refused:
        check_grant(["credit.*", scope], KNOWN, lambda _: True)
    assert refused.value.scopes == scope


def test_nobody_grants_what_they_do_not_hold() -> None:
    with pytest.raises(ScopesMustBeTheGrantorsOwn) as refused:
        check_grant(["credit.limit.read", "risk.*", "*"], KNOWN, {"credit.limit.read"}.__contains__)
    assert refused.value.scopes == "risk.*, *"


def key(number: int, good_until: datetime | None = None) -> Key:
    return Key("app", f"key_{number}", "hash", NOON + timedelta(hours=number), good_until)


def test_at_most_two_secrets_are_good_at_a_time() -> None:
    fresh = key(3)
    retired, fact = rotate(APP, [key(1), key(2)], fresh, timedelta(hours=1))
    assert [old.good(fresh.made_at) for old in retired] == [False, True]
    assert [old.good(fresh.made_at + timedelta(hours=1)) for old in retired] == [False, False]
    assert (fact.client_id, fact.key_id) == ("app", "key_3")


def test_a_retirement_is_never_put_off() -> None:
    ended = key(1, NOON)
    assert ended.retire(NOON + timedelta(days=1)).good_until == NOON


def test_a_disabled_client_gets_no_new_secret() -> None:
    disabled, fact = APP.disable()
    assert fact is not None
    assert disabled.disable() == (disabled, None)
    with pytest.raises(ClientMustBeActive):
        rotate(disabled, [key(1)], key(2), timedelta())


@given(
    st.integers(1, 5000),
    st.lists(st.integers(0, 300), max_size=60),
)
def test_a_cap_is_never_exceeded_and_always_reached(cap: int, unused: list[int]) -> None:
    """Doors take blocks and give some of each back, in any order: what they keep adds up to the cap, never above."""
    use, kept = Use("app", date(2026, 5, 4), 0), 0
    for back in unused:
        use, block = use.take(cap)
        assert 0 <= block <= 256
        returned = min(back, block)
        use = use.give_back(returned)
        kept += block - returned
        assert kept == use.used <= cap
    for _ in range(cap):
        use, block = use.take(cap)
        kept += block
    assert (kept, use.take(cap)[1]) == (cap, 0)
