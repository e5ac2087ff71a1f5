"""Addresses of clusters, and who holds which slot when nodes disagree (bid-core 22)."""

from __future__ import annotations

import pytest

from auction.kernel.errors import SettingInvalid
from bidding.live.slots import Claim, Place, claims_of, hosts_of, is_cluster, owners_of, read_cluster_url, slot_of

ASKED = Place("10.0.0.9", 7000)
A, B, C = Place("10.0.0.1", 7001), Place("10.0.0.2", 7002), Place("db.example", 7003)
TOLD = """\
aa 10.0.0.1:7001@17001 myself,master - 0 0 1 connected 0-5460
bb 10.0.0.2:7002@17002,,tls-port=0,shard-id=5f master,fail - 1 2 9 connected 5461-10921 10923
cc 10.0.0.3:7003@17003,db.example slave aa 0 1 1 connected
dd 10.0.0.4:7004@17004,db.example master - 0 1 3 connected 10922 [93->-bb]
ee :0@0 master,noaddr - 0 1 4 disconnected 12000
ff :7006@17006 myself,master - 0 1 5 connected 12000-12001
"""


def test_address_names_some_nodes_of_a_cluster() -> None:
    """User, password and options stay; each node has a plain address; a single server is no cluster."""
    found = read_cluster_url("rediss+cluster://gate:pw@10.0.0.1:7001,[::1]:7002/0?ssl_ca_certs=a")

    assert found.seeds == (A, Place("::1", 7002))
    assert found.url_at(A) == "rediss://gate:pw@10.0.0.1:7001?ssl_ca_certs=a"
    assert found.url_at(Place("::1", 7002)) == "rediss://gate:pw@[::1]:7002?ssl_ca_certs=a"
    assert read_cluster_url("redis+cluster://10.0.0.1:7001").url_at(B) == "redis://10.0.0.2:7002"
    assert not is_cluster("redis://10.0.0.1:7001/0")
    assert hosts_of("redis+cluster://u:p@10.0.0.1:7001,db.example:7003") == {"10.0.0.1", "db.example"}
    assert hosts_of("redis://u:p@db.example:1/0") == {"db.example"}


@pytest.mark.parametrize(
    "wrong",
    ["unix+cluster://h:1", "redis+cluster://h", "redis+cluster://h:0", "redis+cluster://h:1/2", "redis+cluster://"],
)
def test_address_of_another_form_is_refused(wrong: str) -> None:
    """A cluster is reached over TCP, has hosts with ports, and one database."""
    with pytest.raises(SettingInvalid):
        read_cluster_url(wrong)


def test_description_of_a_node_is_read() -> None:
    """Primaries with their ranges, a failed one too; announced names before numbers; migrating slots are no range."""
    assert list(claims_of(TOLD, told_by=ASKED)) == [
        Claim(A, 1, ((0, 5460),)),
        Claim(B, 9, ((5461, 10921), (10923, 10923))),
        Claim(Place("db.example", 7004), 3, ((10922, 10922),)),
        Claim(Place("10.0.0.9", 7006), 5, ((12000, 12001),)),
    ]


@pytest.mark.parametrize("newest_first", [True, False])
def test_newest_owner_is_believed(newest_first: bool) -> None:
    """A primary that slept through its replacement still names itself: the higher configuration epoch is right."""
    claims = [Claim(B, 7, ((0, 1),)), Claim(A, 2, ((0, 2),))]

    assert owners_of(claims if newest_first else claims[::-1]) == {0: B, 1: B, 2: A}


def test_slot_is_that_of_the_hash_tag() -> None:
    """All keys of a shard lie in one slot."""
    assert slot_of("{s:00}:shard") == slot_of("{s:00}:log") == slot_of("s:00")
    assert slot_of("123456789") == 12739
