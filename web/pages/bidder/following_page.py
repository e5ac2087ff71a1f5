"""What somebody follows: addresses for messages, followed searches and lots, what became of each message; and the link that ends one."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from auction.kernel.actors import Actor
from auction.kernel.errors import NotFound, Refusal
from auction.kernel.ids import new_id
from auction.sale.disclosure.public_lots import card_of
from web.auth.guards import PUBLIC, SIGNED_IN
from web.catalogue.search import address_of, search_of
from web.following import store
from web.following.follow import Follow, Unfollow, follow, is_own_link, unfollow, unfollow_by_link
from web.following.following import Channel, CodeWrong, FollowedUnknown, MessageState, followed_search
from web.following.keep_contact import (
    AddContact,
    ConfirmContact,
    EndContact,
    add_contact,
    confirm_contact,
    end_contact,
)
from web.forms import read_form
from web.injected import TheActor, TheDb, TheWiring
from web.pages.desk import desk_page, given_by, required
from web.pages.public import words
from web.pages.public.lots_page import conditions_of
from web.pages.public.words import Named
from web.pages.wired import channels_of
from web.rendering import page
from web.texts import N_, _, current_locale
from web.wiring import Wiring

AnyRequest = Request[Any, Any, Any]
PAGE: Final = "/my/following"
SEARCH_MAX: Final = 1_000
MESSAGES: Final[dict[MessageState, Named]] = {
    MessageState.WAITING: Named(N_("待发送"), "warn"),
    MessageState.ACCEPTED: Named(N_("已发出"), "quiet"),
    MessageState.DELIVERED: Named(N_("已送达"), "good"),
    MessageState.REFUSED: Named(N_("对方拒收"), "bad"),
    MessageState.GIVEN_UP: Named(N_("未能发出"), "bad"),
    MessageState.ENDED: Named(N_("已取消"), "quiet"),
}
KINDS: Final = {"code": N_("验证码"), "news": N_("新拍品"), "reminder": N_("开拍提醒")}
CHANNELS: Final = {Channel.MAIL: N_("电子邮件"), Channel.SMS: N_("短信")}


class ContactForm(msgspec.Struct, frozen=True, kw_only=True):
    """An address to be added."""

    command_id: UUID
    address: str = ""


class CodeForm(msgspec.Struct, frozen=True, kw_only=True):
    """The code that came."""

    command_id: UUID
    typed: str = ""


class EndForm(msgspec.Struct, frozen=True, kw_only=True):
    """End something."""

    command_id: UUID


class FollowForm(msgspec.Struct, frozen=True, kw_only=True):
    """By which address a search or a lot is followed."""

    command_id: UUID
    contact_id: UUID | None = None


@get(PAGE, opt=dict(SIGNED_IN), include_in_schema=False)
async def show_following(request: AnyRequest, db: TheDb, actor: TheActor, wiring: TheWiring) -> Template:
    """Show addresses, what is followed, and messages; with ``search`` or ``lot``, also the form that follows it."""
    return await _show(request, wiring, actor)


@post(f"{PAGE}/contacts", opt=dict(SIGNED_IN), include_in_schema=False, status_code=303)
async def take_contact(request: AnyRequest, db: TheDb, actor: TheActor, wiring: TheWiring) -> Response[Any]:
    """Add an address; its code is sent there."""
    form = await read_form(request, ContactForm)
    try:
        command = AddContact(
            command_id=form.command_id,
            contact_id=new_id(),
            address=required(
                form.address, field="address", zh="邮箱或者手机号码", en="a mail address or mobile number"
            ),
        )
        await add_contact(db, actor, command)
    except Refusal as refusal:
        return await _show(request, wiring, actor, refusal)
    return _back(request, "contact_added")


@post(f"{PAGE}/contacts/{{contact_id:uuid}}/confirm", opt=dict(SIGNED_IN), include_in_schema=False, status_code=303)
async def take_code(
    contact_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor, wiring: TheWiring
) -> Response[Any]:
    """Confirm an address by its code."""
    form = await read_form(request, CodeForm)
    command = ConfirmContact(command_id=form.command_id, contact_id=contact_id, typed=form.typed)
    if await confirm_contact(db, actor, command):
        return _back(request, "contact_confirmed")
    return await _show(request, wiring, actor, CodeWrong(field=f"typed-{contact_id}"))


@post(f"{PAGE}/contacts/{{contact_id:uuid}}/end", opt=dict(SIGNED_IN), include_in_schema=False, status_code=303)
async def remove_contact(contact_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Redirect:
    """End an address and whatever is followed by it."""
    form = await read_form(request, EndForm)
    await end_contact(db, actor, EndContact(command_id=form.command_id, contact_id=contact_id))
    return _back(request, "contact_ended")


@post(PAGE, opt=dict(SIGNED_IN), include_in_schema=False, status_code=303)
async def take_follow(request: AnyRequest, db: TheDb, actor: TheActor, wiring: TheWiring) -> Response[Any]:
    """Follow the search or the lot of the address."""
    form, (search, lot_id) = await read_form(request, FollowForm), _asked(request)
    try:
        chosen = required(str(form.contact_id or ""), field="contact", zh="接收地址", en="an address")
        command = Follow(
            command_id=form.command_id,
            followed_id=new_id(),
            contact_id=UUID(chosen),
            search=search,
            lot_id=lot_id,
            locale=current_locale(),
        )
        await follow(db, actor, command)
    except Refusal as refusal:
        return await _show(request, wiring, actor, refusal)
    return Redirect(f"{PAGE}?done=followed", status_code=303)


@post(f"{PAGE}/{{followed_id:uuid}}/end", opt=dict(SIGNED_IN), include_in_schema=False, status_code=303)
async def take_unfollow(followed_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Redirect:
    """Follow it no more."""
    form = await read_form(request, EndForm)
    await unfollow(db, actor, Unfollow(command_id=form.command_id, followed_id=followed_id))
    return Redirect(f"{PAGE}?done=unfollowed", status_code=303)


@get("/unfollow/{followed_id:uuid}/{token:str}", opt=dict(PUBLIC), include_in_schema=False)
async def show_unfollow(followed_id: FromPath[UUID], token: FromPath[str], db: TheDb) -> Template:
    """Ask whoever follows the link of a message whether it shall end; looking ends nothing."""
    async with db.reading() as tx:
        if not is_own_link(tx, followed_id, token):
            raise FollowedUnknown
    return page("bidder/unfollow.html", ended=False)


@post("/unfollow/{followed_id:uuid}/{token:str}", opt=dict(PUBLIC), include_in_schema=False, status_code=200)
async def take_unfollow_link(followed_id: FromPath[UUID], token: FromPath[str], db: TheDb) -> Template:
    """End what the message came from."""
    await unfollow_by_link(db, followed_id, token)
    return page("bidder/unfollow.html", ended=True)


FOLLOWING_PAGES = (
    *(show_following, take_contact, take_code, remove_contact),
    *(take_follow, take_unfollow, show_unfollow, take_unfollow_link),
)


async def _show(request: AnyRequest, wiring: Wiring, actor: Actor, refusal: Refusal | None = None) -> Template:
    search, lot_id = _asked(request)
    async with wiring.db.reading() as tx:
        contacts = await store.contacts_of(tx, actor.account_id)
        followed = await store.followed_of(tx, actor.account_id)
        messages = await store.messages_of(tx, actor.account_id)
        lot = None
        if lot_id is not None:
            try:
                lot = await card_of(tx, lot_id)
            except NotFound:
                search = None
        now = tx.now
    return desk_page(
        request,
        "bidder/following.html",
        refusal=refusal,
        given={} if refusal is None else await given_by(request),
        say=words,
        channels=channels_of(wiring),
        contacts=contacts,
        confirmed=[one for one in contacts if one.confirmed_at is not None],
        followed=[(one, said_of(one.search or "")) for one in followed],
        messages=messages,
        message_states=MESSAGES,
        message_kinds=KINDS,
        channel_names=CHANNELS,
        search=None if search is None else said_of(search),
        lot=lot,
        query=_query(request),
        now=now,
    )


def said_of(search: str) -> dict[str, str]:
    """Give a followed search in words, and where its lots stand."""
    asked = search_of(search)
    said = _("；").join(f"{one.name}：{one.value}" for one in conditions_of(asked))
    return {"said": said or _("全部新拍品"), "href": address_of(asked)}


def _asked(request: AnyRequest) -> tuple[str | None, UUID | None]:
    """Read which search or which lot is to be followed."""
    lot = request.query_params.get("lot", "")
    search = request.query_params.get("search")
    try:
        return None, UUID(lot)
    except ValueError:
        return (None if search is None else followed_search(search[:SEARCH_MAX])), None


def _query(request: AnyRequest) -> str:
    """Give the part of the address that says what is to be followed, to be kept from form to form."""
    search, lot_id = _asked(request)
    asked = {"lot": str(lot_id)} if lot_id is not None else {} if search is None else {"search": search}
    return f"?{urlencode(asked)}" if asked else ""


def _back(request: AnyRequest, done: str) -> Redirect:
    query = _query(request)
    return Redirect(f"{PAGE}{query}{'&' if query else '?'}done={done}", status_code=303)
