"""Weights of shared values: what everybody shares weighs nothing, what years lie between fades, a household is one cause."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from auction.kernel.ids import new_id
from bidding.integrity.links.kinds import FOLLOWED, MINUTES, key_kinds
from bidding.integrity.links.links import (
    MINUTES_APART,
    TOLD_WEIGHT,
    Link,
    Share,
    Standing,
    link_between,
    pair,
)

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
WEIGHED = sorted(name for name, kind in key_kinds().items() if not kind.is_declared)


def share(kind: str, popularity: int = 2, *, days: float = 0, key_id: str = "k1") -> Share:
    """Make a shared value."""
    return Share(kind=kind, key_id=key_id, popularity=popularity, gap=timedelta(days=days))


def link(*shares: Share) -> Link:
    """Make the link of two parties that share these values."""
    made = link_between(("a", "b"), shares)
    assert made is not None, "they share something"
    return made


@pytest.mark.parametrize("kind", WEIGHED)
def test_weight_falls_with_popularity_to_nothing(kind: str) -> None:
    """The more parties use a value the less it says, and at `FOLLOWED` of them it says nothing."""
    weights = [key_kinds()[kind].weigh(popularity=n, gap=timedelta(0)) for n in (*range(2, FOLLOWED + 1), 5_000)]

    assert weights[0] > 0
    assert weights == sorted(weights, reverse=True)
    assert [0.0, 0.0] == weights[-2:]


@pytest.mark.parametrize("kind", WEIGHED)
def test_weight_falls_with_the_years_to_nothing(kind: str) -> None:
    """The longer ago the other used the value the less it says, and beyond its window nothing."""
    window = key_kinds()[kind].window
    weights = [key_kinds()[kind].weigh(popularity=2, gap=window * n / 100) for n in range(102)]

    assert weights == sorted(weights, reverse=True)
    assert 0.0 == weights[-1]


def test_telephone_number_given_out_again_tells_nobody() -> None:
    """One number used a day apart is told; used three years apart, after the number was given out again, it is not."""
    assert link(share("phone", days=1)).is_told
    assert not link(share("phone", days=3 * 365)).is_told


def test_four_codes_of_one_telephone_are_told_with_their_purse() -> None:
    """A ring of four on one telephone and one paying account is told, though four parties share each value."""
    ring = link(share("phone", 4), share("payer_account", 4))

    assert ring.is_told
    assert not ring.is_weak


def test_agency_office_of_fifty_clients_is_not_told() -> None:
    """Fifty clients who share their agency's telephone, address and network are no finding."""
    assert not link(share("phone", 50), share("address", 50), share("network", 50)).is_told


def test_family_on_one_network_is_not_told() -> None:
    """A household shares address, network and computer: one cause, and weak, however rare the values are."""
    family = link(share("network"), share("address"), share("device"))

    assert ["device"] == [key.kind for key in family.counted]
    assert not family.is_told


def test_carrier_address_of_thousands_weighs_nothing() -> None:
    """A network shared by thousands weighs nothing and is shown as common."""
    carrier = link(share("network", FOLLOWED))

    assert 0.0 == carrier.weight
    assert carrier.shared[0].is_common
    assert not carrier.is_told


def test_weak_kinds_are_told_only_with_another_cause() -> None:
    """A computer alone is not told; a computer and the same papers are, as a weak link."""
    alone, both = link(share("device")), link(share("device"), share("document"))

    assert alone.weight > TOLD_WEIGHT
    assert not alone.is_told
    assert both.is_told
    assert both.is_weak


def test_declared_agent_is_shown_first_and_what_it_explains_is_taken_out() -> None:
    """Two clients of one declared agent share his telephone and office: explained; their common purse is not."""
    clients = link(share("agent"), share("phone"), share("network"))
    purse = link(share("agent"), share("phone"), share("payer_account"))

    assert ("agent",) == clients.declared
    assert 0.0 == clients.weight
    assert ["payer_account"] == [key.kind for key in purse.counted]
    assert purse.is_told


def test_declared_joint_bidders_are_no_finding() -> None:
    """Declared joint bidders are one bidder by law: nothing that they share counts."""
    joint = link(share("joint_bidding"), *(share(kind) for kind in WEIGHED))

    assert not joint.counted
    assert not joint.is_told


def test_kind_counts_once_over_two_keys_of_a_rotation() -> None:
    """While keys overlap the larger count stands: the new key's is still being filled."""
    rotated = link(share("phone", 40, key_id="old"), share("phone", 2, key_id="new"))

    assert [40] == [key.popularity for key in rotated.shared]
    assert link(share("payer_account", 9), share("payer_account", 2)).shared[0].popularity == 2  # two accounts, one key


def test_what_is_unknown_is_never_no() -> None:
    """A company whose register was down has no legal representative on record: unknown of the pair, not unlike."""
    known = frozenset({"phone", "legal_representative"})
    one = Standing(registration_id=new_id(), party="a", registered_at=AT, known=known)
    other = Standing(registration_id=new_id(), party="b", registered_at=AT + DAY, known=frozenset({"phone"}))

    made = pair(one, other, [share("phone")], close_by=2)

    assert made is not None
    assert "legal_representative" in made.unknown
    assert "phone" not in made.unknown
    assert MINUTES not in made.unknown


@pytest.mark.parametrize(("late", "counts"), [(-1, True), (0, True), (1, False)])
def test_registered_minutes_apart_counts_up_to_its_limit(late: int, counts: bool) -> None:
    """Registrations up to ten minutes apart are minutes apart, a second more is not; and time alone links nobody."""
    one = Standing(registration_id=new_id(), party="a", registered_at=AT, known=frozenset())
    at = AT + MINUTES_APART + timedelta(seconds=late)
    other = Standing(registration_id=new_id(), party="b", registered_at=at, known=frozenset())

    made = pair(one, other, [share("phone")], close_by=2)

    assert made is not None
    assert counts == (MINUTES in [key.kind for key in made.shared])
    assert pair(one, other, [], close_by=2) is None


def test_kind_of_another_version_is_left_out() -> None:
    """A kind that this version does not know weighs nothing and stops nothing."""
    assert link_between(("a", "b"), [share("shoe_size")]) is None
