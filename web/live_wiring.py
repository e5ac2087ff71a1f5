"""Concrete choices of the bid core: which Redis, which build of the library, which keys."""

from __future__ import annotations

from auction.kernel.config import Settings
from auction.kernel.errors import SettingInvalid
from bidding.journal.receipts import ReceiptKey
from bidding.live.library import Live, library_for
from bidding.live.nodes import Nodes
from web.process import required


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
