"""Freeze the pool: who may be drawn and who not, with reasons, published before anybody can know how the draw ends."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, InvariantViolated
from auction.kernel.jobs import enqueue
from auction.law.parameters import LAW
from valuation.agencies import register_store
from valuation.agencies.register import register_as_of
from valuation.agencies.rules_of_court import (
    REQUESTING_OFFICE,
    SECOND_OFFICE,
    Times,
    require_office,
    times_of,
)
from valuation.agencies.sub_lists import Level, SubList, choose_sub_list
from valuation.draw_v1.beacon import QUICKNET, Chain
from valuation.draw_v1.draw_chain import DrawKey
from valuation.draw_v1.draw_pool import (
    BeaconRound,
    Excluded,
    Place,
    Pool,
    RestartOf,
    SecondSecret,
    beacon_for,
    freeze,
    instant,
)
from valuation.draw_v1.draw_pool import Member as RecordedMember
from valuation.draw_v1.draw_pool import SubList as RecordedSubList
from valuation.draws.acting import require_hand
from valuation.draws.committing import require_unfrozen
from valuation.draws.fail_draw import DRAW_DUE, DrawDue
from valuation.draws.fetch_round import plan_fetch
from valuation.draws.notices import announce
from valuation.selections import selection_store, store_of_draws
from valuation.selections.cases import CaseDesk, CaseOfDraw
from valuation.selections.pool import Asked, make_pool
from valuation.selections.pool import Pool as Found
from valuation.selections.require_open_mandate import require_open_mandate
from valuation.selections.selection import Selection
from valuation.selections.store_of_draws import Draw


class FreezePool(Command, frozen=True, kw_only=True):
    """Freeze the pool of a draw, to be drawn at ``draw_at``: the time that the parties are told by its publication."""

    draw_id: UUID
    draw_at: datetime


class PoolPublished(msgspec.Struct, frozen=True, kw_only=True):
    """The frozen pool's fingerprint and times."""

    draw_id: UUID
    sha256: str
    commit_by: datetime
    reveal_by: datetime
    draw_at: datetime


class CommitmentsMissing(Conflict):
    """A secret is not committed yet: a pool that is frozen first could be fitted to it."""

    code = "draw_commitments_missing"
    article = "house: Draw v1, 2"
    zh = "尚有部门未提交承诺，不能冻结名单。"
    en = "An office has not committed yet; the pool cannot be frozen."


async def freeze_pool(
    db: Database,
    actor: Actor,
    command: FreezePool,
    *,
    case_desk: CaseDesk,
    draw_key: DrawKey,
    beacon_chain: Chain = QUICKNET,
) -> PoolPublished:
    """Freeze, publish and chain the pool, once; its failure falls due by itself if nobody draws.

    Where the court's setting names the beacon, its round of the pinned chain is fetched when it is due (V71).
    Each party on file gets a notice to be served (V72).

    Raises: `OfficeLacking`, what `require_hand` raises, `PoolFrozen`, `DrawLapsed`, `CommitmentsMissing`, `DrawTooSoon`,
    `SubListsThin`, `pool.PoolTooSmall`, `pool.PoolDuplicate`. Source: 参考价 16, 34; 评估规范.
    """

    async def work(tx: Transaction) -> PoolPublished:
        await tx.about_case((await store_of_draws.draw(tx, command.draw_id)).case_id)
        made = await store_of_draws.draw(tx, command.draw_id)
        require_office(actor, made.drawing_office)
        await require_hand(tx, actor, made, "court", case_desk)
        require_unfrozen(made, tx.now)
        await require_open_mandate(tx, made.mandate_id)
        if not made.is_committed:
            raise CommitmentsMissing
        await tx.lock(register_store.LOCK)
        at = await store_of_draws.chain_time(tx)
        times = times_of(command.draw_at, now=at, rules=made.rules)
        pool = await _pool_of(tx, made, case_desk, times, at, beacon_chain)
        await store_of_draws.keep_key(tx, draw_key)
        await store_of_draws.add_pool(tx, made.draw_id, pool, freeze(pool, beacon_chain), times, by=actor.person_id)
        await enqueue(tx, DRAW_DUE, DrawDue(draw_id=made.draw_id), due_at=times.dies_at)
        if isinstance(pool.second, BeaconRound):
            await plan_fetch(tx, made.draw_id, pool.second)
        await announce(tx, made, pool, await _parties_of(tx, made, case_desk))
        return await _published(tx, made.draw_id)

    return await db.carry_out(actor, command, work, PoolPublished)


async def _parties_of(tx: Transaction, made: Draw, case_desk: CaseDesk) -> list[UUID]:
    selection = await selection_store.selection(tx, made.mandate_id)
    case = await case_desk.case_of_draw(tx, selection.case_id, selection.asset_id)
    return [party.party_id for party in case.parties]


