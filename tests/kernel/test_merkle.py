"""Merkle trees: the trees and paths published with Certificate Transparency, and any tree against its definition."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel import merkle
from zhongtai.kernel.merkle import EMPTY, TILE_LEVELS, Frontier, Node

# The leaves and roots of the reference tree of Certificate Transparency (google/certificate-transparency,
# cpp/merkletree/merkle_tree_test.cc), for 1 to 8 leaves.
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = """
6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77
d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7
4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4
76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef
ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c
5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328
""".split()  # noqa: SIM905


def tree_hash(hashes: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, word by word, over leaf hashes."""
    if not hashes:
        return EMPTY
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha256(b"\x01" + tree_hash(hashes[:split]) + tree_hash(hashes[split:])).digest()


def leaves(count: int) -> list[bytes]:
    """So many different leaf hashes."""
    return [merkle.leaf_hash(number.to_bytes(4, "big")) for number in range(count)]


def kept_nodes(hashes: Sequence[bytes]) -> merkle.Nodes:
    """The nodes of each eighth level, as a store keeps them, with the leaves."""
    kept = {(0, index): found for index, found in enumerate(hashes)}
    kept |= {(node.level, node.index): node.hash for node in Frontier().extend(hashes)}

    def nodes(level: int, first: int, behind: int) -> list[bytes]:
        assert level % TILE_LEVELS == 0
        return [kept[level, index] for index in range(first, behind)]

    return nodes


def test_the_reference_tree_has_its_published_roots() -> None:
    hashes = [merkle.leaf_hash(leaf) for leaf in LEAVES]
    for count in range(1, 9):
        frontier = Frontier()
        frontier.extend(hashes[:count])
        assert frontier.root().hex() == ROOTS[count - 1]
    assert Frontier().root() == EMPTY


def test_the_reference_paths_are_those_published() -> None:
    nodes = kept_nodes([merkle.leaf_hash(leaf) for leaf in LEAVES])
    told = [found.hex() for found in merkle.inclusion_path(nodes, 5, 8)]
    assert told == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    told = [found.hex() for found in merkle.consistency_path(nodes, 6, 8)]
    assert told == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(parts=st.lists(st.integers(0, 700), max_size=8))
def test_a_frontier_grown_in_any_parts_is_the_tree_by_its_definition(parts: list[int]) -> None:
    hashes = leaves(sum(parts))
    frontier, whole, at = Frontier(), list[Node](), 0
    for part in parts:
        whole += frontier.extend(hashes[at : at + part])
        at += part
    assert frontier.root() == tree_hash(hashes)
    assert merkle.frontier_of(kept_nodes(hashes), len(hashes)) == frontier
    for node in whole:
        start, length = node.index << node.level, 1 << node.level
        assert node.hash == tree_hash(hashes[start : start + length])
    assert [node.index for node in whole if node.level == TILE_LEVELS] == list(range(len(hashes) >> TILE_LEVELS))


@given(size=st.integers(1, 1_200), data=st.data())
def test_every_leaf_is_proven_by_its_path_and_by_no_other(size: int, data: st.DataObject) -> None:
    leaf = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    root, path = tree_hash(hashes), merkle.inclusion_path(kept_nodes(hashes), leaf, size)
    content = leaf.to_bytes(4, "big")
    assert merkle.root_by_path(content, leaf, size, path) == root
    other = data.draw(st.integers(0, size - 1).filter(lambda other: other != leaf)) if size > 1 else leaf + 1
    assert merkle.root_by_path(content, other, size, path) != root
    assert merkle.root_by_path(content, leaf, size, [*path, EMPTY]) is None
    if path:
        assert merkle.root_by_path(content, leaf, size, path[:-1]) is None


@given(size=st.integers(1, 1_200), data=st.data())
def test_a_tree_is_proven_to_have_grown_from_an_earlier_one(size: int, data: st.DataObject) -> None:
    before = data.draw(st.integers(1, size))
    hashes = leaves(size)
    earlier, later = tree_hash(hashes[:before]), tree_hash(hashes)
    path = merkle.consistency_path(kept_nodes(hashes), before, size)
    assert merkle.roots_by_consistency(before, size, earlier, path) == (earlier, later)
    if path:
        broken = [EMPTY, *path[1:]]
        assert merkle.roots_by_consistency(before, size, earlier, broken) != (earlier, later)
        assert merkle.roots_by_consistency(before, size, earlier, [*path, EMPTY]) is None


@pytest.mark.parametrize("scale", [1, 3, 8])
def test_whole_blocks_and_what_follows_them_are_one_tree(scale: int) -> None:
    block = 1 << scale
    hashes = leaves(5 * block + block // 2 + 1)
    blocks, rest = Frontier(), Frontier()
    for start in range(0, 5 * block, block):
        one = Frontier()
        one.extend(hashes[start : start + block])
        blocks.extend([one.root()], scale)
    rest.extend(hashes[5 * block :])
    assert blocks.root(rest) == tree_hash(hashes)
