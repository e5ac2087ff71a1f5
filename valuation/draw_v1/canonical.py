"""The one form in which a record of a draw is written: RFC 8785 (JSON Canonicalization Scheme), restricted. Pure.

1. Values are objects, arrays, strings, whole numbers, ``true``, ``false`` and ``null``. A whole number lies between
   −(2^53 − 1) and 2^53 − 1, so that every language reads it alike; a fraction or an exponent is no such number.
2. Names in an object are sorted, there are no blanks, a character is escaped only where JSON demands it.
3. What is read must be, byte for byte, the canonical form of what it says. So a name given twice, a byte order mark, an
   escape that need not be, another spelling of a number or half a surrogate pair is refused, not repaired.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final, NoReturn

import msgspec

from auction.kernel.errors import Malformed
from auction.kernel.signing import canonical_json

LARGEST_FILE: Final = 16_000_000
"""Most bytes of a record that is read."""
LARGEST_NUMBER: Final = 2**53 - 1
DEEPEST: Final = 32
"""Most objects and arrays inside each other."""


class RecordTooLarge(Malformed):
    """The file is larger than any record of a draw."""

    code = "draw_record_too_large"
    article = "house: every input has a limit"
    zh = "文件过大（{given} 字节），上限为 {limit} 字节。"
    en = "The file is too large: {given} bytes; the limit is {limit}."


class RecordNotCanonical(Malformed):
    """The bytes are not the canonical form of what they say (rule 3)."""

    code = "draw_record_not_canonical"
    article = "house: Draw v1, 1 (RFC 8785)"
    zh = "文件不是规范形式的 JSON（RFC 8785）。"
    en = "The file is not JSON in its canonical form (RFC 8785)."


def written(value: object) -> bytes:
    """Give the canonical bytes of a record: a struct, or what JSON holds."""
    return canonical_json(msgspec.to_builtins(value))


def fingerprint_of(value: object) -> str:
    """Give the SHA-256 of the canonical bytes, in lower-case hexadecimal."""
    return hashlib.sha256(written(value)).hexdigest()


def read_canonical(given: bytes) -> Any:  # noqa: ANN401 - what JSON holds
    """Read bytes that are their own canonical form; raises `RecordTooLarge`, `RecordNotCanonical`."""
    if len(given) > LARGEST_FILE:
        raise RecordTooLarge(given=len(given), limit=LARGEST_FILE)
    try:
        value = _reader.decode(given.decode("utf-8"))
        _hold_limits(value, DEEPEST)
        again = canonical_json(value)
    except (ValueError, RecursionError):
        raise RecordNotCanonical from None
    if again != given:
        raise RecordNotCanonical
    return value


def _hold_limits(value: object, deeper: int) -> None:
    if isinstance(value, dict | list):
        if deeper == 0:
            raise ValueError("too deep")
        for part in value.values() if isinstance(value, dict) else value:
            _hold_limits(part, deeper - 1)
    elif isinstance(value, int) and not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
        raise ValueError("too large a number")


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"not a whole number: {text}")


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) != len(pairs):
        raise ValueError("a name is given twice")
    return named


_reader = json.JSONDecoder(parse_float=_no_number, parse_constant=_no_number, object_pairs_hook=_each_name_once)
