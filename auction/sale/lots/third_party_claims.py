"""What a third party's claim (案外人异议) holds up: a docketed one stops the sale, a founded one lets no stopped round resume.

The claims stand in `auction.sale.objections`, above the lots; here is read only how they stand.
Source: 网拍 28, 36; 拍变 17; CPL 238.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import text

from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict

_CLAIMS: Final = text(
    "SELECT r.upheld FROM sale.enforcement_objection o JOIN sale.lot l USING (lot_id) "
    "JOIN sale.objection_docketing d ON d.objection_id = o.objection_id AND d.admitted "
    "LEFT JOIN sale.objection_ruling r ON r.objection_id = o.objection_id "
    "WHERE o.kind = 'third_party_claim' AND l.asset_id = :asset_id "
    "AND NOT EXISTS (SELECT FROM sale.objection_withdrawal w WHERE w.objection_id = o.objection_id)"
)


class ThirdPartyClaimPending(Conflict):
    """A third party's claim to the thing is under review."""

    code = "third_party_claim_pending"
    article = "网拍 36; CPL 238"
    zh = "案外人对该标的物的异议正在审查，审查结束前不得发布公告或者恢复拍卖。"
    en = "A third party's claim to the object is under review: until it is decided no notice is published and no round resumes."


class ThirdPartyClaimFounded(Conflict):
    """A third party's claim was found justified: the stopped round does not go on."""

    code = "third_party_claim_founded"
    article = "CPL 238; 网拍 28; 拍变 17"
    zh = "案外人异议成立，对该标的物中止执行，本次拍卖不得恢复，应当撤回。"
    en = "The third party's claim was upheld: enforcement against the object is stayed; the round is withdrawn, not resumed."


async def require_no_claim_pending(tx: Transaction, asset_id: UUID) -> None:
    """Refuse while a docketed claim to the thing is undecided, whichever of its lots it names (`ThirdPartyClaimPending`)."""
    if None in await _claims_on(tx, asset_id):
        raise ThirdPartyClaimPending


async def require_may_resume(tx: Transaction, asset_id: UUID) -> None:
    """Refuse to resume while a claim is undecided, and after one was founded (`ThirdPartyClaimFounded`)."""
    claims = await _claims_on(tx, asset_id)
    if None in claims:
        raise ThirdPartyClaimPending
    if True in claims:
        raise ThirdPartyClaimFounded


async def _claims_on(tx: Transaction, asset_id: UUID) -> set[bool | None]:
    """Give how the docketed claims stand: upheld, rejected, ``None`` for undecided."""
    return set((await tx.session.scalars(_CLAIMS, {"asset_id": asset_id})).all())
