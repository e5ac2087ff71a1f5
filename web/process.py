"""What every process of the product does first, and how it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import sys

from auction.kernel.config import Settings, read_settings
from auction.kernel.db import Database
from auction.kernel.errors import SettingInvalid
from auction.kernel.link_keys import LinkKeys, read_link_keys
from auction.kernel.log import configure_log
from auction.kernel.sealing import Sealer
from auction.kernel.sentences import Said
from auction.kernel.stamp import Stamp

SECRET_MIN_BYTES = 32


def stop_event() -> asyncio.Event:
    """Give an event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def start(process: str) -> Settings:
    """Read settings and set up logs: the first thing that every process does. Refuses to run with ``python -O``."""
    if sys.flags.optimize:
        raise SystemExit("fapai does not run with -O: its assertions guard money and bids")
    configure_log(process=process)
    return read_settings()


def open_database(settings: Settings, *, pool_size: int = 5) -> Database:
    """Open the database of the settings; they must name it, and the secret (`SettingInvalid`)."""
    sealer = Sealer(secret_of(settings))
    return Database(required(settings.database_url, "DATABASE_URL"), sealer, pool_size=pool_size)


def required(value: str, name: str) -> str:
    """Give a setting that must not be empty here. Raises: `SettingInvalid`."""
    if not value:
        raise SettingInvalid(name=name, reason=Said("此处必填", "it is needed here, and empty"))
    return value


def secret_of(settings: Settings) -> bytes:
    """Give the installation's secret. Raises: `SettingInvalid` if it is missing, too short, or not hexadecimal."""
    try:
        secret = bytes.fromhex(settings.secret)
    except ValueError:
        secret = b""
    if len(secret) < SECRET_MIN_BYTES:
        raise SettingInvalid(
            name="FAPAI_SECRET", reason=Said("须为32字节以上的十六进制", "32 bytes or more as hex are needed")
        )
    return secret


def link_keys_of(settings: Settings) -> LinkKeys:
    """Give the keys under which registrations are compared; in production they are set, not derived. Raises: `SettingInvalid`."""
    production = settings.installation is Stamp.PRODUCTION
    return read_link_keys(settings.link_keys, secret=secret_of(settings), may_derive=not production)
