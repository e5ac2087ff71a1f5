"""Sign in: username and password become a session with a fresh token; where there is a second factor, after it too.

A browser that gives the password only gets half a sign-in, which opens nothing, and brings the code to `finish_sign_in`. A
program sends the code along.
"""

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
from web.auth.factors import factor_store
from web.auth.factors.check_code import count_code, use_code
from web.auth.factors.totp import SecondFactorWrong
from web.auth.passwords import Passwords
from web.auth.sessions import hash_of, new_token
from web.auth.tables import AccountRow, HalfSignInRow, SessionRow
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
    code: str = ""
    """Of the authenticator, or a recovery code, where the account has a second factor; else empty."""


class SecondFactorNeeded(NotSignedIn):
    """The password was right; the account has a second factor, and none was given."""

    code = "second_factor_needed"
    article = "house: an account with a second factor needs it to sign in"
    zh = "该账户已启用第二重验证，请同时提供动态验证码或恢复码。"
    en = "This account has a second factor: give a code of its authenticator, or a recovery code, too."


class SignInWaitedTooLong(NotSignedIn):
    """The right password has waited too long for the second factor, or was followed by another sign-in."""

    code = "sign_in_waited_too_long"
    article = "house: half a sign-in waits ten minutes"
    zh = "等待验证的时间已过，请重新登录。"
    en = "Too much time has passed since the password; sign in again."


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


class HalfSignedIn(NamedTuple):
    """The password was right and the second factor is awaited: a token that opens nothing but `finish_sign_in`."""

    token: str


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

    ``now`` is real time. Raises `throttle.TooManyAttempts` (nothing was checked), `SignInWrong`, `SecondFactorNeeded` or
    `totp.SecondFactorWrong`. A code is used up in the transaction that opens the session.
    """
    proven = await prove_password(db, credentials, passwords=passwords, origin=origin, now=now)
    needs_code = await _has_factor(db, proven.account)
    if needs_code and not credentials.code:
        raise SecondFactorNeeded
    if needs_code:
        await count_code(db, proven.account.account_id, now=now)
    return await _open(db, proven, origin, replaces, now, code=credentials.code if needs_code else None)


async def begin_sign_in(
    db: Database,
    credentials: Credentials,
    *,
    passwords: Passwords,
    origin: Origin,
    now: datetime,
    replaces: SessionHash | None = None,
) -> SignedIn | HalfSignedIn:
    """Check a password; open a session, or, where there is a second factor, begin to wait for it.

    ``now`` is real time. Raises `throttle.TooManyAttempts` (nothing was checked) or `SignInWrong`.
    """
    proven = await prove_password(db, credentials, passwords=passwords, origin=origin, now=now)
    if not await _has_factor(db, proven.account):
        return await _open(db, proven, origin, replaces, now, code=None)
    token = new_token()

    async def work(tx: Transaction) -> None:
        await forget_attempts(tx, proven)
        account_id = proven.account.account_id
        tx.session.add(HalfSignInRow(token_hash=hash_of(token), account_id=account_id, begun_at=now, ended_at=None))

    await db.transact(work)
    return HalfSignedIn(token)


async def finish_sign_in(
    db: Database,
    half: str,
    code: str,
    *,
    origin: Origin,
    now: datetime,
    replaces: SessionHash | None = None,
) -> SignedIn:
    """Bring the second factor to the half of a sign-in; the code, the half and the new session are one transaction.

    ``now`` is real time. Raises `SignInWaitedTooLong`, `throttle.TooManyAttempts` or `totp.SecondFactorWrong`, after which
    another code may be tried.
    """
    account = await db.transact(lambda tx: account_of_half(tx, half, now))
    await count_code(db, account.account_id, now=now)
    return await _open(db, Proven(account, ()), origin, replaces, now, code=code, half=half)


async def account_of_half(tx: Transaction, half: str, now: datetime) -> AccountRow:
    """Give the open account whose sign-in waits under this token; raises `SignInWaitedTooLong`."""
    row = await factor_store.open_half(tx, hash_of(half), since=now - factor_store.HALF_FOR)
    account = None if row is None else await store.account_by_id(tx, row.account_id)
    if account is None or account.state != "open":
        raise SignInWaitedTooLong
    return account


async def _has_factor(db: Database, account: AccountRow) -> bool:
    async with db.reading() as tx:
        return await factor_store.has_factor(tx, account.account_id)


async def _open(
    db: Database,
    proven: Proven,
    origin: Origin,
    replaces: SessionHash | None,
    now: datetime,
    *,
    code: str | None,
    half: str | None = None,
) -> SignedIn:
    """Open a session, with a ``code`` if it is right (`totp.SecondFactorWrong`), and end the ``half`` that waited for it."""
    account, token = proven.account, new_token()

    async def work(tx: Transaction) -> bool:
        waiting = None
        if half is not None:
            waiting = await factor_store.open_half(tx, hash_of(half), since=now - factor_store.HALF_FOR)
            if waiting is None:
                raise SignInWaitedTooLong
        if code is not None and not await use_code(tx, account.account_id, code, now):
            return False
        if waiting is not None:
            waiting.ended_at = now
        await open_session(tx, proven, token, origin, replaces, now, proven_at=None if code is None else now)
        return True

    if not await db.transact(work):
        raise SecondFactorWrong
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
    tx: Transaction,
    proven: Proven,
    token: str,
    origin: Origin,
    replaces: SessionHash | None,
    now: datetime,
    *,
    proven_at: datetime | None = None,
) -> None:
    """Store a fresh session, forget the wrong attempts before it, and end the one that it ``replaces``."""
    account = proven.account
    await forget_attempts(tx, proven)
    if replaces is not None:
        await store.end_session(tx, replaces, now)
    tx.session.add(
        SessionRow(
            session_hash=hash_of(token),
            account_id=account.account_id,
            channel=origin.channel,
            signed_in_at=now,
            seen_at=now,
            proven_at=proven_at,
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


async def forget_attempts(tx: Transaction, proven: Proven) -> None:
    """Forget the wrong attempts before a right password; of the address only the right one itself (throttle rule 2)."""
    await store.clear_throttle(tx, [s.name for s in proven.subjects if s.kind != "address"])
    await store.uncount_attempt(tx, [s.name for s in proven.subjects if s.kind == "address"])
