"""Steps that ask for the second factor again (二次验证): a vote, a stop, a payout's signature, the opening of a sealed roster, a role.

1. Such a step is taken within `FRESH_FOR` of a code; at that very instant the code is too old.
2. Whoever has no second factor does not take it; only a sample account does, which no production installation has (security 1).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from auction.kernel.actors import Actor
from auction.kernel.errors import NotPermitted

FRESH_FOR = timedelta(minutes=10)


class SecondFactorStale(NotPermitted):
    """This step needs a code given just now, and an account with a second factor."""

    code = "second_factor_stale"
    article = "house: security 3, the second factor is asked again for vote, stop and payout"
    zh = "办理此步骤前{minutes}分钟内须通过第二重验证：请在“我的账户—第二重验证”验证（未绑定的先绑定），再重新提交。"
    en = (
        "This step needs your second factor within the {minutes} minutes before it: give a code under My account, Second "
        "factor (set one up if you have none), then submit again."
    )


def is_fresh(*, has_factor: bool, is_sample: bool, proven_at: datetime | None, now: datetime) -> bool:
    """Whether a session may take such a step at ``now``, in real time (rules 1 and 2)."""
    if not has_factor:
        return is_sample
    return proven_at is not None and now - proven_at < FRESH_FOR


def stale() -> SecondFactorStale:
    """Make the refusal of whoever has not just proven a second factor."""
    return SecondFactorStale(minutes=FRESH_FOR // timedelta(minutes=1))


def require_fresh_factor(actor: Actor) -> None:
    """Refuse whoever has not just proven a second factor (`SecondFactorStale`)."""
    if not actor.has_fresh_factor:
        raise stale()
