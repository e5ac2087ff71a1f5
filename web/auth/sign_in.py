"""Sign in: username and password become a session with a fresh token."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

from auction.kernel import audit
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import NotSignedIn
from web.auth import store, throttle
from web.auth.accounts import PASSWORD_MAX
from web.auth.passwords import Passwords
from web.auth.sessions import hash_of, new_token
from web.auth.tables import AccountRow, SessionRow
from web.visit import SessionHash

USERNAME_MAX = 32


class SignInWrong(NotSignedIn):
    """Username and password do not belong together; which of the two is wrong is not said."""

    code = "sign_in_wrong"
    article = "house: sign-in says nothing about accounts"
    zh = "用户名或密码不正确。"
    en = "Username or password is not correct."


class Credentials(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person gives to sign in."""

    username: str
    password: str


class Origin(NamedTuple):
    """Where an attempt comes from: the client's address, and the device if this account was used from it before."""

    address: str
    device: str | None
    channel: Literal["browser", "api"]


class SignedIn(NamedTuple):
    """A fresh session: its token (shown once, never stored) and whose it is."""

    token: str
    account_id: UUID
    username: str
    locale: str | None


class _Subject(NamedTuple):
    kind: throttle.Kind
    name: str


class Proven(NamedTuple):
    """An account whose password was just given, and the counts that the attempt stands in."""

    account: AccountRow
    subjects: Sequence[_Subject]


async def sign_in(
    db: Database,
    credentials: Credentials,
    *,
    passwords: Passwords,
    origin: Origin,
    now: datetime,
    replaces: SessionHash | None = None,
) -> SignedIn:
    """Check a password and open a session; ends the session ``replaces`` that the browser had before.

    ``now`` is real time. Raises `throttle.TooManyAttempts` (nothing was checked) or `SignInWrong`.
    """
    proven = await prove_password(db, credentials, passwords=passwords, origin=origin, now=now)
    account, token = proven.account, new_token()
    await db.transact(lambda tx: open_session(tx, proven, token, origin, replaces, now))
    return SignedIn(token, account.account_id, account.username, account.locale)


async def prove_password(
    db: Database, credentials: Credentials, *, passwords: Passwords, origin: Origin, now: datetime
) -> Proven:
    """Count an attempt and check the password. Raises `throttle.TooManyAttempts` (nothing was checked) or `SignInWrong`."""
    username = credentials.username.strip().lower()[: USERNAME_MAX + 1]
    subjects = _subjects_of(db, username, origin)
    account = await db.transact(lambda tx: _count_attempt(tx, subjects, username, now))
    stored = account.password_hash if account is not None and account.state == "open" else None
    fits = len(credentials.password) <= PASSWORD_MAX
    right = await passwords.is_right(credentials.password if fits else "", stored)
    if account is None or not right:
        raise SignInWrong
    return Proven(account, subjects)


def _subjects_of(db: Database, username: str, origin: Origin) -> Sequence[_Subject]:
    """Name what the attempt counts for, in the order in which the counts are locked (throttle rule 1)."""
    named: list[tuple[throttle.Kind, str]] = [
        ("address", origin.address),
        ("account", username),
        ("account_at_address", f"{username}\n{origin.address}"),
    ]
    if origin.device is not None:
        named = [("device", f"{username}\n{origin.device}")]
    return [_Subject(kind, db.sealer.commit(f"throttle:{kind}:{name}")) for kind, name in named]


async def _count_attempt(
    tx: Transaction, subjects: Sequence[_Subject], username: str, now: datetime
) -> AccountRow | None:
    """Count the attempt before the password is looked at (throttle rule 3); give the account."""
    rows = [await store.throttle_row(tx, subject.name, now) for subject in subjects]
    for subject, row in zip(subjects, rows, strict=True):
        if throttle.is_forgotten(last_attempt_at=row.last_attempt_at, now=now):
            row.attempts = 0
        wait_s = throttle.wait_s(subject.kind, attempts=row.attempts, last_attempt_at=row.last_attempt_at, now=now)
        if wait_s > 0:
            raise throttle.TooManyAttempts(seconds=wait_s)
    for row in rows:
        row.attempts += 1
        row.last_attempt_at = now
    return await store.account_by_username(tx, username)


async def open_session(
    tx: Transaction, proven: Proven, token: str, origin: Origin, replaces: SessionHash | None, now: datetime
) -> None:
    """Store a fresh session, forget the wrong attempts before it, and end the one that it ``replaces``."""
    account, subjects = proven
    await store.clear_throttle(tx, [s.name for s in subjects if s.kind != "address"])
    await store.uncount_attempt(tx, [s.name for s in subjects if s.kind == "address"])
    if replaces is not None:
        await store.end_session(tx, replaces, now)
    tx.session.add(
        SessionRow(
            session_hash=hash_of(token),
            account_id=account.account_id,
            channel=origin.channel,
            signed_in_at=now,
            seen_at=now,
            ended_at=None,
        )
    )
    await tx.session.flush()
    content = tx.sealer.commit(f"{account.account_id}:{origin.channel}:{now.isoformat()}")
    await audit.append(
        tx.session,
        chain=audit.chain_of(None, tx.now),
        fact=audit.Fact(tx.now, account.account_id, "SignIn", None, content),
    )
