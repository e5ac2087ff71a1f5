"""The second office opens its secret, after the parties' openings and before the draw dies."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from auction.kernel.actors import Actor
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, InvariantViolated, Unlawful
from valuation.agencies.rules_of_court import SECOND_OFFICE, require_office
from valuation.draw_v1.draw import check_opening
from valuation.draws.acting import require_hand
from valuation.draws.commit_entropy import DrawNotFrozen
from valuation.draws.commit_second_secret import require_second_secret
from valuation.draws.committing import require_hex
from valuation.selections import store_of_draws
from valuation.selections.cases import CaseDesk


class OpenSecondSecret(Command, frozen=True, kw_only=True):
    """The secret itself; it is published with the draw, not before."""

    draw_id: UUID
    secret: str


class SecondSecretEarly(Conflict):
    """While a party may still open, the second secret stays closed."""

    code = "draw_second_early"
    article = "house: Draw v1, 3"
    zh = "当事人揭示截止（{since}）后方可揭示第二份秘密。"
    en = "The second secret is opened after the parties' openings have ended ({since})."


class DrawDead(Unlawful):
    """The time for opening is over; the draw has failed."""

    code = "draw_time_over"
    article = "house: Draw v1, 3; restart by the higher court only"
    zh = "揭示期限已于 {until} 届满，本次摇号失败；须依上级法院命令重新进行。"
    en = "The time for opening ended at {until}; the draw has failed and starts anew by order of the higher court only."


class SecondSecretOpened(Conflict):
    """The second secret is open."""

    code = "draw_second_opened_before"
    article = "house: Draw v1, 3"
    zh = "第二份秘密已揭示。"
    en = "The second secret was opened before."


async def open_second_secret(db: Database, actor: Actor, command: OpenSecondSecret, *, case_desk: CaseDesk) -> datetime:
    """Keep the second office's secret, once; one that does not match changes nothing. Gives when.

    Raises: `OfficeLacking`, what `require_hand` raises, `NoSecondSecret`, `DrawNotFrozen`, `SecondSecretEarly`, `DrawDead`, `CommitmentWrong`.
    """
    require_office(actor, SECOND_OFFICE)
    require_hex(command.secret)

    async def work(tx: Transaction) -> datetime:
        await tx.about_case((await store_of_draws.draw(tx, command.draw_id)).case_id)
        made = await store_of_draws.draw(tx, command.draw_id)
        require_second_secret(made)
        await require_hand(tx, actor, made, "second", case_desk)
        if made.state != "frozen":
            raise DrawNotFrozen
        if made.second_sealed is not None:
            raise SecondSecretOpened
        if tx.now <= made.times.reveal_by:
            raise SecondSecretEarly(since=made.times.reveal_by.isoformat())
        if tx.now >= made.times.dies_at:
            raise DrawDead(until=made.times.dies_at.isoformat())
        if made.second_commitment is None:
            raise InvariantViolated(f"draw {made.draw_id} has no second commitment")
        check_opening(made.id, "second", secret=command.secret, committed=made.second_commitment)
        await store_of_draws.open_second(tx, made.draw_id, command.secret, by=actor.person_id)
        return tx.now

    return await db.carry_out(actor, command, work, datetime)
