"""The picture of a case's money: nothing is drawn that did not flow, nothing that flowed is left out."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.pages.finance.flow import LEAST, NODE, RIGHT, Stream, draw, join, wrapped

NAMES = st.sampled_from(["a", "b", "c", "d"])
STREAMS = st.lists(
    st.builds(Stream, source=NAMES, end=NAMES, amount_fen=st.integers(1, 10**14)), min_size=1, max_size=20
)


def test_nothing_flowed_draws_nothing() -> None:
    """A case without receipts has no picture."""
    assert draw(()) is None


def test_streams_of_the_same_names_are_joined_in_order() -> None:
    """Two streams from one receipt to one end are one ribbon, at the place of the first."""
    one, two, three = (
        Stream(source=s, end=e, amount_fen=fen) for s, e, fen in (("a", "x", 1), ("b", "x", 2), ("a", "x", 4))
    )

    assert join([one, two, three]) == (Stream(source="a", end="x", amount_fen=5), two)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("现存：应付税费", ("现存：应付税费",)),
        ("现" * 21, ("现" * 21,)),
        ("现" * 22, ("现" * 21, "现")),
        ("Held: Claims payable Plan 1, line 2: Mortgage", ("Held: Claims payable Plan 1, line 2:", "Mortgage")),
        ("现" * 60, ("现" * 21, "现" * 20 + "…")),
    ],
)
def test_long_names_take_two_lines(name: str, lines: tuple[str, ...]) -> None:
    """A name breaks at a blank where it can, and ends in an ellipsis where two lines are not enough."""
    assert wrapped(name) == lines


@given(STREAMS)
def test_picture_says_what_the_streams_say(streams: list[Stream]) -> None:
    """Each side sums to what flowed; every stream is a ribbon; bars neither vanish nor overlap."""
    picture = draw(streams)

    assert picture is not None
    total = sum(stream.amount_fen for stream in streams)
    for side in (picture.sources, picture.ends):
        assert sum(node.amount_fen for node in side) == total
        assert all(node.height >= LEAST for node in side)
        assert all(one.y + one.height < two.y for one, two in pairwise(side))
        assert side[-1].y + side[-1].height < picture.height
    assert [ribbon.stream for ribbon in picture.ribbons] == streams


@given(STREAMS)
def test_ribbons_stay_on_their_bars(streams: list[Stream]) -> None:
    """A ribbon begins within its receipt's bar and ends within its end's bar."""
    picture = draw(streams)

    assert picture is not None
    left = {node.name: node for node in picture.sources}
    right = {node.name: node for node in picture.ends}
    for ribbon in picture.ribbons:
        top_left, top_right, bottom_right, bottom_left = _corners(ribbon.path)
        source, end = left[ribbon.stream.source], right[ribbon.stream.end]
        assert source.y <= top_left < bottom_left <= source.y + source.height + 1
        assert end.y <= top_right < bottom_right <= end.y + end.height + 1


def _corners(path: str) -> tuple[int, int, int, int]:
    found = re.fullmatch(rf"M\d+ (\d+)C\d+ \d+ \d+ \d+ {RIGHT} (\d+)V(\d+)C\d+ \d+ \d+ \d+ \d+ (\d+)Z", path)
    assert found is not None, (path, NODE)
    one, two, three, four = map(int, found.groups())
    return one, two, three, four
