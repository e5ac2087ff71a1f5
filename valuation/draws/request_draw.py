"""Request a draw: the case handler asks, after the parties could not agree; another office draws (参考价 16)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.jobs import enqueue
from valuation.draws.fail_draw import DRAW_DUE, DrawDue
from valuation.draws.hands import Hands, check_hand
from valuation.selections import selection_store, store_of_draws
from valuation.selections.cases import CaseDesk
from valuation.selections.record_agency_proposal import waiting_parties
from valuation.selections.require_open_mandate import require_open_mandate
from valuation.selections.selection import AgenciesAgreed, AgreementStillOpen, PaperWaits, Selection


class RequestDraw(Command, frozen=True, kw_only=True):
    """Ask for the draw of a mandate."""

    case_id: UUID
    mandate_id: UUID
    draw_id: UUID


class DrawRequested(Conflict):
    """The mandate has its draw."""

    code = "draw_requested_before"
    article = "评估规范; 参考价 16"
    zh = "该委托已申请摇号；一项委托只摇号一次。"
    en = "A draw was requested for this mandate before; a mandate is drawn once."


async def request_draw(db: Database, actor: Actor, command: RequestDraw, *, case_desk: CaseDesk) -> UUID:
    """Request the draw, which dies if nobody freezes its pool in time; gives its id.

    Raises: `AgreementStillOpen`, `AgenciesAgreed`, `PaperWaits`, `DrawRequested`, `PartyMayNotDraw`.
    """
    require_role(actor, Role.CASE_HANDLER)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        selection = await selection_store.selection_in(tx, command.mandate_id, command.case_id)
        await require_no_agreement(tx, selection)
        await require_open_mandate(tx, command.mandate_id)
        before = await store_of_draws.draws_of(tx, command.mandate_id)
        check_undrawn(len(before), is_free_again=bool(before) and before[-1].is_free_again)
        case = await case_desk.case_of_draw(tx, selection.case_id, selection.asset_id)
        rules = await selection_store.rules_of(tx, case.court)
        made = store_of_draws.requested(
            draw_id=command.draw_id,
            mandate_id=command.mandate_id,
            attempt=len(before) + 1,
            case_id=command.case_id,
            court=case.court,
            rules=rules,
            requested_by=actor.person_id,
            handler=case.handler,
            requested_at=tx.now,
        )
        for person in (actor.person_id, case.handler):
            check_hand(Hands(parties=frozenset(party.person_id for party in case.parties)), person, "request")
        await store_of_draws.add_draw(tx, made)
        await enqueue(tx, DRAW_DUE, DrawDue(draw_id=made.draw_id), due_at=made.freeze_due)
        return command.draw_id

    return await db.carry_out(actor, command, work, UUID)


def check_undrawn(draws: int, *, is_free_again: bool = False) -> None:
    """Refuse a second draw for one mandate; a failed one starts anew by order only.

    ``is_free_again``: the newest was withdrawn with its appraisal before anybody could know how it ends (V70).
    Source: 评估规范; 参考价 16, 29.
    """
    if draws and not is_free_again:
        raise DrawRequested


async def require_no_agreement(tx: Transaction, selection: Selection) -> None:
    """Refuse while the parties may still agree, after they did, and while a paper of theirs waits for its second person."""
    found = await selection_store.agreement_of(tx, selection)
    if found.state == "agreed":
        raise AgenciesAgreed
    if found.state == "open":
        raise AgreementStillOpen(until=selection.proposals_until.isoformat(timespec="minutes"))
    if await waiting_parties(tx, selection.mandate_id):
        raise PaperWaits
