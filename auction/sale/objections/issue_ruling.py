"""Write the ruling on an objection into the file: a draft until the court's seal, like every ruling."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.persons import name_of
from auction.law.parameters import LAW
from auction.sale.cases import store as cases
from auction.sale.cases.documents import KINDS, DocumentKind
from auction.sale.cases.issue_document import IssueDocument, issue_in
from auction.sale.objections.objections import Capacity, ObjectionKind
from auction.sale.objections.ruling_text import RulingText, ruling_text
from auction.sale.objections.store import OnFile
from auction.sale.objections.tables import ReviewMemberRow


class Ruled(msgspec.Struct, frozen=True, kw_only=True):
    """What is ruled, and why."""

    reason: str
    article: str
    operative: str


async def issue_ruling(
    tx: Transaction,
    actor: Actor,
    held: OnFile,
    ruled: Ruled,
    *,
    command_id: UUID,
    document_id: UUID,
    panel: Sequence[ReviewMemberRow] = (),
) -> None:
    """Issue the ruling within the caller's transaction; ``panel`` is empty for a refusal to docket."""
    row = held.row
    kind, capacity = ObjectionKind(row.kind), Capacity(row.capacity)
    case = await cases.case_row(tx, row.case_id)
    was_docketed = held.docketing is not None
    is_suit = was_docketed and kind is ObjectionKind.THIRD_PARTY_CLAIM
    key = "objection.third_party_suit_days" if is_suit else "objection.review_request_days"
    body = ruling_text(
        RulingText(
            kind=kind,
            capacity=capacity,
            objector="" if capacity is Capacity.BIDDER else await name_of(tx, row.person_id),
            case_number=case.case_number,
            number=held.docketing.number if held.docketing is not None else "",
            asks=tx.sealer.open(row.asks_sealed),
            grounds=tx.sealer.open(row.grounds_sealed),
            reason=ruled.reason,
            article=ruled.article,
            operative=ruled.operative,
            days=LAW.days(key, on=local_day(tx.now)),
            panel=tuple((member.name, member.is_presiding) for member in panel),
        )
    )
    document = IssueDocument(
        command_id=command_id,
        document_id=document_id,
        case_id=row.case_id,
        kind=DocumentKind.OBJECTION_RULING,
        title=f"{case.case_number}{KINDS[DocumentKind.OBJECTION_RULING].zh}",
        body=body,
        lot_id=row.lot_id,
    )
    await issue_in(tx, actor, document)
