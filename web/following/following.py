"""What may be followed, and where messages go. Pure.

1. Nothing but its code goes to an address before somebody has typed that code here.
2. A followed search tells of each lot once, a followed lot of each hour once (`REMINDED_BEFORE` it opens).
3. A message holds public things only: titles, courts, hours, links. Not the person, not what was searched for, no bidder's code.
4. Whoever holds the link in a message ends what it came from, without signing in; looking at the link ends nothing.
5. Between two messages of one search lies `PAUSE`; what comes meanwhile stands in the next one.

All numbers are the house's own; no act fixes them.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from auction.kernel.errors import Conflict, Malformed, NotFound
from auction.kernel.ids import named_id
from web.catalogue.search import Group, Search, Sort, query_of, search_of
from web.telephones import mask_mobile, mobile_number

FOLLOWED_MOST: Final = 20
CONTACTS_A_DAY: Final = 5
"""Addresses that one account may add in a day: each gets a message that its owner may not have asked for."""
CODE_VALID: Final = timedelta(minutes=15)
CODE_TRIES: Final = 5
PAUSE: Final = timedelta(minutes=15)
REMINDED_BEFORE: Final = (timedelta(days=1), timedelta(hours=1))
_MAIL: Final = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.)+[A-Za-z]{2,24}")


class Channel(StrEnum):
    """The way of a message."""

    MAIL = "mail"
    SMS = "sms"


class MessageState(StrEnum):
    """How a message stands; *accepted*: whoever carries it has it, and has not said more."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    ENDED = "ended"


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """An address of somebody, masked as its owner is shown it."""

    contact_id: UUID
    channel: Channel
    masked: str
    confirmed_at: datetime | None
    code_until: datetime
    tries: int

    def may_be_tried(self, now: datetime) -> bool:
        """Whether a code may still be typed for it."""
        return self.confirmed_at is None and self.tries < CODE_TRIES and now < self.code_until


class AddressMalformed(Malformed):
    """This is neither a mail address nor a mobile number of the mainland."""

    code = "address_malformed"
    article = "house: following rule 1"
    zh = "请填写有效的电子邮箱或者中国大陆手机号码。"
    en = "Please give a mail address, or a mobile number of mainland China."


class CodeWrong(Malformed):
    """The code typed is not the one that was sent, or came too late."""

    code = "contact_code_wrong"
    article = "house: following rule 1"
    zh = "验证码不正确或者已失效；可以移除该地址后重新添加。"
    en = "The code is wrong or no longer valid; you may remove the address and add it again."


class TooManyContacts(Conflict):
    """The account has added as many addresses today as it may."""

    code = "too_many_contacts"
    article = "house: following rule 1"
    zh = "今日添加的地址已达上限，请明日再试。"
    en = "As many addresses as a day allows were added today; please try again tomorrow."


class TooMuchFollowed(Conflict):
    """The account follows as much as it may."""

    code = "too_much_followed"
    article = "house: following rule 2"
    zh = "关注数量已达上限，请先取消不再需要的关注。"
    en = "You follow as much as is possible; please end something first."


class ContactUnconfirmed(Conflict):
    """The address was not confirmed."""

    code = "contact_unconfirmed"
    article = "house: following rule 1"
    zh = "该地址尚未验证，不能用于接收提醒。"
    en = "This address is not confirmed; it cannot receive alerts."


class FollowedUnknown(NotFound):
    """There is nothing of this id that this account follows."""

    code = "followed_unknown"
    article = "house: following rule 4"
    zh = "没有此项关注。"
    en = "This is not followed."


def read_address(text: str) -> tuple[Channel, str]:
    """Read a mail address (lower case) or a mobile number (eleven digits). Raises: `AddressMalformed`."""
    mobile = mobile_number(text)
    if mobile is not None:
        return Channel.SMS, mobile
    plain = "".join(text.split())
    if len(plain) > 120 or _MAIL.fullmatch(plain) is None:
        raise AddressMalformed(field="address")
    return Channel.MAIL, plain.lower()


def mask(channel: Channel, address: str) -> str:
    """Give an address as its owner knows it again and nobody else can use it."""
    if channel is Channel.SMS:
        return mask_mobile(address)
    name, _, host = address.partition("@")
    return f"{name[0]}***@{host}"


def followed_search(query: str) -> str:
    """Give the part of a search that can be followed: state, order and page fall, for what is new is told of."""
    return query_of(msgspec.structs.replace(search_of(query), group=Group.ALL, sort=Sort.ENDS, page=1))


def search_for_news(query: str) -> Search:
    """Read what `followed_search` gave, the newest lots first."""
    return msgspec.structs.replace(search_of(query), sort=Sort.NEWEST)


def due_reminders(*, round_id: UUID, opens_at: datetime, since: datetime, now: datetime) -> list[UUID]:
    """Give what is to be told of a followed lot now, each under its own id: an hour that has come, and came after ``since``.

    An hour that moves makes new ids; of a session that has opened nothing is told.
    """
    if now >= opens_at:
        return []
    return [
        named_id("reminder", str(round_id), opens_at.isoformat(), str(int(before.total_seconds())))
        for before in REMINDED_BEFORE
        if since <= opens_at - before <= now
    ]
