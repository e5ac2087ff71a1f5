"""One installation's folder: its ports, its secrets, the settings that its parts run with.

1. Everything of an installation lies in one folder, which may be deleted; nothing else is written.
2. Ports and secrets are chosen at the first start and kept (``installation.json``, readable by the owner only), so
   that a second start is the same installation. A port that somebody else holds by then is chosen anew.
3. Such an installation runs embedded servers and sandboxes, so none is production (security 1); once made, it keeps
   its stamp.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auction.kernel.errors import SettingInvalid
from auction.kernel.stamp import Stamp, require_pretending
from web.running.processes import ServerFailed

HOST = "127.0.0.1"
PLATFORMS = 3
PORT_TRIES = 200
OPEN_TRIES = 5
SHARED_MODE = 0o1777
CLAIMS = Path(tempfile.gettempdir()) / "fapai-port-claims"
"""Claims on ports, shared by all installations and accounts of this machine."""
REGISTERS = ("registry", "vehicles", "companies")
LISTS = ("lists-1", "lists-2")
SANDBOXES = (
    *("stripe", "bank", "lender-1", "tax", "seal"),
    *REGISTERS,
    *LISTS,
    "beacon",
    "messages",
    "scanner",
    "identity",
    *(f"platform-{n}" for n in range(1, PLATFORMS + 1)),
)
PREFERRED_PORTS = {
    "site": 8000,
    "gateway": 8001,
    "stripe": 8401,
    "bank": 8402,
    "lender-1": 8403,
    "tax": 8404,
    "seal": 8405,
    **{name: 8406 + n for n, name in enumerate(REGISTERS)},
    "beacon": 8409,
    "lists-1": 8410,
    "lists-2": 8431,
    "messages": 8432,
    "scanner": 8433,
    "identity": 8434,
    **{f"platform-{n}": 8410 + n for n in range(1, PLATFORMS + 1)},
}


@dataclass(frozen=True)
class Installation:
    """A folder that was opened: its ports and secrets."""

    folder: Path
    stamp: Stamp
    ports: dict[str, int]
    secrets: dict[str, str]

    @property
    def site_url(self) -> str:
        """Where people reach the site."""
        return f"http://{HOST}:{self.ports['site']}"

    @property
    def gateway_url(self) -> str:
        """Where browsers reach the rooms."""
        return f"ws://{HOST}:{self.ports['gateway']}/room"

    @property
    def connections(self) -> Path:
        """The file in which the sandboxes say how to reach them."""
        return self.folder / "sandbox" / "connections.json"

    @property
    def sandbox_ports(self) -> str:
        """The sandboxes' ports as their command line takes them."""
        return ",".join(f"{name}={self.ports[name]}" for name in SANDBOXES)

    def environment(self, *, database_url: str, redis_url: str) -> dict[str, str]:
        """Give the settings of all parts that stand on these servers (partners and card provider apart)."""
        return {
            "FAPAI_STAMP": self.stamp.value,
            "FAPAI_DATA": str(self.folder),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "FAPAI_SITE_URL": self.site_url,
            "FAPAI_SITE_PORT": str(self.ports["site"]),
            "FAPAI_GATEWAY_URL": self.gateway_url,
            "FAPAI_GATEWAY_PORT": str(self.ports["gateway"]),
            "FAPAI_BIND": HOST,
            "FAPAI_SECRET": self.secrets["installation"],
            "FAPAI_JOURNAL_KEY": self.secrets["journal"],
            "FAPAI_TICKET_KEY": self.secrets["ticket"],
            "FAPAI_TICKET_PUBLIC_KEY": _public_half(self.secrets["ticket"]),
            "FAPAI_PROBE_KEY": self.secrets["probe"],
            "FAPAI_PROBE_PUBLIC_KEY": _public_half(self.secrets["probe"]),
        }

    def partner_environment(self) -> dict[str, str]:
        """Give the settings that name the sandboxes; they must have been started once."""
        connections = json.loads(self.connections.read_text(encoding="utf-8"))
        stripe, beacon = connections["stripe"], connections["beacon"]
        return {
            "FAPAI_PARTNERS": str(self.connections),
            "FAPAI_BEACON_URL": beacon["url"],
            "FAPAI_BEACON_PUBLIC_KEY": beacon["beacon_public_key"],
            "STRIPE_API_KEY": stripe["secret_key"],
            "STRIPE_API_URL": stripe["url"],
            "STRIPE_WEBHOOK_SECRET": stripe["webhook_secret"],
            "FAPAI_SANDBOX_PAY_URL": f"{stripe['url']}/sandbox/pay",
        }


