"""Pictures of a lot: quarantine first, shown once examined, removed before the notice and superseded after it."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.kernel.actors import RoleLacking
from auction.kernel.errors import Refusal, Unavailable
from auction.kernel.ids import new_id
from auction.sale.pictures import store
from auction.sale.pictures.arrange_pictures import ArrangePictures, arrange_pictures
from auction.sale.pictures.bring_picture import EXAMINE_PICTURE, bring_picture
from auction.sale.pictures.examine_picture import sweep_quarantine
from auction.sale.pictures.pictures import (
    CAPTION_MOST,
    PICTURES_MOST,
    QUARANTINE_KEPT,
    PictureDayWrong,
    PicturePublic,
    PictureUnknown,
    check_taken,
)
from auction.sale.pictures.remove_picture import RemovePicture, remove_picture
from auction.sale.pictures.supersede_picture import SupersedePicture, supersede_picture
from tests.auction.sale.pictures.album import Album
from tests.auction.sale.pictures.photographs import MAKER, photograph
from tests.auction.sale.world import CLOSES_AT, FIRST_DAY, OPENS_AT, World


@pytest.fixture
async def album(world: World) -> Album:
    """A listed lot without pictures."""
    await world.open()
    await world.price()
    await world.list()
    return Album(world)


@pytest.fixture
async def announced(world: World) -> Album:
    """An announced lot without pictures."""
    await world.announced()
    return Album(world)


async def code_of(step: object) -> str:
    """Give the code with which a step is refused, empty if it is not."""
    try:
        await step  # type: ignore[misc] # a coroutine
    except Refusal as refusal:
        return refusal.code
    return ""


def remove(album: Album, picture_id: object) -> object:
    """Remove a picture."""
    command = RemovePicture(command_id=new_id(), lot_id=album.world.lot_id, picture_id=picture_id)  # type: ignore[arg-type] # an id
    return remove_picture(album.world.db, album.world.clerk, command)


def supersede(album: Album, picture_id: object, **more: object) -> object:
    """Supersede a picture."""
    given = {"reason": "拍摄角度不完整", **more}
    command = SupersedePicture(command_id=new_id(), lot_id=album.world.lot_id, picture_id=picture_id, **given)  # type: ignore[arg-type] # ids
    return supersede_picture(album.world.db, album.world.clerk, command)


async def test_picture_is_shown_once_it_was_examined(album: Album) -> None:
    """Before, it lies sealed and nobody is given a file; after, all sizes are there and what was brought is erased."""
    picture_id = await album.bring()
    ((sealed,),) = await album.world.rows("SELECT content_sealed FROM sale.picture_upload")
    before = await album.pictures()
    await album.examine(picture_id)
    after = await album.pictures()
    await album.examine(picture_id)

    assert (before.standing, [one.outcome for one in before.others]) == ((), [None])
    assert MAKER.encode() not in bytes(sealed)
    assert [one.picture_id for one in after.standing] == [picture_id]
    assert after.standing[0].sides == {"small": (400, 300), "medium": (400, 300), "large": (400, 300)}
    assert await album.count("picture_upload", picture_id) == 0
    assert await album.count("picture_file", picture_id) == 6
    assert len(album.scanner.seen) == 1, "examined once, however often the job runs"


async def test_brought_twice_is_brought_once(album: Album) -> None:
    """The same command has one picture and one job; the same file under another id is refused, unless the first one is gone."""
    command = album.command()
    db, clerk = album.world.db, album.world.clerk
    first = await bring_picture(db, clerk, command, scanner=album.scanner)
    again = await bring_picture(db, clerk, command, scanner=album.scanner)
    other = msgspec.structs.replace(command, command_id=new_id(), picture_id=new_id())
    refused = await code_of(bring_picture(db, clerk, other, scanner=album.scanner))
    jobs = await album.world.jobs(EXAMINE_PICTURE)
    await remove(album, first)  # type: ignore[misc] # a coroutine
    taken = await bring_picture(db, clerk, msgspec.structs.replace(other, command_id=new_id()), scanner=album.scanner)

    assert first == again
    assert len(jobs) == 1
    assert refused == "picture_twice"
    assert taken == other.picture_id


async def test_infected_file_stays_in_quarantine_for_a_while(album: Album) -> None:
    """It is never decoded or shown, lies sealed for thirty days, and is erased then; to the instant."""
    album.scanner.says = "infected"
    picture_id = await album.show()
    ((examined_at,),) = await album.world.rows("SELECT examined_at FROM sale.picture_examined")
    kept = []
    for after in (QUARANTINE_KEPT, QUARANTINE_KEPT + timedelta(microseconds=1)):
        await album.world.at(examined_at + after)
        await album.world.read(sweep_quarantine)
        kept.append(await album.count("picture_upload", picture_id))

    assert [one.outcome for one in (await album.pictures()).others] == ["infected"]
    assert await album.count("picture_file", picture_id) == 0
    assert kept == [1, 0]


async def test_silent_scanner_shows_nothing_and_is_asked_again(album: Album) -> None:
    """Without an answer nothing is written, and the next attempt shows the picture."""
    album.scanner.says = "silent"
    picture_id = await album.bring()
    with pytest.raises(Unavailable):
        await album.examine(picture_id)
    between = await album.pictures()
    album.scanner.says = "clean"
    await album.examine(picture_id)

    assert (between.standing, between.others[0].outcome) == ((), None)
    assert await album.standing() == [picture_id]


async def test_two_who_examine_at_once_write_once(album: Album) -> None:
    """A job that two workers have at once has one outcome."""
    picture_id = await album.bring()
    await asyncio.gather(album.examine(picture_id), album.examine(picture_id), album.examine(picture_id))

    assert await album.count("picture_examined", picture_id) == 1
    assert await album.count("picture_file", picture_id) == 6


async def test_broken_file_is_told_and_erased(album: Album) -> None:
    """What cannot be read is kept nowhere; the desk reads why."""
    picture_id = await album.show(content=photograph(400, 300)[:600])

    assert [one.outcome for one in (await album.pictures()).others] == ["unreadable"]
    assert await album.count("picture_upload", picture_id) == 0


async def test_no_scanner_no_pictures(album: Album) -> None:
    """An installation without a line to a scanner takes none."""
    step = bring_picture(album.world.db, album.world.clerk, album.command(), scanner=None)

    assert await code_of(step) == "no_scanner"


async def test_bad_input_is_refused(album: Album) -> None:
    """Empty and long captions, telephone numbers in them, days to come, files that are no pictures, and bidders."""
    refused = [
        await code_of(album.bring(**changes))
        for changes in (
            {"caption_zh": " "},
            {"caption_en": "a" * (CAPTION_MOST + 1)},
            {"caption_zh": "看房请电 13812345678"},
            {"taken_on": FIRST_DAY + timedelta(days=1)},
            {"content": b"GIF89a" + bytes(100)},
            {"lot_id": new_id()},
        )
    ]
    with pytest.raises(RoleLacking):
        await bring_picture(album.world.db, await album.world.bidder(), album.command(), scanner=album.scanner)

    assert refused == [
        *("lot_text_needed", "lot_text_needed", "lot_text_holds_contact", "picture_day_wrong", "picture_type_wrong"),
        "lot_unknown",
    ]
    await album.bring(caption_en="a" * CAPTION_MOST)


@pytest.mark.parametrize(
    ("taken_on", "fits"),
    [
        (date(2027, 3, 2), False),
        (date(2027, 3, 1), True),
        (date(2017, 1, 1), True),
        (date(2016, 12, 31), False),
    ],
)
def test_day_is_of_the_recent_past(taken_on: date, fits: bool) -> None:
    """Today is the last day, and the first of January ten years ago the first."""
    if fits:
        check_taken(taken_on, today=FIRST_DAY)
        return
    with pytest.raises(PictureDayWrong):
        check_taken(taken_on, today=FIRST_DAY)


async def test_lot_has_a_limit_of_pictures(album: Album) -> None:
    """The fortieth is taken, the next one is not; those that wait count."""
    await album.show()
    for _ in range(PICTURES_MOST - 1):
        await album.bring()

    assert await code_of(album.bring()) == "pictures_full"


async def test_order_is_arranged(album: Album) -> None:
    """The first one is the cover; an order that forgets or doubles one is refused; what comes later follows."""
    ids = [await album.show() for _ in range(3)]
    orders = [(ids[2], ids[0], ids[1]), (ids[0], ids[1]), (ids[0], ids[1], ids[1]), (*ids, new_id())]
    told = [
        await code_of(
            arrange_pictures(
                album.world.db,
                album.world.clerk,
                ArrangePictures(command_id=new_id(), lot_id=album.world.lot_id, picture_ids=order),
            )
        )
        for order in orders
    ]
    later = await album.show()
    lot_id = album.world.lot_id
    covers = await album.world.read(lambda tx: store.covers_of(tx, [lot_id, new_id()]))

    assert told == ["", "picture_order_wrong", "picture_order_wrong", "picture_order_wrong"]
    assert await album.standing() == [ids[2], ids[0], ids[1], later]
    assert {lot: cover.picture_id for lot, cover in covers.items()} == {lot_id: ids[2]}


async def test_removed_before_the_notice_is_erased(album: Album) -> None:
    """No file of it is left, it cannot be ended again, and no public address ever gave it."""
    picture_id = await album.show()
    with pytest.raises(PictureUnknown):
        await album.world.read(lambda tx: store.public_file(tx, picture_id, "small", "jpeg"))
    refused = await code_of(supersede(album, picture_id))
    await remove(album, picture_id)  # type: ignore[misc] # a coroutine

    assert refused == "picture_not_public"
    assert await album.count("picture_file", picture_id) == 0
    assert await album.standing() == []
    assert await code_of(remove(album, picture_id)) == "picture_ended"
    assert await code_of(remove(album, new_id())) == "picture_unknown"


async def test_removed_while_it_waits_is_never_shown(album: Album) -> None:
    """Its job finds nothing to do."""
    picture_id = await album.bring()
    await remove(album, picture_id)  # type: ignore[misc] # a coroutine
    await album.examine(picture_id)

    assert album.scanner.seen == []
    assert await album.count("picture_upload", picture_id) == 0
    assert await album.count("picture_file", picture_id) == 0


async def test_superseded_after_the_notice_stays_on_record(announced: Album) -> None:
    """It cannot be removed; superseded, it is read with its reason and its file; withheld, the file is the court's alone."""
    old, new, third = [await announced.show() for _ in range(3)]
    with pytest.raises(PicturePublic):
        await remove(announced, old)  # type: ignore[misc] # a coroutine
    told = [
        await code_of(supersede(announced, old, **more))
        for more in ({"reason": ""}, {"replaced_by": old}, {"replaced_by": new_id()}, {"replaced_by": new}, {})
    ]
    await supersede(announced, third, is_withheld=True)  # type: ignore[misc] # a coroutine
    read = announced.world.read
    shown = await read(lambda tx: store.public_file(tx, old, "large", "jpeg"))
    with pytest.raises(PictureUnknown):
        await read(lambda tx: store.public_file(tx, third, "large", "jpeg"))
    kept = await read(lambda tx: store.file_of(tx, third, "large", "jpeg"))
    found = await announced.pictures()

    assert told == ["lot_text_needed", "picture_unknown", "picture_unknown", "", "picture_ended"]
    assert await announced.standing() == [new]
    assert {one.picture_id: (one.replaced_by, one.is_withheld) for one in found.superseded} == {
        old: (new, False),
        third: (None, True),
    }
    assert {one.picture_id: one.sha256 for one in found.superseded} == {old: shown.sha256, third: kept.sha256}


