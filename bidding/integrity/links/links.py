"""The link between two parties: what they share, what explains it, and how much the rest weighs. Pure.

1. Declared relations come first, and what they explain is taken out: it counts for nothing, and is shown as explained.
2. Kinds of one cause count once, with the weightiest: a household shares address, network and computer at a time.
3. A kind counts once, under the key id under which its value is most popular: keys in rotation overlap, and the smaller count is
   the one that is still being filled.
4. What was not known of one of the two is listed as unknown; it is never a sign that they share nothing.
5. A link refuses nobody. It stands when one of the two withdraws.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from bidding.integrity.links.kinds import FOLLOWED, MINUTES, key_kinds

TOLD_WEIGHT = 4.0
"""From here on the judge is told: two share so much some fifty times rather under one control than by chance."""
MINUTES_APART = timedelta(minutes=10)
"""Registrations closer than this are minutes apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One value that two parties used: how many did, and how long lay between the two uses."""

    kind: str
    key_id: str
    popularity: int
    gap: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedKey:
    """One shared kind as it counts; ``counts`` is false for what was explained or stands behind another of its cause."""

    kind: str
    popularity: int
    gap: timedelta
    weight: float
    counts: bool

    @property
    def is_common(self) -> bool:
        """Whether so many used the value that nobody was followed along it."""
        return self.popularity >= FOLLOWED


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What two parties share; ``registrations`` are theirs, in the order of the parties, where it is of one round."""

    parties: tuple[str, str]
    registrations: tuple[UUID, UUID] | None
    declared: tuple[str, ...]
    shared: tuple[SharedKey, ...]
    """The weightiest first."""
    unknown: tuple[str, ...]

    @property
    def counted(self) -> tuple[SharedKey, ...]:
        """What counts."""
        return tuple(key for key in self.shared if key.counts)

    @property
    def weight(self) -> float:
        """The logarithm of the likelihood ratio of all that counts."""
        return math.fsum(key.weight for key in self.counted)

    @property
    def is_weak(self) -> bool:
        """Whether only weak kinds count."""
        return all(key_kinds()[key.kind].is_weak for key in self.counted)

    @property
    def is_told(self) -> bool:
        """Whether the judge is told: weighty enough, and weak kinds of two causes at least."""
        return self.weight >= TOLD_WEIGHT and (not self.is_weak or len(self.counted) > 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One registration as links see it: when it came, and which kinds are known of it."""

    registration_id: UUID
    party: str
    registered_at: datetime
    known: frozenset[str]


def link_between(
    parties: tuple[str, str],
    shares: Iterable[Share],
    *,
    registrations: tuple[UUID, UUID] | None = None,
    known: Sequence[Collection[str]] = (),
) -> Link | None:
    """Weigh what two parties share; ``None``: nothing, not even a declared relation. ``known``: of each, where it is known."""
    kinds = key_kinds()
    found = _once(shares)
    declared = tuple(name for name in kinds if name in found and kinds[name].is_declared)
    explained = {name for relation in declared for name in kinds[relation].explains}
    shared = _counted({name: share for name, share in found.items() if name not in declared}, explained)
    if not declared and not shared:
        return None
    return Link(parties=parties, registrations=registrations, declared=declared, shared=shared, unknown=_unknown(known))


def pair(one: Standing, other: Standing, shares: Iterable[Share], *, close_by: int | None) -> Link | None:
    """Weigh two registrations of one round.

    ``close_by``: how many registered for it within minutes of the later one; ``None``: not looked at, and times say nothing.
    """
    first, second = sorted((one, other), key=lambda standing: (standing.party, standing.registration_id))
    every = [*shares]
    gap = abs(first.registered_at - second.registered_at)
    if (
        every and close_by is not None and gap <= MINUTES_APART
    ):  # time alone links nobody: it is looked at where something else is shared
        every.append(Share(kind=MINUTES, key_id="", popularity=max(2, close_by), gap=timedelta(0)))
    return link_between(
        (first.party, second.party),
        every,
        registrations=(first.registration_id, second.registration_id),
        known=(first.known, second.known),
    )


def _once(shares: Iterable[Share]) -> dict[str, Share]:
    """Give each kind once (rule 3); a kind that this version does not know is left out."""
    found: dict[str, Share] = {}
    for share in shares:
        before = found.get(share.kind)
        if share.kind in key_kinds() and (before is None or _is_surer(share, before)):
            found[share.kind] = share
    return found


def _is_surer(share: Share, before: Share) -> bool:
    if share.key_id == before.key_id:  # two values of one kind, such as two paying accounts: the rarer says more
        return share.popularity < before.popularity
    return share.popularity > before.popularity


def _counted(found: Mapping[str, Share], explained: Collection[str]) -> tuple[SharedKey, ...]:
    kinds = key_kinds()
    weighed = {name: kinds[name].weigh(popularity=share.popularity, gap=share.gap) for name, share in found.items()}
    best: dict[str, str] = {}
    for name, weight in weighed.items():
        cause = kinds[name].cause
        if name not in explained and weight > 0 and weight > weighed.get(best.get(cause, ""), 0.0):
            best[cause] = name
    keys = (
        SharedKey(
            kind=name,
            popularity=share.popularity,
            gap=share.gap,
            weight=weighed[name],
            counts=best.get(kinds[name].cause) == name,
        )
        for name, share in found.items()
    )
    return tuple(sorted(keys, key=lambda key: (-key.weight, key.kind)))


def _unknown(known: Sequence[Collection[str]]) -> tuple[str, ...]:
    """Name the kinds that are not known of one of the two (rule 4)."""
    if not known:
        return ()
    asked = (name for name, kind in key_kinds().items() if not kind.is_declared and name != MINUTES)
    return tuple(name for name in asked if any(name not in one for one in known))
