"""Accounts: what may be spent, what is held, and what each status lets through."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhongtai.kernel.money import CurrencyMustMatch, CurrencyUnknown, Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.account.domain import (
    HOLDS_MAX,
    Account,
    AccountAlreadyOpen,
    AccountClass,
    AccountClassMustMatch,
    AccountMustBeActive,
    AccountMustBeOpen,
    AccountProduct,
    AccountStatus,
    AvailableBalanceExhausted,
    BalanceMustBeZero,
    CustomerAccountMustBeGiven,
    CustomerMustBeNamed,
    ExpiryMustBeAhead,
    HoldsExhausted,
    HoldsMustBeReleased,
    Side,
)
from zhongtai.operations.account_stop.domain import DORMANT, freeze, let_go, stopped, unfreeze

NOW = datetime(2026, 5, 4, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
DEPOSIT = AccountProduct(
    "demand_deposit", "Demand deposit", "活期存款", AccountClass.CUSTOMER, "2011", Side.CREDIT, overdraft=False
)
NOSTRO = AccountProduct("nostro", "Nostro", "存放同业", AccountClass.INTERNAL, "1011", Side.DEBIT, overdraft=True)


def cny(fen: int) -> Money:
    return Money("CNY", fen)


def deposit(fen: int = 0) -> Account:
    account, _ = Account.open("acc_1", DEPOSIT, AccountClass.CUSTOMER, "cus_1", "CNY")
    return account.move(Side.CREDIT, cny(fen), NOW) if fen else account


def nostro() -> Account:
    return Account.open("acc_2", NOSTRO, AccountClass.INTERNAL, "", "USD")[0]


def test_a_new_account_is_empty_and_active() -> None:
    account, opened = Account.open("acc_1", DEPOSIT, AccountClass.CUSTOMER, "cus_1", "CNY")
    assert (account.balance, account.available(NOW), account.status) == (cny(0), cny(0), AccountStatus.ACTIVE)
    assert (opened.account_code, opened.product) == ("2011", "demand_deposit")


def test_opening_asks_for_the_right_class_customer_and_currency() -> None:
    with pytest.raises(AccountClassMustMatch):
        Account.open("acc_1", DEPOSIT, AccountClass.INTERNAL, "", "CNY")
    with pytest.raises(CustomerMustBeNamed):
        Account.open("acc_1", DEPOSIT, AccountClass.CUSTOMER, "", "CNY")
    with pytest.raises(CustomerMustBeNamed):
        Account.open("acc_1", NOSTRO, AccountClass.INTERNAL, "cus_1", "CNY")
    with pytest.raises(CurrencyUnknown):
        Account.open("acc_1", DEPOSIT, AccountClass.CUSTOMER, "cus_1", "ZZZ")


def test_the_same_opening_is_told_from_another() -> None:
    deposit(500).must_be_opened_as(deposit())
    with pytest.raises(AccountAlreadyOpen):
        deposit().must_be_opened_as(nostro())


def test_only_customers_accounts_pass_as_customers() -> None:
    assert deposit().must_be_customers().account_id == "acc_1"
    with pytest.raises(CustomerAccountMustBeGiven):
        nostro().must_be_customers()


def test_a_deposit_grows_by_credits_and_a_nostro_by_debits() -> None:
    assert deposit().move(Side.CREDIT, cny(100), NOW).balance == cny(100)
    assert nostro().move(Side.DEBIT, Money("USD", 7), NOW).balance == Money("USD", 7)


def test_a_deposit_never_goes_below_zero_and_a_nostro_may() -> None:
    assert deposit(100).move(Side.DEBIT, cny(100), NOW).balance == cny(0)
    with pytest.raises(AvailableBalanceExhausted) as refused:
        deposit(100).move(Side.DEBIT, cny(101), NOW)
    assert refused.value.available == cny(100)
    assert nostro().move(Side.CREDIT, Money("USD", 7), NOW).balance == Money("USD", -7)


def test_what_is_held_cannot_be_spent_until_it_is_released() -> None:
    held, placed = deposit(100).place_hold("hold_1", cny(60), LATER, "card", NOW)
    assert (held.balance, held.held(NOW), held.available(NOW)) == (cny(100), cny(60), cny(40))
    with pytest.raises(AvailableBalanceExhausted):
        held.move(Side.DEBIT, cny(41), NOW)
    free, released = held.release_hold("hold_1", NOW)
    assert free.available(NOW) == cny(100)
    assert released is not None
    assert (released.hold_id, released.amount) == (placed.hold_id, placed.amount)


def test_releasing_what_is_not_live_changes_nothing() -> None:
    held, _ = deposit(100).place_hold("hold_1", cny(60), LATER, "", NOW)
    free, _ = held.release_hold("hold_1", NOW)
    assert free.release_hold("hold_1", NOW) == (free, None)
    assert held.release_hold("hold_1", LATER)[1] is None


def test_a_hold_lapses_at_its_moment_and_not_before() -> None:
    held, _ = deposit(100).place_hold("hold_1", cny(60), NOW + timedelta(hours=1), "", NOW)
    assert held.available(NOW + timedelta(minutes=59)) == cny(40)
    assert held.available(NOW + timedelta(hours=1)) == cny(100)
    assert held.live(NOW + timedelta(hours=1)).holds == ()


def test_a_hold_whose_money_was_taken_once_it_lapsed_is_gone_where_the_clock_is_set_back() -> None:
    lapsed = NOW + timedelta(hours=1)
    held, _ = deposit(100).place_hold("hold_1", cny(60), lapsed, "", NOW)
    taken = held.move(Side.DEBIT, cny(100), lapsed)
    assert (taken.held(NOW), taken.available(NOW)) == (cny(0), cny(0))
    paid_in = held.move(Side.CREDIT, cny(1), lapsed)
    assert paid_in.held(NOW) == cny(60)
    free, fact = held.release_hold("hold_1", lapsed)
    assert (free.held(NOW), fact) == (cny(0), None)


def test_a_hold_without_expiry_lasts_a_week() -> None:
    _, placed = deposit(100).place_hold("hold_1", cny(60), None, "", NOW)
    assert placed.expires_at == NOW + timedelta(days=7)


def test_a_hold_asks_for_money_a_later_time_and_room() -> None:
    with pytest.raises(AvailableBalanceExhausted):
        deposit(100).place_hold("hold_1", cny(101), LATER, "", NOW)
    with pytest.raises(ExpiryMustBeAhead):
        deposit(100).place_hold("hold_1", cny(1), NOW, "", NOW)
    with pytest.raises(CurrencyMustMatch):
        nostro().place_hold("hold_1", cny(1), LATER, "", NOW)
    full = deposit(1_000)
    for number in range(HOLDS_MAX):
        full, _ = full.place_hold(f"hold_{number}", cny(1), LATER, "", NOW)
    with pytest.raises(HoldsExhausted):
        full.place_hold("one_more", cny(1), LATER, "", NOW)


def test_a_frozen_account_takes_credits_only() -> None:
    frozen, fact = freeze(deposit(100), "court order 1")
    assert fact is not None
    assert fact.reason == "court order 1"
    assert frozen.move(Side.CREDIT, cny(1), NOW).balance == cny(101)
    with pytest.raises(AccountMustBeActive):
        frozen.move(Side.DEBIT, cny(1), NOW)
    with pytest.raises(AccountMustBeActive):
        frozen.place_hold("hold_1", cny(1), LATER, "", NOW)
    with pytest.raises(AccountMustBeActive):
        frozen.close(NOW)
    assert freeze(frozen, "again") == (frozen, None)
    thawed, unfrozen = unfreeze(frozen)
    assert unfrozen is not None
    assert unfreeze(thawed) == (thawed, None)
    assert thawed.move(Side.DEBIT, cny(1), NOW).balance == cny(99)


def test_each_stop_is_lifted_by_itself() -> None:
    asleep = stopped(deposit(100), DORMANT)
    assert asleep.status is AccountStatus.DORMANT
    assert asleep.move(Side.CREDIT, cny(1), NOW).balance == cny(101)
    with pytest.raises(AccountMustBeActive) as refused:
        asleep.move(Side.DEBIT, cny(1), NOW)
    assert refused.value.status == "DORMANT"
    frozen, _ = freeze(stopped(asleep, "frz_1"), "an alarm")
    assert (frozen.status, frozen.stops) == (AccountStatus.FROZEN, (DORMANT, "frz_1", "bank"))
    # The bank's own freeze is taken back, the court's and the sleep are not.
    thawed, _ = unfreeze(frozen)
    assert (thawed.status, thawed.stops) == (AccountStatus.FROZEN, (DORMANT, "frz_1"))
    assert unfreeze(thawed) == (thawed, None)
    assert let_go(thawed, "frz_1") == asleep
    assert let_go(thawed, DORMANT).status is AccountStatus.FROZEN
    assert let_go(asleep, DORMANT) == deposit(100)


def test_only_an_empty_account_closes_and_it_takes_nothing_any_more() -> None:
    with pytest.raises(BalanceMustBeZero):
        deposit(1).close(NOW)
    held, _ = deposit(5).place_hold("hold_1", cny(5), LATER, "", NOW)
    with pytest.raises(HoldsMustBeReleased):
        # An internal account may be empty and yet have something held.
        nostro().place_hold("hold_1", Money("USD", 5), LATER, "", NOW)[0].close(NOW)
    with pytest.raises(BalanceMustBeZero):
        held.close(NOW)
    closed, fact = deposit().close(NOW)
    assert fact is not None
    assert closed.close(NOW) == (closed, None)
    for refused in (
        lambda: closed.move(Side.CREDIT, cny(1), NOW),
        lambda: closed.place_hold("hold_1", cny(1), LATER, "", NOW),
    ):
        with pytest.raises(AccountMustBeActive):
            refused()
    for refused_verb in (lambda: freeze(closed, "x"), lambda: unfreeze(closed)):
        with pytest.raises(AccountMustBeOpen):
            refused_verb()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["credit", "debit", "hold", "release", "wait", "set back", "freeze", "unfreeze"]),
        st.integers(min_value=1, max_value=500),
    ),
    max_size=40,
)


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_whatever_is_asked_a_deposit_keeps_at_least_what_is_held(steps: list[tuple[str, int]]) -> None:
    account, now, paid_in = deposit(), NOW, 0
    for number, (verb, size) in enumerate(steps):
        before = account
        try:
            match verb:
                case "credit":
                    account, paid_in = account.move(Side.CREDIT, cny(size), now), paid_in + size
                case "debit":
                    account, paid_in = account.move(Side.DEBIT, cny(size), now), paid_in - size
                case "hold":
                    expiry = now + timedelta(minutes=size)
                    account, _ = account.place_hold(f"hold_{number}", cny(size), expiry, "", now)
                case "release":
                    account, _ = account.release_hold(f"hold_{number - size % 5}", now)
                case "wait":
                    now += timedelta(minutes=size)
                case "set back":
                    now -= timedelta(minutes=size)
                case "freeze":
                    account, _ = freeze(account, "")
                case "unfreeze":
                    account, _ = unfreeze(account)
        except Refusal:
            assert account is before
        assert account.balance == cny(paid_in)
        assert cny(0) <= account.held(now) <= account.balance
        assert account.available(now) + account.held(now) == account.balance
