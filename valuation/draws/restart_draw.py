"""Start a dead draw anew, by order of the higher court and by nothing else, entered by somebody who had no part in it."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, InvariantViolated, Malformed, NotPermitted
from auction.kernel.jobs import enqueue
from valuation.agencies.papers import require_paper
from valuation.draw_v1.draw_chain import Restart
from valuation.draw_v1.draw_pool import instant
from valuation.draws.fail_draw import DRAW_DUE, DrawDue
from valuation.selections import selection_store, store_of_draws
from valuation.selections.require_open_mandate import require_open_mandate
from valuation.selections.store_of_draws import Draw

ENTERERS = (Role.VICE_PRESIDENT, Role.PRESIDENT)
"""Whose word an order of the higher court needs: a clerk or the bureau could start draws anew until one pleases."""
TEXT_MAX = 200


class RestartDraw(Command, frozen=True, kw_only=True):
    """The order: which court, its number, the paper; and the id of the new draw."""

    draw_id: UUID
    new_draw_id: UUID
    higher_court: str
    order_no: str
    document_sha256: str


class DrawNotDead(Conflict):
    """Only a draw that failed, or was withdrawn late, and was not started anew before, starts anew."""

    code = "draw_not_dead"
    article = "house: one draw per mandate"
    zh = "该次摇号未失败，或者撤回后可以直接申请，或者已依命令重新进行，不得依命令重新摇号。"
    en = "The draw has not failed, may be requested anew without an order, or was started anew before."


class RestartMalformed(Malformed):
    """The higher court and the number of its order are needed."""

    code = "draw_restart_malformed"
    article = "house: restart by the higher court only"
    zh = "应当写明上级法院和命令文号（各不超过200字）。"
    en = "The higher court and the number of its order are needed, each in at most 200 characters."


class RestartByInsider(NotPermitted):
    """Somebody who had a part in the dead draw does not enter the order."""

    code = "draw_restart_by_insider"
    article = "house: security 3, natural persons are compared"
    zh = "参与过该次摇号的人员不得录入重新摇号的命令。"
    en = "Whoever had a part in the dead draw does not enter the order to start it anew."


async def restart_draw(db: Database, actor: Actor, command: RestartDraw) -> UUID:
    """Record the order and request the next attempt; gives its id. Raises the refusals of this module."""
    require_role(actor, *ENTERERS)
    require_paper(command.document_sha256)
    if not all(0 < len(text.strip()) <= TEXT_MAX for text in (command.higher_court, command.order_no)):
        raise RestartMalformed

    async def work(tx: Transaction) -> UUID:
        await tx.about_case((await store_of_draws.draw(tx, command.draw_id)).case_id)
        at = await store_of_draws.chain_time(tx)
        dead = await store_of_draws.draw(tx, command.draw_id)
        if not dead.may_be_ordered_anew:
            raise DrawNotDead
        if actor.person_id in _insiders(dead):
            raise RestartByInsider
        await require_open_mandate(tx, dead.mandate_id)
        if dead.ended_sha256 is None:
            raise InvariantViolated(f"draw {dead.draw_id} ended without a record")
        restart = Restart(
            draw_id=dead.id,
            failure_sha256=dead.ended_sha256,
            court=command.higher_court.strip(),
            order_no=command.order_no.strip(),
            at=instant(at),
        )
        await store_of_draws.add_restart(
            tx, dead.draw_id, restart, document_sha256=command.document_sha256, by=actor.person_id, at=at
        )
        rules = await selection_store.rules_of(tx, dead.court)
        made = store_of_draws.requested(
            draw_id=command.new_draw_id,
            mandate_id=dead.mandate_id,
            attempt=dead.attempt + 1,
            case_id=dead.case_id,
            court=dead.court,
            rules=rules,
            requested_by=dead.requested_by,
            handler=dead.handler,
            requested_at=tx.now,
        )
        await store_of_draws.add_draw(tx, made)
        await enqueue(tx, DRAW_DUE, DrawDue(draw_id=made.draw_id), due_at=made.freeze_due)
        return command.new_draw_id

    return await db.carry_out(actor, command, work, UUID)


def _insiders(dead: Draw) -> set[UUID | None]:
    return {
        dead.requested_by,
        dead.handler,
        dead.court_committed_by,
        dead.frozen_by,
        dead.second_committed_by,
        dead.second_opened_by,
    }
