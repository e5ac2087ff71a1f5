"""Slow down guessing of passwords without locking a bidder out.

1. Attempts count per *account at an address*, per *account*, and per *address*; a browser from which the account was
   signed in before (device mark) counts by itself instead, so strangers cannot hold it up.
2. After `FREE[kind]` attempts each further one waits twice as long, up to `LONGEST[kind]`; waiting is all that ever
   happens. `FORGOTTEN_AFTER` without an attempt clears the count, and so does signing in (for the address it only takes back
   its own attempt: a whole court may sit behind one address, and so may a guesser).
   *Openings* of accounts count per address alone, whether or not they work. At the *counter* the refused codes of one
   clerk count (`web.auth.issue_opening_code`). Requests for *help* without an account, and
   look-ups of tickets by code, count per address, and so do challenges of *passkeys* until they are answered. *Second factors*
   count per account, wherever they come from: whoever tries them knows the password. A right one clears the count.
3. An attempt is counted before the password is looked at, so that guesses sent at once do not share one count.

Times are real time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from auction.kernel.errors import NotPermitted

Kind = Literal[
    "account", "account_at_address", "device", "address", "opening", "counter", "second_factor", "help", "passkey"
]

FREE: dict[Kind, int] = {
    "account": 20,
    "account_at_address": 5,
    "device": 5,
    "address": 60,
    "opening": 20,
    "counter": 20,
    "second_factor": 5,
    "help": 10,
    "passkey": 60,
}
LONGEST: dict[Kind, timedelta] = {
    "account": timedelta(seconds=30),
    "account_at_address": timedelta(minutes=15),
    "device": timedelta(minutes=5),
    "address": timedelta(minutes=1),
    "opening": timedelta(minutes=15),
    "counter": timedelta(minutes=15),
    "second_factor": timedelta(minutes=15),
    "help": timedelta(minutes=5),
    "passkey": timedelta(minutes=1),
}
FORGOTTEN_AFTER = timedelta(hours=1)
_LARGEST_POWER = 20


class TooManyAttempts(NotPermitted):
    """Too many wrong passwords came lately; wait, then try again (rule 2)."""

    code = "too_many_attempts"
    article = "house: throttle rule 2"
    zh = "尝试次数过多，请在{seconds}秒后重试。"
    en = "Too many attempts; try again in {seconds} s."


def pause_after(kind: Kind, attempts: int) -> timedelta:
    """Give how long after the last of ``attempts`` the next one must wait."""
    over = attempts - FREE[kind]
    if over < 0:
        return timedelta()
    return min(timedelta(seconds=2 ** min(over, _LARGEST_POWER)), LONGEST[kind])


def wait_s(kind: Kind, *, attempts: int, last_attempt_at: datetime, now: datetime) -> int:
    """Give the seconds still to wait, rounded up; zero: the attempt may be made."""
    left = last_attempt_at + pause_after(kind, attempts) - now
    return max(0, -(-left // timedelta(seconds=1)))


def is_forgotten(*, last_attempt_at: datetime, now: datetime) -> bool:
    """Whether the count starts anew."""
    return now - last_attempt_at >= FORGOTTEN_AFTER
