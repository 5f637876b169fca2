"""What takes long and what does not, learnt by doing it: long work must not hold up the loop that everybody shares."""

import time
from collections.abc import Callable, Hashable
from typing import TypeVar

T = TypeVar("T")
LONG_S = 0.003


class Pace:
    """How long work of each kind took last, in seconds.

    A kind is whatever takes about equally long: an RPC and how large its request is. Work of no kind is short.
    """

    def __init__(self) -> None:
        self._took: dict[Hashable, float] = {}

    def is_long(self, kind: Hashable) -> bool:
        """True where work of this kind took long when it was last done."""
        return self._took.get(kind, 0.0) > LONG_S

    def run(self, kind: Hashable, work: Callable[[], T], *, aside: bool) -> T:
        """Does work and remembers how long it took.

        In a thread `aside` only the processor's time counts, for there it is interrupted by others: work that is long
        in the loop by such an accident comes back.
        """
        clock = time.thread_time if aside else time.perf_counter
        began = clock()
        try:
            return work()
        finally:
            if kind is not None:
                self._took[kind] = clock() - began
