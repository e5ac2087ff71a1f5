"""The doors to third parties: all there or no start, and nothing that pretends in production."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from litestar.testing import AsyncTestClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.channels.bank_client import BankClient
from auction.kernel.config import Settings, read_settings
from auction.kernel.db import Database
from auction.kernel.errors import SettingInvalid, WrongInstallation
from auction.kernel.move_clock import move_clock
from auction.kernel.sealing import Sealer
from auction.kernel.stamp import Stamp
from auction.sale.cases.seal_client import SealClient
from bidding.live.library import library_for
from migrations.run import migrate
from web.app import create_app
from web.auth.passwords import Passwords
from web.auth.sample_accounts import make_sample_accounts
from web.build_site import build_site
from web.ports import NEEDED, build_ports
from web.workers import Worker

PRODUCTION = {
    "FAPAI_STAMP": "production",
    "DATABASE_URL": "postgresql+asyncpg://db.court.example/fapai",
    "REDIS_URL": "rediss://redis.court.example",
    "FAPAI_SECRET": "ab" * 32,
    "STRIPE_API_KEY": "sk_live_made_up",
    "STRIPE_WEBHOOK_SECRET": "whsec_made_up",
}


def partners_file(folder: Path, *names: str) -> str:
    """Write a file with these partners."""
    fields = {"key_id": "fapai", "secret": "s" * 20, "public_key": "00" * 32}
    path = folder / "partners.json"
    path.write_text(
        json.dumps({n: {"url": f"https://{n}.example", "callback_key_id": n, **fields} for n in names}), "utf-8"
    )
    return str(path)


def demo(partners: str) -> Settings:
    """Settings of a demo installation with these partners."""
    return read_settings({"FAPAI_STAMP": "demo", "FAPAI_SECRET": "ab" * 32, "FAPAI_PARTNERS": partners})


def production(partners: str) -> Settings:
    """Settings of a production installation with these partners."""
    return read_settings({**PRODUCTION, "FAPAI_PARTNERS": partners})


async def test_site_closes_its_doors_at_its_end(tmp_path: Path, database_url: str, redis_url: str) -> None:
    """When the site stops, no connection to a third party or to the rooms stays open, also when closing one fails."""
    settings = replace(
        demo(partners_file(tmp_path, *NEEDED)), database_url=database_url, redis_url=redis_url, ticket_key="7b" * 32
    )
    site = build_site(settings)
    closed = []

    async def failing() -> None:
        closed.append("failing")
        raise ConnectionError

    async def other() -> None:
        closed.append("other")

    assert len(site.closing) == 2
    with pytest.raises(ConnectionError):
        await replace(site, closing=(other, *site.closing, failing)).close()

    assert closed == ["failing", "other"]
    bank = site.ports["bank"]
    assert isinstance(bank, BankClient)
    with pytest.raises(RuntimeError, match="closed"):
        await bank.find_order("any")


async def test_all_doors_are_made_and_closed(tmp_path: Path) -> None:
    """With its partners a demo has every door; platforms are listed by their ids; closing closes all."""
    ports = build_ports(demo(partners_file(tmp_path, *NEEDED, "platform-2", "platform-1", "operator")))

    assert [platform.platform_id for platform in ports.platforms] == ["platform-1", "platform-2"]
    assert isinstance(ports.seal, SealClient)
    assert ports.card_policy.operator_advances
    await ports.close()


async def test_cards_are_not_offered_without_the_operators_advance(tmp_path: Path) -> None:
    """Without the operator's account no card deposit would reach the court in time (网拍 25)."""
    ports = build_ports(demo(partners_file(tmp_path, *NEEDED)))

    assert ports.operator is None
    assert not ports.card_policy.operator_advances
    await ports.close()


@pytest.mark.parametrize("missing", NEEDED)
def test_missing_partner_is_named(tmp_path: Path, missing: str) -> None:
    """Without bank, tax office, lender or seal service nothing starts, and the setting says which is missing."""
    others = [name for name in NEEDED if name != missing]

    with pytest.raises(SettingInvalid, match=f"FAPAI_PARTNERS.*{missing}"):
        build_ports(demo(partners_file(tmp_path, *others)))


@pytest.mark.parametrize("missing", NEEDED)
def test_production_without_a_partner_does_not_start(tmp_path: Path, missing: str) -> None:
    """In production each partner is needed as well, and the refusal names it in both languages."""
    with pytest.raises(SettingInvalid) as refused:
        build_ports(production(partners_file(tmp_path, *(name for name in NEEDED if name != missing))))

    assert f"{missing} is missing" in refused.value.sentence("en")
    assert f"缺少 {missing}" in refused.value.sentence("zh")


