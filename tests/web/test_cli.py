"""The command: what is missing or does not answer is told in words, in both languages, without a trace."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from web.cli import main
from web.running.processes import ServerFailed

SECRET = "5a" * 32
NOWHERE = "postgresql+asyncpg://nobody@127.0.0.1:9/none"
"""Port 9 (discard) of this machine: nobody listens."""


def call(*arguments: str, **environment: str) -> Result:
    """Run the command with just these settings."""
    empty = {"DATABASE_URL": "", "REDIS_URL": "", "FAPAI_SECRET": "", "FAPAI_STAMP": "test"}
    return CliRunner().invoke(main, arguments, env={**empty, **environment})


@pytest.mark.parametrize("process", ["web", "gateway", "committer", "worker", "migrate", "check-books"])
def test_process_without_settings_says_which_is_missing(process: str) -> None:
    """Each command names the setting that it needs, and ends with status 1."""
    result = call(process)

    assert result.exit_code == 1
    assert "setting_invalid" in result.output
    assert any(name in result.output for name in ("DATABASE_URL", "REDIS_URL", "FAPAI_SECRET"))
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
