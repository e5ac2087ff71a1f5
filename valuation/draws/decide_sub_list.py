"""Decide which wider list is drawn from where city and province do not suffice: the court's recorded decision."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Malformed, Unlawful
from valuation.agencies.papers import require_paper
from valuation.agencies.sub_lists import SubListsThin
from valuation.draws.freeze_pool import members_of
from valuation.draws.request_draw import require_no_agreement
from valuation.selections import selection_store, store_of_draws
from valuation.selections.pool import PoolTooSmall
from valuation.selections.require_open_mandate import require_open_mandate
from valuation.selections.selection import Selection

REASON_MAX = 2000


class DecideSubList(Command, frozen=True, kw_only=True):
    """The list, why, and the signed decision."""

    case_id: UUID
    mandate_id: UUID
    level: Literal["province", "national"]
    reason: str
    document_sha256: str


class SubListDecided(Conflict):
    """The court decided on the list before."""

    code = "sub_list_decided"
    article = "评估规范 sub-lists; house: decided once"
    zh = "法院已就名单子库作出决定。"
    en = "The court has decided on the list before."


class SubListReasonNeeded(Malformed):
    """A decision on the list states its reason."""

    code = "sub_list_reason_needed"
    article = "评估规范 sub-lists; house: a decision states its reason"
    zh = "应当写明决定的理由（不超过2000字）。"
    en = "The decision states its reason, in at most 2000 characters."


class SubListNotNeeded(Unlawful):
    """The published rule, or the parties, give a list from which three can be drawn."""

    code = "sub_list_decision_not_needed"
    article = "评估规范 sub-lists; 参考价 16"
    zh = "按照规则或者当事人一致选定的名单子库可以摇号，法院不得另行决定名单。"
    en = "Three can be drawn from the list that the rule or both parties give; the court decides on no other."


class SubListFrozen(Conflict):
    """The pool is frozen: its list is published."""

    code = "sub_list_decision_late"
    article = "参考价 16, 34; house: Draw v1, 1"
    zh = "候选名单已经冻结公布，不能再决定名单子库。"
    en = "The pool has been frozen and published; its list is not decided any more."


async def decide_sub_list(db: Database, actor: Actor, command: DecideSubList) -> UUID:
    """Record the decision, once per mandate, with a published reason; gives the mandate (V47).

    Raises `SubListDecided`, `SubListNotNeeded`, `SubListFrozen`, `SubListReasonNeeded`, `AgreementStillOpen`, `AgenciesAgreed`.
    """
    require_role(actor, Role.PRESIDING_JUDGE, Role.BUREAU_HEAD)
    require_paper(command.document_sha256)
    if not 0 < len(command.reason.strip()) <= REASON_MAX:
        raise SubListReasonNeeded

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        selection = await selection_store.selection_in(tx, command.mandate_id, command.case_id)
        if await selection_store.decided_level(tx, command.mandate_id) is not None:
            raise SubListDecided
        await require_open_mandate(tx, command.mandate_id)
        await require_no_agreement(tx, selection)
        await _require_needed(tx, selection)
        await selection_store.add_sub_list_decision(
            tx,
            command.mandate_id,
            command.level,
            reason=command.reason.strip(),
            document_sha256=command.document_sha256,
            decided_by=actor.person_id,
        )
        return command.mandate_id

    return await db.carry_out(actor, command, work, UUID)


async def _require_needed(tx: Transaction, selection: Selection) -> None:
    """Refuse while three can be drawn from the list that the rule gives, or that both sides named."""
    draws = await store_of_draws.draws_of(tx, selection.mandate_id)
    made = draws[-1] if draws and not draws[-1].is_free_again else None
    if made is not None and made.pool is not None:
        raise SubListFrozen
    try:
        await members_of(tx, selection, made, at=tx.now, decided=None)
    except (SubListsThin, PoolTooSmall):
        return
    raise SubListNotNeeded
