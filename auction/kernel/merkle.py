"""A tree of SHA-256 over leaves, and the way from one leaf to its root. Pure.

node = SHA-256(0x01 || left || right); an odd node goes up as it is. Leaves are made by whoever uses the tree, under 0x00 and a
word of their own, so that no leaf can pass for a node.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Give the root over at least one leaf."""
    assert leaves, "a tree has leaves"
    level = list(leaves)
    while len(level) > 1:
        level = _level_above(level)
    return level[0]


def path_of(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Give the siblings on the way from a leaf to the root; a level where it has none adds nothing."""
    assert 0 <= index < len(leaves), "no such leaf"
    level, path = list(leaves), []
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        level, index = _level_above(level), index // 2
    return tuple(path)


def climb(leaf: bytes, *, index: int, count: int, path: Sequence[bytes]) -> bytes | None:
    """Give the root to which a path leads; ``None`` if it has not the shape of leaf ``index`` of ``count``."""
    if not 0 <= index < count:
        return None
    node, rest = leaf, list(path)
    while count > 1:
        if index ^ 1 < count:
            if not rest:
                return None
            sibling = rest.pop(0)
            node = _node(sibling, node) if index % 2 else _node(node, sibling)
        index, count = index // 2, (count + 1) // 2
    return None if rest else node


def _level_above(level: Sequence[bytes]) -> list[bytes]:
    pairs = [_node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
    return [*pairs, level[-1]] if len(level) % 2 else pairs


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
