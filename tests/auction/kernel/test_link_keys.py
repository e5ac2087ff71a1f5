"""Link keys: held apart, rotated, two at the most; a hash names its key and says nothing without it."""

from __future__ import annotations

import pytest

from auction.kernel.errors import SettingInvalid
from auction.kernel.link_keys import LinkKeys, read_link_keys

SECRET = b"\x07" * 32
NEW, OLD = "2026b:" + "ab" * 32, "2026a:" + "cd" * 32


def read(setting: str, *, may_derive: bool = False) -> LinkKeys:
    """Read a setting."""
    return read_link_keys(setting, secret=SECRET, may_derive=may_derive)


def test_both_keys_of_a_rotation_hash() -> None:
    """The first key is the present one; in the overlap a value is hashed under both, each naming its key."""
    keys = read(f"{NEW} {OLD}")

    hashed = keys.hashes("phone", "1")

    assert "2026b" == keys.present.key_id
    assert ["2026b", "2026a"] == [key_id for _, key_id, _ in hashed]
    assert 2 == len({found for _, _, found in hashed})
    assert hashed == read(f"{NEW} {OLD}").hashes("phone", "1")


def test_kinds_never_share_a_hash() -> None:
    """The same value of two kinds has two hashes: a telephone number is never found among account numbers."""
    keys = read(NEW)

    assert keys.hashes("phone", "1")[0][2] != keys.hashes("payer_account", "1")[0][2]


def test_key_is_not_shown() -> None:
    """A key's name is printed, its secret is not."""
    assert "ab" * 8 not in repr(read(NEW))


@pytest.mark.parametrize(
    "setting",
    [
        "",
        "2026:" + "ab" * 31,
        "2026:zz",
        "ab" * 32,
        "A:" + "ab" * 32,
        "2026:" + SECRET.hex(),
        f"{NEW} {NEW}",
        f"{NEW} other:{'ab' * 32}",
        f"{NEW} {OLD} third:{'ef' * 32}",
    ],
)
def test_unfit_keys_are_refused(setting: str) -> None:
    """None in production, short, unnamed, twice, the installation's own secret, or a third: refused."""
    with pytest.raises(SettingInvalid):
        read(setting)


def test_demonstration_derives_its_key() -> None:
    """Without a setting test and demo derive one key that is not the secret."""
    keys = read("", may_derive=True)

    assert 1 == len(keys.keys)
    assert SECRET != keys.present.secret
