"""Who holds which slot of a Redis or Valkey Cluster, read from its nodes' own descriptions (bid-core 22). Pure.

1. Several nodes are asked; where they disagree, the owner with the highest configuration epoch is right: that is the
   cluster's own rule, so a primary that slept through its replacement and still names itself owner is not believed.
2. A node that the cluster has given up keeps its slots here until somebody else owns them; calls to it fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

from redis.crc import key_slot

from auction.kernel.errors import SettingInvalid

SLOTS: Final = 16_384
MARK: Final = "+cluster"
SCHEMES: Final = frozenset({"redis", "rediss"})
NODES_LIMIT: Final = 1_000
SETTING: Final = "REDIS_URL"
_PRIMARY: Final = frozenset({"master", "primary"})
_UNREACHABLE: Final = frozenset({"noaddr", "handshake"})


class Place(NamedTuple):
    """Where a node listens."""

    host: str
    port: int


class Claim(NamedTuple):
    """One node's slots as somebody describes them."""

    place: Place
    config_epoch: int
    ranges: tuple[tuple[int, int], ...]


class ClusterUrl(NamedTuple):
    """A cluster as ``REDIS_URL`` names it: ``redis+cluster://user:password@host:port,host:port``."""

    parts: SplitResult
    seeds: tuple[Place, ...]

    def url_at(self, place: Place) -> str:
        """Give the plain address of one node, with the same user, password and options."""
        host = f"[{place.host}]" if ":" in place.host else place.host
        user = self.parts.netloc.rpartition("@")[0]
        netloc = f"{user}@{host}:{place.port}" if user else f"{host}:{place.port}"
        return self.parts._replace(scheme=self.parts.scheme.removesuffix(MARK), netloc=netloc, path="").geturl()


def is_cluster(url: str) -> bool:
    """Whether an address names a cluster."""
    return url.partition(":")[0].endswith(MARK)


def read_cluster_url(url: str) -> ClusterUrl:
    """Read the address of a cluster; `SettingInvalid` if it is not of that form."""
    parts = urlsplit(url)
    texts = parts.netloc.rpartition("@")[2].split(",")
    try:
        seeds = tuple(_place(text) for text in texts)
    except ValueError:
        seeds = ()
    if parts.scheme.removesuffix(MARK) not in SCHEMES or not 0 < len(seeds) <= NODES_LIMIT or parts.path.strip("/0"):
        raise SettingInvalid(name=SETTING, reason="redis+cluster://HOST:PORT,HOST:PORT")
    return ClusterUrl(parts, seeds)


def hosts_of(url: str) -> set[str]:
    """Give the hosts that an address of Redis names, a cluster's or a single server's (empty text: none)."""
    if is_cluster(url):
        return {seed.host for seed in read_cluster_url(url).seeds}
    return {urlsplit(url).hostname or ""}


def slot_of(key: str) -> int:
    """Give the slot of a key."""
    return int(key_slot(key.encode()))


def claims_of(description: str, *, told_by: Place) -> Iterator[Claim]:
    """Read the answer to CLUSTER NODES: the slots of each primary; a node that does not know its host is ``told_by``."""
    for line in description.splitlines()[:NODES_LIMIT]:
        words = line.split()
        if len(words) < 8:
            continue
        flags = set(words[2].split(","))
        if not flags & _PRIMARY or flags & _UNREACHABLE:
            continue
        ranges = tuple(_range(word) for word in words[8:] if not word.startswith("["))
        yield Claim(_address(words[1], told_by), int(words[6]), ranges)


def owners_of(claims: Iterable[Claim]) -> dict[int, Place]:
    """Give the owner of each slot that has one (rule 1)."""
    owners: dict[int, tuple[int, Place]] = {}
    for claim in claims:
        for first, last in claim.ranges:
            for slot in range(first, last + 1):
                if slot not in owners or owners[slot][0] < claim.config_epoch:
                    owners[slot] = (claim.config_epoch, claim.place)
    return {slot: place for slot, (_, place) in owners.items()}


def _place(text: str) -> Place:
    host, _, port = text.rpartition(":")
    number = int(port)
    if not host or not 0 < number < 65_536:
        raise ValueError(text)
    return Place(host.strip("[]"), number)


def _address(word: str, told_by: Place) -> Place:
    """Read ``host:port@bus,name,…``; a name that the node announces is what its clients should use."""
    listens, _, names = word.partition(",")
    place = listens.partition("@")[0]
    host, _, port = place.rpartition(":")
    name = names.partition(",")[0]
    return Place(name or host or told_by.host, int(port))


def _range(word: str) -> tuple[int, int]:
    first, _, last = word.partition("-")
    return int(first), int(last or first)
