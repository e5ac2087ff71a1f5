"""What a plan pays and sets aside, whatever became of the objections (Interp. 510)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auction.fund.plans.plan_outcome import Dispute, Standing, plan_outcome
from auction.kernel.money import ZERO, Money, total

SHARES = {"a": Money(500), "b": Money(300), "c": ZERO}
LINES = st.sampled_from(sorted(SHARES))
DISPUTES = st.lists(
    st.one_of(
        st.builds(
            Dispute, LINES, st.builds(Money, st.integers(1, 900)), st.sampled_from([Standing.DROPPED, Standing.PENDING])
        ),
        st.builds(
            Dispute,
            LINES,
            st.builds(Money, st.integers(1, 900)),
            st.sampled_from([Standing.UNOPPOSED, Standing.DECIDED]),
            LINES,
        ),
    ),
    max_size=6,
)


@given(DISPUTES)
def test_every_fen_is_paid_or_set_aside(disputes: list[Dispute[str]]) -> None:
    """Nothing is lost and nothing made: what is paid and what is set aside sum to the plan, no line is negative (rule 4)."""
    outcome = plan_outcome(SHARES, disputes)

    assert total(list(outcome.pay.values())) + outcome.escrow == total(list(SHARES.values()))
    assert all(amount >= ZERO for amount in (*outcome.pay.values(), *outcome.set_aside))
    assert len(outcome.set_aside) == len(disputes)


@given(DISPUTES, LINES)
def test_a_judgment_moves_what_was_set_aside_for_its_objection(disputes: list[Dispute[str]], to: str) -> None:
    """When the first pending suit is decided, exactly its amount leaves escrow, and only the named line gets it (rule 3)."""
    number = next((n for n, one in enumerate(disputes) if one.standing is Standing.PENDING), None)
    if number is None:
        return
    before = plan_outcome(SHARES, disputes)
    one = disputes[number]
    decided = [*disputes[:number], Dispute(one.line, one.amount, Standing.DECIDED, to), *disputes[number + 1 :]]
    after = plan_outcome(SHARES, decided)

    moved = before.set_aside[number]
    assert after.escrow + moved == before.escrow
    assert {line: after.pay[line] - before.pay[line] for line in SHARES if line != to} == dict.fromkeys(
        (line for line in SHARES if line != to), ZERO
    )
    assert after.pay[to] - before.pay[to] == moved


@pytest.mark.parametrize(
    ("standing", "goes_to"),
    [(Standing.PENDING, "a"), (Standing.DROPPED, "a"), (Standing.DECIDED, None), (Standing.UNOPPOSED, None)],
)
def test_money_has_a_place_exactly_where_it_moves(standing: Standing, goes_to: str | None) -> None:
    """A pending suit names no winner, a decided one does."""
    with pytest.raises(AssertionError):
        Dispute("a", Money(1), standing, goes_to)
