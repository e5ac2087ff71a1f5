"""A worker that examines one picture, to be killed while the scanner's answer is on its way."""

from __future__ import annotations

import asyncio
import sys
import uuid
from uuid import UUID

import msgspec

from auction.kernel.db import Database
from auction.kernel.jobs import Job
from auction.kernel.partners import Partner
from auction.kernel.sealing import Sealer
from auction.kernel.signed_calls import SignedClient
from auction.sale.pictures.bring_picture import EXAMINE_PICTURE, ExaminePicture
from auction.sale.pictures.examine_picture import handle_examine_picture
from auction.sale.pictures.scanner_client import ScannerClient


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """What the child is told."""

    database_url: str
    sealer_secret: str
    partner: dict[str, str]
    picture_id: UUID


async def main(errand: Errand) -> None:
    """Run the job once, as the worker does."""
    db = Database(errand.database_url, Sealer(errand.sealer_secret.encode()))
    scanner = ScannerClient(SignedClient(msgspec.convert(errand.partner, Partner)))
    payload = msgspec.json.encode(ExaminePicture(picture_id=errand.picture_id))
    job = Job(job_id=uuid.uuid4(), kind=EXAMINE_PICTURE, payload=payload, attempts=0)
    await handle_examine_picture(db, scanner, job)


if __name__ == "__main__":
    asyncio.run(main(msgspec.json.decode(sys.stdin.buffer.read(), type=Errand)))