@pytest.mark.parametrize("pretending", NEEDED)
@pytest.mark.parametrize("url", ["http://127.0.0.1:8405", "https://localhost:8405", "http://seal.court.example"])
def test_production_refuses_each_partner_on_this_machine(tmp_path: Path, pretending: str, url: str) -> None:
    """A sandbox's address, or one without TLS, is refused in production for every partner, the seal service among them."""
    partners = partners_file(tmp_path, *NEEDED)
    content = json.loads(Path(partners).read_text("utf-8"))
    content[pretending]["url"] = url
    Path(partners).write_text(json.dumps(content), "utf-8")

    with pytest.raises(SettingInvalid, match=f"FAPAI_PARTNERS: {pretending}"):
        build_ports(production(partners))


@pytest.mark.parametrize("former", ["ab", "AB" * 32, "ab" * 32 + ",", "zz" * 32])
def test_malformed_former_keys_are_refused(tmp_path: Path, former: str) -> None:
    """Former keys of the seal service are public keys, or nothing starts."""
    partners = partners_file(tmp_path, *NEEDED)
    content = json.loads(Path(partners).read_text("utf-8"))
    content["seal"]["former_public_keys"] = former
    Path(partners).write_text(json.dumps(content), "utf-8")

    with pytest.raises(SettingInvalid, match="FAPAI_PARTNERS: seal"):
        build_ports(demo(partners))


async def test_marks_are_believed_under_listed_keys_only(tmp_path: Path) -> None:
    """The service's present and former keys are believed; the installation's own key of before never in production."""
    partners = partners_file(tmp_path, *NEEDED)
    content = json.loads(Path(partners).read_text("utf-8"))
    content["seal"]["former_public_keys"] = f"{'ab' * 32} {'cd' * 32}"
    Path(partners).write_text(json.dumps(content), "utf-8")
    pretending, real = build_ports(demo(partners)), build_ports(production(partners))

    for ports in (pretending, real):
        assert ports.seal_keys.trusted == {"00" * 32, "ab" * 32, "cd" * 32}
        await ports.close()
    assert pretending.seal_keys.before_service is not None
    assert real.seal_keys.before_service is None


async def test_site_and_worker_of_production_start(production_database: str, redis_url: str, tmp_path: Path) -> None:
    """With real addresses and keys of all partners a production site answers and a production worker stands ready."""
    settings = replace(
        production(partners_file(tmp_path, *NEEDED)),
        database_url=production_database,
        redis_url=redis_url,
        ticket_key="7b" * 32,
        link_keys="2026a:" + "5c" * 32,
    )
    site = build_site(settings)
    worker = Worker(settings, Database(production_database, Sealer(bytes.fromhex(settings.secret))))
    try:
        async with AsyncTestClient(create_app(site), base_url="http://127.0.0.1") as client:
            ready = await client.get("/health/ready")
        await worker.plan_night()

        assert ready.status_code == 200
        assert "sale.ask_seal" in worker.handlers()
    finally:
        await worker.close()
        await worker.db.close()


@pytest.fixture
async def production_database(empty_database_url: str) -> str:
    """A database stamped production."""
    await migrate(empty_database_url, "production")
    return empty_database_url


async def run(db: Database, statement: str) -> None:
    """Run a statement of the test's own."""
    async with db.transaction() as tx:
        await tx.session.execute(text(statement))


async def test_production_database_refuses_what_pretends(production_database: str, sealer: Sealer) -> None:
    """No sample account and no moved clock, whatever the settings of the caller say."""
    db = Database(production_database, sealer)
    try:
        async with db.reading() as tx:
            now = tx.now
        with pytest.raises(WrongInstallation):
            await make_sample_accounts(db, passwords=Passwords())
        with pytest.raises(WrongInstallation):
            await move_clock(db, to=now.replace(year=now.year + 1))
        for forbidden in (
            "UPDATE kernel.clock SET ahead = interval '1 day'",
            "UPDATE kernel.installation SET stamp = 'demo'",
        ):
            with pytest.raises(DBAPIError):
                await run(db, forbidden)
        async with db.reading() as tx:
            assert tx.now.year == now.year
    finally:
        await db.close()


def test_production_room_has_no_movable_clock() -> None:
    """The build of the rooms' library whose clock moves is not given to production."""
    with pytest.raises(WrongInstallation):
        library_for(Stamp.PRODUCTION, movable_clock=True)
