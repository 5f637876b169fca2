"""What takes long and what does not, learnt by doing it: long work must not hold up the loop that everybody shares."""

import time
from collections.abc import Callable, Hashable
from typing import TypeVar

T = TypeVar("T")
LONG_S = 0.005
# Of how long it took, so much is remembered each time it is shorter: after 500 ms, work is aside some fifty times more.
FADES_TO = 0.9
_UNKNOWN = (LONG_S, LONG_S)


class Pace:
    """How long work of each kind takes, in seconds, by the latest of it.

    A kind is whatever takes about equally long: an RPC and how large its request is. Work of no kind is short.
    """

    def __init__(self) -> None:
        # How long work of each kind takes, and how long it took the last time.
        self._known: dict[Hashable, tuple[float, float]] = {}

    def is_long(self, kind: Hashable) -> bool:
        """True where work of this kind took long lately, or was never done: the first may be one that reads it all."""
        return kind is not None and self._known.get(kind, _UNKNOWN)[0] >= LONG_S

    def run(self, kind: Hashable, work: Callable[[], T], *, aside: bool) -> T:
        """Does work and remembers how long it took.

        Of two times in a row the shorter counts, and in a thread `aside` only the processor's time: work that was
        interrupted by others does not take long.
        """
        clock = time.thread_time if aside else time.perf_counter
        began = clock()
        try:
            return work()
        except StopIteration as stopped:
            # No future carries it: whoever waits in the loop for work done aside would wait until their deadline.
            raise RuntimeError("work ended by a StopIteration") from stopped
        finally:
            if kind is not None:
                took = clock() - began
                known, last = self._known.get(kind, _UNKNOWN)
                self._known[kind] = max(min(took, last), FADES_TO * known), took
