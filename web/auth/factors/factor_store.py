"""SQL of second factors."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from auction.kernel.db import Transaction
from web.auth.tables import HalfSignInRow, PasskeyRow, RecoveryCodeRow, SessionRow, TotpRow
from web.visit import SessionHash


async def standing_totp(tx: Transaction, account_id: UUID) -> TotpRow | None:
    """Give the confirmed authenticator of an account; locks it."""
    return (
        await tx.session.scalars(
            select(TotpRow)
            .where(TotpRow.account_id == account_id, TotpRow.confirmed_at.is_not(None), TotpRow.ended_at.is_(None))
            .with_for_update()
        )
    ).one_or_none()


async def begun_totp(tx: Transaction, account_id: UUID) -> TotpRow | None:
    """Give the authenticator that waits for its first code, however long it has waited."""
    return (
        await tx.session.scalars(
            select(TotpRow).where(
                TotpRow.account_id == account_id, TotpRow.confirmed_at.is_(None), TotpRow.ended_at.is_(None)
            )
        )
    ).one_or_none()


async def totp_since(tx: Transaction, account_id: UUID) -> datetime | None:
    """Give when the authenticator of an account was confirmed; ``None``: it has none."""
    return await tx.session.scalar(
        select(TotpRow.confirmed_at).where(
            TotpRow.account_id == account_id, TotpRow.confirmed_at.is_not(None), TotpRow.ended_at.is_(None)
        )
    )


async def has_factor(tx: Transaction, account_id: UUID) -> bool:
    """Whether the account has a second factor: an authenticator, or a passkey (a suspected one, too)."""
    passkey = select(PasskeyRow.passkey_id).where(PasskeyRow.account_id == account_id, PasskeyRow.ended_at.is_(None))
    return await totp_since(tx, account_id) is not None or bool(await tx.session.scalar(select(passkey.exists())))


async def end_halves(tx: Transaction, account_id: UUID, now: datetime) -> None:
    """End the sign-ins of an account that wait for its second factor."""
    await tx.session.execute(
        update(HalfSignInRow)
        .where(HalfSignInRow.account_id == account_id, HalfSignInRow.ended_at.is_(None))
        .values(ended_at=now)
    )


async def use_recovery_code(tx: Transaction, code_hash: str, now: datetime) -> bool:
    """Use a recovery code up; whether it was open. Of two who bring the same code one is told that it was."""
    used = await tx.session.scalars(
        update(RecoveryCodeRow)
        .where(
            RecoveryCodeRow.code_hash == code_hash,
            RecoveryCodeRow.used_at.is_(None),
            RecoveryCodeRow.ended_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCodeRow.account_id)
    )
    return used.one_or_none() is not None


async def replace_recovery_codes(tx: Transaction, account_id: UUID, hashes: Iterable[str], now: datetime) -> None:
    """End the open recovery codes of an account and store these; none: only end."""
    await tx.session.execute(
        update(RecoveryCodeRow)
        .where(
            RecoveryCodeRow.account_id == account_id,
            RecoveryCodeRow.used_at.is_(None),
            RecoveryCodeRow.ended_at.is_(None),
        )
        .values(ended_at=now)
    )
    tx.session.add_all(
        RecoveryCodeRow(code_hash=one, account_id=account_id, issued_at=now, used_at=None, ended_at=None)
        for one in hashes
    )
    await tx.session.flush()


async def count_recovery_codes(tx: Transaction, account_id: UUID) -> int:
    """Count the recovery codes that are still open."""
    found = await tx.session.scalar(
        select(func.count()).where(
            RecoveryCodeRow.account_id == account_id,
            RecoveryCodeRow.used_at.is_(None),
            RecoveryCodeRow.ended_at.is_(None),
        )
    )
    return int(found or 0)


async def open_half(tx: Transaction, token_hash: SessionHash, *, since: datetime) -> HalfSignInRow | None:
    """Give a sign-in that waits for its second factor and began after ``since``; locks it."""
    return (
        await tx.session.scalars(
            select(HalfSignInRow)
            .where(
                HalfSignInRow.token_hash == token_hash,
                HalfSignInRow.ended_at.is_(None),
                HalfSignInRow.begun_at > since,
            )
            .with_for_update()
        )
    ).one_or_none()


async def note_proven(tx: Transaction, session_hash: SessionHash, now: datetime) -> None:
    """Note that a running session has proven a second factor."""
    await tx.session.execute(
        update(SessionRow)
        .where(SessionRow.session_hash == session_hash, SessionRow.ended_at.is_(None))
        .values(proven_at=now)
    )


HALF_FOR = timedelta(minutes=10)
"""How long a right password waits for the second factor."""
