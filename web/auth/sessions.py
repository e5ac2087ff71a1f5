"""Sign-in sessions: how long they last and what they are known by.

1. A token is 256 random bits; only its SHA-256 is stored.
2. A session ends `IDLE_LIMIT` after it was last seen, `ABSOLUTE_LIMIT` after the sign-in, or when it is ended.
   Times are real time: nobody moves them (clock rule 3).
3. Every sign-in makes a new token; a token that came with the request is never adopted.
4. Being seen is noted at most once in `NOTED_EVERY`, so that reading a page is no write.
5. Whoever is signed in sees his running sessions and ends them. There each is called by a name made from its hash, which is
   neither the token nor what is stored.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from auction.kernel.errors import NotSignedIn
from web.visit import SessionHash

IDLE_LIMIT = timedelta(minutes=60)
ABSOLUTE_LIMIT = timedelta(hours=12)
NOTED_EVERY = timedelta(minutes=1)
KEPT_AFTER_END = timedelta(days=90)
TOKEN_BYTES = 32


class SignInNeeded(NotSignedIn):
    """There is no session, or it has ended."""

    code = "sign_in_needed"
    article = "house: sessions rule 2"
    zh = "请先登录；登录可能已过期。"
    en = "Sign in first; your session may have ended."


def new_token() -> str:
    """Make a fresh token."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> SessionHash:
    """Give what is stored of a token."""
    return SessionHash(hashlib.sha256(token.encode()).digest())


def public_name(session_hash: SessionHash) -> str:
    """Give the name by which its owner calls a session (rule 5)."""
    return hashlib.sha256(b"public name of a session\0" + session_hash).hexdigest()[:32]


def ends_at(*, signed_in_at: datetime, seen_at: datetime) -> datetime:
    """Give the instant at which the session ends if nobody is seen again."""
    return min(seen_at + IDLE_LIMIT, signed_in_at + ABSOLUTE_LIMIT)


def is_over(*, signed_in_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether the session has ended by time; it has at the limit itself."""
    return now >= ends_at(signed_in_at=signed_in_at, seen_at=seen_at)
