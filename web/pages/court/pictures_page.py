"""The pictures of a lot at the court's desk: bring, arrange, remove before the notice, supersede after it; and look at them before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Template

from auction.kernel.actors import Actor
from auction.kernel.db import Database
from auction.kernel.errors import Malformed, Refusal
from auction.kernel.ids import named_id
from auction.sale.case_access import require_part
from auction.sale.cases.cases import OFFICERS
from auction.sale.lots import store as lots
from auction.sale.pictures import store
from auction.sale.pictures.arrange_pictures import ArrangePictures, arrange_pictures
from auction.sale.pictures.bring_picture import BringPicture, bring_picture
from auction.sale.pictures.pictures import (
    BYTES_MOST,
    CAPTION_MOST,
    PICTURES_MOST,
    PictureUnknown,
)
from auction.sale.pictures.remove_picture import RemovePicture, remove_picture
from auction.sale.pictures.scanner import Scanner
from auction.sale.pictures.supersede_picture import SupersedePicture, supersede_picture
from web.auth.guards import roles
from web.errors import InputMalformed, PageUnknown
from web.forms import read_form
from web.injected import TheActor, TheDb, TheWiring
from web.pages.desk import desk_page, done_at, given_by
from web.pages.public import words
from web.pages.public.pictures_page import picture_answer, size_and_format
from web.pages.readers import CASE_READERS
from web.wiring import Wiring

AnyRequest = Request[Any, Any, Any]
BODY_MAX_BYTES = BYTES_MOST + 64 * 1024
"""A file and the rest of its form."""
STEPS: Mapping[str, str] = {
    "bring": "picture_brought",
    "forward": "pictures_arranged",
    "remove": "picture_removed",
    "supersede": "picture_superseded",
}
"""Steps of the page, and the word of each for what was done."""


class FileNeeded(Malformed):
    """No file came with the form."""

    code = "picture_file_needed"
    article = "house: a form is complete"
    zh = "请选择照片文件。"
    en = "Please choose the file of the picture."


class PictureForm(msgspec.Struct, frozen=True, kw_only=True):
    """What any step of the page sends, but for the file."""

    command_id: UUID
    picture_id: UUID | None = None
    replaced_by: UUID | None = None
    caption_zh: str = ""
    caption_en: str = ""
    taken_on: str = ""
    reason: str = ""
    withheld: str = ""


@get("/court/lots/{lot_id:uuid}/pictures", opt=dict(roles(*OFFICERS)), include_in_schema=False)
async def show_pictures(
    lot_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor, wiring: TheWiring
) -> Template:
    """Show the pictures of a lot of one's own case."""
    return await _page(request, db, actor, lot_id, wiring)


@post(
    "/court/lots/{lot_id:uuid}/pictures/{step:str}",
    opt=dict(roles(*OFFICERS)),
    include_in_schema=False,
    status_code=303,
    request_max_body_size=BODY_MAX_BYTES,
)
async def take_picture_step(
    lot_id: FromPath[UUID], step: FromPath[str], request: AnyRequest, db: TheDb, actor: TheActor, wiring: TheWiring
) -> Response[Any]:
    """Bring, arrange, remove or supersede a picture; or say why not."""
    if step not in STEPS:
        raise PageUnknown
    async with db.reading() as tx:
        await require_part(tx, actor, await lots.lot_case(tx, lot_id))
    try:
        await _take(request, db, actor, lot_id, step, wiring)
    except Refusal as refusal:
        return await _page(request, db, actor, lot_id, wiring, refusal=refusal, given=await given_by(request))
    return done_at(f"/court/lots/{lot_id}/pictures", STEPS[step])


@get("/court/pictures/{picture_id:uuid}/{name:str}", opt=dict(roles(*CASE_READERS)), include_in_schema=False)
async def preview_picture(
    picture_id: FromPath[UUID], name: FromPath[str], request: AnyRequest, db: TheDb, actor: TheActor
) -> Response[bytes]:
    """Give a picture to whoever reads the case, also before the notice and after it was withheld."""
    size, form = size_and_format(name)
    async with db.reading() as tx:
        await require_part(tx, actor, await lots.lot_case(tx, await store.lot_of_picture(tx, picture_id)))
        file = await store.file_of(tx, picture_id, size, form)
    return picture_answer(request, file, form, cache="private, no-store")


