"""A whole book read again: every entry, every balance at the end of every date, every seal; `zhongtai ledger verify`.

The store is read beside whatever runs, as of one moment. While the entries of a page are hashed, the database writes
the texts of the next ones for connections of their own.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial

from zhongtai.kernel.merkle import Node, frontier_of, leaf_hash
from zhongtai.operations.ledger.domain import GENESIS, LedgerFault
from zhongtai.operations.ledger_chain import store as chain_store
from zhongtai.operations.ledger_chain.engine import Chain, Fault, Page, Place, fault_of_end
from zhongtai.operations.ledger_seal import store
from zhongtai.operations.ledger_seal.domain import LedgerSeal
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.clock import SystemClock
from zhongtai.runtime.engines import Engines
from zhongtai.runtime.security import signed_by
from zhongtai.runtime.statements import Statements
from zhongtai.runtime.transactions import Reading
from zhongtai.runtime.unit import View

SERVICE = "operations"
# So many pages are written ahead: one is always there when the one before is hashed.
_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Verification:
    """What was read of a book, and the first thing that is wrong."""

    book: str
    entries: int
    balances: int
    seals: int
    fault: Fault | None = None
    bad_entry_id: str = ""


@contextmanager
def opened(url: str) -> Iterator[View]:
    """A view of the service's store as it is at the first look, and stays until it is closed."""
    engine = Engines.open(url, SERVICE)
    connection = Engines.reader(engine)
    clock = SystemClock()
    reading = Reading(connection, Statements(engine.dialect))
    try:
        yield View(reading, Call(Caller("verification", "command")), clock.now(), clock.business_date())
    finally:
        connection.close()
        engine.dispose()


