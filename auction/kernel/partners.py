"""Partners outside (bank, tax office, seal service, lenders, registers, platforms): addresses and keys, from one private file.

The file is JSON: an object per partner under its id (``bank``, ``tax``, ``seal``, ``lender-1``, ``registry``, ``platform-1`` …) with the fields
of `Partner`. Production refuses plain HTTP, this machine, and secrets of sandboxes (security 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from auction.kernel.config import SANDBOX_MARK, check_provider_address
from auction.kernel.errors import SettingInvalid
from auction.kernel.signing import CallKey
from auction.kernel.stamp import Stamp

SETTING = "FAPAI_PARTNERS"


Address = Annotated[str, msgspec.Meta(pattern=r"^https?://[^/@\s]+(/\S*)?\Z")]
KeyName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,64}\Z")]
Secret = Annotated[str, msgspec.Meta(min_length=16)]
FormerKeys = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64}( [0-9a-f]{64})*)?\Z")]
PublicKey = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Partner(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach one partner and how to know its calls and documents."""

    url: Address
    key_id: KeyName
    """The name under which we sign our calls."""
    callback_key_id: KeyName
    """The name under which the partner signs its callbacks."""
    secret: Secret
    public_key: PublicKey
    """Ed25519 public key (hex) of the partner's documents."""
    title: str = ""
    """The partner's name as people read it."""
    main_account: str = ""
    """Bank only: the account of the court under which sub-accounts are opened."""
    statement_format: Literal["json", "camt.053"] = "json"
    """Bank only: in which form its statement is asked for."""
    order_format: Literal["json", "pain.001"] = "json"
    """Bank only: in which form payment orders go out."""
    former_public_keys: FormerKeys = ""
    """Seal service only: its public keys of before, separated by blanks, under which old marks stay verifiable."""

    @property
    def former_keys(self) -> tuple[str, ...]:
        """The former public keys, one by one."""
        return tuple(self.former_public_keys.split())

    @property
    def call_key(self) -> CallKey:
        """The key that signs our calls."""
        return CallKey(self.key_id, self.secret.encode())

    @property
    def callback_key(self) -> CallKey:
        """The key that signs the partner's callbacks."""
        return CallKey(self.callback_key_id, self.secret.encode())

    def __repr__(self) -> str:
        """Name the address; never the secret."""
        return f"Partner({self.url!r})"


def read_partners(path: str, stamp: Stamp) -> dict[str, Partner]:
    """Read the partners' file; an empty path gives none. Raises `SettingInvalid` naming what is wrong."""
    if not path:
        return {}
    try:
        raw = msgspec.json.decode(Path(path).read_bytes(), type=dict[str, dict[str, str]])
    except (OSError, msgspec.MsgspecError) as fault:
        raise SettingInvalid(name=SETTING, reason=str(fault)) from fault
    partners = {name: _partner(name, fields) for name, fields in raw.items() if "callback_key_id" in fields}
    if stamp is Stamp.PRODUCTION:
        _check_production(partners)
    return partners


def platforms_of(partners: Mapping[str, Partner]) -> dict[str, Partner]:
    """Give the listed inquiry platforms, by id."""
    return {name: partner for name, partner in sorted(partners.items()) if name.startswith("platform-")}


def _partner(name: str, fields: dict[str, str]) -> Partner:
    try:
        return msgspec.convert(fields, Partner)
    except msgspec.ValidationError as fault:
        raise SettingInvalid(name=f"{SETTING}: {name}", reason=str(fault)) from fault


def _check_production(partners: Mapping[str, Partner]) -> None:
    for name, partner in partners.items():
        check_provider_address(f"{SETTING}: {name}", partner.url)
        if SANDBOX_MARK in partner.secret:
            raise SettingInvalid(name=f"{SETTING}: {name}", reason="a sandbox secret / 沙箱密钥")