async def _take(request: AnyRequest, db: Database, actor: Actor, lot_id: UUID, step: str, wiring: Wiring) -> None:
    if step == "bring":
        await bring_picture(db, actor, await _brought(request, lot_id), scanner=scanner_of(wiring))
        return
    form = await read_form(request, PictureForm)
    if form.picture_id is None:
        raise PictureUnknown
    command_id, picture_id = form.command_id, form.picture_id
    if step == "forward":
        order = await _one_forward(db, lot_id, picture_id)
        await arrange_pictures(db, actor, ArrangePictures(command_id=command_id, lot_id=lot_id, picture_ids=order))
    elif step == "remove":
        await remove_picture(db, actor, RemovePicture(command_id=command_id, lot_id=lot_id, picture_id=picture_id))
    else:
        command = SupersedePicture(
            command_id=command_id,
            lot_id=lot_id,
            picture_id=picture_id,
            reason=form.reason,
            replaced_by=form.replaced_by,
            is_withheld=form.withheld == "yes",
        )
        await supersede_picture(db, actor, command)


async def _brought(request: AnyRequest, lot_id: UUID) -> BringPicture:
    """Read the form with its file."""
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile) or not (content := await file.read()):
        raise FileNeeded(field="file")
    form = await read_form(request, PictureForm)
    return BringPicture(
        command_id=form.command_id,
        picture_id=named_id("picture by hand", str(form.command_id)),
        lot_id=lot_id,
        caption_zh=form.caption_zh,
        caption_en=form.caption_en,
        taken_on=_day(form.taken_on),
        content=content,
    )


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise InputMalformed(field="taken_on", reason="YYYY-MM-DD") from None


async def _one_forward(db: Database, lot_id: UUID, picture_id: UUID) -> tuple[UUID, ...]:
    """Give the order in which this picture stands one place further to the front; the first one stays."""
    async with db.reading() as tx:
        order = [one.picture_id for one in (await store.pictures_of(tx, lot_id)).standing]
    if picture_id not in order:
        raise PictureUnknown(picture_id=picture_id)
    place = order.index(picture_id)
    order.insert(max(0, place - 1), order.pop(place))
    return tuple(order)


def scanner_of(wiring: Wiring) -> Scanner | None:
    """Give the scanner that this installation has a line to, ``None`` if it has none."""
    scanner = wiring.ports.get("scanner")
    return scanner if isinstance(scanner, Scanner) else None


async def _page(
    request: AnyRequest,
    db: Database,
    actor: Actor,
    lot_id: UUID,
    wiring: Wiring,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    async with db.reading() as tx:
        case = await require_part(tx, actor, await lots.lot_case(tx, lot_id))
        pictures = await store.pictures_of(tx, lot_id)
        may_change = await store.may_change(tx, lot_id)
        is_announced = await store.is_announced(tx, lot_id)
        listed = max(await lots.listing_rows(tx, [lot_id]), key=lambda one: one.version)
        terms = lots.terms_of(listed)
    return desk_page(
        request,
        "court/pictures.html",
        refusal=refusal,
        given=given,
        say=words,
        case=case,
        lot_id=lot_id,
        title=words.own_language(terms.title_zh, terms.title_en),
        pictures=pictures,
        waiting=[one for one in pictures.others if one.outcome is None and one.ending is None],
        unfit=[one for one in pictures.others if one.outcome not in (None, "fit") and one.ending is None],
        is_announced=is_announced,
        may_change=may_change,
        has_scanner=scanner_of(wiring) is not None,
        megabytes=BYTES_MOST // 1024 // 1024,
        pictures_most=PICTURES_MOST,
        caption_most=CAPTION_MOST,
    )
