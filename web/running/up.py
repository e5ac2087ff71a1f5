"""Bring a whole installation up on this machine: servers, sandboxes, site, gateway, probe, committer, worker (D11).

1. PostgreSQL and Valkey are embedded unless ``DATABASE_URL`` or ``REDIS_URL`` name others.
2. Migrations run, and sample accounts are made, before the site starts.
3. Whoever dies is started again; SIGTERM or SIGINT stops everything in reverse order; when this process is killed its
   parts die with it, and the next start works at once.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from auction.fund.loans.loans import LoanProduct
from auction.fund.loans.store import record_product
from auction.kernel.db import Database
from auction.kernel.sealing import Sealer
from bidding.live.roles import RoleName, as_user
from migrations.run import migrate
from web.auth.passwords import Passwords
from web.auth.sample_accounts import SAMPLE_INSTITUTION, make_sample_accounts
from web.running.embedded import EmbeddedServer
from web.running.embedded_postgres import EmbeddedPostgres
from web.running.embedded_valkey import EmbeddedValkey
from web.running.installation import HOST, Installation
from web.running.processes import FolderHeld, FolderLock, ServerFailed
from web.running.readiness import AcceptsConnections, AnswersHttp, SaysLine
from web.running.supervisor import Part, Supervisor
from web.sample_agencies import make_sample_register

Say = Callable[[str], None]

SAMPLE_LOAN = LoanProduct(
    product_id="sample-home",
    lender_id=SAMPLE_INSTITUTION,
    lender="示范商业银行法拍贷中心",
    name_zh="示例法拍住房贷款",
    name_en="Sample auction home loan",
    method="equal_instalments",
    annual_rate="31/1000",
    max_share="70/100",
    max_months=360,
    asset_classes=("home",),
    cutoff_working_days=5,
    max_age_and_term_years=65,
    draw_working_days=5,
    approval_working_days=3,
    commitment_working_days=3,
    bridges=False,
)
"""The loan that the sandbox's lender offers in test and demo installations."""

FOLDERS_LIMIT = 50
"""Most installations of one name that run beside each other."""


@asynccontextmanager
async def up(installation: Installation, *, say: Say = lambda _: None) -> AsyncIterator[Supervisor]:
    """Run everything while the block runs; gives the supervisor of the product's own parts.

    Raises `FolderHeld` if the folder is in use, `ServerFailed` if something does not come up, or keeps dying: nothing
    goes on in silence without one of its parts.
    """
    async with AsyncExitStack() as stack:
        servers: list[EmbeddedServer] = []
        database_url, redis_url = await _servers(stack, installation, servers)
        say("servers: ready")
        environment = installation.environment(database_url=database_url, redis_url=redis_url)
        sandboxes = Supervisor(installation.folder / "sandboxes", [_sandbox_part(installation)], say=say)
        await asyncio.gather(sandboxes.start(), _prepare(installation, database_url))
        stack.push_async_callback(sandboxes.stop)
        environment.update(installation.partner_environment())
        os.environ.update(environment)  # what this process itself calls (driver, checks) reads the same settings
        is_ours = any(isinstance(server, EmbeddedValkey) for server in servers)
        parts = Supervisor(installation.folder, _parts(installation, environment, own_redis=is_ours), say=say)
        await parts.start()
        stack.push_async_callback(parts.stop)
        async with _ended_by(
            *(_until_failed(server) for server in servers), sandboxes.until_failed(), parts.until_failed()
        ):
            yield parts


async def _until_failed(server: EmbeddedServer) -> str:
    await server.failed.wait()
    return f"{server.name} keeps dying; see {server.log} {server.fault}".rstrip()


@asynccontextmanager
async def _ended_by(*failures: Coroutine[None, None, str]) -> AsyncIterator[None]:
    """Run the block until its end, or until one of ``failures`` has come: then `ServerFailed` says which."""
    block = asyncio.current_task()
    assert block is not None, "a block of a coroutine runs in a task"
    reasons: list[str] = []

    def end_block(failure: asyncio.Task[str]) -> None:
        if not failure.cancelled() and not reasons:
            reasons.append(failure.result())
            block.cancel()

    watched = [asyncio.create_task(failure) for failure in failures]
    for failure in watched:
        failure.add_done_callback(end_block)
    try:
        yield
    except asyncio.CancelledError:
        if not reasons:
            raise
        block.uncancel()
        raise ServerFailed(reasons[0]) from None
    finally:
        for failure in watched:
            failure.cancel()


async def _servers(stack: AsyncExitStack, installation: Installation, servers: list[EmbeddedServer]) -> tuple[str, str]:
    """Give the addresses of PostgreSQL and Redis, starting the embedded ones (kept in ``servers``) where settings name none."""

    async def started(server: EmbeddedServer) -> str:
        servers.append(server)
        stack.push_async_callback(server.stop)
        return await server.start()

    async def given(url: str) -> str:
        return url

    database_url, redis_url = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
    return await asyncio.gather(
        given(database_url) if database_url else started(EmbeddedPostgres(installation.folder / "postgres")),
        given(redis_url) if redis_url else started(EmbeddedValkey(installation.folder / "valkey")),
    )


async def _prepare(installation: Installation, database_url: str) -> None:
    """Migrate, and make the sample accounts of a test or demo installation."""
    await migrate(database_url, installation.stamp)
    if not installation.stamp.may_pretend:
        return
    db = Database(database_url, Sealer(bytes.fromhex(installation.secrets["installation"])))
    try:
        people = await make_sample_accounts(db, passwords=Passwords())
        await make_sample_register(db, people["technology1"], people["vice1"])
        await db.transact(lambda tx: record_product(tx, SAMPLE_LOAN))
    finally:
        await db.close()


def _sandbox_part(installation: Installation) -> Part:
    folder = installation.folder / "sandbox"
    argv = [sys.executable, "-m", "web.sandbox.serve", "--folder", str(folder)]
    argv += ["--callback-base", installation.site_url, "--ports", installation.sandbox_ports]
    return Part(name="sandbox", argv=argv, readiness=SaysLine("READY"))


def _parts(installation: Installation, environment: dict[str, str], *, own_redis: bool) -> list[Part]:
    def part(name: str, role: RoleName | None, readiness: AnswersHttp | AcceptsConnections | SaysLine) -> Part:
        argv, own = [sys.executable, "-m", "web.cli", name], dict(environment)
        if role is None:  # it has no line to Redis
            own["REDIS_URL"] = ""
        elif own_redis:  # a server that others run has the users that they gave it
            own["REDIS_URL"] = as_user(environment["REDIS_URL"], role)
        return Part(name=name, argv=argv, env=own, readiness=readiness)

    return [
        part("committer", "committer", SaysLine("committer_ready")),
        part("gateway", "gateway", AcceptsConnections(HOST, installation.ports["gateway"])),
        part("probe", None, SaysLine("probe_ready")),
        part("worker", "worker", SaysLine("worker_ready")),
        part("web", "site", AnswersHttp(f"{installation.site_url}/health/live")),
    ]


async def take_folder(wanted: Path) -> tuple[Path, FolderLock]:
    """Take ``wanted``, or the next numbered folder beside it while another run holds it: two runs never collide.

    The lock belongs to this process alone, so it is free the instant that this process is gone.
    """
    for number in range(1, FOLDERS_LIMIT + 1):
        folder = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        lock = FolderLock(folder / "run")
        lock.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        try:
            await lock.take(wait_s=0)
        except FolderHeld:
            continue
        return folder, lock
    raise ServerFailed(f"{FOLDERS_LIMIT} installations run beside {wanted}")
