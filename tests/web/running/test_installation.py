"""An installation's folder: made once, the same at every start, never production."""

from __future__ import annotations

import ast
import json
import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auction.kernel.config import read_settings
from auction.kernel.errors import SettingInvalid, WrongInstallation
from auction.kernel.stamp import Stamp
from web.live_wiring import receipt_key
from web.running.installation import HOST, PREFERRED_PORTS, SANDBOXES, Installation, PortClaims, open_installation
from web.running.processes import ServerFailed
from web.running.up import FOLDERS_LIMIT, take_folder

NOBODY = 65534


def _free_ports() -> tuple[int, int]:
    """Two ports on which nobody listens."""
    with socket.socket() as one, socket.socket() as two:
        one.bind((HOST, 0))
        two.bind((HOST, 0))
        return one.getsockname()[1], two.getsockname()[1]


FREE = _free_ports()


@pytest.fixture
def claims(tmp_path: Path) -> Iterator[PortClaims]:
    """Claims on ports of the test's own, given up at its end."""
    made = PortClaims(tmp_path / "claims")
    yield made
    made.release()


def opened(folder: Path, claims: PortClaims, stamp: Stamp = Stamp.TEST) -> Installation:
    """Open an installation."""
    return open_installation(folder, stamp, claims)


def test_second_start_is_the_same_installation(tmp_path: Path, claims: PortClaims) -> None:
    """Secrets and ports are chosen once; the file that holds them is its owner's alone."""
    first = opened(tmp_path / "here", claims)
    claims.release()
    again = opened(tmp_path / "here", claims)
    claims.release()
    other = opened(tmp_path / "there", claims)

    path = tmp_path / "here" / "installation.json"
    assert (again.secrets, again.ports) == (first.secrets, first.ports)
    assert set(first.secrets.values()).isdisjoint(other.secrets.values())
    assert path.stat().st_mode & 0o777 == 0o600
    assert not list((tmp_path / "here").glob("*.draft"))


def test_every_part_has_a_port_of_its_own(tmp_path: Path, claims: PortClaims) -> None:
    """Site, gateway and each sandbox get a port; no two get the same."""
    made = opened(tmp_path / "here", claims)

    assert set(made.ports) == set(PREFERRED_PORTS) == {"site", "gateway", *SANDBOXES}
    assert len(set(made.ports.values())) == len(made.ports)
    assert made.sandbox_ports == ",".join(f"{name}={made.ports[name]}" for name in SANDBOXES)


def test_port_that_somebody_holds_is_chosen_anew(tmp_path: Path, claims: PortClaims) -> None:
    """A port on which somebody listens by now is replaced, the others stay."""
    first = opened(tmp_path / "here", claims)
    claims.release()
    with socket.socket() as holder:
        holder.bind((HOST, first.ports["bank"]))
        holder.listen()
        again = opened(tmp_path / "here", claims)

    assert again.ports["bank"] != first.ports["bank"]
    assert {n: p for n, p in again.ports.items() if n != "bank"} == {
        n: p for n, p in first.ports.items() if n != "bank"
    }


def test_two_installations_never_share_a_port(tmp_path: Path, claims: PortClaims) -> None:
    """What one has claimed, the other does not get, although nobody listens there yet."""
    beside = PortClaims(tmp_path / "claims")
    try:
        ours, theirs = opened(tmp_path / "here", claims), opened(tmp_path / "there", beside)
    finally:
        beside.release()

    assert set(ours.ports.values()).isdisjoint(theirs.ports.values())


def as_another_account(work: Callable[[], object]) -> object:
    """Do a piece of work in a process of the account *nobody*; gives what it gave, or the failure's name."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # nothing of the test may run on here
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            os.umask(0o077)
            answer = repr(work())
        except BaseException as failure:  # noqa: BLE001 - told to the test
            answer = repr(type(failure).__name__)
        os.write(write, answer.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as told:
        answer = told.read()
    os.waitpid(child, 0)
    return ast.literal_eval(answer)


@pytest.fixture
def narrow_umask() -> Iterator[None]:
    """An account whose new files nobody else may read."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("narrow_umask")
def test_claims_are_shared_whatever_the_umask(tmp_path: Path) -> None:
    """Folder and files are open to every account of the machine, and nobody may remove another's."""
    claims = PortClaims(tmp_path / "claims")
    try:
        assert [claims.take(port) for port in FREE] == [True, True]
    finally:
        claims.release()

    assert stat.S_IMODE((tmp_path / "claims").stat().st_mode) == 0o1777
    assert {stat.S_IMODE((tmp_path / "claims" / str(port)).stat().st_mode) for port in FREE} == {0o644}


