"""Ids: fresh ones follow each other in time, named ones always belong to their names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from auction.kernel.ids import named_id, new_id


def test_fresh_ids_are_new_and_in_order() -> None:
    """Ids are of version 7, never twice, and later ones are greater."""
    made = [new_id() for _ in range(2_000)]

    assert len(set(made)) == len(made)
    assert made == sorted(made)
    assert {one.version for one in made} == {7}


def test_named_id_belongs_to_its_names() -> None:
    """The same names give the same id, today and in every process."""
    assert named_id("session", "1") == named_id("session", "1")
    assert str(named_id("session", "1")) == "a71a26b8-3cbe-55f4-b932-1f5895d913f6"


@given(st.lists(st.text("ab1:", max_size=3), max_size=3), st.lists(st.text("ab1:", max_size=3), max_size=3))
def test_other_names_give_another_id(one: list[str], other: list[str]) -> None:
    """Names do not run into each other."""
    assert (named_id(*one) == named_id(*other)) == (one == other or one + other in ([""], []))
