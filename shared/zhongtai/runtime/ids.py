"""Identifiers that sort by the time they were made (after ULID: 48 bits of milliseconds, 80 bits of chance)."""

import os
from collections.abc import Callable
from datetime import datetime
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
        self._last_instant: datetime | None = None
        self._lock = Lock()

    def new(self, prefix: str, now: datetime | None = None) -> str:
        """A new identifier; two made in the same millisecond still sort in the order they were made.

        `now` is the instant where the caller knows it already.
        """
        number = self._take(1, now)
        return f"{prefix}_{_head(number >> 10)}{_PAIRS[number & 1023]}"

    def many(self, prefix: str, count: int, now: datetime | None = None) -> list[str]:
        """So many new identifiers in order, each the next number after the one before."""
        if count == 1:
            return [self.new(prefix, now)]
        first = self._take(count, now)
        # Neighbours differ in their last letters only.
        heads = {head: f"{prefix}_{_head(head)}" for head in range(first >> 10, (first + count - 1 >> 10) + 1)}
        return [heads[number >> 10] + _PAIRS[number & 1023] for number in range(first, first + count)]

    def _take(self, count: int, now: datetime | None) -> int:
        """The first of so many numbers that nobody had before and nobody will have.

        Within a millisecond they follow each other, as a ULID's do; chance is asked once for each.
        """
        with self._lock:
            first = self._last + 1
            # Whoever makes many at one instant asks with the same one again and again.
            if now is None or now is not self._last_instant:
                self._last_instant, millisecond = now, int((now or self._clock.now()).timestamp() * 1000)
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
