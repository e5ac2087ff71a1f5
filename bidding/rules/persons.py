"""Whose persons the codes of a session are, by what the court's decisions make of them. Pure.

1. A *word* (`Groups`) is the whole of it: each group is one person's codes, two or more; who is not named is nobody but himself.
   So the newest word alone counts, whatever became of the words before.
2. In a group the lowest code stands for all; the others are told to be its person, and it to be nobody's but its own.
3. A room is told the difference at one instant, those first who are to stand for others: no circle can arise.
4. An event that tells of persons counts only if some recorded word says the same. An owner may die between word and event, and a
   newer word may be recorded meanwhile: so an older word justifies it too, and the newest is told right after. Before the first word that
   names a code nothing is said of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import msgspec

from bidding.rules.session import Admission, BidderCode, SessionState, TellPerson

Groups = tuple[tuple[BidderCode, ...], ...]


def in_order(groups: Iterable[Iterable[str]]) -> Groups:
    """Write a word in its one form: codes and groups ascending, nobody alone."""
    sorted_ones = (tuple(BidderCode(code) for code in sorted(set(group))) for group in groups)
    return tuple(sorted(group for group in sorted_ones if len(group) > 1))


def joined(groups: Groups, one: str, other: str) -> Groups:
    """Give the word after two codes were decided to be one person's."""
    touched = [group for group in groups if one in group or other in group]
    return in_order([*(group for group in groups if group not in touched), {one, other, *chain(*touched)}])


def same_as(groups: Groups, code: str) -> BidderCode | msgspec.UnsetType:
    """Give whose person a word tells a code to be; unset: nobody's but its own (rule 2)."""
    group = next((group for group in groups if code in group), ())
    return group[0] if group and group[0] != code else msgspec.UNSET


def agrees(state: SessionState, groups: Groups) -> bool:
    """Whether a session takes the same codes for one person's as a word does, whoever stands for them."""
    persons: dict[str, set[str]] = {}
    for code in state.admissions:
        persons.setdefault(state.person_of(code), set()).add(code)
    return in_order(persons.values()) == groups


def telling(state: SessionState, history: Sequence[Groups]) -> tuple[TellPerson, ...]:
    """Give what a room is told so that the newest of the recorded words holds; nothing if it holds or somebody is not admitted yet.

    Everybody is told of whom any word ever named: the room may have heard of one that is not committed yet.
    """
    newest = history[-1] if history else ()
    if agrees(state, newest) or not set(chain(*newest)) <= set(state.admissions):
        return ()
    named = sorted({code for groups in history for code in chain(*groups)} & set(state.admissions))
    told = [TellPerson(code=BidderCode(code), same_as=same_as(newest, code)) for code in named]
    return tuple(sorted(told, key=lambda one: one.same_as is not msgspec.UNSET))


def is_said(state: SessionState | None, told: Admission, history: Sequence[Groups]) -> bool:
    """Whether a recorded word justifies an event that tells whose person a code is (rule 4).

    Also where an owner of an older version told it: two persons became one whom a word makes one.
    """
    since = next((at for at, groups in enumerate(history) if told.code in chain(*groups)), len(history))
    if any(same_as(groups, told.code) == told.same_as for groups in history[since:]):
        return True
    if state is None or told.same_as is msgspec.UNSET:
        return False
    return any(_joins(state, told, group) for groups in history for group in groups)


def _joins(state: SessionState, told: Admission, group: Iterable[str]) -> bool:
    persons = {state.person_of(code) for code in group if code in state.admissions}
    return {told.code, told.same_as} <= persons
