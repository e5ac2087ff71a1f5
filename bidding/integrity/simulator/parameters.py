"""What ``parameters.toml`` says, typed and checked. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

RingKind = Literal[
    "silent_room", "paid_exit", "one_controller", "rotation", "wait_second_round", "debtor_pusher", "planned_default"
]
Span = tuple[float, float]


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the sections: a name that nobody reads is a mistake."""


class ClassOfAssets(_Section, frozen=True, kw_only=True):
    """One class of assets."""

    share: float
    start_yuan: int
    start_spread: float
    step_share: Span
    value_spread: float


class Prices(_Section, frozen=True, kw_only=True):
    """Hidden value, reference price, reserve, deposit, jumps."""

    value_over_reference: float
    reference_noise: float
    agency_noise: float
    reserve_share: Span
    second_cut: float
    deposit_share: Span
    jump_share: float
    jump_steps: tuple[int, int]


class Tempo(_Section, frozen=True, kw_only=True):
    """When bids come."""

    opens_hours: int
    opening_hour: int
    window_s: int
    extended_share: float
    gap_in_window_s: tuple[float, float, float]
    early_share: Span
    quiet_early_share: float
    reply_s: float


class Codes(_Section, frozen=True, kw_only=True):
    """Who is qualified, who stays silent, who comes back."""

    silent_share: float
    one_time_slot_share: float
    pool: int
    pool_skew: float
    friends_share: float
    friends_join: float
    agent_share: float
    joint_share: float
    first_refusal_share: float
    second_round_returns: float
    no_interest_share: float
    failed_codes: tuple[float, ...]
    decided_links: int


class Debtors(_Section, frozen=True, kw_only=True):
    """Debtors with their lots, agencies, and what becomes of honest sales."""

    lots_of_a_debtor: tuple[float, ...]
    agencies_of_a_place: int
    default_share: float
    default_share_high: float
    set_aside_share: float
    months_between_rounds: int


class Trouble(_Section, frozen=True, kw_only=True):
    """Honest reasons for silence and low prices."""

    defect_share: float
    defect_silence: float
    defect_value: float
    fall_share: float
    fall_silence: float
    fall_value: float


class Background(_Section, frozen=True, kw_only=True):
    """The market without rings."""

    single_bidder_share: float
    first_day: date
    days: int
    places: int
    place_skew: float
    classes: Mapping[str, ClassOfAssets]
    prices: Prices
    tempo: Tempo
    codes: Codes
    debtors: Debtors
    trouble: Trouble


class SilentRoom(_Section, frozen=True, kw_only=True):
    """One bids, the others stay silent (约定不竞价)."""

    share: float
    lots_of_a_ring: int
    outsiders_silent: float


class PaidExit(_Section, frozen=True, kw_only=True):
    """Members leave together when they are paid (职业竞买人)."""

    share: float
    lots_of_a_ring: int
    exit_at: Span


class OneController(_Section, frozen=True, kw_only=True):
    """One controller behind several codes (围标)."""

    share: float
    lots_of_a_ring: int
    decided_link: float
    acts: float


class Rotation(_Section, frozen=True, kw_only=True):
    """Members take turns (轮庄)."""

    share: float
    lots_of_a_ring: int
    concede_steps: int


class WaitSecondRound(_Section, frozen=True, kw_only=True):
    """Nobody bids before the reserve is cut (流拍套利)."""

    share: float
    lots_of_a_ring: int
    outsiders_return: float


class DebtorPusher(_Section, frozen=True, kw_only=True):
    """Codes of the debtor push the price (托)."""

    share: float
    lots_of_a_ring: int
    default_when_stuck: float


class PlannedDefault(_Section, frozen=True, kw_only=True):
    """The winner never meant to pay (恶意悔拍)."""

    share: float
    lots_of_a_ring: int


class Rings(_Section, frozen=True, kw_only=True):
    """The seven rings and what they have in common."""

    codes: int
    size: tuple[int, int]
    effect: Span
    discipline: Span
    honest_lots_of_a_member: float
    span_days: int
    silent_room: SilentRoom
    paid_exit: PaidExit
    one_controller: OneController
    rotation: Rotation
    wait_second_round: WaitSecondRound
    debtor_pusher: DebtorPusher
    planned_default: PlannedDefault


class Parameters(_Section, frozen=True, kw_only=True):
    """The whole file."""

    version: str
    seed: int
    lots: int
    fitted: Mapping[str, Mapping[str, float | list[float]]]
    background: Background
    rings: Rings


@cache
def committed_parameters() -> Parameters:
    """Give the parameters as they were fixed. Raises `msgspec.ValidationError` for a file that is not complete."""
    text = (resources.files(__package__) / "parameters.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Parameters)
