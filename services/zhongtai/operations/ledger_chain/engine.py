"""Reads a chain of entries again, page by page, on the texts their hashes cover. Pure.

A page is taken as the store writes the canonical forms of its entries (`ledger/domain.py`), in bytes: all that comes
before the legs, all legs, both hashes. A page that is whole is held as one; only one that is not is read again by
halves, down to the first bad entry. What is checked beside the hash (whether the legs balance, what they come to) is
read from those same bytes, so nothing is believed that no hash covers.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from zhongtai.operations.ledger.domain import GENESIS, LedgerFault


class Page(NamedTuple):
    """The entries from a number to a number, of each text those of all entries in their order, by line feeds.

    An entry's head is the JSON array of the texts before its legs; its legs are arrays of six texts by commas, or
    nothing where they are no legs. `moves` has a digit for each entry: 1 where it moves balances, 0 where it only
    holds, or gives back; `legs_move` has what the legs say of themselves.
    """

    first: int
    last: int
    moves: bytes
    legs_move: bytes
    booking_dates: bytes
    heads: bytes
    legs: bytes
    previous_hashes: bytes
    hashes: bytes

    def texts(self) -> list[bytes]:
        """The canonical forms that the hashes cover."""
        # No line feed stands in a JSON text, so that each array is cut before the bracket that ends it.
        heads, legs = self.heads[:-1].split(b"]\n") if self.heads else [], self.legs.split(b"\n")
        if _FIRST_FORM in self.heads:
            legs = [_without_dimensions(*entry) for entry in zip(heads, legs, strict=False)]
        return [b'%b,[%b],"%b"]' % entry for entry in zip(heads, legs, self.previous_hashes.split(b"\n"), strict=False)]


# How an entry of the first form begins.
_FIRST_FORM = b'["zhongtai.ledger.1",'


def _without_dimensions(head: bytes, legs: bytes) -> bytes:
    """The legs as the form of their entry has them: in the first they have no dimensions."""
    return legs.replace(b',""]', b"]") if head.startswith(_FIRST_FORM) else legs


# An owner (an account code or an account id), a currency and a booking date.
Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and with which entry: its number, or 0 where it is no entry's."""

    fault: LedgerFault
    number: int
    detail: str


class Chain:
    """A stretch of a chain as it is read: how far it is whole, and what its legs come to.

    It begins behind the entry of that number and hash. `fault` is the first there is; nothing is read behind it, and
    what the legs come to is told of a chain without one.
    """

    def __init__(self, number: int = 0, last_hash: str = GENESIS) -> None:
        self.number = number
        self.hash = last_hash.encode()
        # By booking date; what is held moves nothing, and is counted apart.
        self._moved: defaultdict[bytes, _Cells] = defaultdict(_Cells)
        self._held = _Cells()
        self.fault: Fault | None = None

    def read(self, page: Page, again: Callable[[int, int], Page]) -> list[bytes]:
        """Reads the page that follows, and where it is not whole its halves, which `again` gives.

        Answers the 32 bytes of each good entry's hash, which are leaves of the tree.
        """
        assert page.first == self.number + 1, "a page follows where the one before ends"
        digests = [sha256(text).digest() for text in page.texts()]
        wrong = self._wrong(page, digests)
        if wrong is None:
            self.number, self.hash = page.last, page.hashes[-64:]
            return digests
        if page.first == page.last:
            self.fault = Fault(wrong[0], page.first, wrong[1])
            return []
        middle = (page.first + page.last) // 2
        good = self.read(again(page.first, middle), again)
        return good if self.fault else good + self.read(again(middle + 1, page.last), again)

    def movements(self) -> dict[Place, int]:
        """What the legs that were read come to, by code and by account, debits above zero."""
        found: dict[Place, int] = {}
        for booking_date, of_date in self._moved.items():
            for where, (_, _, moved) in of_date.items():
                code, account, _, currency = json.loads(b'["%b"]' % where)
                for owner in (code, account) if account else (code,):
                    place = (owner, currency, booking_date.decode())
                    found[place] = found.get(place, 0) + moved
        return found

    def _wrong(self, page: Page, digests: list[bytes]) -> tuple[LedgerFault, str] | None:
        """What is wrong with a page, said as of its first entry; None where it is whole."""
        if len(page.moves) != page.last - page.first + 1:
            return LedgerFault.NUMBER_MISSING, "the entry is not there"
        if page.previous_hashes != b"\n".join([self.hash, *page.hashes.split(b"\n")[:-1]]):
            return LedgerFault.LINK_BROKEN, "it does not carry the hash of the entry before"
        if page.hashes != b"".join(digests).hex("\n", 32).encode() or page.moves != page.legs_move:
            return LedgerFault.CONTENT_CHANGED, "its content does not give its hash"
        entries = zip(page.moves, page.booking_dates.split(b"\n"), page.legs.split(b"\n"), strict=True)
        for moves, booking_date, legs in entries:
            if not _balanced(legs, self._moved[booking_date] if moves == _ONE else self._held):
                return LedgerFault.ENTRY_UNBALANCED, "its legs do not balance"
        return None


