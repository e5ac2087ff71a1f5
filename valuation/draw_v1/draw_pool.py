"""The pool of a draw (摇号): what is frozen and published before anybody can know how the draw will end. Pure.

1. Members and exclusions are sorted by id, each once, and nobody is both. One licence stands for one member.
2. There are at least as many members as are picked; of valuation agencies the law's three (参考价 16).
3. A place is only widened after the place before fell short of its threshold; the last one tried is the one used.
4. frozen < end of commitments < end of openings < time of the draw, with `MARGIN_S` before the last: whoever opens his
   entropy late would open it knowing what it does.
5. The second source is the beacon's round that falls to the time of the draw (`beacon`), or a secret committed by an
   office that neither asked for the draw nor draws.
6. Every text has the shape of its field: an id is plain ASCII, a fingerprint 64 lower-case digits, an instant UTC to the
   microsecond in one spelling, so that instants compare as texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta

from auction.kernel.errors import Malformed, Unlawful
from auction.law.parameters import LAW
from valuation.draw_v1 import beacon
from valuation.draw_v1.canonical import fingerprint_of, written

MARGIN_S: Final = 60
"""Least seconds between the end of openings and the time of the draw."""
RESERVED: Final = ("court", "second")
"""Names under which offices commit; no party has them."""

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}\Z")]
Text = Annotated[str, Meta(min_length=1, max_length=2000)]
Remark = Annotated[str, Meta(max_length=2000)]
Hex32 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Hex48 = Annotated[str, Meta(pattern=r"^[0-9a-f]{96}\Z")]
Hex64 = Annotated[str, Meta(pattern=r"^[0-9a-f]{128}\Z")]
Instant = Annotated[
    str,
    Meta(
        pattern=r"^20(?:19|[2-9][0-9])-[0-9]{2}-[0-9]{2}T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z\Z", max_length=27
    ),
]
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
_T = TypeVar("_T")
Purpose = Literal["valuation_agency", "audit_firm", "auxiliary_provider"]


class DrawRecordMisshapen(Malformed):
    """A record of a draw lacks a field, has one too many, or one of another shape (rule 6)."""

    code = "draw_record_misshapen"
    article = "house: Draw v1, 2"
    zh = "摇号记录的结构不符合规范。"
    en = "The record does not have the shape that Draw v1 gives it."


class PoolUnsorted(Malformed):
    """Members or exclusions are not in ascending order of their ids (rule 1)."""

    code = "draw_pool_unsorted"
    article = "house: Draw v1, 2"
    zh = "备选名单或者排除名单未按编号升序排列。"
    en = "Members or exclusions are not sorted by id."


class PoolMemberTwice(Malformed):
    """An institution stands in the pool twice, or is member and excluded at once (rule 1)."""

    code = "draw_pool_member_twice"
    article = "参考价 16; house: one institution, one chance"
    zh = "同一机构在名单中重复出现，或者既列入又排除：{who}。"
    en = "An institution stands in the pool twice, or is in it and excluded: {who}."


class PoolTooSmall(Unlawful):
    """Fewer members than are to be picked (rule 2)."""

    code = "draw_pool_too_small"
    article = "参考价 16"
    zh = "备选机构 {members} 家，少于应当选取的 {picks} 家。"
    en = "The pool has {members} members; {picks} are to be picked."


class PicksNotLawful(Unlawful):
    """Of valuation agencies another number than the law's is to be picked (rule 2)."""

    code = "draw_picks_not_lawful"
    article = "参考价 16"
    zh = "摇号应当选取 {lawful} 家评估机构并确定顺序，名单写明 {picks} 家。"
    en = "{lawful} valuation agencies are drawn, in order; the pool says {picks}."


class PoolWidenedWithoutNeed(Unlawful):
    """A place was widened although it had enough members, or the place used is not the last one tried (rule 3)."""

    code = "draw_pool_widened_without_need"
    article = "评估规范; 参考价 16"
    zh = "名单子库的扩大不符合规则：{place}。"
    en = "The sub-list was not widened by the rule: {place}."


