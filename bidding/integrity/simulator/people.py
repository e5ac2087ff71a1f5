"""People: who comes to a lot: specialists of a place and class, their friends, and parties of one lot. Pure but for its source of chance."""

from __future__ import annotations

import hashlib
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate, count
from random import Random

from bidding.integrity.simulator.market import Market
from bidding.integrity.simulator.parameters import Codes
from bidding.integrity.simulator.plan import MEMBER_BASE


class People:
    """Gives parties to lots; numbers below the pools' end are specialists, then parties of one lot, then members of rings."""

    def __init__(self, codes: Codes, market: Market, seed: int) -> None:
        """Bind; ``seed`` makes the tokens this run's own."""
        self._codes, self._market, self._seed = codes, market, seed
        self._weights = list(accumulate((1.0 + rank) ** -codes.pool_skew for rank in range(codes.pool)))
        self._once = count(market.cells * codes.pool)
        friends = round(codes.pool * codes.friends_share / 2)
        self._friend = {rank: rank ^ 1 for rank in range(2 * friends)}
        self.decided = self._decided_pairs()
        self.partner = {one: other for pair in self.decided for one, other in (pair, pair[::-1])}

    def come(
        self, lot: int, number: int, rng: Random, *, first: Sequence[int] = (), barred: int | None = None
    ) -> list[int]:
        """Give so many parties of a lot, ``first`` among them, never who is ``barred``."""
        found = list(first)[:number]
        while len(found) < number:
            party = self._one(lot, rng)
            if party in found or party == barred:
                party = next(self._once)
            found.append(party)
            friend = self._friend_of(party, rng)
            if friend is not None and len(found) < number and friend not in {barred, *found}:
                found.append(friend)
        return found

    def token(self, party: int) -> str:
        """Give the token of a party: the same in every lot, and nothing to be read from it."""
        return self._digest("party", party)

    def debtor(self, number: int) -> str:
        """Give the token of a debtor."""
        return self._digest("debtor", number)

    def agency(self, number: int) -> str:
        """Give the token of an agency."""
        return self._digest("agency", number)

    def _digest(self, kind: str, number: int) -> str:
        return hashlib.blake2b(f"{self._seed}|{kind}|{number}".encode(), digest_size=8).hexdigest()

    def _one(self, lot: int, rng: Random) -> int:
        if rng.random() < self._codes.one_time_slot_share:
            return next(self._once)
        rank = bisect(self._weights, rng.random() * self._weights[-1])
        return int(self._market.cell[lot]) * self._codes.pool + rank

    def _friend_of(self, party: int, rng: Random) -> int | None:
        if party >= self._market.cells * self._codes.pool:
            return None
        cell, rank = divmod(party, self._codes.pool)
        friend = self._friend.get(rank)
        if friend is None or rng.random() >= self._codes.friends_join:
            return None
        return cell * self._codes.pool + friend

    def _decided_pairs(self) -> list[tuple[int, int]]:
        """Draw honest pairs under one controller: neighbours in rank, no friends."""
        rng = Random(f"{self._seed} decided")  # noqa: S311 - chance that can be repeated, no secret
        last = len(self._friend) + 2 * ((self._codes.pool - len(self._friend)) // 2)
        ranks = range(len(self._friend), last, 2)
        cells = [rng.randrange(self._market.cells) for _ in range(self._codes.decided_links)]
        pairs = ((cell * self._codes.pool, rng.choice(ranks)) for cell in cells)
        return [(base + rank, base + rank + 1) for base, rank in pairs]


def is_member(party: int) -> bool:
    """Say whether a party belongs to a ring."""
    return party >= MEMBER_BASE
