from __future__ import annotations

import pytest

from auction.kernel.errors import Refusal
from valuation.draw_v1.draw_names import MOST, NamesTooMany, check_picks, read_names
from valuation.draw_v1.rfc3797 import KeyMalformed, chooser_of, digest_of, pick

KEY = "9319./2.5.8.10.12./9.18.26.34.41.45./"
PICKS = (17, 7, 2, 16, 25, 23, 8, 24, 19, 13, 22, 5, 18, 9, 1, 4)


def test_worked_example_of_the_rfc_comes_out_exactly() -> None:
    """25 names under the published key give the published sixteen picks, from the published first digest.

    Source: RFC 3797, section 6.
    """
    assert digest_of(KEY, 0).hex().upper() == "990DD0A5692A029A98B5E01AA28F3459"
    assert pick(25, 16, chooser_of(KEY)) == PICKS


def test_fewer_picks_are_the_first_of_more() -> None:
    """How many are picked does not change who is picked first; all of them are a permutation."""
    assert pick(25, 1, chooser_of(KEY)) == PICKS[:1]
    assert sorted(pick(25, 25, chooser_of(KEY))) == list(range(1, 26))


@pytest.mark.parametrize("picks", [-1, 0, 26])
def test_number_of_picks_lies_between_one_and_all(picks: int) -> None:
    """None, fewer than none, or one more than there are names is refused."""
    with pytest.raises(Refusal, match="draw_picks_out_of_range"):
        pick(25, picks, chooser_of(KEY))
    check_picks(25, 1)
    check_picks(25, 25)


@pytest.mark.parametrize("key", ["", "/", "9319.", "9319./2.5.8", "9319. /2./", "9319.//", "密/", "9\n/"])
def test_key_has_sources_each_ended_by_a_slash(key: str) -> None:
    """A key that could not have been made by the RFC's rule is refused."""
    with pytest.raises(KeyMalformed):
        chooser_of(key)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (b"", "draw_names_empty"),
        (b" \n\r\n", "draw_names_empty"),
        (b"a\n\nb\n", "draw_names_unreadable"),
        (b"\na\n", "draw_names_unreadable"),
        (b"a\n\xff\n", "draw_names_unreadable"),
        (b"a\nb\na\n", "draw_name_twice"),
        (b"a\n a \n", "draw_name_twice"),
    ],
)
def test_pool_file_that_cannot_be_read_is_refused(given: bytes, code: str) -> None:
    """An empty file, an empty line between names, other bytes than UTF-8, and a name given twice have their own codes."""
    with pytest.raises(Refusal, match=code):
        read_names(given)


def test_pool_file_may_end_in_any_line_break() -> None:
    """No line break, one, several, and carriage returns give the same names."""
    expected = ("甲", "B c")

    assert (
        expected
        == read_names("甲\nB c".encode())
        == read_names("甲\r\nB c\r\n\r\n".encode())
        == read_names(" 甲\nB c \n".encode())
    )


def test_names_have_a_limit() -> None:
    """As many names as two bytes can number are read, one more is refused."""
    most = "\n".join(map(str, range(MOST)))

    assert len(read_names(most.encode())) == MOST
    with pytest.raises(NamesTooMany):
        read_names(f"{most}\nmore".encode())