@pytest.mark.skipif(os.getuid() != 0, reason="only root becomes somebody else")
@pytest.mark.usefixtures("narrow_umask")
def test_two_accounts_claim_ports_beside_each_other(short_dir: Path) -> None:
    """A port that one account holds the other does not get; free ones and given-up ones it does, both ways round."""
    mine, theirs = FREE
    claims = PortClaims(short_dir / "claims")

    def claim() -> list[bool]:
        others = PortClaims(short_dir / "claims")
        return [others.take(mine), others.take(theirs)]

    try:
        assert claims.take(mine)
        assert as_another_account(claim) == [False, True]
        assert claims.take(theirs)  # the other process has ended, and its claim with it
    finally:
        claims.release()
    assert as_another_account(claim) == [True, True]


@pytest.mark.skipif(os.getuid() != 0, reason="only root becomes somebody else")
def test_account_that_may_not_use_the_shared_folder_has_its_own(short_dir: Path) -> None:
    """A folder that somebody made for himself alone blocks nobody else."""
    (short_dir / "claims").mkdir(mode=0o755)
    short_dir.chmod(0o1777)

    assert as_another_account(lambda: PortClaims(short_dir / "claims").take(FREE[0])) is True
    assert (short_dir / f"claims-{NOBODY}" / str(FREE[0])).exists()


def test_link_in_place_of_a_claim_is_not_followed(tmp_path: Path) -> None:
    """Whoever plants a link makes us neither open nor create what it leads to."""
    claims = PortClaims(tmp_path / "claims")
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / str(FREE[0])).symlink_to(tmp_path / "elsewhere")

    assert not claims.take(FREE[0])
    assert not (tmp_path / "elsewhere").exists()


def test_production_is_never_an_installation_of_this_kind(tmp_path: Path, claims: PortClaims) -> None:
    """Embedded servers and sandboxes are refused under the production stamp before anything is written."""
    with pytest.raises(WrongInstallation):
        opened(tmp_path / "here", claims, Stamp.PRODUCTION)
    assert not (tmp_path / "here").exists()


def test_folder_keeps_its_stamp(tmp_path: Path, claims: PortClaims) -> None:
    """A demo does not become a test installation; the folder stays as it was."""
    opened(tmp_path / "here", claims, Stamp.DEMO)
    held = (tmp_path / "here" / "installation.json").read_bytes()
    claims.release()

    with pytest.raises(SettingInvalid, match="demo"):
        opened(tmp_path / "here", claims, Stamp.TEST)
    assert (tmp_path / "here" / "installation.json").read_bytes() == held


def test_its_settings_are_read_by_every_part(tmp_path: Path, claims: PortClaims) -> None:
    """What it gives is what `read_settings` takes; the gateway's key belongs to the site's, and both to no other."""
    made = opened(tmp_path / "here", claims)
    made.connections.parent.mkdir()
    stripe = {"url": "http://127.0.0.1:1", "secret_key": "sk_test_sandbox", "webhook_secret": "whsec_x"}
    beacon = {"url": "http://127.0.0.1:2", "beacon_public_key": "ab" * 96}
    made.connections.write_text(json.dumps({"stripe": stripe, "beacon": beacon}))
    given = made.environment(database_url="postgresql+asyncpg://x/y", redis_url="redis://x")
    settings = read_settings({**given, **made.partner_environment()})

    ticket = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(settings.ticket_key))
    assert settings.ticket_public_key == ticket.public_key().public_bytes_raw().hex()
    assert settings.installation is Stamp.TEST
    assert (settings.bind_host, settings.site_port) == (HOST, str(made.ports["site"]))
    assert settings.sandbox_pay_url == "http://127.0.0.1:1/sandbox/pay"
    assert settings.stripe_key == "sk_test_sandbox"
    assert (settings.beacon_url, settings.beacon_public_key) == ("http://127.0.0.1:2", "ab" * 96)
    assert len({settings.secret, settings.journal_key, settings.ticket_key}) == 3
    receipt_key(settings)
    with pytest.raises(SettingInvalid):
        read_settings({**given, **made.partner_environment(), "FAPAI_STAMP": "production"})


async def test_second_run_takes_the_next_folder(tmp_path: Path) -> None:
    """Two runs never share a folder; one that ended leaves its folder to the next."""
    first, first_lock = await take_folder(tmp_path / "demo")
    second, second_lock = await take_folder(tmp_path / "demo")
    first_lock.release()
    third, third_lock = await take_folder(tmp_path / "demo")
    for lock in (second_lock, third_lock):
        lock.release()

    assert [path.name for path in (first, second, third)] == ["demo", "demo-2", "demo"]


async def test_number_of_runs_beside_each_other_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit a run is refused, not started somewhere."""
    assert FOLDERS_LIMIT > 2
    monkeypatch.setattr("web.running.up.FOLDERS_LIMIT", 2)
    locks = [(await take_folder(tmp_path / "demo"))[1] for _ in range(2)]

    with pytest.raises(ServerFailed):
        await take_folder(tmp_path / "demo")
    for lock in locks:
        lock.release()
