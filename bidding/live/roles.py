"""Users of Redis, one for each role: which functions, keys and channels each may use (bid-core 21). Pure.

1. A role calls the functions that are named here, by their exact names, and no other command than those listed. Nobody
   but the administrator's own user deletes by pattern, lists keys, configures, scripts or flushes.
2. Redis checks the commands *inside* a function against its caller, so a role also holds those commands, each on the
   keys that its functions touch. What a gateway could write past the functions counts for nothing (decision B19).
3. Only the committer loads the library, and only it can write to the channel in which commits are told.
4. Function names carry the library's version: the users are told of a new one before its processes start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, get_args
from urllib.parse import quote, urlsplit

from bidding.live.library import Library

RoleName = Literal["gateway", "committer", "site", "worker"]
Kinds = frozenset[str]
Uses = Mapping[str, Kinds]
"""Commands with the kinds of keys on which they are used."""

USER_PREFIX: Final = "fapai-"

PATTERNS: Final = MappingProxyType(
    {
        "shard": "{s:*}:shard",
        "log": "{s:*}:log",
        "lots": "{s:*}:lots",
        "room": "{s:*}:l:*",
        "ids": "{s:*}:i:*",
        "clock": "{s:*}:clock",
        "ticket": "{s:*}:t:*",
        "resume": "{s:*}:u:*",
        "grant": "{s:*}:x:*",
        "bar": "{s:*}:y:*",
        "generation": "{s:*}:g:*",
        "limit": "{s:*}:m:*",
        "nonce": "nonce:*",
        "rate": "rate:*",
    }
)
"""Kinds of keys: those of `keys`, of `bidding.rooms.tickets`, the nonces of partners' calls, and counts of requests for open data."""

COMMITTED: Final = "{s:*}:committed"
CONTROLS: Final = "{s:*}:rooms"

_READS: Final = frozenset({"hget", "hgetall", "hmget", "get", "exists", "smembers", "xrange", "xread"})
_CHANGES: Final = frozenset({"getdel", "incrby"})
"""Commands that both read and write; the others write."""


def _uses(text: str) -> Uses:
    """Read ``command kind kind, command kind``."""
    words = (part.split() for part in text.split(",") if part.strip())
    return {command: frozenset(kinds) for command, *kinds in words}


def _and(*parts: Uses) -> Uses:
    merged: dict[str, Kinds] = {}
    for part in parts:
        for command, kinds in part.items():
            merged[command] = merged.get(command, frozenset()) | kinds
    return merged


@dataclass(frozen=True)
class Function:
    """What one function of the library is given, and what it does with it."""

    keys: Kinds
    uses: Uses
    tells: bool = False
    """Whether it writes to the channel of commits."""


def _function(keys: str, *uses: str, tells: bool = False) -> Function:
    return Function(frozenset(keys.split()), _and(_LOOKS, *map(_uses, uses)), tells)


_LOOKS: Final = _uses("hmget shard clock")
_ENTERS: Final = "hmget room"
_HAPPENS: Final = "xadd log, hset shard room"

FUNCTIONS: Final = MappingProxyType(
    {
        "place": _function("shard log room ids", _ENTERS, _HAPPENS, "hget room ids, hmget ids, hset ids, hdel ids"),
        "recall": _function("shard room ids", "hget room ids, hmget ids"),
        "open": _function("shard log room lots", _ENTERS, _HAPPENS, "del room, sadd lots"),
        "admit": _function("shard log room", _ENTERS, _HAPPENS),
        "tell": _function("shard log room", _ENTERS, _HAPPENS, "hget room, hexists room"),
        "tick": _function("shard log room", _ENTERS, _HAPPENS),
        "stop": _function("shard log room", _ENTERS, _HAPPENS),
        "resume": _function("shard log room", _ENTERS, _HAPPENS),
        "wake": _function("shard log room", _ENTERS, _HAPPENS),
        "begin": _function("shard log lots", "hset shard, smembers lots, del shard log lots room ids"),
        "publish": _function("shard log room", _ENTERS, _HAPPENS, "hget room, hdel room", tells=True),
        "trim": _function("shard log", "xtrim log"),
        "drop": _function("shard room ids lots", _ENTERS, "del room ids, srem lots"),
        "stall": _function("shard log", "hset shard"),
        "release": _function("shard log lots", _ENTERS, _HAPPENS, "smembers lots"),
        "restore": _function("shard room ids lots", "del room ids, hset room, sadd lots"),
        "refill": _function("shard room ids", _ENTERS, "hset room ids"),
        "restored": _function("shard log room", _ENTERS, _HAPPENS),
        "head": _function("shard"),
        "snapshot": _function("shard room", _ENTERS, "hgetall room"),
    }
)
"""Every function of the library."""


@dataclass(frozen=True)
class Role:
    """What one kind of process does in Redis."""

    functions: tuple[str, ...]
    uses: Uses = field(default_factory=dict)
    """What it does with keys beside the functions."""
    commands: tuple[str, ...] = ()
    """What it asks that has no keys, beside `EVERYBODY`."""
    hears: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    moves_clock: bool = False
    """Whether it moves the rooms' clock, where an installation may pretend (bid-core 14)."""


