"""The ledger: what balances, what a hash covers, and what reading the chain again finds."""

import hashlib
import json
from collections.abc import Callable
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
    LedgerFault,
    Leg,
    ReversalMustNotBeReversed,
)
from zhongtai.operations.ledger.engine import Books, Head, Posting, Sealed, trial_balance, verify
from zhongtai.operations.ledger.store import RULES

NOW = datetime(2026, 5, 4, 1, 0, tzinfo=UTC)
TODAY = date(2026, 5, 4)
DATES = {"general": BookDates("general", LateEntries.BACK_DATED, NextDate.EVERY_DAY)}


def leg(owner: str, side: Side, minor_units: int, currency: str = "CNY") -> Leg:
    code, account = ("", owner) if owner.startswith("acc_") else (owner, "")
    return Leg(code, account, side, Money(currency, minor_units))


def draft(*legs: Leg, entry_id: str = "ent_1", **more: Any) -> Draft:
    return Draft(entry_id, "loan_1", "a test", legs, **more)


def plain(fen: int = 100, currency: str = "CNY", **more: Any) -> Draft:
    return draft(leg("1001", Side.DEBIT, fen, currency), leg("4001", Side.CREDIT, fen, currency), **more)


def books(*accounts: Account) -> Books:
    heads = {"general": Head("general")}
    return Books(CHART, DATES, heads, {account.account_id: account for account in accounts})


def post(*drafts: Draft, on: Books | None = None) -> Posting:
    return (on or books()).post(drafts, NOW, TODAY, "tester")


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
    posting = post(draft(leg("1001", Side.DEBIT, 9), leg("acc_1", Side.CREDIT, 9)), on=books(deposit()))
    assert posting.entries[0].legs[1].account_code == "2011"
    assert posting.accounts[0].balance == Money("CNY", 9)
    assert posting.movements == {
        ("general", "1001", "CNY", TODAY): 9,
        ("general", "2011", "CNY", TODAY): -9,
        ("general", "acc_1", "CNY", TODAY): -9,
    }


def test_an_account_is_moved_by_what_all_its_legs_come_to() -> None:
    # 150 in and 120 out of an account with nothing on it leaves 30; out before in is the same entry.
    legs = (leg("acc_1", Side.DEBIT, 120), leg("acc_1", Side.CREDIT, 150), leg("1001", Side.DEBIT, 30))
    assert post(draft(*legs), on=books(deposit())).accounts[0].balance == Money("CNY", 30)


def test_a_deposit_is_protected_within_a_batch_too() -> None:
    spend = draft(leg("acc_1", Side.DEBIT, 60), leg("1001", Side.CREDIT, 60))
    assert post(spend, on=books(deposit(100))).accounts[0].balance == Money("CNY", 40)
    with pytest.raises(AvailableBalanceExhausted):
        post(spend, replace(spend, entry_id="ent_2"), on=books(deposit(100)))


def test_an_account_takes_its_own_currency_and_its_status_counts() -> None:
    with pytest.raises(CurrencyMustMatch):
        post(draft(leg("acc_1", Side.CREDIT, 1, "USD"), leg("1001", Side.DEBIT, 1, "USD")), on=books(deposit()))
    closed, _ = deposit().close(NOW)
    with pytest.raises(AccountMustBeActive):
        post(draft(leg("acc_1", Side.CREDIT, 1), leg("1001", Side.DEBIT, 1)), on=books(closed))


def test_an_entry_is_booked_today_or_before_and_not_too_far_back() -> None:
    assert post(plain()).entries[0].booking_date == TODAY
    with pytest.raises(BookingDateMustNotBeAhead):
        post(plain(booking_date=TODAY + timedelta(days=1)))
    reach = TODAY - timedelta(days=400)
    entry = post(plain(booking_date=reach)).entries[0]
    assert (entry.booking_date, entry.value_date) == (reach, reach)
    with pytest.raises(BookingDateMustBeInReach):
        post(plain(booking_date=reach - timedelta(days=1)))


def sealed(entry: Entry) -> Sealed:
    legs = tuple(leg.texts for leg in entry.legs)
    return Sealed(entry.form, entry.texts(), legs, entry.previous_hash, entry.hash)


def by_the_docstring(entry: Sealed) -> str:
    """The hash of an entry, written from the text at the top of the module, without its code."""
    content = ["zhongtai.ledger.2", *entry.content, entry.legs, entry.previous_hash]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def test_the_hash_is_what_the_docstring_says() -> None:
    first, second = chain(2)
    cash, capital = ("1001", "", "DEBIT", "CNY", "101", ""), ("4001", "", "CREDIT", "CNY", "101", "")
    texts = (
        *("general", "2", "ent_1", "POSTED", "2026-05-04", "2026-05-04", "loan_1", "a test", "", "", ""),
        *("2026-05-04T01:00:00.000000+00:00", "tester"),
    )
    assert sealed(second) == Sealed(2, texts, (cash, capital), first.hash, second.hash)
    assert second.hash == by_the_docstring(sealed(second))
    assert first.previous_hash == GENESIS == "0" * 64


def test_an_entry_of_the_first_form_keeps_the_hash_it_was_given() -> None:
    legs = (leg("1001", Side.DEBIT, 101), leg("4001", Side.CREDIT, 101))
    content = ["zhongtai.ledger.1", "1", "ent_1", "2026-05-04", "2026-05-04", "loan_1", "a test", ""]
    lines = [["1001", "", "DEBIT", "CNY", "101"], ["4001", "", "CREDIT", "CNY", "101"]]
    text = json.dumps(
        [*content, "2026-05-04T01:00:00.000000+00:00", "tester", lines, GENESIS], separators=(",", ":")
    ).encode()
    given_hash = hashlib.sha256(text).hexdigest()
    entry = Entry("ent_1", 1, TODAY, TODAY, "loan_1", "a test", legs, None, NOW, "tester", GENESIS, given_hash, form=1)
    assert sealed(entry).digest() == given_hash
    assert replace(sealed(entry), form=2).digest() != given_hash


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
    assert entry.hash == sealed(entry).digest() == by_the_docstring(sealed(entry))
    assert "2026-05-04T01:00:00.000007+00:00" in sealed(entry).content
    assert verify([sealed(entry)], 1, GENESIS).intact


