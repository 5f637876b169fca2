"""Reads a chain of entries again, link by link, on the texts their hashes cover. Pure.

An entry is taken as the store writes its canonical form (`ledger/domain.py`), in bytes: what comes before the legs, the
legs, and the two hashes. What is checked beside the hash (whether the legs balance, what they come to) is read from
those same bytes, so nothing is believed that no hash covers.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from zhongtai.operations.ledger.domain import GENESIS, LedgerFault


class EntryTexts(NamedTuple):
    """One entry in bytes: a JSON array of the texts before the legs, the legs' arrays by commas, and both hashes.

    `moves` is 1 where the entry moves balances, and 0 where it only holds, or gives back.
    """

    number: int
    form: int
    moves: int
    booking_date: bytes
    head: bytes
    lines: bytes
    previous_hash: bytes
    hash: bytes


# The currency, the sign and the sum of legs that are alike.
_Moved = list[Any]
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

    It begins behind the entry of that number and hash. `fault` is the first there is; nothing is read behind it.
    """

    def __init__(self, number: int = 0, last_hash: str = GENESIS) -> None:
        self.number = number
        self.hash = last_hash.encode()
        self.legs = 0
        # By booking date and by leg without its amount: the currency, the sign, and what was moved.
        self._moved: dict[bytes, dict[bytes, _Moved]] = {}
        self._held: dict[bytes, _Moved] = {}
        self.fault: Fault | None = None

    def read(self, entries: Iterable[EntryTexts]) -> list[bytes]:
        """Reads the entries that follow; answers the 32 bytes of each good one's hash, which are leaves of the tree."""
        digests: list[bytes] = []
        number, last_hash = self.number, self.hash
        for entry in entries:
            found, form, moves, booking_date, head, lines, previous_hash, kept = entry
            digest = sha256(b'%b,[%b],"%b"]' % (head[:-1], lines, previous_hash))
            whole = found == number + 1 and previous_hash == last_hash and digest.hexdigest().encode() == kept
            if not whole or not self._move(lines, form, self._on(booking_date) if moves else self._held):
                self.fault = _fault(entry, number + 1, last_hash, content_is_whole=digest.hexdigest().encode() == kept)
                break
            number, last_hash = found, kept
            digests.append(digest.digest())
        self.number, self.hash = number, last_hash
        return digests

    def must_reach(self, number: int) -> None:
        """Holds how far it was read against how far there should be entries."""
        if not self.fault and self.number < number:
            self.fault = Fault(LedgerFault.NUMBER_MISSING, self.number + 1, "the entry is not there")

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

    def _on(self, booking_date: bytes) -> dict[bytes, _Moved]:
        return self._moved.setdefault(booking_date, {})

    def _move(self, lines: bytes, form: int, moved: dict[bytes, _Moved]) -> bool:
        """Adds the legs of an entry to what was moved; False where they are no legs or do not balance.

        No code, account, side or currency has a quote in it, so the texts are cut at theirs.
        """
        net: dict[str, int] = {}
        try:
            for line in lines[2:-2].split(b'"],["'):
                # Behind the amount stand, in the second form, the dimensions.
                where, minor = line.rsplit(b'","', form)[:2]
                cell = moved.get(where)
                if cell is None:
                    cell = moved[where] = _cell(where)
                currency, sign, _ = cell
                if (amount := int(minor)) < 1:
                    return False
                amount *= sign
                cell[2] += amount
                self.legs += 1
                net[currency] = net.get(currency, 0) + amount
        except (ValueError, KeyError):
            return False
        return bool(net) and not any(net.values())


def entry_text(entry: EntryTexts) -> bytes:
    """The canonical form that the hash of an entry covers."""
    *_, head, lines, previous_hash, _ = entry
    return b'%b,[%b],"%b"]' % (head[:-1], lines, previous_hash)


def _cell(where: bytes) -> _Moved:
    """A leg that nothing was moved on yet. Raises ValueError or KeyError where it is none."""
    _, _, side, currency = json.loads(b'["%b"]' % where)
    return [currency, {"DEBIT": 1, "CREDIT": -1}[side], 0]


def _fault(entry: EntryTexts, number: int, last_hash: bytes, *, content_is_whole: bool) -> Fault:
    if entry.number != number:
        return Fault(LedgerFault.NUMBER_MISSING, number, f"entry {entry.number} follows {number - 1}")
    if entry.previous_hash != last_hash:
        return Fault(LedgerFault.LINK_BROKEN, number, "it does not carry the hash of the entry before")
    if not content_is_whole:
        return Fault(LedgerFault.CONTENT_CHANGED, number, "its content does not give its hash")
    return Fault(LedgerFault.ENTRY_UNBALANCED, number, "its legs do not balance")


class End(NamedTuple):
    """The end of a chain as its head has it: texts, whatever they are."""

    number: int = 0
    hash: str = GENESIS
    latest_booking_date: str = ""
    latest_posted_at: str = ""


class Extent(NamedTuple):
    """What there is of a book, in the chain or not."""

    entries: int
    legs: int
    last_number: int
    latest_booking_date: str
    latest_posted_at: str


def fault_of_end(head: End, extent: Extent, last_hash: str) -> Fault | None:
    """What is wrong with the end of a chain that was read up to its head, and so to this hash."""
    if extent.last_number > head.number:
        return Fault(LedgerFault.LINK_BROKEN, head.number + 1, "the entry stands behind the head of the chain")
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
