"""The end-to-end id of an order: its key in at most 35 characters, and the key again from the id.

Keys of orders are a word and a UUID (``payout:…``, ``refund:…``); the id is the word's letter and the UUID without hyphens, so whoever
reads a statement finds the order without a table. What is no id of ours is somebody else's, never an order of ours.
"""

from __future__ import annotations

import re
from uuid import UUID

_LETTERS = {"payout": "P", "refund": "R"}
_WORDS = {letter: word for word, letter in _LETTERS.items()}
_ID = re.compile(r"(?P<letter>[PR])(?P<hex>[0-9a-f]{32})")


def end_to_end_of(key: str) -> str:
    """Give the id of an order's key; asserts that it is one."""
    word, _, number = key.partition(":")
    assert word in _LETTERS, f"{key} is no order's key"
    return _LETTERS[word] + UUID(number).hex


def key_of(end_to_end: str) -> str:
    """Give the key that an id stands for; empty: it is none of ours."""
    found = _ID.fullmatch(end_to_end)
    return "" if found is None else f"{_WORDS[found['letter']]}:{UUID(found['hex'])}"
