"""The command: what is missing or does not answer is told in words, in both languages, without a trace."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bidding.live.library import movable, production
from tests.auction.kernel.test_config import PRODUCTION
from web.cli import main
from web.running.processes import ServerFailed

SECRET = "5a" * 32
USERS = ["fapai-gateway", "fapai-committer", "fapai-site", "fapai-worker"]
NOWHERE = "postgresql+asyncpg://nobody@127.0.0.1:9/none"
"""Port 9 (discard) of this machine: nobody listens."""


def call(*arguments: str, **environment: str) -> Result:
    """Run the command with just these settings."""
    empty = {"DATABASE_URL": "", "REDIS_URL": "", "FAPAI_SECRET": "", "FAPAI_STAMP": "test"}
    return CliRunner().invoke(main, arguments, env={**empty, **environment})


@pytest.mark.parametrize(
    "process", ["web", "gateway", "committer", "probe", "worker", "migrate", "check-books", "export-books"]
)
def test_process_without_settings_says_which_is_missing(process: str) -> None:
    """Each command names the setting that it needs, and ends with status 1."""
    result = call(process)

    assert result.exit_code == 1
    assert "setting_invalid" in result.output
    assert any(name in result.output for name in ("DATABASE_URL", "REDIS_URL", "FAPAI_SECRET", "FAPAI_PROBE_KEY"))
    assert "设置" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("secret", ["5a" * 31, "zz" * 32])
def test_secret_that_is_too_short_or_no_hex_is_refused(secret: str) -> None:
    """The secret has 32 bytes or more, as hexadecimal figures; it is not shown."""
    result = call("check-books", DATABASE_URL=NOWHERE, FAPAI_SECRET=secret)

    assert (result.exit_code, "FAPAI_SECRET" in result.output) == (1, True)
    assert secret not in result.output


def test_server_that_does_not_answer_is_told() -> None:
    """A database that is down is one sentence."""
    result = call("check-books", DATABASE_URL=NOWHERE, FAPAI_SECRET=SECRET)

    assert (result.exit_code, "服务器无应答" in result.output) == (1, True)


def test_server_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What kept a server of the demonstration from starting is shown as it is, with status 1."""

    def fail(work: object) -> None:
        work.close()  # type: ignore[attr-defined] # a coroutine that nobody awaits
        raise ServerFailed("postgres did not start; the end of its log")

    monkeypatch.setattr("web.cli.run", fail)

    result = call("demo", "--json")

    assert (result.exit_code, "postgres did not start" in result.output) == (1, True)


def test_users_of_redis_are_printed_and_their_passwords_are_not(tmp_path: Path) -> None:
    """One line a role, for redis-cli or as an ACL file; passwords are written to private files, once, and shown as hashes."""
    folder = tmp_path / "secrets"
    lines = call("redis-users").output.splitlines()
    made = call("redis-users", "--file", "--secrets-to", str(folder))
    again = call("redis-users", "--secrets-to", str(folder))
    passwords = {path.stem: path.read_text().strip() for path in folder.iterdir()}

    assert [line.split()[:3] for line in lines] == [["ACL", "SETUSER", name] for name in USERS]
    assert [line.split()[1] for line in made.output.splitlines()] == USERS
    assert all(hashlib.sha256(passwords[name].encode()).hexdigest() in made.output for name in USERS)
    assert not any(password in made.output for password in passwords.values())
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert (again.exit_code, call("redis-users", "--file").exit_code) == (1, 2)


def test_users_of_production_know_no_movable_clock() -> None:
    """The production library's names, and no right to the clock's keys."""
    pretended, real = call("redis-users").output, call("redis-users", **PRODUCTION).output

    assert (":clock" in pretended, ":clock" in real) == (True, False)
    assert (production().version in real, movable().version in real) == (True, False)
