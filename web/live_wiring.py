"""Concrete choices of the bid core: which Redis, which build of the library, which keys."""

from __future__ import annotations

from redis.exceptions import RedisError

from auction.kernel.config import Settings
from auction.kernel.errors import SettingInvalid
from auction.kernel.log import get_log
from bidding.journal.receipts import ReceiptKey
from bidding.live.library import Live, library_for
from bidding.live.nodes import Nodes
from bidding.live.roles import RoleName, user_name
from web.process import required

log = get_log("web.live")


def build_live(settings: Settings) -> Live:
    """Wire the live state; a test or demo installation gets the build whose clock can be moved (bid-core 14).

    Raises: `SettingInvalid` if no address of Redis is set.
    """
    stamp = settings.installation
    return Live(
        Nodes(required(settings.redis_url, "REDIS_URL")),
        library_for(stamp, movable_clock=stamp.may_pretend),
        shards=shards_of(settings),
        stamp=stamp,
    )


async def tell_of_shared_user(nodes: Nodes, role: RoleName) -> None:
    """Warn in the log if this process is not connected as its role's own user of Redis (bid-core 21)."""
    try:
        other = await other_user(nodes, role)
    except (RedisError, OSError) as fault:
        log.warning("redis_user_unknown", role=role, fault=repr(fault)[:200])
        return
    if other:
        log.warning("redis_user_shared", role=role, user=other, wanted=user_name(role))


async def other_user(nodes: Nodes, role: RoleName) -> str:
    """Give the user that we are connected as, empty if it is the role's own. Raises as `Nodes.primaries`, and RedisError."""
    user = str((await (await nodes.primaries())[0].execute_command("ACL", "WHOAMI")).decode())
    return "" if user == user_name(role) else user


def shards_of(settings: Settings) -> int:
    """Give the number of shards; raises `SettingInvalid`."""
    if not settings.shards.isdecimal() or int(settings.shards) < 1:
        raise SettingInvalid(name="FAPAI_SHARDS", reason="a whole number from 1 / 正整数")
    return int(settings.shards)


def plain_dsn(settings: Settings) -> str:
    """Give PostgreSQL's address as asyncpg takes it."""
    return settings.database_url.replace("postgresql+asyncpg://", "postgresql://", 1)


def seed_of(name: str, text: str) -> bytes:
    """Read an Ed25519 seed from its setting; raises `SettingInvalid`."""
    try:
        seed = bytes.fromhex(text)
    except ValueError:
        seed = b""
    if len(seed) != 32:
        raise SettingInvalid(name=name, reason="32 bytes as hex / 32字节的十六进制")
    return seed


def receipt_key(settings: Settings) -> ReceiptKey:
    """Give the key that signs receipts."""
    return ReceiptKey(seed_of("FAPAI_JOURNAL_KEY", settings.journal_key))