def test_the_mirror_takes_an_entry_back_and_is_not_mirrored_again() -> None:
    posting = post(draft(leg("1001", Side.DEBIT, 9), leg("acc_1", Side.CREDIT, 9)), on=books(deposit()))
    after = Books(CHART, DATES, posting.heads, {account.account_id: account for account in posting.accounts})
    back = post(posting.entries[0].mirror("ent_2"), on=after)
    assert back.accounts[0].balance == Money("CNY", 0)
    assert back.entries[0].reverses == "ent_1"
    assert all(movement + back.movements[place] == 0 for place, movement in posting.movements.items())
    with pytest.raises(ReversalMustNotBeReversed):
        back.entries[0].mirror("ent_3")


def whole(entries: list[Entry]) -> list[Sealed]:
    return list(map(sealed, entries))


def test_a_whole_chain_is_intact_in_one_go_or_in_parts() -> None:
    entries = chain()
    found = verify(whole(entries), 1, GENESIS).against(Head("general", 5, entries[-1].hash, TODAY))
    assert (found.intact, found.entries_read, found.last_hash) == (True, 5, entries[-1].hash)
    assert verify(whole(entries[2:]), 3, entries[1].hash).intact


FAULTS: dict[str, tuple[Callable[[list[Sealed]], list[Sealed]], LedgerFault, int]] = {
    "content": (
        lambda e: [*e[:2], replace(e[2], content=(*e[2].content[:6], "loan_2", *e[2].content[7:])), *e[3:]],
        LedgerFault.CONTENT_CHANGED,
        3,
    ),
    "hash": (lambda e: [*e[:2], replace(e[2], hash="f" * 64), *e[3:]], LedgerFault.CONTENT_CHANGED, 3),
    "link": (lambda e: [*e[:2], replace(e[2], previous_hash="f" * 64), *e[3:]], LedgerFault.LINK_BROKEN, 3),
    "hole": (lambda e: [*e[:2], *e[3:]], LedgerFault.NUMBER_MISSING, 3),
    "first": (lambda e: e[1:], LedgerFault.NUMBER_MISSING, 1),
    "tail": (lambda e: e[:-1], LedgerFault.NUMBER_MISSING, 5),
    "twice": (lambda e: [*e[:2], e[1], *e[2:]], LedgerFault.NUMBER_MISSING, 3),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_first_bad_entry_is_named(name: str) -> None:
    plant, fault, number = FAULTS[name]
    entries = chain()
    found = verify(plant(whole(entries)), 1, GENESIS).against(Head("general", 5, entries[-1].hash, TODAY))
    assert (found.fault, found.bad_number) == (fault, number)


def test_a_chain_that_was_forged_from_an_entry_on_does_not_meet_its_head() -> None:
    entries = chain()
    forged = list(post(*(replace(plain(999), entry_id=f"ent_{number}") for number in range(5))).entries)
    found = verify(whole(forged), 1, GENESIS).against(Head("general", 5, entries[-1].hash, TODAY))
    assert (found.fault, found.bad_number) == (LedgerFault.LINK_BROKEN, 5)


def test_an_entry_that_never_balanced_is_found_though_its_hash_is_right() -> None:
    bad = replace(
        sealed(chain(1)[0]), legs=(("1001", "", "DEBIT", "CNY", "5", ""), ("4001", "", "CREDIT", "CNY", "4", ""))
    )
    found = verify([replace(bad, hash=bad.digest())], 1, GENESIS)
    assert found.fault is LedgerFault.ENTRY_UNBALANCED


def test_a_kept_balance_that_is_not_its_legs_is_found() -> None:
    sound = verify(whole(chain()), 1, GENESIS)
    assert sound.against_balances({("1001", "CNY"): 5}, {("1001", "CNY"): 5}).intact
    found = sound.against_balances({("1001", "CNY"): 5, ("4001", "CNY"): 0}, {("1001", "CNY"): 4})
    assert (found.fault, found.detail) == (LedgerFault.BALANCE_WRONG, "the CNY balance of 1001 is not its legs' sum")


@settings(max_examples=100, deadline=None)
@given(
    at=st.integers(min_value=0, max_value=4),
    part=st.sampled_from(["content", "legs", "previous_hash", "hash"]),
    flip=st.integers(min_value=0, max_value=10_000),
)
def test_any_flip_of_any_text_is_found_at_its_entry(at: int, part: str, flip: int) -> None:
    texts = whole(chain())
    was = getattr(texts[at], part)
    if part == "legs":
        legs = [list(leg) for leg in was]
        legs[flip % 2][flip % 6] = _flipped(legs[flip % 2][flip % 6], flip)
        now: Any = tuple(map(tuple, legs))
    elif part == "content":
        place = flip % len(was)
        now = (*was[:place], _flipped(was[place], flip), *was[place + 1 :])
    else:
        now = _flipped(was, flip)
    changed = replace(texts[at], **{part: now})
    found = verify([*texts[:at], changed, *texts[at + 1 :]], 1, GENESIS)
    assert not found.intact
    assert found.bad_number == at + 1


def _flipped(text: Any, flip: int) -> Any:
    if not text or not isinstance(text, str):
        return "x"
    place = flip % len(text)
    return text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]


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
