"""Identifiers that sort by the time they were made (after ULID: 48 bits of milliseconds, 80 bits of chance)."""

import os
from collections.abc import Callable
from threading import Lock

from zhongtai.runtime.clock import Clock

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no letter is taken for a digit
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = range(120, -1, -10)


class Ids:
    """Makes identifiers `<prefix>_<26 characters>`, strictly increasing within one process."""

    def __init__(self, clock: Clock, chance: Callable[[int], bytes] = os.urandom) -> None:
        self._clock = clock
        self._chance = chance
        self._last = 0
        self._lock = Lock()

    def new(self, prefix: str) -> str:
        """A new identifier; two made in the same millisecond still sort in the order they were made."""
        fresh = int(self._clock.now().timestamp() * 1000) << 80 | int.from_bytes(self._chance(10), "big")
        with self._lock:
            self._last = number = max(fresh, self._last + 1)
        return f"{prefix}_{''.join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])}"
