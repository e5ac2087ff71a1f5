"""``fapai found-administrators``: two administrators of a production installation, without a secret in sight."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from auction.kernel.actors import Role
from auction.kernel.db import Database
from auction.kernel.sealing import Sealer
from migrations.run import migrate
from web.auth import store
from web.auth.passwords import Passwords
from web.auth.sample_accounts import sample_identity_number
from web.cli import main
from web.command_of_founding import found

SECRET = "6b" * 32
EAST, WEST = sample_identity_number(60), sample_identity_number(61)
PASSWORDS = ("the first of two secrets", "the second of two secrets")


def environment(url: str) -> dict[str, str]:
    """Settings of a production installation, made up."""
    return {
        "FAPAI_STAMP": "production",
        "DATABASE_URL": url,
        "REDIS_URL": "redis://redis.example:6379",
        "FAPAI_SECRET": SECRET,
        "STRIPE_API_KEY": "sk_live_made_up",
        "STRIPE_WEBHOOK_SECRET": "whsec_made_up",
        "FAPAI_PARTNERS": "/etc/fapai/partners.json",
    }


def typed(*, second_number: str = WEST, with_passwords: bool = True) -> str:
    """What the two type at the terminal; the first one's number is mistyped once."""
    first = ["zhao.dong", "赵东", EAST[:-1] + "?", EAST]
    second = ["zhao.xi", "赵西", second_number]
    if with_passwords:
        first += ["short", PASSWORDS[0], PASSWORDS[0]]
        second += [PASSWORDS[1], PASSWORDS[1]]
    return "\n".join([*first, *second]) + "\n"


async def call(url: str, text: str, *arguments: str) -> Result:
    """Call the command as a process of the installation would."""
    return await asyncio.to_thread(
        CliRunner().invoke, main, ["found-administrators", *arguments], input=text, env=environment(url)
    )


@pytest.fixture
async def production(empty_database_url: str) -> str:
    """A migrated production database."""
    await migrate(empty_database_url, "production")
    return empty_database_url


async def opened(url: str) -> dict[str, tuple[str, frozenset[Role]]]:
    """Password hash and roles of each founder."""
    db = Database(url, Sealer(bytes.fromhex(SECRET)))
    try:
        async with db.reading() as tx:
            rows = [await store.account_by_username(tx, name) for name in ("zhao.dong", "zhao.xi")]
            return {
                row.username: (row.password_hash, await store.roles_of(tx, row.account_id))
                for row in rows
                if row is not None
            }
    finally:
        await db.close()


async def test_two_administrators_are_founded_in_production(production: str) -> None:
    """Each types his own password; both accounts stand, and nothing secret is on the screen or in the log."""
    run = await call(production, typed())

    assert run.exit_code == 0, run.output
    assert "founded 已设立: zhao.dong, zhao.xi" in run.output
    assert "identity_number_invalid" in run.output
    assert "password_weak" in run.output
    for secret in (*PASSWORDS, EAST, WEST):
        assert secret not in run.output
    founders = await opened(production)
    assert [roles for _hash, roles in founders.values()] == [{Role.ADMINISTRATOR}] * 2
    for password, (password_hash, _roles) in zip(PASSWORDS, founders.values(), strict=True):
        assert await Passwords().is_right(password, password_hash)


async def test_made_passwords_lie_in_private_files(production: str, tmp_path: Path) -> None:
    """A made password goes into a file of its own that only the operator reads, never onto the screen."""
    folder = tmp_path / "handover"
    run = await call(production, typed(with_passwords=False), "--secrets-to", str(folder))

    assert run.exit_code == 0, run.output
    founders = await opened(production)
    for username, (password_hash, _roles) in founders.items():
        path = folder / f"{username}.password"
        password = path.read_text(encoding="utf-8").strip()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert len(password) == 24
        assert password not in run.output
        assert await Passwords().is_right(password, password_hash)


async def test_administration_is_founded_once(production: str, tmp_path: Path) -> None:
    """A second founding is refused before anybody is asked, and leaves no password behind."""
    await call(production, typed())

    again = await call(production, "", "--secrets-to", str(tmp_path / "handover"))

    assert again.exit_code == 1
    assert "administration_founded" in again.output
    assert "Username" not in again.output
    assert not (tmp_path / "handover").exists()


async def test_refused_founding_leaves_nothing(production: str, tmp_path: Path) -> None:
    """One person twice founds no administration; the passwords that were made for it are taken back."""
    text = typed(second_number=EAST, with_passwords=False)
    run = await call(production, text.replace("赵西", "赵东"), "--secrets-to", str(tmp_path))

    assert run.exit_code == 1
    assert "person_has_account" in run.output
    assert list(tmp_path.iterdir()) == []
    assert await opened(production) == {}


async def test_password_file_that_exists_is_never_overwritten(production: str, tmp_path: Path) -> None:
    """A file of that name stops the founding before anything is stored."""
    (tmp_path / "zhao.xi.password").write_text("kept")
    run = await call(production, typed(with_passwords=False), "--secrets-to", str(tmp_path))

    assert run.exit_code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["zhao.xi.password"]
    assert (tmp_path / "zhao.xi.password").read_text() == "kept"
    assert await opened(production) == {}


def test_no_secret_comes_by_an_argument() -> None:
    """Arguments stand in the list of processes: the command takes none but a folder."""
    assert [parameter.name for parameter in found.params] == ["secrets_to"]
