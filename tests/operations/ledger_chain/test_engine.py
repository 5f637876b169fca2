"""Reading a chain again: the first bad entry is named, whatever was done to which text of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.operations.ledger.domain import GENESIS, LedgerFault
from zhongtai.operations.ledger_chain.engine import (
    Chain,
    End,
    Extent,
    Page,
    fault_of_end,
    fault_of_sums,
)


def compact(found: object) -> str:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Written:
    """An entry as its texts; `hash` is given, or what the texts give."""

    number: int
    legs: tuple[tuple[str, ...], ...]
    previous_hash: str
    narrative: str = ""
    form: int = 2
    moves: int = 1
    booking_date: str = "2026-05-04"
    given_hash: str = ""

    @property
    def hash(self) -> str:
        """The hash by the docstring of the ledger."""
        book = ["general"] if self.form == 2 else []
        head = [f"zhongtai.ledger.{self.form}", *book, str(self.number), self.booking_date, self.narrative]
        told = compact([*head, [leg[: 4 + self.form] for leg in self.legs], self.previous_hash])
        return self.given_hash or sha256(told.encode()).hexdigest()

    def head(self) -> str:
        """As the store writes it."""
        book = ["general"] if self.form == 2 else []
        return compact([f"zhongtai.ledger.{self.form}", *book, str(self.number), self.booking_date, self.narrative])


def page(entries: list[Written], first: int, last: int) -> Page:
    """Those of the entries that have these numbers, as the store writes them."""
    found = [entry for entry in entries if first <= entry.number <= last]
    moves = "".join(str(entry.moves) for entry in found)
    lists = (
        [entry.booking_date for entry in found],
        [entry.head() for entry in found],
        [",".join(map(compact, entry.legs)) for entry in found],
        [entry.previous_hash for entry in found],
        [entry.hash for entry in found],
    )
    return Page(first, last, moves.encode(), moves.encode(), *("\n".join(texts).encode() for texts in lists))


def legs(amount: int, form: int = 2, currency: str = "CNY") -> tuple[tuple[str, ...], ...]:
    more = ("branch=0101",) if form == 2 else ("",)
    return (
        ("1001", "", "DEBIT", currency, str(amount), *more),
        ("2011", "acc_1", "CREDIT", currency, str(amount), *more),
    )


def chain(length: int = 5) -> list[Written]:
    found: list[Written] = []
    for number in range(1, length + 1):
        form = 1 if number < 3 else 2
        found.append(Written(number, legs(100 + number, form), found[-1].hash if found else GENESIS, form=form))
    return found


def read(entries: list[Written], number: int = 0, last_hash: str = GENESIS, *, to: int = 5) -> Chain:
    found = Chain(number, last_hash)
    found.read(page(entries, number + 1, to), lambda first, last: page(entries, first, last))
    return found


def test_a_whole_chain_is_intact_in_one_go_or_in_parts() -> None:
    entries = chain()
    found = read(entries)
    assert (found.fault, found.number, found.hash.decode()) == (None, 5, entries[-1].hash)
    parts = Chain()
    again = partial(page, entries)
    digests = [*parts.read(again(1, 2), again), *parts.read(again(3, 5), again)]
    assert [digest.hex() for digest in digests] == [entry.hash for entry in entries]
    assert parts.movements() == found.movements()
    assert read(entries, 2, entries[1].hash).fault is None


def test_the_text_is_what_the_docstring_of_the_ledger_says() -> None:
    entry = Written(1, legs(5), GENESIS, narrative='a "quote"')
    lines = [["1001", "", "DEBIT", "CNY", "5", "branch=0101"], ["2011", "acc_1", "CREDIT", "CNY", "5", "branch=0101"]]
    told = ["zhongtai.ledger.2", "general", "1", "2026-05-04", 'a "quote"', lines, GENESIS]
    assert [text.decode() for text in page([entry], 1, 1).texts()] == [compact(told)]
    first_form = Written(1, legs(5, 1), GENESIS, form=1)
    told = ["zhongtai.ledger.1", "1", "2026-05-04", "", [line[:5] for line in lines], GENESIS]
    assert [text.decode() for text in page([first_form], 1, 1).texts()] == [compact(told)]


def test_what_legs_come_to_is_by_owner_currency_and_date_and_what_holds_moves_nothing() -> None:
    first = Written(1, legs(5), GENESIS)
    second = Written(2, (*legs(7), *legs(3, currency="USD")), first.hash, booking_date="2026-05-05")
    third = Written(3, legs(9), second.hash, moves=0)
    found = read([first, second, third], to=3)
    assert found.fault is None
    assert found.movements() == {
        ("1001", "CNY", "2026-05-04"): 5,
        ("2011", "CNY", "2026-05-04"): -5,
        ("acc_1", "CNY", "2026-05-04"): -5,
        ("1001", "CNY", "2026-05-05"): 7,
        ("2011", "CNY", "2026-05-05"): -7,
        ("acc_1", "CNY", "2026-05-05"): -7,
        ("1001", "USD", "2026-05-05"): 3,
        ("2011", "USD", "2026-05-05"): -3,
        ("acc_1", "USD", "2026-05-05"): -3,
    }


Plant = Callable[[list[Written]], list[Written]]
FAULTS: dict[str, tuple[Plant, LedgerFault, int]] = {
    "content": (
        lambda e: [*e[:2], replace(e[2], narrative="x", given_hash=e[2].hash), *e[3:]],
        LedgerFault.CONTENT_CHANGED,
        3,
    ),
    "hash": (lambda e: [*e[:2], replace(e[2], given_hash="f" * 64), *e[3:]], LedgerFault.CONTENT_CHANGED, 3),
    "link": (lambda e: [*e[:2], replace(e[2], previous_hash="f" * 64), *e[3:]], LedgerFault.LINK_BROKEN, 3),
    "hole": (lambda e: [*e[:2], *e[3:]], LedgerFault.NUMBER_MISSING, 3),
    "first": (lambda e: e[1:], LedgerFault.NUMBER_MISSING, 1),
    "tail": (lambda e: e[:-1], LedgerFault.NUMBER_MISSING, 5),
    "swap": (
        lambda e: [*e[:2], replace(e[3], number=3), replace(e[2], number=4), e[4]],
        LedgerFault.LINK_BROKEN,
        3,
    ),
    "dimensions where there are none": (
        lambda e: [replace(e[0], legs=legs(101), given_hash=e[0].hash), *e[1:]],
        LedgerFault.CONTENT_CHANGED,
        1,
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_first_bad_entry_is_named(name: str) -> None:
    plant, fault, number = FAULTS[name]
    found = read(plant(chain()))
    assert found.fault
    assert (found.fault.fault, found.fault.number) == (fault, number)
    assert found.number == number - 1


@pytest.mark.parametrize(
    "bad",
    [
        (("1001", "", "DEBIT", "CNY", "5", ""), ("4001", "", "CREDIT", "CNY", "4", "")),
        (("1001", "", "DEBIT", "CNY", "5", ""), ("4001", "", "CREDIT", "USD", "5", "")),
        (("1001", "", "LEFT", "CNY", "5", ""), ("4001", "", "CREDIT", "CNY", "5", "")),
        (("1001", "", "DEBIT", "CNY", "-5", ""), ("4001", "", "CREDIT", "CNY", "-5", "")),
        (("1001", "", "DEBIT", "CNY", "x", ""), ("4001", "", "CREDIT", "CNY", "x", "")),
        (("1001", "", "DEBIT", "CNY"), ("4001", "", "CREDIT", "CNY")),
        (),
    ],
)
def test_an_entry_that_never_balanced_is_found_though_its_hash_is_right(bad: tuple[tuple[str, ...], ...]) -> None:
    found = read([Written(1, bad, GENESIS)], to=1)
    assert found.fault
    assert found.fault.fault is LedgerFault.ENTRY_UNBALANCED


def test_legs_that_say_otherwise_than_their_entry_whether_they_move_balances_are_found() -> None:
    entries = chain()

    def held(first: int, last: int) -> Page:
        found = page(entries, first, last)
        return found._replace(legs_move=b"".join(b"0" if number == 4 else b"1" for number in range(first, last + 1)))

    found = Chain()
    found.read(held(1, 5), held)
    assert found.fault
    assert (found.fault.fault, found.fault.number) == (LedgerFault.CONTENT_CHANGED, 4)


def test_an_end_that_is_not_the_heads_is_found() -> None:
    head = End(5, "ab", "2026-05-04", "2026-05-04T01:00:00.000000+00:00")
    extent = Extent(1, 5, *head[2:])
    assert fault_of_end(head, extent, "ab") is None
    wrong = [
        fault_of_end(head, extent._replace(first_number=0), "ab"),
        fault_of_end(head, extent._replace(last_number=7), "ab"),
        fault_of_end(head, extent, "cd"),
        fault_of_end(head, extent._replace(latest_booking_date="2026-05-03"), "ab"),
        fault_of_end(head, extent._replace(latest_posted_at=""), "ab"),
    ]
    assert [found and found.number for found in wrong] == [0, 6, 5, 5, 5]


def test_a_kept_balance_that_is_not_its_legs_is_found() -> None:
    assert fault_of_sums({("1001", "CNY"): 5}, {("1001", "CNY"): 5}) is None
    found = fault_of_sums({("1001", "CNY"): 5, ("4001", "CNY"): 0}, {("1001", "CNY"): 4})
    assert found
    assert (found.fault, found.detail) == (LedgerFault.BALANCE_WRONG, "the CNY balance of 1001 is not its legs' sum")


@given(at=st.integers(0, 4), part=st.sampled_from(["heads", "legs", "previous_hashes", "hashes"]), data=st.data())
def test_any_flip_of_any_byte_is_found_at_its_entry(at: int, part: str, data: st.DataObject) -> None:
    entries = chain()
    was: bytes = getattr(page(entries, at + 1, at + 1), part)
    # A bracket is written by the store itself, and is no part of what rests.
    place = data.draw(st.integers(0, len(was) - (2 if part == "heads" else 1)))
    flipped = was[:place] + bytes([was[place] ^ data.draw(st.integers(1, 127))]) + was[place + 1 :]

    def changed(first: int, last: int) -> Page:
        found = page(entries, first, last)
        texts = getattr(found, part).split(b"\n")
        if first <= at + 1 <= last:
            texts[at + 1 - first] = flipped
        parts: Any = {part: b"\n".join(texts)}
        return found._replace(**parts)

    found = Chain()
    good = found.read(changed(1, 5), changed)
    assert found.fault
    assert (found.fault.number, len(good)) == (at + 1, at)
