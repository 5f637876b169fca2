"""A whole book read again: every entry, every balance at the end of every date, every seal; `zhongtai ledger verify`.

The store is read beside whatever runs, as of one moment. Stretches of entries are read by processes of their own, each
by its own connection; what holds between them is checked here: the links, the tree, the seals, the balances.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from multiprocessing import get_context

from zhongtai.kernel.merkle import TILE_LEVELS, Frontier, Node, frontier_of, leaf_hash
from zhongtai.operations.ledger.domain import GENESIS, LedgerFault
from zhongtai.operations.ledger_chain import store as chain_store
from zhongtai.operations.ledger_chain.engine import Chain, Fault, Place, fault_of_end
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
TILE = 1 << TILE_LEVELS
# Fewer entries than this are read sooner than a process starts.
_WORTH_A_PROCESS = 50_000


@dataclass(frozen=True, slots=True)
class Verification:
    """What was read of a book, and the first thing that is wrong."""

    book: str
    entries: int
    balances: int
    seals: int
    fault: Fault | None = None
    bad_entry_id: str = ""


@dataclass(slots=True)
class Stretch:
    """Entries that were read by one process: the links at both ends, whole tiles of the tree, what the legs come to.

    `edges` holds, for each seal that ends within a tile, the peaks of the tree of that tile's entries up to there.
    """

    first: int
    begins_behind: str
    number: int = 0
    hash: str = ""
    legs: int = 0
    fault: Fault | None = None
    movements: dict[Place, int] = field(default_factory=dict)
    tiles: list[bytes] = field(default_factory=list)
    edges: dict[int, dict[int, bytes]] = field(default_factory=dict)


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


def read_stretch(view: View, book: str, first: int, last: int, sizes: Sequence[int]) -> Stretch:
    """Reads the entries from `first`, where a tile begins, to `last`; `sizes` are those of the seals that end there."""
    rows = chain_store.texts_between(view, book, first, min(first + chain_store.PAGE - 1, last))
    begins_behind = GENESIS
    if first > 1:
        begins_behind = rows[0].previous_hash.decode(errors="replace") if rows and rows[0].number == first else ""
    stretch, chain = Stretch(first, begins_behind), Chain(first - 1, begins_behind)
    for start in range(first, last + 1, chain_store.PAGE):
        end = min(start + chain_store.PAGE - 1, last)
        if start > first:
            rows = chain_store.texts_between(view, book, start, end)
        leaves = [leaf_hash(digest) for digest in chain.read(rows)]
        chain.must_reach(end)
        stretch.tiles += [node.hash for node in Frontier().extend(leaves) if node.level == TILE_LEVELS]
        for size in sizes:
            behind = size - start + 1
            if 0 < behind <= len(leaves) and size % TILE:
                edge = Frontier()
                edge.extend(leaves[behind - behind % TILE : behind])
                stretch.edges[size] = edge.peaks
        if chain.fault:
            break
    stretch.number, stretch.hash, stretch.fault = chain.number, chain.hash.decode(errors="replace"), chain.fault
    stretch.legs = chain.legs
    stretch.movements = chain.movements()
    return stretch


def _read_apart(url: str, book: str, first: int, last: int, sizes: Sequence[int]) -> Stretch:
    with opened(url) as view:
        return read_stretch(view, book, first, last, sizes)


class Verifying:
    """One book as it is verified, from an entry on: `public_keys` are the bank's, never the database's."""

    def __init__(self, view: View, book: str, public_keys: Mapping[str, bytes], begin: int = 1) -> None:
        self._view = view
        self._book = book
        self._public_keys = public_keys
        # The tree is read by whole tiles.
        self._begin = max(begin - 1, 0) // TILE * TILE + 1
        self._head = chain_store.head(view, book)
        self._seals = self._all_seals()

    def verify(self, url: str, processes: int, published: Sequence[LedgerSeal] = ()) -> Verification:
        """Reads it all; `published` are seals of this book that were kept elsewhere."""
        stretches = self._stretches(url, processes)
        movements = _summed([stretch.movements for stretch in stretches])
        fault = (
            self._fault_of_entries(stretches)
            or self._fault_of_seals(stretches)
            or self._fault_of_published(published)
            or (self._fault_of_balances(movements) if self._begin == 1 else None)
        )
        entry_id = chain_store.entry_at(self._view, self._book, fault.number)[0] if fault else ""
        read = sum(stretch.number - stretch.first + 1 for stretch in stretches)
        balances = len(movements) if self._begin == 1 else 0
        return Verification(self._book, read, balances, len(self._seals), fault, entry_id)

    def _all_seals(self) -> list[LedgerSeal]:
        found: list[LedgerSeal] = []
        # Seals are numbered from 1; one that stands before is seen too.
        while page := store.behind(self._view, self._book, found[-1].seal_number if found else -(1 << 62)):
            found += page
        return found

    def _stretches(self, url: str, processes: int) -> list[Stretch]:
        first, last = self._begin, self._head.number
        tiles = -(-(last - first + 1) // TILE)
        count = max(1, min(processes, (last - first + 1) // _WORTH_A_PROCESS))
        starts = [first + tiles * part // count * TILE for part in range(count)] + [last + 1]
        spans = [(start, end - 1) for start, end in pairwise(starts)]
        sizes = [[seal.size for seal in self._seals if start <= seal.size <= end] for start, end in spans]
        if count == 1:
            return [read_stretch(self._view, self._book, *spans[0], sizes[0])]
        with ProcessPoolExecutor(count, get_context("spawn")) as pool:
            parts = [
                pool.submit(_read_apart, url, self._book, *span, wanted)
                for span, wanted in zip(spans, sizes, strict=True)
            ]
            return [part.result() for part in parts]

    def _fault_of_entries(self, stretches: Sequence[Stretch]) -> Fault | None:
        _, behind = chain_store.entry_at(self._view, self._book, self._begin - 1)
        for stretch in stretches:
            if stretch.first > 1 and stretch.begins_behind and stretch.begins_behind != behind:
                detail = "it does not carry the hash of the entry before"
                return Fault(LedgerFault.LINK_BROKEN, stretch.first, detail)
            if stretch.fault:
                return stretch.fault
            behind = stretch.hash
        return self._fault_of_ends(behind, sum(stretch.legs for stretch in stretches))

    def _fault_of_ends(self, last_hash: str, legs: int) -> Fault | None:
        """What stands where no entry should, or ends where the head does not."""
        extent = chain_store.extent(self._view, self._book)
        if fault := fault_of_end(self._head, extent, last_hash):
            return fault
        if self._begin == 1 and (extent.entries, extent.legs) != (self._head.number, legs):
            number = chain_store.stray(self._view, self._book)
            return Fault(LedgerFault.LINK_BROKEN, number, "an entry or a leg stands outside of the chain")
        return None

    def _fault_of_seals(self, stretches: Sequence[Stretch]) -> Fault | None:
        tiles = [tile for stretch in stretches for tile in stretch.tiles]
        edges = {size: peaks for stretch in stretches for size, peaks in stretch.edges.items()}
        tree = frontier_of(store.nodes_of(self._view, self._book), self._begin - 1)
        nodes: list[Node] = []
        before: LedgerSeal | None = None
        at = 0
        for seal in self._seals:
            first = before.size + 1 if before else 1
            if wrong := self._wrong_with(seal, before):
                return Fault(LedgerFault.SEAL_BROKEN, first, f"seal {seal.seal_number}: {wrong}")
            if seal.size > self._head.number:
                detail = f"seal {seal.seal_number} covers {seal.size} entries"
                return Fault(LedgerFault.NUMBER_MISSING, self._head.number + 1, detail)
            if seal.size >= self._begin:
                whole = at + ((seal.size - tree.size) >> TILE_LEVELS)
                nodes += tree.extend(tiles[at:whole], TILE_LEVELS)
                at = whole
                root = tree.root(Frontier(seal.size % TILE, edges.get(seal.size, {})))
                if root.hex() != seal.root:
                    detail = f"the entries from here to {seal.size} are not those under seal {seal.seal_number}"
                    return Fault(LedgerFault.SEAL_BROKEN, first, detail)
            before = seal
        kept = {(node.level, node.index): node.hash for node in nodes}
        for level, position, found in store.all_nodes(self._view, self._book):
            under = position << level
            if under >= self._begin - 1 and kept.pop((level, position), None) != found:
                return Fault(LedgerFault.SEAL_BROKEN, under + 1, f"node {position} of level {level} is not the tree's")
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


def _summed(parts: Sequence[Mapping[Place, int]]) -> dict[Place, int]:
    if len(parts) == 1:
        return dict(parts[0])
    total: dict[Place, int] = {}
    for part in parts:
        for place, moved in part.items():
            total[place] = total.get(place, 0) + moved
    return total
