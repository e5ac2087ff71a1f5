from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from auction.kernel.errors import Refusal
from tests.valuation.draw_v1.made_draws import ROUND, members, moment, sample_pool, secret
from valuation.draw_v1.beacon import time_of_round
from valuation.draw_v1.canonical import read_canonical
from valuation.draw_v1.draw_pool import (
    MARGIN_S,
    Excluded,
    Place,
    Pool,
    SecondSecret,
    SubList,
    beacon_for,
    freeze,
    from_instant,
    instant,
    shaped,
)

POOL = sample_pool()
DRAW_AT = moment(POOL.draw_at)


def changed(**fields: object) -> Pool:
    """Give a pool with other fields."""
    return msgspec.structs.replace(POOL, **fields)


def excluded(*ids: str) -> tuple[Excluded, ...]:
    """Give exclusions with these ids."""
    return tuple(Excluded(id=one, name="某机构", reason="barred", article="参考价 15", detail="") for one in ids)


def sub_list(*counts: tuple[int, int], used: str | None = None) -> SubList:
    """Give a sub-list with places of these counts and thresholds."""
    places = tuple(Place(name=f"第{i}级", count=count, threshold=least) for i, (count, least) in enumerate(counts))
    return SubList(profession="real_estate", places=places, used=used or places[-1].name)


def test_frozen_bytes_say_the_pool() -> None:
    """A frozen pool is canonical and reads as the same pool, with either second source."""
    for pool in (POOL, sample_pool(beacon_round=None)):
        assert pool == shaped(read_canonical(freeze(pool)), Pool)


TWO, THREE = members(2), members(3)
WRONG = [
    (changed(members=TWO), "draw_pool_too_small"),
    (changed(members=()), "draw_pool_too_small"),
    (changed(purpose="audit_firm", picks=1, members=()), "draw_pool_too_small"),
    (changed(picks=2), "draw_picks_not_lawful"),
    (changed(picks=4), "draw_picks_not_lawful"),
    (changed(picks=0), "draw_record_misshapen"),
    (changed(members=THREE[::-1]), "draw_pool_unsorted"),
    (changed(excluded=excluded("z", "y")), "draw_pool_unsorted"),
    (changed(members=(*THREE, THREE[2])), "draw_pool_member_twice"),
    (changed(excluded=excluded("y", "y")), "draw_pool_member_twice"),
    (changed(excluded=excluded(THREE[0].id)), "draw_pool_member_twice"),
    (
        changed(members=(*THREE, msgspec.structs.replace(THREE[0], id="agency-004"))),
        "draw_pool_member_twice",
    ),
    (changed(sub_list=sub_list((3, 3), (10, 10))), "draw_pool_widened_without_need"),
    (changed(sub_list=sub_list((2, 3), (10, 10), used="第0级")), "draw_pool_widened_without_need"),
    (changed(sub_list=sub_list((2, 3), (10, 10), used="别处")), "draw_pool_widened_without_need"),
    (changed(commit_by=POOL.frozen_at), "draw_pool_times_out_of_order"),
    (changed(reveal_by=POOL.commit_by), "draw_pool_times_out_of_order"),
    (changed(draw_at=POOL.reveal_by), "draw_pool_times_out_of_order"),
    (changed(commit_by="2026-02-30T00:00:00.000000Z"), "draw_pool_times_out_of_order"),
    (changed(commit_by="2026-09-16T24:00:00.000000Z"), "draw_pool_times_out_of_order"),
    (changed(second=beacon_for(time_of_round(ROUND + 1))), "draw_pool_beacon_unknown"),
    (changed(second=beacon_for(time_of_round(ROUND - 1))), "draw_pool_beacon_unknown"),
    (changed(second=msgspec.structs.replace(beacon_for(DRAW_AT), public_key="a" * 192)), "draw_pool_beacon_unknown"),
    (changed(second=msgspec.structs.replace(beacon_for(DRAW_AT), chain_hash="a" * 64)), "draw_pool_beacon_unknown"),
    (changed(second=msgspec.structs.replace(beacon_for(DRAW_AT), genesis=1)), "draw_pool_beacon_unknown"),
    (changed(second=SecondSecret(office=POOL.requested_by, commitment=secret("x"))), "draw_second_not_independent"),
    (changed(second=SecondSecret(office=POOL.drawn_by, commitment=secret("x"))), "draw_second_not_independent"),
    (changed(court=""), "draw_record_misshapen"),
    (changed(court="法" * 2001), "draw_record_misshapen"),
    (changed(draw_id="摇号"), "draw_record_misshapen"),
    (changed(draw_id="-a"), "draw_record_misshapen"),
    (changed(draw_id="a\n"), "draw_record_misshapen"),
    (changed(draw_id="a" * 101), "draw_record_misshapen"),
    (changed(court_commitment="A" * 64), "draw_record_misshapen"),
    (changed(court_commitment="a" * 63), "draw_record_misshapen"),
    (changed(draw_at="2026-09-17T15:23:42Z"), "draw_record_misshapen"),
    (changed(draw_at="2026-09-17T15:23:42.000000+00:00"), "draw_record_misshapen"),
    (changed(draw_at="2018-09-17T15:23:42.000000Z"), "draw_record_misshapen"),
    (changed(purpose="lawyer"), "draw_record_misshapen"),
    (changed(version=2), "draw_record_misshapen"),
]


