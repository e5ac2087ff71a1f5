"""Simulated draws, by the product's own seeds and orders, and what the monitor says of them.

``make draws`` runs a million: python -m tests.valuation.draw_v1.simulated_draws --draws 1000000 --seed 1
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from collections.abc import Iterator

import msgspec

from tests.valuation.draw_v1.made_draws import members, sample_pool
from valuation.draw_v1.draw import Openings, SecretOpened, order_of, seed_of
from valuation.draw_v1.draw_pool import pool_sha256
from valuation.draw_v1.uniformity import DrawSeen, Look, look_at

SUB_LISTS = {"city of 5": (5, 1), "province of 12": (12, 3), "two provinces of 31": (31, 6)}
"""Sub-lists: how many institutions stand on each, and how many of them at most are excluded from one pool."""
POOLS = 12
"""Different pools of each sub-list."""
PICKS = 3


def simulate(count: int, seed: int) -> Iterator[DrawSeen]:
    """Make so many draws from changing pools; everything follows from ``seed``."""
    chance = random.Random(seed)
    pools = [pool for name, (size, excluded) in SUB_LISTS.items() for pool in _pools(chance, name, size, excluded)]
    for i in range(count):
        sub_list, ids, fingerprint = pools[chance.randrange(len(pools))]
        order = order_of(bytes.fromhex(seed_of(fingerprint, _openings(seed, i))), ids)
        yield DrawSeen(sub_list=sub_list, members=ids, picks=order[:PICKS])


def _openings(seed: int, i: int) -> Openings:
    court, second = (hashlib.sha256(f"{seed} {i} {name}".encode()).hexdigest() for name in ("court", "second"))
    return Openings(court_secret=court, second=SecretOpened(value=second), entropy=())


def _pools(chance: random.Random, name: str, size: int, excluded: int) -> Iterator[tuple[str, tuple[str, ...], str]]:
    for i in range(POOLS):
        left_out = set(chance.sample(range(size), chance.randrange(excluded + 1)))
        chosen = tuple(member for n, member in enumerate(members(size)) if n not in left_out)
        pool = msgspec.structs.replace(sample_pool(beacon_round=None, draw_id=f"simulated-{size}-{i}"), members=chosen)
        yield name, tuple(member.id for member in chosen), pool_sha256(pool)


def told(look: Look) -> str:
    """Tell what a look found, a line for each test of a sub-list."""
    lines = [
        f"{seen.sub_list:20} {test.kind:7} draws {seen.draws:8} chi-square {test.statistic:8.2f} "
        f"degrees {test.degrees:3} p {test.p_value if test.p_value is None else round(test.p_value, 4)}"
        for seen in look.sub_lists
        for test in seen.tests
    ]
    least = min((one.p_value for seen in look.sub_lists for one in seen.agencies if one.p_value is not None), default=1)
    lines.append(
        f"least p of an institution {least:.4f}; {look.tests} tests, alarm below {look.threshold:.2e}: {look.alarms} alarms"
    )
    return "\n".join(lines)


def main() -> int:
    """Simulate, tell, and give 0 only when there is no alarm."""
    options = argparse.ArgumentParser(description="Simulated draws and their chi-square.")
    options.add_argument("--draws", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    began = time.process_time()
    look = look_at(simulate(asked.draws, asked.seed), looks=1)
    sys.stdout.write(f"{told(look)}\n")
    verdict = "no deviation" if look.alarms == 0 else "DEVIATION"
    sys.stdout.write(
        f"{look.draws} draws, seed {asked.seed}: {verdict} ({time.process_time() - began:.0f} s of processor time)\n"
    )
    return 0 if look.alarms == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