async def _pool_of(tx: Transaction, made: Draw, case_desk: CaseDesk, times: Times, at: datetime, chain: Chain) -> Pool:
    selection = await selection_store.selection(tx, made.mandate_id)
    case = await case_desk.case_of_draw(tx, selection.case_id, selection.asset_id)
    decided = await selection_store.decided_level(tx, selection.mandate_id)
    sub_list, found = await members_of(tx, selection, made, at=at, decided=decided)
    restart = await _restart_of(tx, made)
    second = _second_of(made, times, chain)
    return _record(made, selection, case, sub_list, found, times, at, restart, second)


async def members_of(
    tx: Transaction, selection: Selection, made: Draw | None, *, at: datetime, decided: Level | None
) -> tuple[SubList, Found]:
    """Give list and members as they would be frozen at ``at``; ``made``: the requested draw, ``None`` before the request.

    Raises `SubListsThin`, `pool.PoolTooSmall`, `pool.PoolDuplicate`.
    """
    requested_at = at if made is None else made.requested_at
    register = register_as_of(await register_store.confirmed_changes(tx), requested_at)
    agreed = (await selection_store.agreement_of(tx, selection)).draw_within
    on = local_day(at)
    sub_list = choose_sub_list(
        register.then.values(),
        profession=selection.profession,
        province=selection.province,
        city=selection.city,
        on=on,
        named=decided or agreed,
        shows_narrower=decided is not None,
    )
    failed = await selection_store.failed_before(tx, selection)
    asked = Asked(
        purpose=selection.purpose,
        case_id=selection.case_id,
        on=on,
        workload_limit=None if made is None else made.rules.workload_limit,
        open_mandates=await selection_store.open_mandates(tx),
        failed=failed,
        failed_codes={register.then[one].credit_code for one in failed if one in register.then},
        later=register.later,
    )
    return sub_list, make_pool(
        register.shortened.values(), sub_list, province=selection.province, city=selection.city, asked=asked
    )


def _record(
    made: Draw,
    selection: Selection,
    case: CaseOfDraw,
    sub_list: SubList,
    found: Found,
    times: Times,
    at: datetime,
    restart: RestartOf | None,
    second: BeaconRound | SecondSecret,
) -> Pool:
    """Write the pool as Draw v1 has it."""
    if made.court_commitment is None:
        raise InvariantViolated(f"draw {made.draw_id} is frozen without the court's commitment")
    return Pool(
        draw_id=made.id,
        mandate=str(made.mandate_id),
        restart_of=restart,
        purpose=selection.purpose,
        court=case.court,
        case_no=case.case_no,
        asset=selection.city + case.asset,
        sub_list=RecordedSubList(
            profession=sub_list.profession,
            places=tuple(Place(name=t.place, count=t.count, threshold=t.threshold) for t in sub_list.tried),
            used=sub_list.used.place,
        ),
        members=tuple(RecordedMember(id=m.id, name=m.name, licence_no=m.licence_no) for m in found.members),
        excluded=tuple(
            Excluded(id=e.id, name=e.name, reason=e.reason, article=e.article, detail=e.detail) for e in found.excluded
        ),
        picks=LAW.count("reference_price.firms_drawn", on=local_day(at)),
        frozen_at=instant(at),
        commit_by=instant(times.commit_by),
        reveal_by=instant(times.reveal_by),
        draw_at=instant(times.draw_at),
        requested_by=REQUESTING_OFFICE,
        drawn_by=made.drawing_office,
        court_commitment=made.court_commitment,
        second=second,
    )


def _second_of(made: Draw, times: Times, chain: Chain) -> BeaconRound | SecondSecret:
    if made.second == "drand":
        return beacon_for(times.draw_at, chain)
    if made.second_commitment is None:
        raise InvariantViolated(f"draw {made.draw_id} is frozen without the second commitment")
    return SecondSecret(office=SECOND_OFFICE, commitment=made.second_commitment)


async def _restart_of(tx: Transaction, made: Draw) -> RestartOf | None:
    if made.attempt == 1:
        return None
    before = (await store_of_draws.draws_of(tx, made.mandate_id))[made.attempt - 2]
    if before.is_free_again:
        return None
    if before.ended_sha256 is None or before.restart_court is None or before.restart_order is None:
        raise InvariantViolated(f"draw {made.draw_id} restarts one that was not ordered anew")
    return RestartOf(
        draw_id=before.id,
        failure_sha256=before.ended_sha256,
        court=before.restart_court,
        order_no=before.restart_order,
    )


async def _published(tx: Transaction, draw_id: UUID) -> PoolPublished:
    made = await store_of_draws.draw(tx, draw_id)
    if made.pool_sha256 is None:
        raise InvariantViolated(f"draw {draw_id} was frozen and has no pool")
    return PoolPublished(
        draw_id=draw_id,
        sha256=made.pool_sha256,
        commit_by=made.times.commit_by,
        reveal_by=made.times.reveal_by,
        draw_at=made.times.draw_at,
    )
