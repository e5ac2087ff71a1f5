from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation.draw_v1.canonical import (
    DEEPEST,
    LARGEST_FILE,
    LARGEST_NUMBER,
    RecordNotCanonical,
    RecordTooLarge,
    read_canonical,
    written,
)

TEXTS = st.text(st.characters(codec="utf-8"))
NAMES = st.text(st.characters(codec="ascii"), max_size=8)
"""Names of fields are ASCII in every record; beyond the basic plane RFC 8785 would sort them by half pairs."""
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST_NUMBER, LARGEST_NUMBER) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
@settings(max_examples=100, deadline=None)
def test_form_is_that_of_rfc_8785(value: object) -> None:
    """For what a record may hold, the bytes are those of an independent implementation, and read as the same value."""
    expected = rfc8785.dumps(value)  # type: ignore[arg-type]

    assert expected == written(value)
    assert value == read_canonical(expected)


@given(VALUES)
@settings(max_examples=60, deadline=None)
def test_any_other_spelling_is_refused(value: object) -> None:
    """The same value with blanks, with escapes or in another order of names is refused unless the bytes are equal."""
    canonical = written(value)
    for other in (
        json.dumps(value, ensure_ascii=False, separators=(", ", ": "), sort_keys=True),
        json.dumps(value, ensure_ascii=True, separators=(",", ":"), sort_keys=True),
        json.dumps(value, ensure_ascii=False, separators=(",", ":")),
        canonical.decode() + "\n",
        " " + canonical.decode(),
    ):
        if other.encode() != canonical:
            with pytest.raises(RecordNotCanonical):
                read_canonical(other.encode())


@pytest.mark.parametrize(
    "given",
    [
        b"",
        b"{",
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"b":1,"a":2}',
        b'{"a":1,}',
        b"1.0",
        b"1.5",
        b"1e3",
        b"-0",
        b"01",
        b"+1",
        b"9007199254740992",
        b"-9007199254740992",
        b"1" * 5000,
        b"NaN",
        b"Infinity",
        b'"\\u0041"',
        b'"\\/"',
        b'"\\ud800"',
        b'"\\ud83d\\ude00"',
        b'"\xed\xa0\x80"',
        b'"\xff"',
        b'"\xc0\x80"',
        b'"\x01"',
        b'"\\u001F"',
        b"\xef\xbb\xbf1",
        b"'a'",
        b"{a:1}",
        b"1 ",
        b"1\x00",
        b"[1,2]//",
    ],
)
def test_bytes_that_are_not_their_own_canonical_form_are_refused(given: bytes) -> None:
    """Doubled names, blanks, needless escapes, other numbers, byte order marks, bad UTF-8 and half pairs are refused."""
    with pytest.raises(RecordNotCanonical):
        read_canonical(given)


def test_limits_of_numbers_depth_and_size() -> None:
    """The largest number, the deepest nesting and the largest file are read; one more of each is refused."""
    assert read_canonical(str(LARGEST_NUMBER).encode()) == LARGEST_NUMBER
    assert read_canonical(str(-LARGEST_NUMBER).encode()) == -LARGEST_NUMBER
    assert read_canonical(b"[" * DEEPEST + b"]" * DEEPEST)
    assert read_canonical(b'"' + b"a" * (LARGEST_FILE - 2) + b'"')
    for deep in (DEEPEST + 1, 100_000):
        with pytest.raises(RecordNotCanonical):
            read_canonical(b"[" * deep + b"]" * deep)
    with pytest.raises(RecordTooLarge):
        read_canonical(b'"' + b"a" * (LARGEST_FILE - 1) + b'"')
