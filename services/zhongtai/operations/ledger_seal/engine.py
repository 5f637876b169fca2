"""What a book has grown by since its last seal: its new entries read again, and the tree with them. Pure."""

from collections.abc import Callable
from datetime import datetime

from zhongtai.kernel.merkle import Frontier, Node, leaf_hash
from zhongtai.operations.ledger.domain import GENESIS
from zhongtai.operations.ledger_chain.engine import Chain, Page
from zhongtai.operations.ledger_seal.domain import LedgerMustBeIntact, LedgerSeal


class Growth:
    """The entries of a book behind its last seal, read in order; what is not as it was posted is never sealed."""

    def __init__(self, book: str, before: LedgerSeal | None, frontier: Frontier) -> None:
        """Begins behind a seal, with the frontier of the tree it was made over; without one at the first entry."""
        self.book = book
        self.before = before
        self.nodes: list[Node] = []
        self._frontier = frontier
        self._chain = Chain(frontier.size, before.last_hash if before else GENESIS)

    @property
    def size(self) -> int:
        """The number of the last entry that was read."""
        return self._frontier.size

    @property
    def added(self) -> int:
        """How many entries were read."""
        return self.size - (self.before.size if self.before else 0)

    def read(self, page: Page, again: Callable[[int, int], Page]) -> None:
        """Reads the entries that follow; refuses one that is not what was posted."""
        digests = self._chain.read(page, again)
        if self._chain.fault:
            raise LedgerMustBeIntact(book=self.book, number=self._chain.fault.number)
        self.nodes += self._frontier.extend([leaf_hash(digest) for digest in digests])

    def seal(self, now: datetime, key_id: str) -> LedgerSeal:
        """The seal over all that was read, not signed yet."""
        return LedgerSeal(
            book=self.book,
            seal_number=self.before.seal_number + 1 if self.before else 1,
            size=self.size,
            root=self._frontier.root().hex(),
            last_hash=self._chain.hash.decode(),
            sealed_at=now,
            key_id=key_id,
            previous_hash=self.before.hash if self.before else GENESIS,
        )
