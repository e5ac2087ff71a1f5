"""Selection after RFC 3797, "Publicly Verifiable Nominations Committee Random Selection". Pure.

It is here so that the command can repeat selections that others published; no court draw uses it, for MD5 is old and a
remainder favours small numbers, if by next to nothing. It shares the pool file and the checks of it with Draw v1, and is
a chooser of numbers below n (`draw.uniform_from` is the other one); how a choice is used differs: here the chosen name is
taken out and the list closes up.

Source: RFC 3797, section 4 (the key is made of the sources in their order, each one ended by "/"; number i is the MD5 of
i as two bytes, the key, and i again, read as one number, modulo the names left).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from itertools import count

from auction.kernel.errors import Malformed
from valuation.draw_v1.draw_names import check_picks

_KEY = re.compile(r"(?:[\x21-\x2e\x30-\x7e]+/)+")


class KeyMalformed(Malformed):
    """The key is not sources in printable ASCII without blanks, each one ended by a slash."""

    code = "rfc3797_key_malformed"
    article = "RFC 3797, 4.1"
    zh = "密钥格式不符：应为可见 ASCII 字符，每个来源以“/”结尾，例如 9319./2.5.8./。"
    en = 'The key is not well formed: printable ASCII without blanks, each source ended by "/", as in 9319./2.5.8./'


def digest_of(key: str, number: int) -> bytes:
    """Give the MD5 of one round, the first of them 0."""
    two = number.to_bytes(2, "big")
    return hashlib.md5(two + key.encode("ascii") + two, usedforsecurity=False).digest()


def chooser_of(key: str) -> Callable[[int], int]:
    """Give the chooser of numbers below n under a key; raises `KeyMalformed`."""
    if _KEY.fullmatch(key) is None:
        raise KeyMalformed
    rounds = count()
    return lambda n: int.from_bytes(digest_of(key, next(rounds)), "big") % n


def pick(names: int, picks: int, below: Callable[[int], int]) -> tuple[int, ...]:
    """Pick and take out: give the numbers of the picked, counted from one; raises `draw_names.PicksOutOfRange`."""
    check_picks(names, picks)
    left = list(range(1, names + 1))
    return tuple(left.pop(below(len(left))) for _ in range(picks))
