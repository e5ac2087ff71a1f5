"""Change one's own password: the present one is asked for, and every session but a fresh one ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from auction.kernel import audit
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Malformed, NotPermitted
from web.auth import store
from web.auth.accounts import check_password
from web.auth.passwords import Passwords
from web.auth.sessions import new_token
from web.auth.sign_in import Credentials, Origin, Proven, SignedIn, SignInWrong, open_session, prove_password
from web.visit import SessionHash


class PasswordPublished(NotPermitted):
    """A sample account keeps the password that is published for it."""

    code = "password_published"
    article = "house: sample accounts have a published password"
    zh = "示例账户的密码是公开的，不能修改。"
    en = "The password of a sample account is published and cannot be changed."


class PasswordUnchanged(Malformed):
    """The new password is the present one."""

    code = "password_unchanged"
    article = "house: accounts rule 2"
    zh = "新密码与现密码相同。"
    en = "The new password is the present one."


class PasswordChanged(NamedTuple):
    """The fresh session, and the sessions that ended."""

    signed_in: SignedIn
    ended: Sequence[SessionHash]


async def change_password(
    db: Database, present: Credentials, wished: str, *, passwords: Passwords, origin: Origin, now: datetime
) -> PasswordChanged:
    """Put ``wished`` in place of the present password; all sessions end, and a fresh one is opened.

    ``now`` is real time. All of it happens in one transaction, or nothing does. The attempt counts as one of signing in
    (throttle rule 3), so whoever finds an open browser does not guess here either. Of two changes at once the second finds
    that its present password is none any more. Raises: `PasswordWeak`, `PasswordUnchanged`, `TooManyAttempts`,
    `SignInWrong`, `PasswordPublished`.
    """
    check_password(present.username, wished)
    if wished == present.password:
        raise PasswordUnchanged
    proven = await prove_password(db, present, passwords=passwords, origin=origin, now=now)
    if proven.account.is_sample:
        raise PasswordPublished
    hashed, token = await passwords.hash(wished), new_token()
    ended = await db.transact(lambda tx: _change(tx, proven, hashed, token, origin, now))
    account = proven.account
    return PasswordChanged(SignedIn(token, account.account_id, account.username, account.locale), ended)


async def _change(
    tx: Transaction, proven: Proven, hashed: str, token: str, origin: Origin, now: datetime
) -> Sequence[SessionHash]:
    account_id = proven.account.account_id
    if not await store.replace_password(tx, account_id, before=proven.account.password_hash, after=hashed):
        raise SignInWrong
    ended = await store.end_sessions_of(tx, account_id, now)
    await open_session(tx, proven, token, origin, None, now)
    content = tx.sealer.commit(f"{account_id}:password:{now.isoformat()}")
    fact = audit.Fact(tx.now, account_id, "ChangePassword", None, content)
    await audit.append(tx.session, chain=audit.chain_of(None, tx.now), fact=fact)
    return ended
