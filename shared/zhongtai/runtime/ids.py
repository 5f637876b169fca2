"""Identifiers that sort by the time they were made (after ULID: 48 bits of milliseconds, 80 bits of chance)."""

import os
from collections.abc import Callable
from functools import lru_cache
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
        self._last_millisecond = -1
        self._lock = Lock()

    def new(self, prefix: str) -> str:
        """A new identifier; two made in the same millisecond still sort in the order they were made."""
        number = self._take(1)
        return f"{prefix}_{_head(number >> 10)}{_PAIRS[number & 1023]}"

    def many(self, prefix: str, count: int) -> list[str]:
        """So many new identifiers in order, each the next number after the one before."""
        first = self._take(count)
        # Neighbours differ in their last letters only.
        heads = {head: f"{prefix}_{_head(head)}" for head in range(first >> 10, (first + count - 1 >> 10) + 1)}
        return [heads[number >> 10] + _PAIRS[number & 1023] for number in range(first, first + count)]

    def _take(self, count: int) -> int:
        """The first of so many numbers that nobody had before and nobody will have.

        Within a millisecond they follow each other, as a ULID's do; chance is asked once for each.
        """
        millisecond = int(self._clock.now().timestamp() * 1000)
        with self._lock:
            first = self._last + 1
            if millisecond > self._last_millisecond:
                self._last_millisecond = millisecond
                first = max(millisecond << 80 | int.from_bytes(self._chance(10), "big"), first)
            self._last = first + count - 1
        return first


# Numbers of one millisecond have the same letters but the last two, a thousand of them in a row.
@lru_cache(maxsize=16)
def _head(number: int) -> str:
    """All letters but the last two."""
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])