class Verifying:
    """One book as it is verified, from an entry on: `public_keys` are the bank's, never the database's."""

    def __init__(self, view: View, book: str, public_keys: Mapping[str, bytes], begin: int = 1) -> None:
        self._view = view
        self._book = book
        self._public_keys = public_keys
        self._begin = begin
        self._head = chain_store.head(view, book)
        self._seals = self._all_seals()
        self._tree = frontier_of(store.nodes_of(view, book), begin - 1)
        self._nodes: list[Node] = []
        # The root of the tree at the size of each seal.
        self._roots: dict[int, bytes] = {}

    def verify(self, url: str = "", published: Sequence[LedgerSeal] = ()) -> Verification:
        """Reads it all; `published` are seals of this book that were kept elsewhere.

        With the URL of the store its entries are read ahead by connections of their own, else all by the given view.
        """
        chain = self._read(url)
        movements = chain.movements()
        fault = (
            chain.fault
            or fault_of_end(self._head, chain_store.extent(self._view, self._book), chain.hash.decode(errors="replace"))
            or self._fault_of_seals()
            or self._fault_of_published(published)
            or (self._fault_of_balances(movements) if self._begin == 1 else None)
        )
        entry_id = chain_store.entry_at(self._view, self._book, fault.number)[0] if fault else ""
        balances = len(movements) if self._begin == 1 else 0
        return Verification(self._book, chain.number - self._begin + 1, balances, len(self._seals), fault, entry_id)

    def _all_seals(self) -> list[LedgerSeal]:
        found: list[LedgerSeal] = []
        # Seals are numbered from 1; one that stands before is seen too.
        while page := store.behind(self._view, self._book, found[-1].seal_number if found else -(1 << 62)):
            found += page
        return found

    def _read(self, url: str) -> Chain:
        """Reads the entries up to the first that is bad, and grows the tree by them."""
        chain = Chain(self._begin - 1, chain_store.entry_at(self._view, self._book, self._begin - 1)[1])
        again = partial(chain_store.page_of, self._view, self._book)
        sizes = sorted(seal.size for seal in self._seals)
        with ExitStack() as stack:
            for page in stack.enter_context(closing(self._pages(url, stack))):
                leaves = [leaf_hash(digest) for digest in chain.read(page, again)]
                self._grow(leaves, [size for size in sizes if page.first <= size <= page.last])
                if chain.fault:
                    break
        return chain

    def _pages(self, url: str, stack: ExitStack) -> Generator[Page, None, None]:
        first, last = self._begin, self._head.number
        if url and last - first > chain_store.PAGE:
            views = [stack.enter_context(opened(url)) for _ in range(_AHEAD)]
            return chain_store.pages_ahead(views, self._book, first, last)
        return chain_store.pages_of(self._view, self._book, first, last)

    def _grow(self, leaves: Sequence[bytes], sizes: Sequence[int]) -> None:
        """Adds leaves to the tree, and notes its root at each of the sizes."""
        before = self._tree.size
        for size in (*sizes, before + len(leaves)):
            self._nodes += self._tree.extend(leaves[self._tree.size - before : size - before])
            if size == self._tree.size:
                self._roots[size] = self._tree.root()

    def _fault_of_seals(self) -> Fault | None:
        before: LedgerSeal | None = None
        for seal in self._seals:
            first = before.size + 1 if before else 1
            if wrong := self._wrong_with(seal, before):
                return Fault(LedgerFault.SEAL_BROKEN, first, f"seal {seal.seal_number}: {wrong}")
            if seal.size > self._head.number:
                detail = f"seal {seal.seal_number} covers {seal.size} entries"
                return Fault(LedgerFault.NUMBER_MISSING, self._head.number + 1, detail)
            if seal.size >= self._begin and self._roots[seal.size].hex() != seal.root:
                detail = f"the entries from here to {seal.size} are not those under seal {seal.seal_number}"
                return Fault(LedgerFault.SEAL_BROKEN, first, detail)
            before = seal
        return self._fault_of_nodes()

    def _fault_of_nodes(self) -> Fault | None:
        sealed = self._seals[-1].size if self._seals else 0
        kept = {(node.level, node.index): node.hash for node in self._nodes if (node.index + 1) << node.level <= sealed}
        for level, position, found in store.all_nodes(self._view, self._book):
            if (position + 1) << level >= self._begin and kept.pop((level, position), None) != found:
                first = (position << level) + 1
                return Fault(LedgerFault.SEAL_BROKEN, first, f"node {position} of level {level} is not the tree's")
        for level, position in kept:
            return Fault(LedgerFault.SEAL_BROKEN, (position << level) + 1, f"node {position} of level {level} is gone")
        return None

    def _wrong_with(self, seal: LedgerSeal, before: LedgerSeal | None) -> str:
        """What is wrong with a seal by itself and behind the one before; empty where it is as it was made."""
        if seal.seal_number != (before.seal_number + 1 if before else 1):
            return "its number does not follow"
        if seal.previous_hash != (before.hash if before else GENESIS):
            return "it does not carry the hash of the seal before"
        if seal.size <= (before.size if before else 0):
            return "it covers no new entry"
        try:
            signature = bytes.fromhex(seal.signature)
        except ValueError:
            signature = b""
        if seal.signed(signature) != seal:
            return "its content does not give its hash"
        if not signed_by(self._public_keys.get(seal.key_id, b""), seal.text.encode(), signature):
            return "it is not signed by a key of the bank"
        if chain_store.entry_at(self._view, self._book, seal.size)[1] not in (seal.last_hash, ""):
            return f"entry {seal.size} does not have the hash it names"
        return ""

    def _fault_of_published(self, published: Sequence[LedgerSeal]) -> Fault | None:
        """What was published must still be there: whoever cuts a book and its seals cannot cut what others keep."""
        held = {seal.seal_number: seal for seal in self._seals}
        for seal in published:
            if held.get(seal.seal_number) != seal:
                detail = f"seal {seal.seal_number} is not the one that was published"
                before = held.get(seal.seal_number - 1)
                return Fault(LedgerFault.SEAL_BROKEN, before.size + 1 if before else 1, detail)
        return None

    def _fault_of_balances(self, movements: Mapping[Place, int]) -> Fault | None:
        kept = chain_store.balances(self._view, self._book)
        closing, before = 0, ("", "")
        for place in sorted(movements):
            owner, currency, booking_date = place
            closing = movements[place] + (closing if (owner, currency) == before else 0)
            before = (owner, currency)
            if kept.pop(place, None) != closing:
                return _wrong_balance(owner, currency, booking_date)
        return next((_wrong_balance(*place) for place in kept), None)


def _wrong_balance(owner: str, currency: str, booking_date: str) -> Fault:
    detail = f"the {currency} balance of {owner} at the end of {booking_date} is not the sum of its legs"
    return Fault(LedgerFault.BALANCE_WRONG, 0, detail)
