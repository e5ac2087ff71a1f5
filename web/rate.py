"""How often the open data are asked: a published number a minute for each address, counted in Valkey, told in every answer.

1. A minute is the clock's; each address has `PER_MINUTE` requests in it. The count is one atomic step, whichever process asks.
2. Every answer says how many there are, how many are left, and when the next minute begins; one more gets 429 and *Retry-After*.
3. The key holds a keyed name of the address, and goes by itself. Where Valkey does not answer nothing is refused and nothing said:
   the data are public, and whoever counts is not what they rest on.

Times are real time.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from redis.exceptions import RedisError

from auction.kernel.errors import NotPermitted
from auction.kernel.sealing import Sealer
from bidding.live.nodes import Nodes

PREFIX: Final = "/api/public/"
"""What is counted."""
PER_MINUTE: Final = 120
MINUTE_S: Final = 60
KEPT_S: Final = 2 * MINUTE_S


class TooManyRequests(NotPermitted):
    """The address asked more often than is published (rule 1)."""

    code = "too_many_requests"
    article = "house: open data, rate rule 1"
    zh = "请求过于频繁（每分钟{most}次），请在{seconds}秒后重试。"
    en = "Too many requests ({most} a minute); try again in {seconds} s."


class Rate(NamedTuple):
    """How an address stands in the present minute."""

    asked: int
    resets_in_s: int

    @property
    def left(self) -> int:
        """How many requests are left, never below zero."""
        return max(0, PER_MINUTE - self.asked)

    @property
    def headers(self) -> dict[str, str]:
        """What every answer says of it."""
        return {
            "RateLimit-Limit": str(PER_MINUTE),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(self.resets_in_s),
        }

    def require(self) -> None:
        """Refuse one more than there are (`TooManyRequests`)."""
        if self.asked > PER_MINUTE:
            raise TooManyRequests(most=PER_MINUTE, seconds=self.resets_in_s)


def key_of(sealer: Sealer, address: str, minute: int) -> str:
    """Name the count of an address in a minute."""
    return f"rate:{sealer.commit(f'rate:{address}')[:24]}:{minute}"


async def count_request(nodes: Nodes, sealer: Sealer, address: str, *, now: datetime) -> Rate | None:
    """Count one request; ``None``: nobody could count (rule 3)."""
    second = int(now.timestamp())
    key = key_of(sealer, address, second // MINUTE_S)
    try:
        client = await nodes.client_of(key)
        asked = int(await client.incrby(key, 1))
        if asked == 1:
            await client.expire(key, KEPT_S)
    except (TimeoutError, RedisError, OSError):
        return None
    return Rate(asked=asked, resets_in_s=MINUTE_S - second % MINUTE_S)
