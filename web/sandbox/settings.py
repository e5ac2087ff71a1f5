"""Settings of the sandboxes: ports and folder by flag or environment, secrets by environment only.

A secret that the environment does not give is made at the first start and kept in the data folder, readable by its
owner only. What a client needs (addresses, key ids, secrets, public keys) is written to ``connections.json`` there.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from auction.kernel.errors import SettingInvalid
from auction.kernel.signing import CallKey, DocumentKey
from web.sandbox.callbacks import is_loopback

HOST = "127.0.0.1"
PREFIX = "FAPAI_SANDBOX_"
DEFAULT_PORTS = {
    name: 8401 + n
    for n, name in enumerate(
        ("stripe", "bank", "lender-1", "tax", "seal", "registry", "vehicles", "companies", "beacon", "lists-1")
    )
} | {"lists-2": 8431, "messages": 8432, "scanner": 8433, "identity": 8434}
FIRST_PLATFORM_PORT = 8411
MAX_PLATFORMS = 20
CALLBACK_PATHS = {
    "stripe": "/webhooks/stripe",
    "bank": "/webhooks/bank",
    "tax": "/webhooks/tax",
    "seal": "/webhooks/seal",
    **{
        name: f"/webhooks/{name}"
        for name in ("registry", "vehicles", "companies", "lists-1", "lists-2", "messages", "scanner", "identity")
    },
}


@dataclass(frozen=True)
class Settings:
    """All that `web.sandbox.serve` needs."""

    folder: Path
    callback_base: str
    """Where the house listens, such as ``http://127.0.0.1:8000``; callbacks go to paths below it."""
    ports: Mapping[str, int]
    """Port by server name: stripe, bank, lender-1, tax, seal, registry, vehicles, companies, beacon, lists-1, lists-2, messages, scanner, identity, platform-1 …; 0: any."""
    given_secrets: Mapping[str, str]
    """Secrets by name, as far as the environment gives them."""
    callback_urls: Mapping[str, str]
    """Addresses that replace the default ``callback_base`` + path, by server name."""

    def __post_init__(self) -> None:
        """Refuse callback addresses outside this machine (`SettingInvalid`)."""
        for url in (self.callback_base, *self.callback_urls.values()):
            if not is_loopback(url):
                raise SettingInvalid(name=PREFIX + "CALLBACK_BASE", reason="loopback only / 仅限本机地址")

    @property
    def platforms(self) -> list[str]:
        """The names of the inquiry platforms, in order."""
        return [name for name in self.ports if name.startswith("platform-")]

    def callback_url(self, name: str) -> str:
        """Where the callbacks of one server go."""
        default = CALLBACK_PATHS.get(name)
        if default is None:
            folder = "platforms" if name.startswith("platform-") else "lenders"
            default = f"/webhooks/{folder}/{name}"
        return self.callback_urls.get(name, self.callback_base.rstrip("/") + default)


class Secrets:
    """The secrets of one installation of sandboxes: given, or made once and kept."""

    def __init__(self, settings: Settings) -> None:
        """Read what was made before."""
        self._given = settings.given_secrets
        self._path = settings.folder / "secrets.json"
        self._kept: dict[str, str] = json.loads(self._path.read_text()) if self._path.exists() else {}

    def get(self, name: str, *, prefix: str = "") -> str:
        """Give a secret by name; a made one starts with ``prefix`` (``sk_test_``, ``whsec_``)."""
        if name in self._given:
            return self._given[name]
        if name not in self._kept:
            self._kept[name] = prefix + secrets.token_hex(24)
            write_private(self._path, self._kept)
        return self._kept[name]

    def call_key(self, name: str, *, key_id: str) -> CallKey:
        """Give the call key of one server under the name that the sender signs with."""
        return CallKey(key_id, self.get(name).encode())

    def document_key(self, name: str) -> DocumentKey:
        """Give the Ed25519 key of one server, made from its secret."""
        return DocumentKey(hashlib.sha256(f"fapai sandbox document key\n{name}\n{self.get(name)}".encode()).digest())


def write_private(path: Path, content: object) -> None:
    """Write a JSON file that only its owner reads, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def read_settings(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """Read flags over environment over defaults."""

    def env(name: str, default: str) -> str:
        return environment.get(PREFIX + name, default)

    parser = argparse.ArgumentParser(prog="python -m web.sandbox.serve", description="Serve all sandboxes on loopback.")
    parser.add_argument("--folder", type=Path, default=Path(env("FOLDER", "var/sandbox")))
    parser.add_argument("--callback-base", default=env("CALLBACK_BASE", "http://127.0.0.1:8000"))
    parser.add_argument("--platforms", type=int, default=int(env("PLATFORMS", "3")), help="how many, at most 20")
    parser.add_argument("--ports", default=env("PORTS", ""), help="name=port,…; 'any' lets the system choose all")
    chosen = parser.parse_args(list(arguments))
    return Settings(
        folder=chosen.folder,
        callback_base=chosen.callback_base,
        ports=_ports(chosen.ports, chosen.platforms),
        given_secrets=_by_name(environment, "_SECRET"),
        callback_urls=_by_name(environment, "_CALLBACK_URL"),
    )


def _ports(text: str, platforms: int) -> dict[str, int]:
    if not 0 <= platforms <= MAX_PLATFORMS:
        raise SettingInvalid(name=PREFIX + "PLATFORMS", reason=f"0–{MAX_PLATFORMS}")
    names = {f"platform-{i + 1}": FIRST_PLATFORM_PORT + i for i in range(platforms)}
    ports = {**DEFAULT_PORTS, **names}
    if text == "any":
        return dict.fromkeys(ports, 0)
    for part in filter(None, text.split(",")):
        name, _, port = part.partition("=")
        if name not in ports or not port.isdecimal():
            raise SettingInvalid(name=PREFIX + "PORTS", reason=part)
        ports[name] = int(port)
    return ports


def _by_name(environment: Mapping[str, str], suffix: str) -> dict[str, str]:
    """Collect ``FAPAI_SANDBOX_PLATFORM_1_SECRET`` as ``platform-1``."""
    found: dict[str, str] = {}
    for name, value in environment.items():
        if name.startswith(PREFIX) and name.endswith(suffix) and value:
            found[name[len(PREFIX) : -len(suffix)].lower().replace("_", "-")] = value
    return found
