"""The scanner's client against its sandbox: what counts as an answer, and a worker that dies on the way."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import msgspec
import pytest

from auction.kernel.clock import local
from auction.kernel.db import Database
from auction.kernel.errors import FaultOfOthers, OutcomeUnknown, Unavailable
from auction.kernel.ids import new_id
from auction.kernel.jobs import Job
from auction.kernel.signed_calls import PartnerAnswerMalformed
from auction.kernel.signing import DocumentKey
from auction.sale.pictures.bring_picture import EXAMINE_PICTURE, ExaminePicture
from auction.sale.pictures.examine_picture import handle_examine_picture
from auction.sale.pictures.pictures import BYTES_MOST
from auction.sale.pictures.scanner_client import ScannerClient
from tests.auction.sale.pictures.album import Album
from tests.auction.sale.pictures.photographs import photograph
from tests.auction.sale.world import FIRST_DAY, World
from tests.web.partners.conftest import Street, eventually, unheard_url
from tests.web.partners.scan_child import Errand
from web.sandbox.scanner.server import TEST_MARK

SERVERS = ("scanner",)
SEALER_SECRET = "a made-up secret for tests, 32 bytes or more"
ROOT = Path(__file__).parents[3]
AT = local(FIRST_DAY, 9)


@pytest.fixture
async def album(database: Database, database_url: str) -> Album:
    """A listed lot without pictures."""
    world = World(database, database_url)
    await world.open()
    await world.price()
    await world.list()
    return Album(world)


async def scans(street: Street) -> int:
    """Count the files that the scanner looked through."""
    return int((await street.order("scanner", do="scans"))["scans"])


async def test_clean_and_infected_files_are_told_apart(street: Street) -> None:
    """A photograph is clean; the industry's test file is found; the largest file that is taken travels."""
    client = ScannerClient(street.signed("scanner"))
    clean = await client.scan(new_id(), photograph(), business_at=AT)
    found = await client.scan(new_id(), photograph() + TEST_MARK, business_at=AT)
    largest = await client.scan(new_id(), bytes(BYTES_MOST), business_at=AT)

    assert (clean.is_clean, found.is_clean, largest.is_clean) == (True, False, True)
    assert "test mark" in found.engine


@pytest.mark.parametrize(
    ("mood", "fault"),
    [
        ("down", OutcomeUnknown),
        ("wrong_signature", PartnerAnswerMalformed),
        ("wrong_document", PartnerAnswerMalformed),
    ],
)
async def test_what_is_no_answer_shows_nothing(
    street: Street, album: Album, mood: str, fault: type[FaultOfOthers]
) -> None:
    """A scanner that is down, signs with another key or speaks of another file leaves the picture in quarantine; asked again, it is shown."""
    client = ScannerClient(street.signed("scanner"))
    picture_id = await album.bring()
    payload = msgspec.json.encode(ExaminePicture(picture_id=picture_id))
    job = Job(job_id=new_id(), kind=EXAMINE_PICTURE, payload=payload, attempts=0)
    await street.order("scanner", do="scan_mood", mood=mood)
    with pytest.raises(fault):
        await handle_examine_picture(album.world.db, client, job)
    between = (await album.count("picture_examined", picture_id), await album.count("picture_upload", picture_id))
    await street.order("scanner", do="scan_mood", mood="normal")
    await handle_examine_picture(album.world.db, client, job)

    assert between == (0, 1)
    assert await album.standing() == [picture_id]


async def test_other_keys_and_closed_lines_are_no_answers(street: Street) -> None:
    """An answer is believed under the key on file only, and an address where nobody listens answers nothing."""
    foreign = ScannerClient(street.signed("scanner", public_key=DocumentKey(b"o" * 32).public.hex()))
    nobody = ScannerClient(street.signed("scanner", url=unheard_url()))
    with pytest.raises(PartnerAnswerMalformed):
        await foreign.scan(new_id(), photograph(), business_at=AT)
    with pytest.raises(Unavailable):
        await nobody.scan(new_id(), photograph(), business_at=AT)


async def examining(street: Street, database_url: str, picture_id: object) -> asyncio.subprocess.Process:
    """Start a worker on one picture."""
    errand = Errand(
        database_url=database_url,
        sealer_secret=SEALER_SECRET,
        partner=msgspec.to_builtins(street.partner("scanner")),
        picture_id=picture_id,  # type: ignore[arg-type] # an id
    )
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.web.partners.scan_child", stdin=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert child.stdin is not None
    child.stdin.write(msgspec.json.encode(errand))
    child.stdin.close()
    return child


async def test_killed_while_the_answer_is_on_its_way(street: Street, album: Album, database_url: str) -> None:
    """The file was looked through and the worker dies: nothing is shown or lost, and the next one shows it."""
    picture_id = await album.bring(taken_on=FIRST_DAY)
    await street.order("scanner", do="fault", kind="no_answer_after", path=f"/v1/scans/{picture_id}", hold_ms=30_000)
    child = await examining(street, database_url, picture_id)
    await eventually(lambda: scans(street), lambda count: count == 1)
    child.kill()
    await child.wait()
    between = (await album.count("picture_upload", picture_id), await album.count("picture_file", picture_id))
    await street.order("scanner", do="clear_faults")
    again = await examining(street, database_url, picture_id)

    assert await again.wait() == 0
    assert between == (1, 0)
    assert (await scans(street), await album.standing()) == (2, [picture_id])


async def test_killed_between_files_and_rows(street: Street, album: Album, database_url: str) -> None:
    """The sizes are made and the worker dies before it may write them: none is there, and the next one writes all."""
    picture_id = await album.bring(taken_on=FIRST_DAY)
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

    async def waits() -> int:
        ((found,),) = await album.world.rows(waiting)
        return int(found)

    async with album.world.db.transaction() as tx:
        await tx.lock(f"picture:{picture_id}")
        child = await examining(street, database_url, picture_id)
        await eventually(waits, lambda count: count > 0)
        child.kill()
        await child.wait()
    between = [await album.count(table, picture_id) for table in ("picture_upload", "picture_examined", "picture_file")]
    again = await examining(street, database_url, picture_id)

    assert await again.wait() == 0
    assert between == [1, 0, 0]
    assert await album.count("picture_file", picture_id) == 6
    assert await album.count("picture_upload", picture_id) == 0
