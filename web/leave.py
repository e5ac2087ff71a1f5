"""End a sign-in session and everything that was handed out under it."""

from __future__ import annotations

from redis.exceptions import RedisError

from auction.kernel.log import get_log
from web.auth.sign_out import sign_out
from web.visit import SessionHash
from web.wiring import Wiring

log = get_log("web.leave")


async def leave(wiring: Wiring, session_hash: SessionHash) -> None:
    """End the session at once, then what hangs on it (`Wiring.session_ended`: room tickets, sockets).

    The session ends first and for sure. When Redis does not answer, tickets run out by themselves within seconds;
    the failure is logged, and the visitor is out all the same.
    """
    await sign_out(wiring.db, session_hash, now=wiring.real_now())
    await pass_on(wiring, session_hash)


async def pass_on(wiring: Wiring, session_hash: SessionHash) -> None:
    """End what hangs on a session that has ended; what Redis does not take now runs out by itself."""
    for follow in wiring.session_ended:
        try:
            await follow(session_hash)
        except (RedisError, OSError) as fault:
            log.warning("session_end_not_passed_on", kind=type(fault).__name__)
