"""What a lender is asked: the payload of the jobs, the keys, and how long a silent lender is asked again.

1. A key stands for one request. A commitment that was taken back and is asked for again is another request, even for the same amount.
2. A lender who does not answer is asked again for as long as the question stands: a job's own attempts end after about an hour.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec

from auction.fund.loans.tables import LoanRow
from auction.fund.look_again import look_again
from auction.kernel.db import Database
from auction.kernel.errors import OutcomeUnknown, Unavailable
from auction.kernel.jobs import MAX_ATTEMPTS, Job

LOOK_AFTER_SILENCE = 20
"""From this look on the pause is the longest one: a lender who was silent through a job's attempts is asked hourly."""


class LoanAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the jobs about a loan; ``look`` counts the looks at an open outcome.

    ``key`` names the request for a commitment; empty: the newest.
    """

    loan_id: UUID
    look: int = 0
    key: str = ""


def approval_key(loan_id: UUID) -> str:
    """The key under which a pre-approval is asked; there is one for a loan."""
    return f"approval:{loan_id}"


def commitment_key(row: LoanRow) -> str:
    """The key of the newest request for a commitment (rule 1)."""
    again = f":{row.commitment_asks}" if row.commitment_asks > 1 else ""
    return f"commitment:{row.loan_id}:{row.asked_fen}{again}"


async def asking(db: Database, job: Job, asked: LoanAsked, ask: Callable[[], Awaitable[None]]) -> None:
    """Ask a lender; at a job's last attempt a silent one is asked again by another job (rule 2)."""
    try:
        await ask()
    except (OutcomeUnknown, Unavailable):
        if job.attempts + 1 < MAX_ATTEMPTS:
            raise
        again = msgspec.structs.replace(asked, look=max(asked.look, LOOK_AFTER_SILENCE) + 1)
        await db.transact(lambda tx: look_again(tx, job.kind, again, look=again.look))
