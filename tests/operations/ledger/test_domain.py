"""The ledger: what balances and what a hash covers."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import (
    Account,
    AccountClass,
    AccountMustBeActive,
    AvailableBalanceExhausted,
    Side,
)
from zhongtai.operations.book_day.domain import BookDates, LateEntries, NextDate
from zhongtai.operations.chart.domain import AccountCodeMustTakePostings, AccountCodeNotFound
from zhongtai.operations.chart.store import CHART
from zhongtai.operations.ledger.domain import (
    GENESIS,
    BookingDateMustBeInReach,
    BookingDateMustNotBeAhead,
    Draft,
    Entry,
    EntryMustBalance,
    EntryNotFound,
    Leg,
    ReversalMustNotBeReversed,
)
from zhongtai.operations.ledger.engine import Books, Head, Posting, trial_balance
from zhongtai.operations.ledger.store import RULES
from zhongtai.operations.pending_entry.domain import PendingEntry

NOW = datetime(2026, 5, 4, 1, 0, tzinfo=UTC)
TODAY = date(2026, 5, 4)


def leg(owner: str, side: Side, minor_units: int, currency: str = "CNY") -> Leg:
    code, account = ("", owner) if owner.startswith("acc_") else (owner, "")
    return Leg(code, account, side, Money(currency, minor_units))


def draft(*legs: Leg, entry_id: str = "ent_1", **more: Any) -> Draft:
    return Draft(entry_id, "loan_1", "a test", legs, **more)


def plain(fen: int = 100, currency: str = "CNY", **more: Any) -> Draft:
    return draft(leg("1001", Side.DEBIT, fen, currency), leg("4001", Side.CREDIT, fen, currency), **more)


class Given:
    """Books with these accounts, and with what was posted to them before."""

    chart = CHART

    def __init__(self, *accounts: Account, head: Head | None = None) -> None:
        self._accounts = {account.account_id: account for account in accounts}
        self._head = head or Head("general")

    def dates(self, book: str) -> BookDates:
        return BookDates(book, LateEntries.BACK_DATED, NextDate.EVERY_DAY)

    def head(self, book: str) -> Head:
        return self._head

    def account(self, account_id: str) -> Account:
        return self._accounts[account_id]

    def pending(self, entry_id: str) -> PendingEntry:
        raise EntryNotFound(entry_id=entry_id)

    def code_balance(self, book: str, account_code: str, currency: str) -> int:
        return 0


def post(*drafts: Draft, on: Books | None = None) -> Posting:
    posting = Posting(on or Given(), NOW, TODAY, "tester")
    for one in drafts:
        posting.post(one)
    return posting


def deposit(fen: int = 0) -> Account:
    product = account_store.product("demand_deposit")
    account, _ = Account.open("acc_1", product, AccountClass.CUSTOMER, "cus_1", "CNY")
    return account.move(Side.CREDIT, Money("CNY", fen), NOW)


def chain(length: int = 5) -> list[Entry]:
    return list(post(*(replace(plain(100 + number), entry_id=f"ent_{number}") for number in range(length))).entries)


def test_an_entry_balances_in_every_currency() -> None:
    two = draft(
        leg("1001", Side.DEBIT, 720),
        leg("3002", Side.CREDIT, 720),
        leg("3002", Side.DEBIT, 100, "USD"),
        leg("4001", Side.CREDIT, 100, "USD"),
    )
    assert len(post(two).entries) == 1
    with pytest.raises(EntryMustBalance) as refused:
        post(replace(two, legs=(*two.legs, leg("1001", Side.DEBIT, 1, "USD"))))
    assert (refused.value.currency, str(refused.value.debit)) == ("USD", "USD 1.01")


def test_debits_of_one_currency_do_not_pay_for_credits_of_another() -> None:
    with pytest.raises(EntryMustBalance):
        post(draft(leg("1001", Side.DEBIT, 100), leg("4001", Side.CREDIT, 100, "USD")))


def test_only_codes_that_take_postings_are_posted_to() -> None:
    with pytest.raises(AccountCodeNotFound):
        post(draft(leg("9999", Side.DEBIT, 1), leg("4001", Side.CREDIT, 1)))
    for control in ("2011", "3001"):
        with pytest.raises(AccountCodeMustTakePostings):
            post(draft(leg("1001", Side.DEBIT, 1), leg(control, Side.CREDIT, 1)))


def test_a_leg_on_an_account_is_booked_under_the_code_that_controls_it() -> None:
    posting = post(draft(leg("1001", Side.DEBIT, 9), leg("acc_1", Side.CREDIT, 9)), on=Given(deposit()))
    assert posting.entries[0].legs[1].account_code == "2011"
    assert posting.accounts["acc_1"].balance == Money("CNY", 9)
    assert posting.movements == {
        ("general", "1001", "CNY", TODAY): 9,
        ("general", "2011", "CNY", TODAY): -9,
        ("general", "acc_1", "CNY", TODAY): -9,
    }


def test_an_account_is_moved_by_what_all_its_legs_come_to() -> None:
    # 150 in and 120 out of an account with nothing on it leaves 30; out before in is the same entry.
    legs = (leg("acc_1", Side.DEBIT, 120), leg("acc_1", Side.CREDIT, 150), leg("1001", Side.DEBIT, 30))
    assert post(draft(*legs), on=Given(deposit())).accounts["acc_1"].balance == Money("CNY", 30)


def test_a_deposit_is_protected_within_a_batch_too() -> None:
    spend = draft(leg("acc_1", Side.DEBIT, 60), leg("1001", Side.CREDIT, 60))
    assert post(spend, on=Given(deposit(100))).accounts["acc_1"].balance == Money("CNY", 40)
    with pytest.raises(AvailableBalanceExhausted):
        post(spend, replace(spend, entry_id="ent_2"), on=Given(deposit(100)))


def test_an_account_takes_its_own_currency_and_its_status_counts() -> None:
    with pytest.raises(CurrencyMustMatch):
        post(draft(leg("acc_1", Side.CREDIT, 1, "USD"), leg("1001", Side.DEBIT, 1, "USD")), on=Given(deposit()))
    closed, _ = deposit().close(NOW)
    with pytest.raises(AccountMustBeActive):
        post(draft(leg("acc_1", Side.CREDIT, 1), leg("1001", Side.DEBIT, 1)), on=Given(closed))


def test_an_entry_is_booked_today_or_before_and_not_too_far_back() -> None:
    assert post(plain()).entries[0].booking_date == TODAY
    with pytest.raises(BookingDateMustNotBeAhead):
        post(plain(booking_date=TODAY + timedelta(days=1)))
    reach = TODAY - timedelta(days=400)
    entry = post(plain(booking_date=reach)).entries[0]
    assert (entry.booking_date, entry.value_date) == (reach, reach)
    with pytest.raises(BookingDateMustBeInReach):
        post(plain(booking_date=reach - timedelta(days=1)))


def by_the_docstring(entry: Entry) -> str:
    """The hash of an entry, written from the text at the top of the module, without its code."""
    legs = [leg.texts for leg in entry.legs]
    content = ["zhongtai.ledger.2", *entry.texts(), legs, entry.previous_hash]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def test_the_hash_is_what_the_docstring_says() -> None:
    first, second = chain(2)
    assert second.texts() == (
        *("general", "2", "ent_1", "POSTED", "2026-05-04", "2026-05-04", "loan_1", "a test", "", "", ""),
        *("2026-05-04T01:00:00.000000+00:00", "tester"),
    )
    cash, capital = ("1001", "", "DEBIT", "CNY", "101", ""), ("4001", "", "CREDIT", "CNY", "101", "")
    assert tuple(leg.texts for leg in second.legs) == (cash, capital)
    assert (second.previous_hash, second.hash) == (first.hash, by_the_docstring(second))
    assert first.previous_hash == GENESIS == "0" * 64


WRITABLE = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=200, deadline=None)
@given(reference=WRITABLE, narrative=WRITABLE, posted_by=WRITABLE, entry_id=WRITABLE, account_id=WRITABLE)
def test_the_hash_is_what_the_docstring_says_of_any_text(
    reference: str, narrative: str, posted_by: str, entry_id: str, account_id: str
) -> None:
    legs = (Leg("2011", account_id, Side.DEBIT, Money("CNY", 1)), leg("1001", Side.CREDIT, 1))
    reverses = entry_id or None
    # An instant told in another zone: what is hashed is UTC.
    there = datetime(2026, 5, 4, 9, 0, 0, 7, tzinfo=timezone(timedelta(hours=8)))
    entry = Entry(entry_id, 1, TODAY, TODAY, reference, narrative, legs, reverses, there, posted_by, GENESIS)
    assert entry.hash == by_the_docstring(entry)
    assert "2026-05-04T01:00:00.000007+00:00" in entry.texts()


def test_the_mirror_takes_an_entry_back_and_is_not_mirrored_again() -> None:
    posting = post(draft(leg("1001", Side.DEBIT, 9), leg("acc_1", Side.CREDIT, 9)), on=Given(deposit()))
    after = Given(*posting.accounts.values(), head=posting.heads["general"])
    back = post(posting.entries[0].mirror("ent_2"), on=after)
    assert back.accounts["acc_1"].balance == Money("CNY", 0)
    assert back.entries[0].reverses == "ent_1"
    assert all(movement + back.movements[place] == 0 for place, movement in posting.movements.items())
    with pytest.raises(ReversalMustNotBeReversed):
        back.entries[0].mirror("ent_3")


ANY_DRAFT = st.tuples(
    st.sampled_from(["CNY", "USD", "JPY"]),
    st.integers(min_value=1, max_value=10**9),
    st.sampled_from(["1001", "1303", "300101", "300102"]),
    st.sampled_from(["4001", "6011", "6411"]),
    st.booleans(),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(ANY_DRAFT, min_size=1, max_size=20))
def test_every_posting_moves_nothing_in_sum_and_so_the_trial_balance_balances(
    wanted: list[tuple[str, int, str, str, bool]],
) -> None:
    drafts = []
    for number, (currency, size, one, two, swap) in enumerate(wanted):
        first, second = (Side.CREDIT, Side.DEBIT) if swap else (Side.DEBIT, Side.CREDIT)
        legs = (leg(one, first, size, currency), leg(two, second, size, currency))
        drafts.append(draft(*legs, entry_id=f"ent_{number}"))
    posting = post(*drafts)
    closings = {(owner, currency): moved for (_, owner, currency, _), moved in posting.movements.items()}
    found = trial_balance(CHART, TODAY, closings)
    assert found.balanced
    assert {total.debit.currency for total in found.totals} == {currency for currency, *_ in wanted}
    assert all(not line.debit or not line.credit for line in found.lines)


def test_the_chart_knows_every_product_and_every_rule_fits_it() -> None:
    for product in account_store.products():
        account = CHART.account(product.account_code)
        assert (account.side, account.takes_postings) == (product.side, False)
    for rule in RULES.values():
        for found in rule.legs:
            if found.account_code:
                CHART.must_take_postings(found.account_code)


def test_a_rule_leaves_out_legs_of_nothing() -> None:
    rule = RULES["zhongtai.credit.v1.LoanRepaid"]
    told = {
        "serviced": False,
        "loan_id": "loan_1",
        "paid_on": TODAY,
        "principal": Money("CNY", 0),
        "interest": Money("CNY", 5),
        "late_interest": Money("CNY", 0),
    }
    found = rule.draft("ent_1", told.__getitem__)
    assert found is not None
    assert [(part.account_code, part.side) for part in found.legs] == [("300102", Side.DEBIT), ("1132", Side.CREDIT)]
    assert rule.draft("ent_1", {**told, "interest": Money("CNY", 0)}.__getitem__) is None
    assert rule.draft("ent_1", {**told, "serviced": True}.__getitem__) is None
