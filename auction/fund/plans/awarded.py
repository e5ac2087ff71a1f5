"""What a third party who won after the sale can have, and what of it is there now: the proceeds of the lot whose asset was his, nothing else.

1. The sale's other lots were the debtor's: their money is the creditors' (法释〔2025〕10号 6; auction/DECISIONS F58).
2. Of his lot's price there is for him what was not paid out when he won, and what the payees have returned since.
3. What was written off of their returns nobody owes him here any more; what comes of it later all the same is his again.
4. A price that went back to its buyer has nothing for him: the thing itself comes back.

Source: 法释〔2025〕10号 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from auction.kernel.db import Transaction
from auction.kernel.money import ZERO, Money

_AWARDS = """
SELECT c.claim_id, u.round_id, u.in_escrow, p.state = 'paid' AS stands,
       coalesce(sum(r.amount_fen - r.received_fen), 0)::bigint AS outstanding_fen,
       coalesce(sum(r.amount_fen - r.received_fen) FILTER (WHERE r.is_ended), 0)::bigint AS gone_fen
  FROM fund.claim c
  JOIN fund.undoing u ON u.kind = 'third_party' AND u.document_id::text = c.evidence_sha256
  JOIN fund.purchase p ON p.round_id = u.round_id
  LEFT JOIN LATERAL (
      SELECT o.amount_fen, EXISTS (SELECT FROM fund.recovery_end e WHERE e.recovery_id = o.recovery_id) AS is_ended,
             coalesce((SELECT -sum(g.amount_fen) FROM fund.entry n JOIN fund.posting g ON g.entry_id = n.entry_id
                         JOIN fund.account a ON a.code = g.account_code
                        WHERE n.cause = 'recovery_received' AND n.subject_id = o.recovery_id AND a.kind = 'proceeds'), 0) AS received_fen
        FROM fund.recovery o WHERE o.undoing_id = u.undoing_id) r ON true
 WHERE c.case_id = :case_id AND c.kind = 'third_party' AND c.state = 'recorded'
 GROUP BY c.claim_id, u.round_id, u.in_escrow, p.state
"""


@dataclass(frozen=True, slots=True)
class Awarded:
    """Out of which round a third party is paid, what of it payees have not returned, and what of that was written off."""

    round_id: UUID
    outstanding: Money
    gone: Money
    stands: bool


def still_his(left: Money, awarded: Awarded) -> tuple[Money, Money]:
    """Give what of an award is still to come or here, and what of that is here now (rules 2 to 4); ``left``: what he has not had."""
    if not awarded.stands:
        return max(ZERO, left - awarded.gone), ZERO
    return max(ZERO, left - awarded.gone), max(ZERO, left - awarded.outstanding)


async def awards_of_case(tx: Transaction, case_id: UUID) -> dict[UUID, Awarded]:
    """Give the awards behind the recorded claims of third parties; what one took out of escrow is all here."""
    rows = await tx.session.execute(text(_AWARDS), {"case_id": case_id})
    return {
        row.claim_id: Awarded(row.round_id, ZERO, ZERO, stands=True)
        if row.in_escrow
        else Awarded(row.round_id, Money(row.outstanding_fen), Money(row.gone_fen), row.stands)
        for row in rows
    }
