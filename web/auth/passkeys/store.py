"""SQL of passkeys and their challenges."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from auction.kernel.db import Transaction
from web.auth.passkeys.passkeys import ANSWERED_WITHIN, PasskeyShown, Purpose, hash_of
from web.auth.tables import PasskeyChallengeRow, PasskeyRow


async def add_challenge(
    tx: Transaction, challenge: bytes, purpose: Purpose, *, account_id: UUID | None, bound_to: bytes, now: datetime
) -> None:
    """Store a challenge that waits for its answer."""
    row = PasskeyChallengeRow(challenge_hash=hash_of(challenge), purpose=purpose, account_id=account_id)
    row.bound_to, row.made_at, row.used_at = bound_to, now, None
    tx.session.add(row)
    await tx.session.flush()


async def use_challenge(
    tx: Transaction, challenge: bytes, purpose: Purpose, *, account_id: UUID | None, bound_to: bytes, now: datetime
) -> bool:
    """Use a challenge up; whether it was open, for this purpose and account, asked for from here, and young enough."""
    used = await tx.session.scalars(
        update(PasskeyChallengeRow)
        .where(
            PasskeyChallengeRow.challenge_hash == hash_of(challenge),
            PasskeyChallengeRow.purpose == purpose,
            PasskeyChallengeRow.account_id.is_not_distinct_from(account_id),
            PasskeyChallengeRow.bound_to == bound_to,
            PasskeyChallengeRow.made_at > now - ANSWERED_WITHIN,
            PasskeyChallengeRow.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(PasskeyChallengeRow.made_at)
    )
    return used.one_or_none() is not None


async def standing(tx: Transaction, account_id: UUID) -> list[PasskeyRow]:
    """Give the passkeys of an account that were not removed, the oldest first."""
    asked = select(PasskeyRow).where(PasskeyRow.account_id == account_id, PasskeyRow.ended_at.is_(None))
    return list(await tx.session.scalars(asked.order_by(PasskeyRow.made_at, PasskeyRow.passkey_id)))


async def shown(tx: Transaction, account_id: UUID) -> list[PasskeyShown]:
    """Give the passkeys of an account as its owner sees them."""
    return [
        PasskeyShown(row.passkey_id, row.name, row.made_at, row.used_at, row.suspected_at is not None)
        for row in await standing(tx, account_id)
    ]


async def by_credential(tx: Transaction, credential_id: bytes) -> PasskeyRow | None:
    """Give the passkey of a credential that was neither removed nor suspected; locks it."""
    return (
        await tx.session.scalars(
            select(PasskeyRow)
            .where(
                PasskeyRow.credential_id == credential_id,
                PasskeyRow.ended_at.is_(None),
                PasskeyRow.suspected_at.is_(None),
            )
            .with_for_update()
        )
    ).one_or_none()


async def is_taken(tx: Transaction, credential_id: bytes) -> bool:
    """Whether a passkey of this credential was ever registered, by anybody."""
    asked = select(PasskeyRow.passkey_id).where(PasskeyRow.credential_id == credential_id)
    return await tx.session.scalar(asked) is not None


async def end_all(tx: Transaction, account_id: UUID, now: datetime) -> None:
    """End all passkeys of an account."""
    await tx.session.execute(
        update(PasskeyRow)
        .where(PasskeyRow.account_id == account_id, PasskeyRow.ended_at.is_(None))
        .values(ended_at=now)
    )
