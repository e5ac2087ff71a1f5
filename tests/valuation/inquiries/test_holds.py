"""Grounds that stay or withdraw a valuation: one rule, whichever method runs (参考价 28, 29)."""

from __future__ import annotations

from typing import get_args

import pytest

from valuation.appraisals.procedure import end_appraisal
from valuation.appraisals.rules.history import PauseGround
from valuation.inquiries import course_store as inquiries
from valuation.inquiries.holds import HOLD_GROUNDS, Effect, HoldGround, effect_of
from valuation.ways import withdraw_method

OTHER = "other"
"""A judgement of the court (28(3), 29(4)); no rule names it."""
STAYS = (PauseGround, inquiries.StayGround)
WITHDRAWALS = (inquiries.WithdrawalGround, end_appraisal.WithdrawalGround, withdraw_method.WithdrawalGround)
STAYING, WITHDRAWING = frozenset[Effect]({"stay"}), frozenset[Effect]({"must_withdraw", "may_withdraw"})
OFFERED = [
    *((ground, STAYING) for offered in STAYS for ground in get_args(offered)),
    *((ground, WITHDRAWING) for offered in WITHDRAWALS for ground in get_args(offered)),
]


@pytest.mark.parametrize(("ground", "effects"), [(g, effects) for g, effects in OFFERED if g != OTHER])
def test_every_ground_offered_has_its_effect_by_law(ground: HoldGround, effects: frozenset[Effect]) -> None:
    """What a step offers as a ground to stay or withdraw does that by the one rule."""
    assert effect_of(ground) in effects


def test_every_ground_that_has_an_effect_is_offered() -> None:
    """No lawful ground is missing where an online inquiry is stayed or withdrawn."""
    offered = {*get_args(inquiries.StayGround), *get_args(inquiries.WithdrawalGround)} - {OTHER}

    assert {ground for ground in HOLD_GROUNDS if effect_of(ground) != "go_on"} == offered