class PoolTimesOutOfOrder(Malformed):
    """The times of a pool do not follow each other as rule 4 says, or one of them does not exist."""

    code = "draw_pool_times_out_of_order"
    article = "house: Draw v1, 2"
    zh = "名单各时点的先后不符合规则，或者揭示截止与摇号之间不足 {margin_s} 秒。"
    en = "The times of the pool are not in their order, or fewer than {margin_s} s lie before the draw."


class PoolBeaconUnknown(Malformed):
    """The pool names another beacon than the one of Draw v1, or another round than the one of the draw's time."""

    code = "draw_pool_beacon_unknown"
    article = "house: Draw v1, 3"
    zh = "名单指定的公共随机信标或者轮次不符合规则。"
    en = "The beacon or the round that the pool names is not the one of Draw v1."


class SecondNotIndependent(Unlawful):
    """The second secret comes from an office that asks for the draw or draws (rule 5)."""

    code = "draw_second_not_independent"
    article = "house: Draw v1, 3"
    zh = "第二份秘密不得由申请摇号或者执行摇号的部门提供：{office}。"
    en = "The second secret must not come from the office that asks or draws: {office}."


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a record: every field is written, none besides."""


class Member(Record, frozen=True, kw_only=True):
    """An institution that may be drawn."""

    id: Id
    name: Text
    licence_no: Text


class Excluded(Record, frozen=True, kw_only=True):
    """An institution of the sub-list that may not be drawn, and why."""

    id: Id
    name: Text
    reason: Id
    """A stable code."""
    article: Text
    detail: Remark


class Place(Record, frozen=True, kw_only=True):
    """One step of widening: how many institutions it has, and how many it must have to be used."""

    name: Text
    count: Count
    threshold: Count


class SubList(Record, frozen=True, kw_only=True):
    """The sub-list (名单子库) that the members stand on; ``used`` names the last of ``places``."""

    profession: Text
    places: Annotated[tuple[Place, ...], Meta(min_length=1, max_length=100)]
    used: Text


class BeaconRound(Record, frozen=True, kw_only=True, tag_field="kind", tag="drand"):
    """A later round of the public beacon; `beacon_for` makes it."""

    chain_hash: Hex32
    public_key: Annotated[str, Meta(pattern=r"^[0-9a-f]{192}\Z")]
    scheme: Text
    genesis: Count
    period: Count
    round: Count


class SecondSecret(Record, frozen=True, kw_only=True, tag_field="kind", tag="secret"):
    """A secret of an office without a say in the pool; `draw.commitment` under the name ``second``."""

    office: Text
    commitment: Hex32


class RestartOf(Record, frozen=True, kw_only=True):
    """What a pool restarts: a draw that failed or was withdrawn late, by order of the higher court."""

    draw_id: Id
    failure_sha256: Hex32
    """Fingerprint of the published failure or withdrawal record."""
    court: Text
    order_no: Text


class Pool(Record, frozen=True, kw_only=True):
    """The frozen pool record; `freeze` checks it and gives its bytes."""

    kind: Literal["fapai-draw-pool"] = "fapai-draw-pool"
    version: Literal[1] = 1
    draw_id: Id
    mandate: Id
    """What the draw is for; two pools of one mandate are two draws, and anybody sees it."""
    restart_of: RestartOf | None
    """Null for the first draw of a mandate."""
    purpose: Purpose
    court: Text
    case_no: Text
    asset: Text
    """Short description, without persons."""
    sub_list: SubList
    members: Annotated[tuple[Member, ...], Meta(max_length=10_000)]
    excluded: Annotated[tuple[Excluded, ...], Meta(max_length=10_000)]
    picks: Annotated[int, Meta(ge=1, le=100)]
    frozen_at: Instant
    commit_by: Instant
    """Last instant of a party's commitment; openings come after it."""
    reveal_by: Instant
    """Last instant of a party's opening."""
    draw_at: Instant
    """The time told to the parties."""
    requested_by: Text
    drawn_by: Text
    court_commitment: Hex32
    """`draw.commitment` of the drawing office's secret under the name ``court``."""
    second: BeaconRound | SecondSecret


def instant(at: datetime) -> str:
    """Write an aware instant in the one spelling of a record (rule 6)."""
    assert at.tzinfo is not None, "an instant is aware"
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_instant(text: str) -> datetime:
    """Read an instant of a record; `ValueError` if there is no such day or hour."""
    return datetime.fromisoformat(text)


