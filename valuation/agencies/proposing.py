"""What every proposed change of the register has in common: it is checked, and waits for another natural person."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.errors import NotPermitted
from valuation.agencies import register_store
from valuation.agencies.register import Content, Entry, agency_of, check_change, check_entry, known_id

KEEPERS = (Role.JUDICIAL_TECHNOLOGY,)
"""Who keeps the register (practice 9)."""
DECIDERS = (Role.JUDICIAL_TECHNOLOGY, Role.VICE_PRESIDENT, Role.PRESIDENT)
"""Among whom the second person is."""


class SecondPersonNeeded(NotPermitted):
    """Whoever proposed a change of the register does not decide on it."""

    code = "register_second_person_needed"
    article = "house: security 3, natural persons are compared"
    zh = "名册变更须由提出人以外的人复核。"
    en = "Another person than the one who proposed it decides on a change of the register."


async def propose(
    tx: Transaction,
    actor: Actor,
    *,
    change_id: UUID,
    agency_id: UUID,
    content: Content,
    reason: str,
    document_sha256: str,
    case_id: UUID | None = None,
) -> UUID:
    """Record a proposed change after checking it; gives its id. Raises what `check_change` and `check_fits` raise."""
    check_change(content, reason=reason, document_sha256=document_sha256, today=local_day(tx.now))
    await tx.lock(register_store.LOCK)
    agency_id = known_id(await register_store.register(tx), agency_id, content)
    await check_fits(tx, agency_id, content)
    await register_store.add_change(
        tx,
        register_store.Proposed(
            change_id=change_id,
            agency_id=agency_id,
            case_id=case_id,
            content=content,
            reason=reason.strip(),
            document_sha256=document_sha256,
            proposed_by=actor.person_id,
            proposed_at=tx.now,
        ),
    )
    return change_id


async def check_fits(tx: Transaction, agency_id: UUID, content: Content) -> None:
    """Refuse a change that the register as it stands does not take: at the proposal, and again at the decision.

    Raises: `AgencyIdTaken`, `AgencyListed`, `AgencyBarred`, `AgencyUnknown`.
    """
    agencies, today = await register_store.register(tx), local_day(tx.now)
    if isinstance(content, Entry):
        check_entry(agencies, agency_id, content, on=today)
    else:
        agency_of(agencies, agency_id, on=today)
