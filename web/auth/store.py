"""SQL of accounts, roles, sessions and the throttle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Transaction
from auction.kernel.ids import AccountId, PersonId
from web.auth.accounts import ACT_FOR_OTHERS
from web.auth.sessions import ABSOLUTE_LIMIT, IDLE_LIMIT
from web.auth.tables import (
    AccountRow,
    HalfSignInRow,
    OpeningCodeRow,
    PasskeyChallengeRow,
    PasskeyRow,
    RoleGrantRow,
    SessionRow,
    ThrottleRow,
    TotpRow,
)
from web.auth.throttle import FORGOTTEN_AFTER
from web.visit import SessionHash

SWEPT_AT_ONCE = 1000
SESSIONS_SHOWN = 50
HAS_FACTOR = or_(
    exists().where(
        TotpRow.account_id == AccountRow.account_id, TotpRow.confirmed_at.is_not(None), TotpRow.ended_at.is_(None)
    ),
    exists().where(PasskeyRow.account_id == AccountRow.account_id, PasskeyRow.ended_at.is_(None)),
)


class RunningSession(NamedTuple):
    """A session as its owner sees it."""

    session_hash: SessionHash
    channel: str
    signed_in_at: datetime
    seen_at: datetime


class FoundSession(NamedTuple):
    """A session with its account and the roles that stand now; values, for rows end with their transaction."""

    account_id: AccountId
    person_id: PersonId
    username: str
    locale: str | None
    is_sample: bool
    channel: str
    signed_in_at: datetime
    seen_at: datetime
    proven_at: datetime | None
    """When it last proved a second factor; ``None``: never."""
    has_factor: bool
    roles: frozenset[Role]
    identity_verified_by: str
    institution: str | None

    @property
    def actor(self) -> Actor:
        """The actor of this session."""
        return Actor(
            account_id=self.account_id,
            person_id=self.person_id,
            roles=self.roles,
            is_identified=self.identity_verified_by != "none",
            institution=self.institution,
        )


async def account_by_username(tx: Transaction, username: str) -> AccountRow | None:
    """Give the account of a username."""
    return (await tx.session.scalars(select(AccountRow).where(AccountRow.username == username))).one_or_none()


async def account_by_id(tx: Transaction, account_id: UUID) -> AccountRow | None:
    """Give the account of an id."""
    return (await tx.session.scalars(select(AccountRow).where(AccountRow.account_id == account_id))).one_or_none()


async def account_by_person(tx: Transaction, person_id: UUID) -> AccountRow | None:
    """Give the open account of a person."""
    found = select(AccountRow).where(AccountRow.person_id == person_id, AccountRow.state == "open")
    return (await tx.session.scalars(found)).one_or_none()


async def roles_of(tx: Transaction, account_id: UUID) -> frozenset[Role]:
    """Give the roles that stand: confirmed and not ended."""
    return (await roles_of_all(tx, [account_id]))[account_id]


async def roles_of_all(tx: Transaction, account_ids: Sequence[UUID]) -> dict[UUID, frozenset[Role]]:
    """Give the roles that stand of each account, with one query."""
    rows = await tx.session.execute(
        select(RoleGrantRow.account_id, RoleGrantRow.role).where(
            RoleGrantRow.account_id.in_(account_ids),
            RoleGrantRow.confirmed_at.is_not(None),
            RoleGrantRow.ended_at.is_(None),
        )
    )
    held: dict[UUID, set[Role]] = {account_id: set() for account_id in account_ids}
    for account_id, role in rows:
        held[account_id].add(Role(role))
    return {account_id: frozenset(roles) for account_id, roles in held.items()}


async def institution_of(tx: Transaction, account_id: UUID) -> str | None:
    """Give the institution for which the account acts by its lender's or agency's role; ``None``: for none."""
    return await tx.session.scalar(
        select(RoleGrantRow.institution).where(
            RoleGrantRow.account_id == account_id,
            RoleGrantRow.role.in_([role.value for role in ACT_FOR_OTHERS]),
            RoleGrantRow.confirmed_at.is_not(None),
            RoleGrantRow.ended_at.is_(None),
        )
    )


async def holders_of(tx: Transaction, roles: frozenset[Role], *, limit: int) -> list[tuple[UUID, frozenset[Role]]]:
    """Give the persons whose open accounts hold one of these roles, with those that they hold, by username."""
    rows = await tx.session.execute(
        select(AccountRow.person_id, RoleGrantRow.role)
        .join(RoleGrantRow, RoleGrantRow.account_id == AccountRow.account_id)
        .where(
            AccountRow.state == "open",
            RoleGrantRow.role.in_([role.value for role in roles]),
            RoleGrantRow.confirmed_at.is_not(None),
            RoleGrantRow.ended_at.is_(None),
        )
        .order_by(AccountRow.username, RoleGrantRow.role)
        .limit(limit)
    )
    held: dict[UUID, set[Role]] = {}
    for person_id, role in rows:
        held.setdefault(person_id, set()).add(Role(role))
    return [(person_id, frozenset(found)) for person_id, found in held.items()]


async def standing_grant(tx: Transaction, account_id: UUID, role: Role) -> RoleGrantRow | None:
    """Give the grant of this role that is proposed or confirmed and not ended; locks it."""
    return (
        await tx.session.scalars(
            select(RoleGrantRow)
            .where(RoleGrantRow.account_id == account_id, RoleGrantRow.role == role, RoleGrantRow.ended_at.is_(None))
            .with_for_update()
        )
    ).one_or_none()


async def open_proposals(tx: Transaction) -> list[tuple[RoleGrantRow, AccountRow]]:
    """Give the proposals that wait for a second administrator, oldest first."""
    rows = await tx.session.execute(
        select(RoleGrantRow, AccountRow)
        .join(AccountRow, AccountRow.account_id == RoleGrantRow.account_id)
        .where(RoleGrantRow.confirmed_at.is_(None), RoleGrantRow.ended_at.is_(None))
        .order_by(RoleGrantRow.proposed_at)
    )
    return [(grant, account) for grant, account in rows]


async def count_administrators(tx: Transaction) -> int:
    """Count the accounts that were ever an administrator."""
    found = await tx.session.scalar(
        select(func.count(func.distinct(RoleGrantRow.account_id))).where(
            RoleGrantRow.role == Role.ADMINISTRATOR, RoleGrantRow.confirmed_at.is_not(None)
        )
    )
    return int(found or 0)


async def count_sample_accounts(tx: Transaction) -> int:
    """Count the sample accounts."""
    return int(await tx.session.scalar(select(func.count()).where(AccountRow.is_sample)) or 0)


async def session_by_hash(tx: Transaction, session_hash: SessionHash) -> FoundSession | None:
    """Give a session that was not ended, of an open account, with its roles; the caller checks its time."""
    found = (
        await tx.session.execute(
            select(SessionRow, AccountRow, HAS_FACTOR)
            .join(AccountRow, AccountRow.account_id == SessionRow.account_id)
            .where(SessionRow.session_hash == session_hash, SessionRow.ended_at.is_(None), AccountRow.state == "open")
        )
    ).one_or_none()
    if found is None:
        return None
    row, account, has_factor = found
    roles = await roles_of(tx, account.account_id)
    return FoundSession(
        account_id=AccountId(account.account_id),
        person_id=PersonId(account.person_id),
        username=account.username,
        locale=account.locale,
        is_sample=account.is_sample,
        channel=row.channel,
        signed_in_at=row.signed_in_at,
        seen_at=row.seen_at,
        proven_at=row.proven_at,
        has_factor=has_factor,
        roles=roles,
        identity_verified_by=account.identity_verified_by,
        institution=await institution_of(tx, account.account_id) if roles & ACT_FOR_OTHERS else None,
    )


async def note_seen(tx: Transaction, session_hash: SessionHash, now: datetime) -> None:
    """Note that a session was seen."""
    await tx.session.execute(
        update(SessionRow)
        .where(SessionRow.session_hash == session_hash, SessionRow.ended_at.is_(None), SessionRow.seen_at < now)
        .values(seen_at=now)
    )


async def end_session(tx: Transaction, session_hash: SessionHash, now: datetime) -> bool:
    """End a session; whether there was one to end."""
    ended = await tx.session.scalars(
        update(SessionRow)
        .where(SessionRow.session_hash == session_hash, SessionRow.ended_at.is_(None))
        .values(ended_at=now)
        .returning(SessionRow.account_id)
    )
    return ended.one_or_none() is not None


async def end_sessions_of(
    tx: Transaction, account_id: UUID, now: datetime, *, but: SessionHash | None = None
) -> list[SessionHash]:
    """End all sessions of an account, ``but`` one if it is named; gives the hashes of those that ended."""
    ended = await tx.session.scalars(
        update(SessionRow)
        .where(
            SessionRow.account_id == account_id,
            SessionRow.ended_at.is_(None),
            SessionRow.session_hash != (but or b""),
        )
        .values(ended_at=now)
        .returning(SessionRow.session_hash)
    )
    return [SessionHash(bytes(one)) for one in ended]


async def running_sessions(tx: Transaction, account_id: UUID, now: datetime) -> list[RunningSession]:
    """Give the sessions of an account that neither ended nor ran out, the one seen last first."""
    rows = await tx.session.scalars(
        select(SessionRow)
        .where(
            SessionRow.account_id == account_id,
            SessionRow.ended_at.is_(None),
            SessionRow.seen_at > now - IDLE_LIMIT,
            SessionRow.signed_in_at > now - ABSOLUTE_LIMIT,
        )
        .order_by(SessionRow.seen_at.desc(), SessionRow.session_hash)
        .limit(SESSIONS_SHOWN)
    )
    return [RunningSession(SessionHash(bytes(r.session_hash)), r.channel, r.signed_in_at, r.seen_at) for r in rows]


async def close_account(tx: Transaction, account: AccountRow, now: datetime) -> None:
    """Close an account for good: its roles and sessions end."""
    account.state = "closed"
    await tx.session.flush()
    await tx.session.execute(
        update(RoleGrantRow)
        .where(RoleGrantRow.account_id == account.account_id, RoleGrantRow.ended_at.is_(None))
        .values(ended_at=now)
    )
    await end_sessions_of(tx, account.account_id, now)


async def replace_password(tx: Transaction, account_id: UUID, *, before: str, after: str) -> bool:
    """Store another hash of an open account if the one of ``before`` still stands; whether it did."""
    changed = await tx.session.scalars(
        update(AccountRow)
        .where(AccountRow.account_id == account_id, AccountRow.password_hash == before, AccountRow.state == "open")
        .values(password_hash=after)
        .returning(AccountRow.account_id)
    )
    return changed.one_or_none() is not None


async def open_code(tx: Transaction, code_hash: str) -> OpeningCodeRow | None:
    """Give the opening code of this hash if it was neither used nor ended and its time runs; locks it."""
    return (
        await tx.session.scalars(
            select(OpeningCodeRow)
            .where(
                OpeningCodeRow.code_hash == code_hash,
                OpeningCodeRow.used_at.is_(None),
                OpeningCodeRow.ended_at.is_(None),
                OpeningCodeRow.valid_until > tx.now,
            )
            .with_for_update()
        )
    ).one_or_none()


async def end_open_codes(tx: Transaction, commitment: str) -> None:
    """End the codes of a person that are still open, whether or not their time has passed."""
    await tx.session.execute(
        update(OpeningCodeRow)
        .where(
            OpeningCodeRow.identity_commitment == commitment,
            OpeningCodeRow.used_at.is_(None),
            OpeningCodeRow.ended_at.is_(None),
        )
        .values(ended_at=tx.now)
    )


async def throttle_row(tx: Transaction, subject: str, now: datetime) -> ThrottleRow:
    """Give the count of a subject, made if there was none; locks it, in one statement.

    Between two a right attempt at the same moment could clear the count that was just found.
    """
    made = insert(ThrottleRow).values(subject=subject, attempts=0, last_attempt_at=now)
    held = made.on_conflict_do_update(index_elements=["subject"], set_={"subject": made.excluded.subject})
    found = await tx.session.scalars(held.returning(ThrottleRow), execution_options={"populate_existing": True})
    return found.one()


async def clear_throttle(tx: Transaction, subjects: list[str]) -> None:
    """Forget the counts of these subjects."""
    await tx.session.execute(delete(ThrottleRow).where(ThrottleRow.subject.in_(subjects)))


async def uncount_attempt(tx: Transaction, subjects: list[str]) -> None:
    """Take back one attempt of each of these subjects: it was right."""
    await tx.session.execute(
        update(ThrottleRow)
        .where(ThrottleRow.subject.in_(subjects), ThrottleRow.attempts > 0)
        .values(attempts=ThrottleRow.attempts - 1)
    )


async def sweep(tx: Transaction, *, sessions_before: datetime, now: datetime) -> int:
    """Delete old sessions, halves of sign-ins, challenges and forgotten counts, at most `SWEPT_AT_ONCE` of each; gives how many."""
    old = select(SessionRow.session_hash).where(SessionRow.signed_in_at < sessions_before).limit(SWEPT_AT_ONCE)
    sessions = await tx.session.scalars(
        delete(SessionRow).where(SessionRow.session_hash.in_(old)).returning(SessionRow.account_id)
    )
    stale = select(ThrottleRow.subject).where(ThrottleRow.last_attempt_at < now - FORGOTTEN_AFTER).limit(SWEPT_AT_ONCE)
    counts = await tx.session.scalars(
        delete(ThrottleRow).where(ThrottleRow.subject.in_(stale)).returning(ThrottleRow.attempts)
    )
    waiting = select(HalfSignInRow.token_hash).where(HalfSignInRow.begun_at < sessions_before).limit(SWEPT_AT_ONCE)
    halves = await tx.session.scalars(
        delete(HalfSignInRow).where(HalfSignInRow.token_hash.in_(waiting)).returning(HalfSignInRow.account_id)
    )
    asked = (
        select(PasskeyChallengeRow.challenge_hash)
        .where(PasskeyChallengeRow.made_at < sessions_before)
        .limit(SWEPT_AT_ONCE)
    )
    challenges = await tx.session.scalars(
        delete(PasskeyChallengeRow)
        .where(PasskeyChallengeRow.challenge_hash.in_(asked))
        .returning(PasskeyChallengeRow.purpose)
    )
    return len(sessions.all()) + len(counts.all()) + len(halves.all()) + len(challenges.all())