@pytest.mark.parametrize(("pool", "code"), WRONG, ids=[f"{i}-{code}" for i, (_, code) in enumerate(WRONG)])
def test_pool_that_breaks_a_rule_is_not_frozen(pool: Pool, code: str) -> None:
    """Each rule of the pool has its refusal, with its boundary."""
    with pytest.raises(Refusal) as refused:
        freeze(pool)

    assert code == refused.value.code
    assert refused.value.article
    assert refused.value.sentence("zh") != refused.value.sentence("en")


def test_pools_at_the_boundary_are_frozen() -> None:
    """Exactly three members; one of another purpose; thresholds just missed; a beacon before 2023 is never asked."""
    early = timedelta(days=2000)
    shifted = {
        name: instant(moment(getattr(POOL, name)) - early)
        for name in ("frozen_at", "commit_by", "reveal_by", "draw_at")
    }
    second = SecondSecret(office="监察室", commitment=secret("x"))
    for pool in (
        changed(members=THREE),
        changed(purpose="audit_firm", picks=1, members=members(1)),
        changed(sub_list=sub_list((2, 3), (9, 10), (5, 5))),
        changed(sub_list=sub_list((0, 0))),
        changed(draw_id="a" * 100, court="法" * 2000),
        changed(**shifted, second=second),
    ):
        assert freeze(pool)


@pytest.mark.parametrize("early_us", [-1, 0, 1])
def test_openings_end_a_minute_before_the_draw(early_us: int) -> None:
    """A minute before the draw is in time, a microsecond later is not."""
    reveal_by = DRAW_AT - timedelta(seconds=MARGIN_S, microseconds=early_us)
    pool = changed(reveal_by=instant(reveal_by))
    if early_us >= 0:
        assert freeze(pool)
        return
    with pytest.raises(Refusal, match="draw_pool_times_out_of_order"):
        freeze(pool)


def test_beacon_pool_from_before_the_beacon_is_refused() -> None:
    """A draw dated before the beacon's first round names no round of it."""
    early = timedelta(days=2000)
    shifted = {
        name: instant(moment(getattr(POOL, name)) - early)
        for name in ("frozen_at", "commit_by", "reveal_by", "draw_at")
    }

    with pytest.raises(Refusal, match="draw_pool_beacon_unknown"):
        freeze(changed(**shifted))


def test_instants_have_one_spelling_and_compare_as_texts() -> None:
    """Any zone is written in UTC with six digits, and reads as the same instant."""
    at = from_instant("2026-09-17T15:23:42.000001Z")

    assert instant(at) == "2026-09-17T15:23:42.000001Z"
    assert instant(at.replace(microsecond=0)) == "2026-09-17T15:23:42.000000Z" < instant(at)
