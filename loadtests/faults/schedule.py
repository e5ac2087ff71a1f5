"""What happens when: fault schedules drawn from a seed. Pure.

1. A schedule has one fault, or two at once; it is the same for the same seed, alone or in a campaign.
2. Of three schedules in a row two have a single fault, and these go through all kinds in turn; the third has a pair.
3. A schedule lasts at most `LONGEST_S` of bidding. So nothing is stopped or cut off for longer than `PAUSES_S`: every limit of
   the house that a pause can cross (silence of 1.5 s, stall of 2 s, calls of 2 to 8 s) lies below its longest, and the
   half minute that the design names crosses no further one.
4. `from_blow` says from when the ten seconds of bid-core 26 count. From the blow itself, where the house has somebody else
   (another committer, another gateway, the replica), or starts again what died; from the healing, where the only one
   that there is was stopped or cut off: until then nobody could acknowledge anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Final

LONGEST_S: Final = 20.0
BEGIN_S: Final = (1.0, 2.0)
PAUSES_S: Final = (0.7, 2.5, 5.0)
APART_S: Final = (0.0, 0.0, 0.2, 0.6, 1.2)
"""How long after the first of two faults the second one comes."""
STEPS_MS: Final = (-3_000, -700, 700, 3_000, 30_000)
LAGS_S: Final = (0.0, 0.1, 0.4)
DELAYS_S: Final = (0.05, 0.2)


@dataclass(frozen=True)
class Kind:
    """One kind of fault: what it does in words, whether it lasts, from when recovery counts (rule 4)."""

    name: str
    about: str
    lasts: bool
    from_blow: bool


KINDS: Final = tuple(
    Kind(name, about, lasts, from_blow)
    for name, about, lasts, from_blow in (
        ("postgres-kill", "PostgreSQL killed; its keeper starts it again", False, True),
        ("postgres-backend-kill", "one backend of PostgreSQL killed: it recovers from a crash by itself", False, True),
        ("postgres-stop", "all processes of PostgreSQL stopped, then continued", True, False),
        ("postgres-cut", "all lines to PostgreSQL reset, new ones too, then healed", True, False),
        ("postgres-silence", "all lines to PostgreSQL silent; their bytes come after the healing", True, False),
        ("postgres-lost", "all lines to PostgreSQL silent for ever; new ones work after the healing", True, False),
        ("postgres-slow", "every chunk to and from PostgreSQL delayed", True, False),
        ("postgres-disk-full", "PostgreSQL can write no file any more (RLIMIT_FSIZE), then can again", True, False),
        ("redis-kill", "the Redis primary killed; its keeper starts it again with what it had written", False, True),
        ("redis-stop", "the Redis primary stopped, then continued", True, False),
        ("redis-cut", "all lines to Redis reset, new ones too, then healed", True, False),
        ("redis-silence", "all lines to Redis silent; their bytes come after the healing", True, False),
        ("redis-lost", "all lines to Redis silent for ever; new ones work after the healing", True, False),
        ("redis-slow", "every chunk to and from Redis delayed", True, False),
        ("redis-flush", "FLUSHALL", False, True),
        ("redis-disk-full", "Redis cannot write its log any more (RLIMIT_FSIZE), then can again", True, False),
        (
            "redis-promote",
            "primary killed, replica promoted, perhaps without the last entries; old lines reset",
            False,
            True,
        ),
        ("redis-wake", "primary stopped, replica promoted, the old primary wakes up with its old lines", True, True),
        ("committer-kill", "the owner killed; the other one takes over", False, True),
        ("committer-stop", "the owner stopped beyond its take-over, then continued", True, True),
        ("committer-inserted", "the owner killed between INSERT and COMMIT", False, True),
        ("committer-committed", "the owner killed between COMMIT and publishing", False, True),
        ("committer-lost-postgres", "the owner's lines to PostgreSQL silent for ever", True, True),
        ("committer-lost-redis", "the owner's lines to Redis silent for ever", True, True),
        ("gateway-kill", "a gateway killed with bids in flight; clients go to the other one", False, True),
        ("gateway-stop", "a gateway stopped, then continued; clients go to the other one", True, True),
        ("gateway-cut", "the clients' lines to a gateway reset, new ones too", True, True),
        ("gateway-lost", "the clients' lines to a gateway silent for ever", True, True),
        (
            "gateway-lost-redis",
            "a gateway's lines to Redis silent for ever; new ones work after the healing",
            True,
            False,
        ),
        (
            "gateway-lost-postgres",
            "a gateway's lines to PostgreSQL silent for ever; new ones work after the healing",
            True,
            False,
        ),
        ("supervisor-kill", "the supervisor killed, everything dies with it; it is started again at once", False, True),
        ("clock-step", "the clock of Redis's machine steps, then steps back", True, False),
    )
)
EMPTIED: Final = Kind(
    "committer-inserted-flush",
    "the owner killed between INSERT and COMMIT, and Redis emptied in that instant",
    False,
    True,
)
"""A pair that chance would not hit: it is drawn by nobody, and asked for by name."""
KIND_OF: Final = {kind.name: kind for kind in (*KINDS, EMPTIED)}


@dataclass(frozen=True)
class Fault:
    """One fault: when it comes after the first bid, how long it lasts, and the choices that its kind leaves."""

    kind: str
    at_s: float
    lasts_s: float
    side: int
    """Which of two gateways."""
    lag_s: float
    """How long the replica had heard nothing when it was promoted."""
    delay_s: float
    step_ms: int

    @property
    def from_blow(self) -> bool:
        """Whether recovery counts from the blow (rule 4)."""
        return KIND_OF[self.kind].from_blow


@dataclass(frozen=True)
class Schedule:
    """What happens in one run; ``seed`` draws the load as well."""

    seed: int
    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        """Show it in one line."""
        return " + ".join(f"{fault.kind} at {fault.at_s:.2f} s for {fault.lasts_s:g} s" for fault in self.faults)


def draw(seed: int) -> Schedule:
    """Draw the schedule of a seed (rules 1 and 2)."""
    chance = Random(f"fault schedule {seed}")
    turn, place = divmod(seed, 3)
    begin_s = round(chance.uniform(*BEGIN_S), 2)
    if place < 2:
        return Schedule(seed, (_fault(chance, KINDS[(2 * turn + place) % len(KINDS)], begin_s),))
    first, second = chance.sample(KINDS, 2)
    apart_s = chance.choice(APART_S)
    return Schedule(seed, (_fault(chance, first, begin_s), _fault(chance, second, round(begin_s + apart_s, 2))))


def exposing(bug: str) -> Schedule:
    """Give the schedule under which a planted bug must come to light (bid-core 27).

    What was acknowledged before its commit is lost with a committer that dies before it, if Redis forgets it too. A number
    is given out twice when Redis forgets bids that wait for PostgreSQL. What is shown twice is seen at any time.
    """
    at_s = 1.0
    fault = Fault(kind=EMPTIED.name, at_s=at_s, lasts_s=0.0, side=0, lag_s=0.0, delay_s=0.0, step_ms=0)
    if bug == "acknowledge-before-commit":
        return Schedule(0, (fault,))
    if bug == "no-epoch-check":
        stop = replace(fault, kind="postgres-stop", lasts_s=1.5)
        return Schedule(0, (stop, replace(fault, kind="redis-flush", at_s=at_s + 0.8)))
    return Schedule(0, (replace(fault, kind="committer-committed"),))


def only(kind: str, seed: int) -> Schedule:
    """Draw a schedule with this single fault."""
    chance = Random(f"fault schedule {seed}")
    return Schedule(seed, (_fault(chance, KIND_OF[kind], round(chance.uniform(*BEGIN_S), 2)),))


def _fault(chance: Random, kind: Kind, at_s: float) -> Fault:
    return Fault(
        kind=kind.name,
        at_s=at_s,
        lasts_s=chance.choice(PAUSES_S) if kind.lasts else 0.0,
        side=chance.randrange(2),
        lag_s=chance.choice(LAGS_S),
        delay_s=chance.choice(DELAYS_S),
        step_ms=chance.choice(STEPS_MS),
    )