def open_installation(folder: Path, stamp: Stamp, claims: PortClaims) -> Installation:
    """Open the installation of ``folder``, making it the first time; takes new ports where old ones are taken.

    The ports are ours until ``claims`` are released or this process ends. Raises `WrongInstallation` for production,
    `SettingInvalid` when the folder was made under another stamp.
    """
    require_pretending(stamp, "embedded servers and sandboxes")
    folder = folder.resolve()
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    path = folder / "installation.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if known.get("stamp", stamp.value) != stamp.value:
        raise SettingInvalid(name="FAPAI_STAMP", reason=f"this folder is stamped {known['stamp']}")
    kept = {**_make_secrets(), **known.get("secrets", {})}
    ports = choose_ports({**PREFERRED_PORTS, **known.get("ports", {})}, claims)
    _write_private(path, {"ports": ports, "secrets": kept, "stamp": stamp.value})
    return Installation(folder=folder, stamp=stamp, ports=ports, secrets=kept)


class PortClaims:
    """Ports that this process may use: claimed from all other installations of this machine while it lives.

    Between choosing a port and listening on it another installation could choose it too, and each would then talk to
    the other's site. A claim is an flock, so it ends with the process, however that ends.

    Several accounts of one machine share the folder, whatever their umask: it is open to all with its sticky bit set, and
    a file in it is opened for reading only, which is enough for the lock. Where somebody made the folder otherwise, an
    account has a folder of its own; that nobody listens on a port is looked at in any case.
    """

    def __init__(self, folder: Path = CLAIMS) -> None:
        """Claim nothing yet."""
        self._shared = folder
        self._held: dict[int, int] = {}

    def take(self, port: int) -> bool:
        """Claim a port; ``False`` if another installation has it, or somebody listens on it."""
        if port in self._held:
            return False
        try:
            descriptor = _open_claim(self._folder / f"{port}")
        except OSError:  # somebody else is just making it, made it for himself alone, or planted a link
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        if not _is_free(port):
            os.close(descriptor)
            return False
        self._held[port] = descriptor
        return True

    @cached_property
    def _folder(self) -> Path:
        """The folder of the claims: the shared one, or this account's own where that one is not for us."""
        try:
            self._shared.mkdir(parents=True)
            self._shared.chmod(SHARED_MODE)  # mkdir's own mode is cut by the umask
        except FileExistsError:
            if not os.access(self._shared, os.W_OK | os.X_OK):
                own = self._shared.with_name(f"{self._shared.name}-{os.getuid()}")
                own.mkdir(mode=0o700, exist_ok=True)
                return own
        return self._shared

    def release(self) -> None:
        """Give all claims up."""
        for descriptor in self._held.values():
            os.close(descriptor)
        self._held.clear()


def _open_claim(path: Path) -> int:
    """Open a claim's file for reading, made readable for everybody the first time; no link is followed.

    An open that may create is refused by the kernel for another account's file in a sticky folder, so it comes second.
    Raises `PermissionError`, and `BlockingIOError` when others keep making and removing the file.
    """
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
    for _ in range(OPEN_TRIES):
        with suppress(FileNotFoundError):
            return os.open(path, flags)
        with suppress(FileExistsError):
            descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o644)
            os.fchmod(descriptor, 0o644)
            return descriptor
    raise BlockingIOError(str(path))


def choose_ports(preferred: dict[str, int], claims: PortClaims) -> dict[str, int]:
    """Keep each preferred port that can be claimed; replace the others by free ones that can."""
    return {name: port if claims.take(port) else _free_port(claims) for name, port in preferred.items()}


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _free_port(claims: PortClaims) -> int:
    for _ in range(PORT_TRIES):
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port: int = probe.getsockname()[1]
        if claims.take(port):
            return port
    raise ServerFailed("this machine has no free port left")


def _make_secrets() -> dict[str, str]:
    return {name: secrets.token_hex(32) for name in ("installation", "journal", "ticket", "probe")}


def _public_half(seed: str) -> str:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)).public_key().public_bytes_raw().hex()


def _write_private(path: Path, content: object) -> None:
    draft = path.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