def beacon_for(draw_at: datetime, chain: beacon.Chain = beacon.QUICKNET) -> BeaconRound:
    """Give the round of the pinned chain that a draw at ``draw_at`` names."""
    return BeaconRound(
        chain_hash=chain.chain_hash,
        public_key=chain.public_key,
        scheme=beacon.SCHEME,
        genesis=beacon.GENESIS,
        period=beacon.PERIOD,
        round=beacon.round_named_for(draw_at),
    )


def freeze(pool: Pool, chain: beacon.Chain = beacon.QUICKNET) -> bytes:
    """Give the canonical bytes of a pool that keeps all rules; raises what `check_pool` raises."""
    check_pool(pool, chain)
    return written(pool)


def pool_sha256(pool: Pool) -> str:
    """Give the fingerprint under which a pool stands in the chain and in the seed."""
    return fingerprint_of(pool)


def check_pool(pool: Pool, chain: beacon.Chain = beacon.QUICKNET) -> None:
    """Hold a pool to the rules of this module, in their order; raises the refusal of the first one that it breaks.

    ``chain`` is the beacon that whoever checks has pinned.
    """
    shaped(msgspec.to_builtins(pool), Pool)
    _check_lists(pool)
    _check_times(pool)
    _check_picks(pool)
    _check_places(pool.sub_list)
    _check_second(pool, chain)


def shaped(value: object, kind: type[_T]) -> _T:
    """Read what JSON holds as ``kind``; raises `DrawRecordMisshapen`.

    What was read is written again and compared: ``kind`` and ``version`` have defaults for who makes a record, but who
    reads one must find them in it.
    """
    try:
        found = msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError:
        raise DrawRecordMisshapen from None
    if written(found) != written(value):
        raise DrawRecordMisshapen
    return found


def _check_lists(pool: Pool) -> None:
    for ids in ([m.id for m in pool.members], [e.id for e in pool.excluded]):
        _check_once(ids)
        if ids != sorted(ids):
            raise PoolUnsorted
    _check_once([*(m.id for m in pool.members), *(e.id for e in pool.excluded)])
    _check_once([m.licence_no for m in pool.members])


def _check_once(names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise PoolMemberTwice(who=name)
        seen.add(name)


def _check_picks(pool: Pool) -> None:
    if pool.purpose == "valuation_agency":
        lawful = LAW.count("reference_price.firms_drawn", on=from_instant(pool.frozen_at).date())
        if pool.picks != lawful:
            raise PicksNotLawful(lawful=lawful, picks=pool.picks)
    if len(pool.members) < pool.picks:
        raise PoolTooSmall(members=len(pool.members), picks=pool.picks)


def _check_places(sub_list: SubList) -> None:
    for place in sub_list.places[:-1]:
        if place.count >= place.threshold:
            raise PoolWidenedWithoutNeed(place=place.name)
    if sub_list.used != sub_list.places[-1].name:
        raise PoolWidenedWithoutNeed(place=sub_list.used)


def _check_times(pool: Pool) -> None:
    times = [_moment(at) for at in (pool.frozen_at, pool.commit_by, pool.reveal_by, pool.draw_at)]
    if any(earlier >= later for earlier, later in pairwise(times)):
        raise PoolTimesOutOfOrder(margin_s=MARGIN_S)
    if times[3] - times[2] < timedelta(seconds=MARGIN_S):
        raise PoolTimesOutOfOrder(margin_s=MARGIN_S)


def _moment(text: str) -> datetime:
    try:
        return from_instant(text)
    except ValueError:
        raise PoolTimesOutOfOrder(margin_s=MARGIN_S) from None


def _check_second(pool: Pool, chain: beacon.Chain) -> None:
    second = pool.second
    if isinstance(second, SecondSecret):
        if second.office in (pool.requested_by, pool.drawn_by):
            raise SecondNotIndependent(office=second.office)
        return
    draw_at = from_instant(pool.draw_at)
    if draw_at.timestamp() < beacon.GENESIS or second != beacon_for(draw_at, chain):
        raise PoolBeaconUnknown
