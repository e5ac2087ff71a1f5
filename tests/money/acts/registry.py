"""What a worker can do: each act has a weight, and is idle where there is nothing to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.money.town import Case
from tests.money.worker import Worker

Act = Callable[[Worker, Case], Awaitable[None]]


@dataclass(frozen=True)
class Weighted:
    """An act, how often it is chosen, and whether it brings something new into a case."""

    name: str
    weight: float
    brings_new: bool
    act: Act


ACTS: dict[str, Weighted] = {}


def act(weight: float, *, brings_new: bool = False) -> Callable[[Act], Act]:
    """Register an act. One that brings something new is not chosen any more when a run comes to its end."""

    def register(function: Act) -> Act:
        name = function.__name__
        assert name not in ACTS, f"two acts are called {name}"
        ACTS[name] = Weighted(name, weight, brings_new, function)
        return function

    return register