_ONE = ord("1")


class _Cells(dict[bytes, list[Any]]):
    """By leg without its amount: the currency, the sign, and what was moved. Raises ValueError or KeyError where a leg
    is none."""

    def __missing__(self, where: bytes) -> list[Any]:
        _, _, side, currency = json.loads(b'["%b"]' % where)
        cell = self[where] = [currency, {"DEBIT": 1, "CREDIT": -1}[side], 0]
        return cell


def _balanced(legs: bytes, cells: _Cells) -> bool:
    """Adds the legs of an entry to what was moved; False where they are no legs or do not balance.

    No code, account, side or currency has a quote in it, so the texts are cut at theirs.
    """
    net: dict[str, int] = {}
    try:
        for leg in legs[2:-2].split(b'"],["'):
            where, minor, _ = leg.rsplit(b'","', 2)
            cell = cells[where]
            currency, sign, _ = cell
            if (amount := int(minor)) < 1:
                return False
            amount *= sign
            cell[2] += amount
            net[currency] = net.get(currency, 0) + amount
    except (ValueError, KeyError):
        return False
    return not any(net.values())


class End(NamedTuple):
    """The end of a chain as its head has it: texts, whatever they are."""

    number: int = 0
    hash: str = GENESIS
    latest_booking_date: str = ""
    latest_posted_at: str = ""


class Extent(NamedTuple):
    """How far a book goes: the least and the greatest number of its entries and legs, and the latest dates."""

    first_number: int
    last_number: int
    latest_booking_date: str
    latest_posted_at: str


def fault_of_end(head: End, extent: Extent, last_hash: str) -> Fault | None:
    """What is wrong with the ends of a chain that was read up to its head, and so to this hash."""
    if extent.first_number < 1:
        return Fault(LedgerFault.LINK_BROKEN, extent.first_number, "an entry or a leg stands before the first entry")
    if extent.last_number > head.number:
        detail = "an entry or a leg stands behind the head of the chain"
        return Fault(LedgerFault.LINK_BROKEN, head.number + 1, detail)
    if last_hash != head.hash:
        return Fault(LedgerFault.LINK_BROKEN, head.number, "the last hash is not the one the head names")
    if (extent.latest_booking_date, extent.latest_posted_at) != head[2:]:
        return Fault(LedgerFault.LINK_BROKEN, head.number, "the head names another latest date")
    return None


def fault_of_sums(kept: Mapping[tuple[str, str], int], summed: Mapping[tuple[str, str], int]) -> Fault | None:
    """The first code and currency whose kept balance is not the sum of its legs."""
    wrong = [place for place in sorted({*kept, *summed}) if kept.get(place, 0) != summed.get(place, 0)]
    if not wrong:
        return None
    code, currency = wrong[0]
    return Fault(LedgerFault.BALANCE_WRONG, 0, f"the {currency} balance of {code} is not its legs' sum")