async def test_pictures_stand_still_while_bids_are_taken(announced: Album) -> None:
    """Nothing is added or arranged from the opening on; what may not be public is withheld all the same."""
    world = announced.world
    picture_id = await announced.show()
    await world.rows("UPDATE sale.lot SET state = 'open' WHERE lot_id = :id RETURNING lot_id", id=world.lot_id)
    order = ArrangePictures(command_id=new_id(), lot_id=world.lot_id, picture_ids=(picture_id,))
    told = [await code_of(announced.bring()), await code_of(arrange_pictures(world.db, world.clerk, order))]
    await supersede(announced, picture_id, is_withheld=True)  # type: ignore[misc] # a coroutine

    assert told == ["pictures_stand_still", "pictures_stand_still"]
    assert await announced.standing() == []
    assert OPENS_AT < CLOSES_AT


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM sale.picture_file WHERE picture_id = :id",
        "UPDATE sale.picture_file SET width = 1 WHERE picture_id = :id",
        "DELETE FROM sale.lot_picture WHERE picture_id = :id",
        "UPDATE sale.lot_picture SET caption_zh = 'x' WHERE picture_id = :id",
        "INSERT INTO sale.picture_end VALUES (:id, 'removed', NULL, false, '', :id, now())",
        "INSERT INTO sale.picture_end VALUES (:id, 'superseded', NULL, false, ' ', :id, now())",
        "INSERT INTO sale.picture_end VALUES (:id, 'superseded', :id, false, 'x', :id, now())",
        "DELETE FROM sale.picture_examined WHERE picture_id = :id",
    ],
)
async def test_database_keeps_what_the_public_has_seen(announced: Album, statement: str) -> None:
    """Nothing of a published picture is changed or erased, whatever the program says."""
    picture_id = await announced.show()
    async with announced.world.db.engine.connect() as connection:
        with pytest.raises(DBAPIError):
            await connection.execute(text(statement), {"id": picture_id})


async def test_database_keeps_what_waits_to_be_examined(album: Album) -> None:
    """An upload is erased by nobody before it was examined, and rewritten never."""
    picture_id = await album.bring()
    for statement in ("DELETE FROM sale.picture_upload", "UPDATE sale.picture_upload SET content_sealed = '\\x00'"):
        async with album.world.db.engine.connect() as connection:
            with pytest.raises(DBAPIError):
                await connection.execute(text(statement))

    assert await album.count("picture_upload", picture_id) == 1
