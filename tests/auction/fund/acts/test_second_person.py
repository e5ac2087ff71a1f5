"""The rules of an act that needs two persons, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from auction.fund.acts.second_person import (
    ACT_DAYS,
    ConcernedPersonActs,
    EffectChanged,
    OtherPaper,
    SamePerson,
    lapses_at,
    require_same_effect,
    require_same_paper,
    require_second,
)

FIRST, SECOND, CONCERNED = uuid4(), uuid4(), uuid4()


def test_second_person_is_somebody_else() -> None:
    """The first person, and whom the money concerns, are refused; anybody else may."""
    with pytest.raises(SamePerson):
        require_second(FIRST, proposed_by=FIRST, concerned=())
    with pytest.raises(ConcernedPersonActs):
        require_second(CONCERNED, proposed_by=FIRST, concerned={CONCERNED})
    require_second(SECOND, proposed_by=FIRST, concerned={CONCERNED})


def test_the_same_paper_is_compared() -> None:
    """Letters of either case and spaces around make no other paper; one other letter does."""
    require_same_paper(" AB12 ", typed_sha256="ab12")
    with pytest.raises(OtherPaper):
        require_same_paper("ab13", typed_sha256="ab12")


def test_what_would_be_done_is_what_was_shown() -> None:
    """One fen more or less, or another amount beside it, is another effect."""
    require_same_effect({"left_fen": 5}, shown={"left_fen": 5})
    for other in ({"left_fen": 4}, {"left_fen": 6}, {}, {"left_fen": 5, "held_fen": 0}):
        with pytest.raises(EffectChanged):
            require_same_effect(other, shown={"left_fen": 5})


def test_a_proposal_lapses_after_its_days() -> None:
    """The last instant is so many days of 24 hours after it was made."""
    made = datetime(2026, 3, 1, 9, tzinfo=UTC)

    assert lapses_at(made) == made + timedelta(days=ACT_DAYS)
