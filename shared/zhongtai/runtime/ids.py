"""Identifiers that sort by the time they were made (after ULID: 48 bits of milliseconds, 80 bits of chance)."""

import os
from collections.abc import Callable
from threading import Lock

from zhongtai.runtime.clock import Clock

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no letter is taken for a digit
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = range(110, -1, -10)


class Ids:
    """Makes identifiers `<prefix>_<26 characters>`, strictly increasing within one process."""

    def __init__(self, clock: Clock, chance: Callable[[int], bytes] = os.urandom) -> None:
        self._clock = clock
        self._chance = chance
        self._last = 0
        self._lock = Lock()

    def new(self, prefix: str) -> str:
        """A new identifier; two made in the same millisecond still sort in the order they were made."""
        number = self._take(1)
        return f"{prefix}_{_head(number >> 10)}{_PAIRS[number & 1023]}"

    def many(self, prefix: str, count: int) -> list[str]:
        """So many new identifiers in order; as ULIDs of one millisecond may, they follow each other without a gap."""
        first = self._take(count)
        # Neighbours differ in their last letters only.
        heads = {head: f"{prefix}_{_head(head)}" for head in range(first >> 10, (first + count - 1 >> 10) + 1)}
        return [heads[number >> 10] + _PAIRS[number & 1023] for number in range(first, first + count)]

    def _take(self, count: int) -> int:
        """The first of so many numbers that nobody had before and nobody will have."""
        fresh = int(self._clock.now().timestamp() * 1000) << 80 | int.from_bytes(self._chance(10), "big")
        with self._lock:
            first = max(fresh, self._last + 1)
            self._last = first + count - 1
        return first


def _head(number: int) -> str:
    """All letters but the last two."""
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])
