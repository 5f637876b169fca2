"""The limits of account classes, held to sums over days."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.money import Money
from zhongtai.operations.account_class import domain, store
from zhongtai.operations.account_class.domain import AccountClassification, AccountTier, AccountUsage, AccountUse

START = date(2026, 12, 25)


def cny(fen: int) -> Money:
    return Money("CNY", fen)


def classification(tier: AccountTier, *bound: str, account_id: str = "acc_1") -> AccountClassification:
    return AccountClassification(account_id, "cus_1", tier, bound)


def test_a_person_has_one_account_of_the_first_class_and_others_are_bound() -> None:
    first = classification(AccountTier.FIRST)
    assert first.classified([first]).tier is AccountTier.FIRST
    with pytest.raises(domain.FirstClassAccountMustBeOnlyOne):
        first.classified([classification(AccountTier.FIRST, account_id="acc_2")])
    with pytest.raises(domain.BoundAccountMustBeNamed):
        classification(AccountTier.SECOND).classified([])
    assert classification(AccountTier.THIRD, "acc_2").classified([first]).bound_accounts == ("acc_2",)


def test_the_rules_that_ship_cover_every_class_and_say_where_they_come_from() -> None:
    assert {(rule.tier, rule.use) for rule in store.RULES} == {
        (tier, use) for tier in AccountTier for use in AccountUse
    }
    assert all(rule.source for rule in store.RULES)
    second = store.rule(classification(AccountTier.SECOND), AccountUse.OUTWARD)
    assert (second.per_day, second.per_year) == (cny(1_000_000), cny(20_000_000))
    third = store.rule(classification(AccountTier.THIRD), AccountUse.INWARD)
    assert third.balance == cny(200_000)


def test_each_limit_refuses_by_its_name() -> None:
    rule = domain.AccountClassRule(
        AccountTier.THIRD, AccountUse.INWARD, "test", True, cny(50), cny(100), cny(150), cny(200)
    )
    nothing = domain.Used(cny(0), cny(0))
    rule.must_allow(cny(50), domain.Used(cny(50), cny(100)), cny(200))
    with pytest.raises(domain.TransactionLimitExceeded):
        rule.must_allow(cny(51), nothing, cny(51))
    with pytest.raises(domain.DayLimitExceeded) as day:
        rule.must_allow(cny(50), domain.Used(cny(60), cny(60)), cny(50))
    assert day.value.left == cny(40)
    with pytest.raises(domain.YearLimitExceeded):
        rule.must_allow(cny(50), domain.Used(cny(0), cny(120)), cny(50))
    with pytest.raises(domain.BalanceLimitExceeded):
        rule.must_allow(cny(50), nothing, cny(201))
    closed = domain.AccountClassRule(AccountTier.THIRD, AccountUse.INWARD, "test", allowed=False)
    with pytest.raises(domain.AccountClassMustAllowKind):
        closed.must_allow(cny(1), nothing, cny(1))


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 10_000)), max_size=30))
def test_what_is_used_is_the_sum_of_the_day_and_of_the_year(payments: Sequence[tuple[int, int]]) -> None:
    payments = sorted(payments, key=lambda payment: payment[0])
    usage = AccountUsage("acc_1", AccountUse.OUTWARD, date.min, cny(0), cny(0))
    for position, (days, fen) in enumerate(payments, 1):
        on = START + timedelta(days=days)
        usage = usage.counted(cny(fen), on)
        seen = [(START + timedelta(days=each), amount) for each, amount in payments[:position]]
        assert usage.used(on).day.minor_units == sum(amount for day, amount in seen if day == on)
        assert usage.used(on).year.minor_units == sum(amount for day, amount in seen if day.year == on.year)