EVERYBODY: Final = ("ping", "time", "acl|whoami", "asking", "cluster|nodes", "info|server", "info|replication")
_MOVES_CLOCK: Final = _uses("hset clock, hdel clock, hgetall clock")

ROLES: Final[Mapping[RoleName, Role]] = MappingProxyType(
    {
        "gateway": Role(
            functions=("place", "recall", "wake", "head"),
            uses=_uses(
                "set ticket resume, getdel resume, del resume, exists grant bar, "
                "incrby generation, expire generation, get generation limit"
            ),
            hears=(COMMITTED, CONTROLS),
            tells=(CONTROLS,),
        ),
        "committer": Role(
            functions=tuple(name for name in FUNCTIONS if name not in ("place", "recall")),
            uses=_uses("xread log, xrange log"),
            commands=("info", "function|load"),
            moves_clock=True,
        ),
        "site": Role(
            functions=("place", "head"),
            uses=_uses("set grant bar nonce, incrby rate, expire rate"),
            tells=(CONTROLS,),
            moves_clock=True,
        ),
        "worker": Role(
            functions=("open", "admit", "stop", "resume"),
            uses=_uses("set limit"),
            tells=(CONTROLS,),
        ),
    }
)


def user_name(role: RoleName) -> str:
    """Give the name of a role's user."""
    return f"{USER_PREFIX}{role}"


def as_user(url: str, role: RoleName, *, password: str = "") -> str:
    """Give an address of Redis with a role's user in the place of whoever it names."""
    parts = urlsplit(url)
    secret = f":{quote(password, safe='')}" if password else ""
    return f"{parts.scheme}://{user_name(role)}{secret}@{url.partition('://')[2].rpartition('@')[2]}"


def rules_of(role: RoleName, libraries: Sequence[Library], *, pretends: bool) -> list[str]:
    """Give the rules of a role's user, each one argument of ACL SETUSER, for these versions of the library.

    They begin from a user without rules. ``pretends``: the installation's clock can be moved.
    """
    one = ROLES[role]
    called = [FUNCTIONS[name] for name in one.functions]
    uses = _and(*(function.uses for function in called), one.uses, _MOVES_CLOCK if one.moves_clock else {})
    tells = [*one.tells, *(COMMITTED for _ in called[:1] if any(function.tells for function in called))]
    names = [library.function(name) for library in libraries for name in one.functions]
    return [
        *_keys("%RW", frozenset().union(*(function.keys for function in called)), pretends=pretends),
        *(f"&{channel}" for channel in one.hears),
        *(f"+{command}" for command in (*EVERYBODY, *one.commands)),
        *(("+ssubscribe", "+sunsubscribe") if one.hears else ()),
        *(f"+fcall|{name}" for name in names),
        *_selectors(uses, pretends=pretends),
        *([f"({' '.join(f'&{channel}' for channel in tells)} +spublish)"] if tells else []),
    ]


def acl_file(libraries: Sequence[Library], *, pretends: bool, secrets: Mapping[RoleName, str]) -> Iterator[str]:
    """Give the lines of an ACL file for all roles; ``secrets`` are ``#`` and the SHA-256 of a password, or ``nopass``."""
    for role in get_args(RoleName):
        rules = " ".join(rules_of(role, libraries, pretends=pretends))
        yield f"user {user_name(role)} on {secrets[role]} resetchannels -@all {rules}"


def acl_commands(
    libraries: Sequence[Library], *, pretends: bool, secrets: Mapping[RoleName, str], exactly: bool
) -> Iterator[str]:
    """Give lines for ``redis-cli`` that bring all roles up to date.

    ``exactly``: whatever else a user could do ends; otherwise functions of the versions before may still be called, as
    long as processes of these versions run. A role without a secret keeps its passwords.
    """
    for role in get_args(RoleName):
        secret = ["resetpass", secrets[role]] if role in secrets else []
        begin = ["resetkeys", "resetchannels", "-@all"] if exactly else []
        rules = [*begin, "clearselectors", *secret, *rules_of(role, libraries, pretends=pretends)]
        yield f"ACL SETUSER {user_name(role)} on {' '.join(map(_quoted, rules))}"


def _selectors(uses: Uses, *, pretends: bool) -> Iterator[str]:
    """Give one rule for each command, with its keys; the ones that are used most often come first."""
    for command, kinds in sorted(uses.items(), key=lambda use: (use[0] not in ("hmget", "hset", "xadd"), use[0])):
        keys = list(_keys(_right(command), kinds, pretends=pretends))
        if keys:
            yield f"({' '.join(keys)} +{command})"


def _keys(right: str, kinds: Iterable[str], *, pretends: bool) -> Iterator[str]:
    wanted = set(kinds) - (set() if pretends else {"clock"})
    return (f"{right}~{pattern}" for kind, pattern in PATTERNS.items() if kind in wanted)


def _right(command: str) -> str:
    return "%RW" if command in _CHANGES else "%R" if command in _READS else "%W"


def _quoted(rule: str) -> str:
    return f'"{rule}"' if " " in rule else rule
