"""Merkle trees over SHA-256 as RFC 6962 (Certificate Transparency) §2.1 has them.

A leaf hashes as SHA-256(0x00 ‖ data), an inner node as SHA-256(0x01 ‖ left ‖ right); a tree of n leaves splits at the
largest power of two below n. The node (level, index) stands over the leaves from index·2^level on, 2^level of them.

A tree that only grows is known by its `Frontier`: one node for each bit that is set in its size, so that adding leaves
costs what the new leaves cost. Whoever keeps the nodes of every eighth level, which `extend` hands out as they become
whole, makes a proof from a few hundred hashes, however many leaves there are.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

# A kept node stands over 2^8 nodes of the kept level beneath, as the tiles of a static transparency log do.
TILE_LEVELS = 8
EMPTY = sha256(b"").digest()

# The hashes of consecutive nodes of a kept level (the leaves' is 0): (level, first index, one behind the last index).
Nodes = Callable[[int, int, int], Sequence[bytes]]


@dataclass(frozen=True, slots=True)
class Node:
    """The root of a whole subtree, 32 bytes."""

    level: int
    index: int
    hash: bytes


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Frontier:
    """The right edge of a growing tree: the roots of the whole subtrees its size is the sum of, by level."""

    size: int = 0
    peaks: dict[int, bytes] = field(default_factory=dict)

    def extend(self, hashes: Sequence[bytes], level: int = 0) -> list[Node]:
        """Adds nodes of a level (leaf hashes at level 0); answers the nodes of each eighth level that are whole now.

        Above level 0 the size must be a whole number of such nodes.
        """
        index, rest = divmod(self.size, 1 << level)
        assert not rest, "a node is added where one of its level begins"
        self.size += len(hashes) << level
        whole: list[Node] = []
        carried = list(hashes)
        while carried:
            if level and level % TILE_LEVELS == 0:
                whole += [Node(level, index + place, kept) for place, kept in enumerate(carried)]
            if index & 1:
                carried.insert(0, self.peaks.pop(level))
                index -= 1
            if len(carried) & 1:
                self.peaks[level] = carried.pop()
            pairs = zip(carried[::2], carried[1::2], strict=True)
            carried = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
            index >>= 1
            level += 1
        return whole

    def root(self, *behind: "Frontier") -> bytes:
        """The root of the tree; with frontiers of what follows it, each whole at its own scale, of all together."""
        hashes = [edge.peaks[level] for edge in (self, *behind) for level in sorted(edge.peaks, reverse=True)]
        return fold(hashes)


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root above subtrees that stand in order, each smaller than the one before."""
    if not hashes:
        return EMPTY
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def subtree(nodes: Nodes, first: int, last: int) -> bytes:
    """The root over the leaves from `first` up to but without `last`; `first` is where a subtree of that length begins.

    The largest nodes of a kept level are taken wherever one fits.
    """
    parts: list[bytes] = []
    for level, index, end in _covering(first, last):
        kept = level - level % TILE_LEVELS
        scale = level - kept
        # What one covering node stands for on the kept level beneath it.
        found = list(nodes(kept, index << scale, end << scale))
        for _ in range(scale):
            found = [node_hash(left, right) for left, right in zip(found[::2], found[1::2], strict=True)]
        parts += found
    return fold(parts)


def frontier_of(nodes: Nodes, size: int) -> Frontier:
    """The frontier of the tree of the first `size` leaves."""
    peaks = {level: subtree(nodes, index << level, end << level) for level, index, end in _covering(0, size)}
    return Frontier(size, peaks)


def _covering(first: int, last: int) -> Iterable[tuple[int, int, int]]:
    """The fewest whole nodes over a stretch of leaves, from the left, which is where the largest begin."""
    while first < last:
        level = (last - first).bit_length() - 1
        yield level, first >> level, (first >> level) + 1
        first += 1 << level


def inclusion_path(nodes: Nodes, leaf: int, size: int) -> list[bytes]:
    """The audit path of a leaf (from 0) in the tree of the first `size` leaves, from the leaf up (RFC 6962 §2.1.1)."""
    assert 0 <= leaf < size, "only a leaf of the tree has a path"
    path: list[bytes] = []
    first, last = 0, size
    while last - first > 1:
        middle = first + _split(last - first)
        beside = (middle, last) if leaf < middle else (first, middle)
        path.append(subtree(nodes, *beside))
        first, last = (first, middle) if leaf < middle else (middle, last)
    return path[::-1]


def consistency_path(nodes: Nodes, before: int, size: int) -> list[bytes]:
    """The proof that the first `before` leaves of a tree are those of an earlier one (RFC 6962 §2.1.2)."""
    assert 0 < before <= size, "an earlier tree is no larger"
    path: list[bytes] = []
    first, last, known = 0, size, True
    while before != last:
        middle = first + _split(last - first)
        if before <= middle:
            path.append(subtree(nodes, middle, last))
            last = middle
        else:
            path.append(subtree(nodes, first, middle))
            first, known = middle, False
    return path[::-1] if known else [subtree(nodes, first, last), *path[::-1]]


def root_by_path(leaf_data: bytes, leaf: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a leaf and its path give; None where the path is too short or too long (RFC 9162 §2.1.3.2)."""
    if not 0 <= leaf < size:
        return None
    index, last, root = leaf, size - 1, leaf_hash(leaf_data)
    for beside in path:
        if not last:
            return None
        if index & 1 or index == last:
            root = node_hash(beside, root)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            root = node_hash(root, beside)
        index, last = index >> 1, last >> 1
    return None if last else root


def roots_by_consistency(before: int, size: int, root: bytes, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The earlier and the later root that an earlier root and a proof give; None where it fits no such trees.

    RFC 9162 §2.1.4.2: the earlier tree agrees where the first of the two is `root`.
    """
    if not 0 < before <= size:
        return None
    if before == size:
        return None if path else (root, root)
    steps = list(path) if before & (before - 1) else [root, *path]
    if not steps:
        return None
    index, last = before - 1, size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    earlier = later = steps[0]
    for beside in steps[1:]:
        if not last:
            return None
        if index & 1 or index == last:
            earlier, later = node_hash(beside, earlier), node_hash(beside, later)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            later = node_hash(later, beside)
        index, last = index >> 1, last >> 1
    return None if last else (earlier, later)


def _split(size: int) -> int:
    """The largest power of two below a size above 1."""
    return 1 << ((size - 1).bit_length() - 1)
