"""Run the demonstration: bring an installation up, drive one case through it, say how it ended."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from auction.kernel.clock import local_day
from auction.kernel.stamp import Stamp
from web.auth.sample_accounts import SAMPLE_PASSWORD, SAMPLES
from web.demonstration.acts import Ending, play
from web.demonstration.partners import PartnersStage
from web.demonstration.person import Site
from web.demonstration.plan import finish_plan, open_plan
from web.demonstration.stage import Stage
from web.demonstration.telling import ConsoleTeller, Teller
from web.running.installation import Installation, PortClaims, open_installation
from web.running.up import take_folder, up


async def stay_up(wanted: Path, stamp: Stamp) -> None:
    """Bring everything up and keep it up until SIGTERM or SIGINT."""
    folder, lock = await take_folder(wanted)
    claims = PortClaims()
    try:
        installation = open_installation(folder, stamp, claims)
        async with up(installation, say=lambda line: click.echo(line, err=True)):
            _print_addresses(installation)
            await _until_signal()
    finally:
        claims.release()
        lock.release()


async def demonstrate(wanted: Path, *, stay: bool, as_json: bool) -> int:
    """Run one case to its end and give the exit status: 0 only if the books balance and the journal verifies."""
    began = time.monotonic()
    folder, lock = await take_folder(wanted)
    claims = PortClaims()
    teller = ConsoleTeller(to_error=as_json)
    try:
        installation = open_installation(folder, Stamp.DEMO, claims)
        async with up(installation, say=lambda line: click.echo(f"  {line}", err=True)):
            ending = await _run_case(installation, teller)
            ending["seconds"] = round(time.monotonic() - began, 1)
            _print_ending(ending, as_json=as_json)
            finish_plan(_plan_of(installation))  # only once it was said: a killed run says it again
            if stay:
                _print_addresses(installation)
                await _until_signal()
    finally:
        claims.release()
        lock.release()
    return 0 if ending["books"] == "balanced" and ending["journal"] == "verified" else 1


def _plan_of(installation: Installation) -> Path:
    return installation.folder / "demonstration.json"


async def _run_case(installation: Installation, teller: Teller) -> dict[str, Any]:
    partners = PartnersStage(installation.connections)
    key = "to be known"
    site = Site(installation.site_url, SAMPLE_PASSWORD, key)
    try:
        now = msgspec.convert(await site.get("", "/api/clock"), datetime, strict=False)
        plan = open_plan(_plan_of(installation), today=local_day(now))
        site.case_key = plan.key
        ending: Ending = await play(Stage(site=site, plan=plan, partners=partners, teller=teller))
        return msgspec.structs.asdict(ending)
    finally:
        await site.close()
        await partners.close()


def _print_ending(ending: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(ending).decode())
        return
    click.echo()
    for name, value in ending.items():
        click.echo(f"  {name:22} {value}")


def _print_addresses(installation: Installation) -> None:
    click.echo()
    click.echo(f"  网站 Site        {installation.site_url}")
    click.echo(f"  接口 API         {installation.site_url}/schema")
    click.echo(f"  竞价 Rooms       {installation.gateway_url}")
    click.echo(f"  沙箱银行 Bank    http://127.0.0.1:{installation.ports['bank']}/sandbox/transfer")
    click.echo(f"  数据 Data        {installation.folder}")
    click.echo()
    click.echo(f"  示例账户 Sample accounts (password {SAMPLE_PASSWORD}):")
    for sample in SAMPLES:
        click.echo(f"    {sample.username:13} {sample.name}  {', '.join(role.value for role in sample.roles)}")
    click.echo()
    click.echo("  Ctrl-C 停止 stops everything.")
    sys.stdout.flush()


async def _until_signal() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
