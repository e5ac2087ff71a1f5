"""Ids: UUIDs of version 7 (time-ordered), typed by what they name.

Made by whoever starts the thing, so that a repeated request names the same thing (idempotency).
"""

from __future__ import annotations

import uuid
from typing import NewType
from uuid import UUID

import uuid_utils.compat

CaseId = NewType("CaseId", UUID)
PartyId = NewType("PartyId", UUID)
AssetId = NewType("AssetId", UUID)
LotId = NewType("LotId", UUID)
RoundId = NewType("RoundId", UUID)
SessionId = NewType("SessionId", UUID)
RegistrationId = NewType("RegistrationId", UUID)
DepositId = NewType("DepositId", UUID)
AccountId = NewType("AccountId", UUID)
"""A sign-in account (a ledger account has a code, not an id)."""
PersonId = NewType("PersonId", UUID)
CommandId = NewType("CommandId", UUID)
DocumentId = NewType("DocumentId", UUID)

_NAMESPACE = UUID("6f1ad1d6-8f0b-5c5e-9d0a-3f0c2f8b7a11")


def new_id() -> UUID:
    """Make a fresh time-ordered id."""
    return uuid_utils.compat.uuid7()


def named_id(*names: str) -> UUID:
    """Make the id that always belongs to these names: the same names give the same id."""
    return uuid.uuid5(_NAMESPACE, "\x1f".join(names))
