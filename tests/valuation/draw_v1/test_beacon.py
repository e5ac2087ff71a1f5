from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.valuation.draw_v1.made_draws import ROUNDS
from valuation.draw_v1 import beacon
from valuation.draw_v1.beacon import (
    BeaconSignatureMisshapen,
    BeaconSignatureWrong,
    check_round,
    round_named_for,
    time_of_round,
)
from valuation.draw_v1.beacon_pairing import is_signed

FIRST = 657413
VALUE = "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587"
"""Published value of round 657413, as the documentation of `drand-verify` gives it."""


def test_published_round_verifies_without_a_network() -> None:
    """A stored round gives its published value."""
    assert VALUE == check_round(FIRST, ROUNDS[FIRST])


@pytest.mark.parametrize("number", ROUNDS)
def test_two_independent_libraries_agree(number: int) -> None:
    """Each stored round is right for both, and the round after it, or a changed signature, is wrong for both."""
    signature = ROUNDS[number]
    other = ROUNDS[next(n for n in ROUNDS if n != number)]

    assert check_round(number, signature)
    assert is_signed(number, signature, beacon.PUBLIC_KEY)
    for wrong in ((number + 1, signature), (number, other), (number, _flipped(signature))):
        assert not is_signed(*wrong, beacon.PUBLIC_KEY)
        with pytest.raises(BeaconSignatureWrong):
            check_round(*wrong)


def _flipped(signature: str) -> str:
    return signature[:-1] + ("0" if signature[-1] != "0" else "1")


@pytest.mark.parametrize("number", [-1, 0, 2**53, 2**64, 2**70])
def test_round_that_cannot_be_is_wrong(number: int) -> None:
    """Rounds count from one; a number that no record can hold is refused before any library sees it."""
    with pytest.raises(BeaconSignatureWrong):
        check_round(number, ROUNDS[FIRST])


@pytest.mark.parametrize(
    "signature",
    ["", "zz" * 48, "b7" * 47, "b7" * 49, ROUNDS[FIRST].upper(), f"{ROUNDS[FIRST]}\n", f" {ROUNDS[FIRST][1:]}"],
)
def test_signature_of_another_shape_is_refused(signature: str) -> None:
    """Only 96 lower-case hexadecimal digits are a signature."""
    with pytest.raises(BeaconSignatureMisshapen):
        check_round(FIRST, signature)


@pytest.mark.parametrize("signature", ["c0" + "00" * 47, "00" * 48, "ff" * 48, "80" + "00" * 47])
def test_point_that_is_none_is_wrong(signature: str) -> None:
    """The point at infinity, and bytes that are no point, sign nothing."""
    with pytest.raises(BeaconSignatureWrong):
        check_round(1, signature)
    assert not is_signed(1, signature, beacon.PUBLIC_KEY)


def test_time_of_a_round_follows_from_genesis_and_period() -> None:
    """Round 27946612 fell to 2026-04-20 00:00:00 UTC; the first one to the genesis."""
    assert datetime(2026, 4, 20, tzinfo=UTC) == time_of_round(27_946_612)
    assert beacon.GENESIS == time_of_round(1).timestamp()


def test_round_named_is_the_first_at_or_after_the_draw() -> None:
    """At a round's instant it is that one; a microsecond later the next; a microsecond earlier still that one."""
    at = time_of_round(1000)
    tick = timedelta(microseconds=1)

    assert round_named_for(at - tick) == 1000
    assert round_named_for(at) == 1000
    assert round_named_for(at + tick) == 1001
    assert round_named_for(time_of_round(1)) == 1
