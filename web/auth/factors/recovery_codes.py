"""Recovery codes (恢复码): ten codes on paper for whoever has lost his authenticator.

1. Each has 80 random bits in the letters of opening codes. They are shown once, when they are made, and stored only as keyed
   hashes over account and code.
2. Each opens once. New ones end those before; they end with the last second factor of the account.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from auction.kernel.sealing import Sealer
from web.auth.opening_codes import new_code

COUNT = 10


def new_codes() -> Sequence[str]:
    """Make a set of codes, in their normal form (rule 1)."""
    return [new_code() for _place in range(COUNT)]


def hash_of(sealer: Sealer, account_id: UUID, code: str) -> str:
    """Give the keyed hash under which a code is stored (rule 1)."""
    return sealer.commit(f"recovery code:{account_id}\n{code}")
