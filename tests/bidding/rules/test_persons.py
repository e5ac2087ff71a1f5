"""Whose persons the codes are: words, what they make of a session, and what justifies an event."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidding.rules.engine import apply, decide
from bidding.rules.persons import Groups, agrees, in_order, is_said, joined, same_as, telling
from bidding.rules.session import Admitted, SessionState
from tests.bidding.rules.samples import T, admission, after, session, told

CODES = ("A", "B", "C", "D", "E")
words = st.lists(st.sampled_from(range(3)), min_size=5, max_size=5).map(
    lambda groups: in_order(
        [[code for code, at in zip(CODES, groups, strict=True) if at == group] for group in range(3)]
    )
)


def everybody() -> SessionState:
    """A session with five bidders."""
    return session(C=0, D=0, E=0)


def carry_out(state: SessionState, history: list[Groups]) -> SessionState:
    """Tell a session what the newest word says; each event must be justified at its place."""
    for one in telling(state, history):
        for event in decide(state, one, T).events:
            assert isinstance(event, Admitted)
            assert is_said(state, event.admission, history), (event, history)
            state = apply(state, event)
        assert decide(state, one, T).refused is None
    return state


@given(st.lists(words, min_size=1, max_size=6))
def test_whatever_was_said_before_the_newest_word_holds(said: list[Groups]) -> None:
    """After each word the session takes just its groups for persons; told again, it changes nothing."""
    state = everybody()
    for at in range(1, len(said) + 1):
        state = carry_out(state, said[:at])
        assert agrees(state, said[at - 1])
        assert telling(state, said[:at]) == ()


@given(st.lists(words, min_size=2, max_size=6), st.data())
def test_words_told_late_or_left_out_lead_to_the_newest(said: list[Groups], data: st.DataObject) -> None:
    """An owner may die after any part of a word, and a newer one may be recorded before its events are committed: they stay justified."""
    state = everybody()
    for at in range(1, len(said)):
        if not data.draw(st.booleans(), label=f"told {at}"):
            continue
        part = telling(state, said[:at])
        for one in part[: data.draw(st.integers(0, len(part)), label="cut off")]:
            for event in decide(state, one, T).events:
                assert isinstance(event, Admitted)
                assert is_said(state, event.admission, said)
                state = apply(state, event)

    assert agrees(carry_out(state, said), said[-1])


def test_word_waits_for_who_is_not_admitted_yet() -> None:
    """The admission is under way: nothing is told until the session has it."""
    assert telling(session(), [in_order([("A", "Z")])]) == ()
    assert telling(session(), []) == ()


def test_nothing_is_said_of_a_code_before_it_is_named() -> None:
    """That a word names nobody parts nobody whom no earlier word had joined; a word that joins others says nothing of it."""
    state = after(everybody(), told("D", "C"), T)
    history = [in_order([("A", "B")]), in_order([("A", "B"), ("C", "D")])]

    assert not is_said(state, admission("D"), history)
    assert is_said(state, admission("D"), [*history, in_order([("A", "B")])])
    assert not is_said(state, admission("E"), history)
    assert not is_said(state, admission("B", same_as="C"), history)


@pytest.mark.parametrize(
    ("code", "same", "right"), [("A", "B", True), ("B", "A", True), ("A", "C", False), ("C", "A", False)]
)
def test_older_owners_event_is_justified_by_the_persons_it_joins(code: str, same: str, right: bool) -> None:
    """An owner of an older version named the codes in another order: what counts is whom he made one."""
    state = everybody()

    assert is_said(state, admission(code, same_as=same), [in_order([("A", "B")])]) is right


def test_pairs_chain() -> None:
    """A pair joins the groups of both its codes; a word has one form."""
    groups = joined(joined((), "C", "A"), "B", "C")

    assert groups == (("A", "B", "C"),)
    assert joined(in_order([("D", "C"), ("B", "A")]), "B", "D") == (("A", "B", "C", "D"),)
    assert in_order([("B", "A", "B"), ("C",), ()]) == (("A", "B"),)
    assert (same_as(groups, "A"), same_as(groups, "B"), same_as(groups, "Z")) == (msgspec.UNSET, "A", msgspec.UNSET)
