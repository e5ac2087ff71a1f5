"""Seals hide and are not forged; commitments compare and tell nothing without the key."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag

from auction.kernel.sealing import Sealer

SECRET = b"a made-up secret of 32 bytes....."


def test_seal_opens_to_its_text_and_is_new_each_time() -> None:
    """The same text sealed twice looks different and opens to the same."""
    sealer = Sealer(SECRET)
    first, second = sealer.seal("王示例"), sealer.seal("王示例")

    assert first != second
    assert "王示例".encode() not in first
    assert [sealer.open(first), sealer.open(second), sealer.open(sealer.seal(""))] == ["王示例", "王示例", ""]


def test_changed_or_foreign_seal_does_not_open() -> None:
    """One bit changed anywhere, a seal cut short, or another installation's key: nothing is opened."""
    sealer = Sealer(SECRET)
    sealed = sealer.seal("王示例")
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(InvalidTag):
            sealer.open(changed)
    with pytest.raises(InvalidTag):
        sealer.open(sealed[:-1])
    with pytest.raises(InvalidTag):
        Sealer(SECRET + b"x").open(sealed)


def test_commitment_compares_under_one_key_only() -> None:
    """Equal texts have equal commitments here and others elsewhere; it is no seal and no plain digest."""
    sealer = Sealer(SECRET)

    assert sealer.commit("identity:1") == Sealer(SECRET).commit("identity:1")
    assert sealer.commit("identity:1") != sealer.commit("identity:2")
    assert sealer.commit("identity:1") != Sealer(SECRET + b"x").commit("identity:1")
    assert len(sealer.commit("")) == 64


@pytest.mark.parametrize(("length", "is_taken"), [(31, False), (32, True), (33, True)])
def test_secret_has_at_least_32_bytes(length: int, is_taken: bool) -> None:
    """A short secret makes no sealer."""
    if is_taken:
        Sealer(b"s" * length)
        return
    with pytest.raises(AssertionError):
        Sealer(b"s" * length)
