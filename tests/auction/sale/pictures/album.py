"""A made-up court's pictures: brought, examined by a scanner that the test plays."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from auction.kernel.errors import Unavailable
from auction.kernel.ids import new_id
from auction.kernel.jobs import Job
from auction.sale.pictures import store
from auction.sale.pictures.bring_picture import EXAMINE_PICTURE, BringPicture, ExaminePicture, bring_picture
from auction.sale.pictures.examine_picture import handle_examine_picture
from auction.sale.pictures.pictures import PicturesOfLot
from auction.sale.pictures.scanner import Scanned
from tests.auction.sale.pictures.photographs import photograph
from tests.auction.sale.world import FIRST_DAY, World


class PlayedScanner:
    """Says of each file what the test wants; keeps what it saw."""

    def __init__(self) -> None:
        """Find everything clean."""
        self.says = "clean"
        self.seen: list[bytes] = []

    async def scan(self, picture_id: UUID, content: bytes, *, business_at: datetime) -> Scanned:
        """See `auction.sale.pictures.scanner.Scanner`."""
        del picture_id, business_at
        if self.says == "silent":
            raise Unavailable("the scanner is down")
        self.seen.append(content)
        return Scanned(is_clean=self.says == "clean", engine="played 1")


class Album:
    """The pictures of a world's lot."""

    def __init__(self, world: World) -> None:
        """Bind."""
        self.world = world
        self.scanner = PlayedScanner()
        self._salt = 0

    def command(self, **changes: Any) -> BringPicture:  # noqa: ANN401 - fields of the command
        """Make a command that brings a new photograph."""
        self._salt += 1
        command = BringPicture(
            command_id=new_id(),
            picture_id=new_id(),
            lot_id=self.world.lot_id,
            caption_zh=f"客厅 {self._salt}",
            caption_en=f"Living room {self._salt}",
            taken_on=FIRST_DAY,
            content=photograph(400, 300, salt=self._salt),
        )
        return msgspec.structs.replace(command, **changes)

    async def bring(self, **changes: Any) -> UUID:  # noqa: ANN401 - fields of the command
        """Bring a photograph; it waits to be examined."""
        return await bring_picture(self.world.db, self.world.clerk, self.command(**changes), scanner=self.scanner)

    async def examine(self, picture_id: UUID) -> None:
        """Run the job of a picture, as the worker does."""
        payload = msgspec.json.encode(ExaminePicture(picture_id=picture_id))
        job = Job(job_id=new_id(), kind=EXAMINE_PICTURE, payload=payload, attempts=0)
        await handle_examine_picture(self.world.db, self.scanner, job)

    async def show(self, **changes: Any) -> UUID:  # noqa: ANN401 - fields of the command
        """Bring a photograph and have it examined."""
        picture_id = await self.bring(**changes)
        await self.examine(picture_id)
        return picture_id

    async def pictures(self) -> PicturesOfLot:
        """Give the lot's pictures."""
        return await self.world.read(lambda tx: store.pictures_of(tx, self.world.lot_id))

    async def standing(self) -> list[UUID]:
        """Give the ids of the standing pictures, in their order."""
        return [one.picture_id for one in (await self.pictures()).standing]

    async def count(self, table: str, picture_id: UUID) -> int:
        """Count a picture's rows in a table."""
        ((found,),) = await self.world.rows(
            f"SELECT count(*) FROM sale.{table} WHERE picture_id = :id",
            id=picture_id,
        )
        return int(found)
