"""The sandboxes as a process: killed at any moment, nothing that was answered is lost."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from stripe import HTTPXClient, StripeClient

from auction.kernel.errors import SettingInvalid
from auction.kernel.signing import CallKey
from tests.web.sandbox.conftest import House, Partner, Town
from web.sandbox.connect import OPERATOR
from web.sandbox.settings import Secrets, Settings, read_settings

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # stripe 16.1 calls httpx so
ROOT = Path(__file__).parents[3]


@asynccontextmanager
async def process(folder: Path, house_url: str, ports: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the launcher, and kill it without warning at the end."""
    environment = {**os.environ, "FAPAI_SANDBOX_FOLDER": str(folder), "FAPAI_SANDBOX_CALLBACK_BASE": house_url}
    arguments = ["-m", "web.sandbox.serve", "--ports", ports, "--platforms", "1"]
    launched = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=environment, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert launched.stdout is not None
        line = await asyncio.wait_for(launched.stdout.readline(), 60)
        assert line.startswith(b"READY"), line
        yield launched
    finally:
        if launched.returncode is None:
            launched.kill()
        await launched.communicate()


def connections_in(folder: Path) -> dict[str, dict[str, str]]:
    """Read what the launcher wrote for clients."""
    found: dict[str, dict[str, str]] = json.loads((folder / "connections.json").read_text())
    return found


def same_ports(known: dict[str, dict[str, str]]) -> str:
    """Name the ports of the first run, for the second; the operator is the bank's second customer, not a server."""
    urls = {name: item["url"] for name, item in known.items() if "url" in item and name != OPERATOR}
    return ",".join(f"{name}={url.rpartition(':')[2]}" for name, url in urls.items())


async def test_killed_sandboxes_come_back_with_everything(tmp_path: Path, house: House) -> None:
    """After SIGKILL and restart: intents, keys, accounts, lines, moods and unsent webhooks are all there."""
    house.refuse = 10_000
    async with httpx.AsyncClient(trust_env=False) as client:
        async with process(tmp_path, house.url, "any") as first:
            known = connections_in(tmp_path)
            town = Town(known, house, client)
            http = HTTPXClient(timeout=10)
            sdk = StripeClient(
                known["stripe"]["secret_key"], http_client=http, base_addresses={"api": known["stripe"]["url"]}
            )
            intent = await sdk.v1.payment_intents.create_async(
                {"amount": 1000, "currency": "cny", "confirm": True, "payment_method": "pm_card_visa"},
                {"idempotency_key": "deposit:R-1"},
            )
            bank = Partner(client, known["bank"]["url"], CallKey("fapai", known["bank"]["secret"].encode()))
            asked = {"request_id": "r-1", "purpose": "deposit", "reference": "R-1"}
            number = (await bank.post("/v1/sub-accounts", asked))["sub_account"]["number"]
            await town.order("bank", do="orders", mood="late")
            first.send_signal(signal.SIGKILL)
            await first.wait()
        house.refuse = 0
        async with process(tmp_path, house.url, same_ports(known)):
            assert connections_in(tmp_path) == known
            again = await sdk.v1.payment_intents.create_async(
                {"amount": 1000, "currency": "cny", "confirm": True, "payment_method": "pm_card_visa"},
                {"idempotency_key": "deposit:R-1"},
            )
            assert (again.id, again.status) == (intent.id, "succeeded")
            assert (await bank.post("/v1/sub-accounts", asked))["sub_account"]["number"] == number
            await house.wait_for("payment_intent.succeeded")
            await http.close_async()  # type: ignore[no-untyped-call]  # untyped in the SDK
            shown = await client.get(
                known["bank"]["url"] + "/sandbox/control",
                headers={"x-sandbox-control": known["control"]["secret"]},
            )
            assert shown.json()["values"] == {"orders": "late"}


async def test_kill_in_the_middle_of_work_loses_no_answered_line(tmp_path: Path, house: House) -> None:
    """Killed between two transfers at full speed, the bank keeps every line it answered, numbered without a gap."""
    answered: list[str] = []
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        async with process(tmp_path, house.url, "any") as first:
            town = Town(connections_in(tmp_path), house, client)

            async def pay(number: int) -> None:
                transfer = {"key": f"t-{number}", "from_account": "622200001", "from_name": "林晚", "amount_fen": 100}
                to_account = town.connections["bank"]["main_account"]
                answer = await town.order("bank", do="transfer", to_account=to_account, **transfer)
                answered.append(answer["line"]["line_id"])
                if len(answered) == 25:
                    first.kill()

            await asyncio.gather(*(pay(number) for number in range(400)), return_exceptions=True)
            assert len(answered) >= 25
            await first.wait()
        async with process(tmp_path, house.url, same_ports(town.connections)):
            lines = (await town.partner("bank").get("/v1/statement?limit=500"))["lines"]

    assert set(answered) <= {line["line_id"] for line in lines}
    assert len(answered) < 400
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert [line["closing_fen"] for line in lines] == [100 * line["seq"] for line in lines]


async def test_second_process_on_the_same_folder_is_refused(tmp_path: Path, house: House) -> None:
    """Two processes never own one book."""
    async with process(tmp_path, house.url, "any"):
        second = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "web.sandbox.serve", "--folder", str(tmp_path), "--ports", "any",
            cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, errors = await asyncio.wait_for(second.communicate(), 60)

    assert second.returncode != 0
    assert b"READY" not in output
    assert b"locked" in errors


async def test_terminated_process_ends_in_order(tmp_path: Path, house: House) -> None:
    """SIGTERM ends the launcher with status 0; its secrets are readable by their owner only."""
    async with process(tmp_path, house.url, "any") as launched:
        launched.send_signal(signal.SIGTERM)
        status = await asyncio.wait_for(launched.wait(), 30)

    assert status == 0
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in ("secrets.json", "connections.json")} == {0o600}


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1:8000", "https://example.org", "http://127.0.0.1@example.org/", "ftp://127.0.0.1"]
)
def test_callback_address_outside_this_machine_is_refused(tmp_path: Path, url: str) -> None:
    """Callbacks go to loopback only, whatever the settings say."""
    for environment in ({"FAPAI_SANDBOX_CALLBACK_BASE": url}, {"FAPAI_SANDBOX_BANK_CALLBACK_URL": url}):
        with pytest.raises(SettingInvalid):
            read_settings(["--folder", str(tmp_path)], environment)


def test_settings_are_read_from_flags_and_environment(tmp_path: Path) -> None:
    """Flags win over the environment; secrets come from the environment or are made once."""
    environment = {
        "FAPAI_SANDBOX_PORTS": "bank=9001",
        "FAPAI_SANDBOX_PLATFORM_1_SECRET": "a secret of platform one",
        "FAPAI_SANDBOX_PLATFORMS": "2",
    }
    settings: Settings = read_settings(["--folder", str(tmp_path), "--ports", "bank=9002,tax=0"], environment)
    made = Secrets(settings).get("bank")

    assert (settings.ports["bank"], settings.ports["tax"], settings.platforms) == (
        9002,
        0,
        ["platform-1", "platform-2"],
    )
    assert Secrets(settings).get("platform-1") == "a secret of platform one"
    assert Secrets(settings).get("bank") == made
    assert settings.callback_url("platform-2") == "http://127.0.0.1:8000/webhooks/platforms/platform-2"
    assert settings.callback_url("lender-1") == "http://127.0.0.1:8000/webhooks/lenders/lender-1"
