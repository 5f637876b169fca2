"""What takes long and what does not, learnt by doing it: long work must not hold up the loop that everybody shares."""

import contextlib
import time
from collections.abc import Hashable, Iterator

LONG_S = 0.003


class Pace:
    """How long work of each kind took last, in seconds of the processor.

    A kind is whatever takes about equally long: an RPC and how large its request is.
    """

    def __init__(self) -> None:
        self._took: dict[Hashable, float] = {}

    def is_long(self, kind: Hashable) -> bool:
        """True where work of this kind took long when it was last done; work of no kind is short."""
        return self._took.get(kind, 0.0) > LONG_S

    @contextlib.contextmanager
    def measured(self, kind: Hashable) -> Iterator[None]:
        """Measures work of a kind, in the thread that does it: waiting for others does not make it long."""
        if kind is None:
            yield
            return
        began = time.thread_time()
        try:
            yield
        finally:
            self._took[kind] = time.thread_time() - began
