"""Rings: what members and outsiders do in a rigged lot. Pure but for its source of chance.

1. *Fair* is what honest competition of all codes would give; the ring aims at fair × (1 ∓ effect). A ring that holds the price down comes where
   the outsiders are weak: what they would pay is capped at its aim. Never below the reserve.
2. A member keeps to the agreement in a lot with the chance that is the ring's discipline; one who breaks it bids as an honest code would.
3. Members take the designated place by turns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from bidding.integrity.simulator.parameters import RingKind, Rings
from bidding.integrity.simulator.tape import Seat


@dataclass(frozen=True, slots=True)
class Scene:
    """A rigged lot before anybody bids: seats with what each would pay honestly, members first."""

    rings: Rings
    size: int
    turn: int
    discipline: float
    effect: float
    reserve: float
    step: float
    fair: float
    rng: Random

    @property
    def held_down(self) -> float:
        """The price that the ring aims at when it holds the price down."""
        return max(self.reserve, self.fair * (1 - self.effect))

    @property
    def pushed_up(self) -> float:
        """The price that the ring aims at when it pushes."""
        return max(self.reserve, self.fair) * (1 + self.effect)

    @property
    def designated(self) -> int:
        """The seat whose turn it is."""
        return self.turn % self.size


Act = Callable[[Scene, list[Seat]], None]


def act(kind: RingKind, scene: Scene, seats: list[Seat]) -> list[bool]:
    """Let everybody do what his part is; gives for each member whether he keeps to the agreement."""
    honest = [seat.limit for seat in seats]
    keeps = [scene.rng.random() < scene.discipline for _ in range(scene.size)]
    for seat in seats[: scene.size]:
        seat.is_member = True
    _ACTS[kind](scene, seats)
    for number, kept in enumerate(keeps):
        if not kept:
            seats[number].limit, seats[number].spares = honest[number], False
    return keeps


def _cap_outsiders(scene: Scene, seats: list[Seat], at: float) -> None:
    for seat in seats[scene.size :]:
        seat.limit = min(seat.limit, at)


def _silent_room(scene: Scene, seats: list[Seat]) -> None:
    for seat in seats[: scene.size]:
        seat.limit = 0.0
    seats[scene.designated].limit = max(scene.fair, scene.reserve)
    _cap_outsiders(scene, seats, scene.held_down)
    for seat in seats[scene.size :]:
        if scene.rng.random() < scene.rings.silent_room.outsiders_silent:
            seat.limit = 0.0


def _paid_exit(scene: Scene, seats: list[Seat]) -> None:
    leave = scene.reserve + scene.rng.uniform(*scene.rings.paid_exit.exit_at) * max(0.0, scene.fair - scene.reserve)
    for seat in seats[: scene.size]:
        seat.limit = leave + scene.rng.randint(0, 2) * scene.step
    seats[scene.designated].limit = max(scene.fair, leave)
    _cap_outsiders(scene, seats, scene.held_down)


def _one_controller(scene: Scene, seats: list[Seat]) -> None:
    for seat in seats[: scene.size]:
        acts = scene.rng.random() < scene.rings.one_controller.acts
        seat.limit, seat.spares = (max(scene.fair, scene.reserve) if acts else 0.0), True
    seats[scene.designated].limit = max(scene.fair, scene.reserve)
    _cap_outsiders(scene, seats, scene.held_down)


def _rotation(scene: Scene, seats: list[Seat]) -> None:
    for seat in seats[: scene.size]:
        steps = scene.rng.randint(1, scene.rings.rotation.concede_steps)
        seat.limit = max(scene.reserve, scene.held_down - steps * scene.step)
    seats[scene.designated].limit = max(scene.fair, scene.reserve)
    _cap_outsiders(scene, seats, scene.held_down)


def _wait_second_round(scene: Scene, seats: list[Seat]) -> None:
    for seat in seats[: scene.size]:
        seat.limit = 0.0
    seats[scene.designated].limit = max(scene.fair, scene.reserve)
    _cap_outsiders(scene, seats, scene.held_down)


def _debtor_pusher(scene: Scene, seats: list[Seat]) -> None:
    for seat in seats[: scene.size]:
        seat.limit = scene.pushed_up - scene.rng.randint(0, 2) * scene.step
    outsiders = seats[scene.size :]
    if outsiders and scene.rng.random() < scene.discipline:  # else nobody follows, and a pusher is stuck with the lot
        keen = max(outsiders, key=lambda seat: seat.limit)
        keen.limit = scene.pushed_up + 2 * scene.step


def _planned_default(scene: Scene, seats: list[Seat]) -> None:
    for seat in seats[: scene.size]:
        seat.limit = scene.pushed_up - scene.rng.randint(1, 4) * scene.step
    seats[scene.designated].limit = scene.pushed_up + 2 * scene.step
    _cap_outsiders(scene, seats, scene.pushed_up)


_ACTS: Final[Mapping[RingKind, Act]] = {
    "silent_room": _silent_room,
    "paid_exit": _paid_exit,
    "one_controller": _one_controller,
    "rotation": _rotation,
    "wait_second_round": _wait_second_round,
    "debtor_pusher": _debtor_pusher,
    "planned_default": _planned_default,
}


def defaults(kind: RingKind, scene: Scene, *, buyer: int, keeps: list[bool]) -> bool | None:
    """Say whether the buyer defaults because of the ring; ``None``: as honest buyers do."""
    if buyer >= scene.size:
        return None
    if kind == "planned_default":
        return keeps[buyer]
    if kind == "debtor_pusher":
        return scene.rng.random() < scene.rings.debtor_pusher.default_when_stuck
    return None
