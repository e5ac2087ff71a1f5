"""Stages and main steps: what a visitor is told and offered, at each state and at the very instants between them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from auction.kernel.clock import MICROSECOND, to_us
from auction.sale.lots.lots import PUBLIC_STATES, LotState
from auction.sale.rounds.bidders import RegistrationState
from web.pages.public.stage import STAGES, MainStep, Stage, main_step, stage_of
from web.pages.public.words import capitals, yuan

OPENS = datetime(2027, 4, 7, 2, tzinfo=UTC)
ENDS = OPENS + timedelta(days=1)


@pytest.mark.parametrize(
    ("now", "stage"),
    [
        (OPENS - MICROSECOND, Stage.UPCOMING),
        (OPENS, Stage.OPEN),
        (ENDS - MICROSECOND, Stage.OPEN),
        (ENDS, Stage.SETTLING),
    ],
)
@pytest.mark.parametrize("state", [LotState.ANNOUNCED, LotState.OPEN])
def test_lot_is_open_from_its_hour_to_its_end(state: LotState, now: datetime, stage: Stage) -> None:
    """The published hour opens and the room's end closes, whether or not the jobs have run."""
    assert stage == stage_of(state, opens_at=OPENS, now=now, phase="running", end_us=to_us(ENDS))


def test_standing_clock_is_told_before_anything_else() -> None:
    """A room that was stopped or halted is paused on the page though no court stopped the lot."""
    for phase, halted in (("stopped", False), ("running", True)):
        stage = stage_of(LotState.OPEN, opens_at=OPENS, now=OPENS, phase=phase, end_us=to_us(ENDS), halted=halted)
        assert stage is Stage.PAUSED


def test_every_public_state_has_a_stage_with_a_name() -> None:
    """No public state of a lot lacks its word and tone."""
    for state in PUBLIC_STATES:
        assert STAGES[stage_of(state, opens_at=OPENS, now=OPENS)].text


def _step(stage: Stage, registration: RegistrationState | None, **visitor: bool) -> MainStep:
    given = {"signed_in": True, "is_bidder": True, "is_leading": False} | visitor
    return main_step(stage, registration=registration, **given)


def test_main_step_follows_the_bidder() -> None:
    """Sign in, register, pay, wait, bid, lead, see the result: each at its time."""
    admitted = RegistrationState.ADMITTED

    assert _step(Stage.OPEN, None, signed_in=False) is MainStep.SIGN_IN
    assert _step(Stage.OPEN, None, is_bidder=False) is MainStep.NOT_BIDDER
    assert _step(Stage.OPEN, None) is MainStep.REGISTER
    assert _step(Stage.STOPPED, None) is MainStep.PAUSED
    assert _step(Stage.OPEN, RegistrationState.AWAITING_DEPOSIT) is MainStep.PAY_DEPOSIT
    assert _step(Stage.OPEN, RegistrationState.TOO_LATE) is MainStep.TOO_LATE
    assert _step(Stage.UPCOMING, admitted) is MainStep.WAIT
    assert _step(Stage.OPEN, admitted) is MainStep.BID
    assert _step(Stage.OPEN, admitted, is_leading=True) is MainStep.LEADING
    assert _step(Stage.PAUSED, admitted) is MainStep.PAUSED
    assert _step(Stage.SOLD, RegistrationState.LOST) is MainStep.OWN_RESULT
    assert _step(Stage.SOLD, None, signed_in=False) is MainStep.RESULT


@pytest.mark.parametrize(
    ("fen", "figures", "words"),
    [(211_000_000, "2110000", "贰佰壹拾壹万元整"), (100, "1", "壹元整"), (10_050, "100.50", "壹佰元伍角整")],
)
def test_amounts_in_figures_and_capitals(fen: int, figures: str, words: str) -> None:
    """A form takes plain yuan; the confirmation repeats the amount in capital characters."""
    assert (figures, words) == (yuan(fen), capitals(fen))
