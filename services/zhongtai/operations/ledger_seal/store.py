"""How seals rest: rows that are only ever added, and the whole nodes of each eighth level of the tree beneath them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import MetaData, Table, bindparam, func, select

from zhongtai.kernel.merkle import Frontier, Node, Nodes, consistency_path, frontier_of, inclusion_path, leaf_hash
from zhongtai.operations.ledger_chain import store as chain_store
from zhongtai.operations.ledger_seal.domain import (
    EntryMustBeSealed,
    EntryProof,
    LedgerSeal,
    LedgerSealNotFound,
    must_have_grown,
)
from zhongtai.operations.ledger_seal.engine import Growth
from zhongtai.runtime.store import Records, instant, integer, text
from zhongtai.runtime.unit import Unit, View

# So many entries are read at once to be sealed: few enough that nobody else waits long.
AT_ONCE = 2_048

metadata = MetaData()
SEAL = Table(
    "ledger_seal",
    metadata,
    text("book", primary_key=True),
    integer("seal_number", primary_key=True, autoincrement=False),
    integer("size"),
    text("root"),
    text("last_hash"),
    instant("sealed_at"),
    text("key_id"),
    text("previous_hash"),
    text("signature"),
    text("hash"),
)
NODE = Table(
    "ledger_seal_node",
    metadata,
    text("book", primary_key=True),
    integer("level", primary_key=True, autoincrement=False),
    integer("position", primary_key=True, autoincrement=False),
    text("hash"),
)

seals = Records(SEAL, LedgerSeal, missing=LedgerSealNotFound)
_LATEST = seals.query(SEAL.c.book == bindparam("book"), order_by=SEAL.c.seal_number.desc(), limit=1)
_BEHIND = (
    select(*(SEAL.c[name] for name in LedgerSeal.__slots__))
    .where(SEAL.c.book == bindparam("book"), SEAL.c.seal_number > bindparam("behind"))
    .order_by(SEAL.c.seal_number)
    .limit(10_000)
)
_ALL_NODES = (
    select(NODE.c.level, NODE.c.position, NODE.c.hash)
    .where(NODE.c.book == bindparam("book"))
    .order_by(NODE.c.level, NODE.c.position)
)
_NODES = (
    select(NODE.c.hash)
    .where(
        NODE.c.book == bindparam("book"),
        NODE.c.level == bindparam("level"),
        NODE.c.position.between(bindparam("first"), bindparam("last")),
    )
    .order_by(NODE.c.position)
)
_ADD_NODE = NODE.insert()
_NEXT_BOOK = [select(func.min(table.c.book)).where(table.c.book > bindparam("after")) for table in (SEAL, NODE)]


def books(view: View) -> tuple[str, ...]:
    """The books of which anything is there, seals counted."""
    sealed = {book for statement in _NEXT_BOOK for book in chain_store.books_by(view, statement)}
    return tuple(sorted({*sealed, *chain_store.books(view)}))


def latest(view: View, book: str) -> LedgerSeal | None:
    """The last seal of a book."""
    return next(iter(_LATEST(view, book=book)), None)


def behind(view: View, book: str, seal_number: int) -> list[LedgerSeal]:
    """The seals of a book behind a number, at most 10,000; a row that is no seal comes as one that covers nothing."""
    return [_as_it_stands(row) for row in view.rows(_BEHIND, {"book": book, "behind": seal_number})]


def _as_it_stands(row: Sequence[Any]) -> LedgerSeal:
    try:
        found = seals.value(row)
        if list(seals.row(found).values()) == list(row):
            return found
    except (ValueError, TypeError, AttributeError):
        pass
    return LedgerSeal(str(row[0]), int(row[1]), 0, "", "", datetime.min.replace(tzinfo=UTC), "", "")


def growth(view: View, book: str) -> Growth:
    """The tree of a book as its last seal left it."""
    before = latest(view, book)
    frontier = frontier_of(nodes_of(view, book), before.size) if before else Frontier()
    return Growth(book, before, frontier)


def grow(view: View, growth: Growth) -> bool:
    """Reads the entries that follow, as many as are read at once; False where there are none."""
    first = growth.size + 1
    last = min(growth.size + AT_ONCE, chain_store.head(view, growth.book).number)
    if last < first:
        return False
    again = partial(chain_store.page_of, view, growth.book)
    growth.read(again(first, last), again)
    return True


def proof(view: View, entry_id: str, public_keys: Mapping[str, str]) -> EntryProof:
    """That an entry is in its book, under the latest seal; refuses where none covers it, or it proves nothing."""
    book, number = chain_store.place_of(view, entry_id)
    seal = latest(view, book)
    if seal is None or seal.size < number:
        raise EntryMustBeSealed(number=number)
    (entry,) = chain_store.page_of(view, book, number, number).texts() or (b"",)
    path = inclusion_path(nodes_of(view, book), number - 1, seal.size)
    found = EntryProof(entry.decode(errors="replace"), number, tuple(path), seal, public_keys.get(seal.key_id, ""))
    found.must_hold()
    return found


def growth_path(view: View, earlier: LedgerSeal, later: LedgerSeal) -> list[bytes]:
    """The path by which a later root is seen to have grown from an earlier one; refuses where it does not show that."""
    path = consistency_path(nodes_of(view, earlier.book), earlier.size, later.size)
    must_have_grown(earlier, later, path)
    return path


def nodes_of(view: View, book: str) -> Nodes:
    """The nodes of a book's tree: those that are kept, and leaves made of the entries' hashes.

    What is missing or no hash makes the root another one, which whoever asks compares.
    """
    return partial(_nodes, view, book)


def _nodes(view: View, book: str, level: int, first: int, end: int) -> Sequence[bytes]:
    if level == 0:
        found = chain_store.hashes_between(view, book, first + 1, end)
        hashes = [leaf_hash(_octets(one)) for one in found]
    else:
        parameters = {"book": book, "level": level, "first": first, "last": end - 1}
        hashes = [_octets(one) for (one,) in view.rows(_NODES, parameters)]
    return (hashes + [b""] * (end - first))[: end - first]


def add(unit: Unit, seal: LedgerSeal, nodes: Sequence[Node]) -> bool:
    """Writes a seal and the nodes it made whole; False where another has sealed the book meanwhile."""
    before = latest(unit, seal.book)
    if (before.seal_number if before else 0) != seal.seal_number - 1:
        return False
    seals.add(unit, seal)
    unit.execute(_ADD_NODE, [_node_row(seal.book, node) for node in nodes])
    return True


def all_nodes(view: View, book: str) -> Iterator[tuple[int, int, bytes]]:
    """Every node that is kept: level, position, hash."""
    for level, position, found in view.rows(_ALL_NODES, {"book": book}):
        yield level, position, _octets(found)


def _node_row(book: str, node: Node) -> dict[str, Any]:
    return {"book": book, "level": node.level, "position": node.index, "hash": node.hash.hex()}


def _octets(digits: object) -> bytes:
    """The bytes of lower-case hexadecimal digits; none of anything else."""
    try:
        found = bytes.fromhex(str(digits))
    except ValueError:
        return b""
    return found if found.hex() == digits else b""
