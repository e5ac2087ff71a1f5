"""Tickets: who may open one, what it may hold, by when the house answers. Pure.

1. Whoever is signed in opens a ticket about anything; whoever is not, about a lot, and gets a look-up code, shown once, that opens it again.
2. The desk reads number, category, lot and texts; who asked is shown to nobody, so no ticket joins a person to what he bids on (security 2).
3. Texts hold no telephone or identity number, address or messenger name: the answer comes here, and the desk need not know anybody.
4. The clock runs from the first message that was not answered: `ANSWER_WITHIN`, the house's own times, published on the page of help.
5. A ticket ends by its asker or by the desk; an ended one takes no more messages. An account has at most `OPEN_MOST` open ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from auction.kernel.errors import Conflict, Malformed, NotFound
from auction.sale.visitors.lot_questions import contact_in

TEXT_MOST: Final = 2_000
OPEN_MOST: Final = 5
MESSAGES_MOST: Final = 100


class Category(StrEnum):
    """What help is needed with; the value is stored."""

    ROOM = "room"
    SIGN_IN = "sign_in"
    REGISTRATION = "registration"
    MONEY = "money"
    AFTER_SALE = "after_sale"
    OTHER = "other"


ANSWER_WITHIN: Final[Mapping[Category, timedelta]] = {
    Category.ROOM: timedelta(minutes=15),
    Category.SIGN_IN: timedelta(hours=1),
    Category.REGISTRATION: timedelta(hours=2),
    Category.MONEY: timedelta(hours=4),
    Category.AFTER_SALE: timedelta(hours=24),
    Category.OTHER: timedelta(hours=24),
}
"""The house's own times, no law: who cannot enter a running room cannot wait for a day."""


class HelpTextNeeded(Malformed):
    """A message is empty or too long."""

    code = "help_text_needed"
    article = "house: help rule 3"
    zh = "请写明问题，不超过{most}字。"
    en = "Please say what is wrong, in at most {most} characters."


class HelpTextHoldsContact(Malformed):
    """A message holds a number or an address by which a person is found (rule 3)."""

    code = "help_text_holds_contact"
    article = "house: help rule 3"
    zh = "请删去电话号码、身份证号、银行卡号、邮箱、微信等个人信息；答复在本系统内给出，服务台不需要知道您是谁。"
    en = "Please take out telephone, identity and card numbers and addresses: the answer comes here, and the desk need not know who you are."


class HelpCategoryNeeded(Malformed):
    """No category was chosen."""

    code = "help_category_needed"
    article = "house: help rule 4"
    zh = "请选择求助类别。"
    en = "Please choose what the help is about."


class HelpNeedsLot(Malformed):
    """Without signing in, help is asked on the page of a lot."""

    code = "help_needs_lot"
    article = "house: help rule 1"
    zh = "未登录的，请从拍品页面求助，或者先登录。"
    en = "Without signing in, please ask from the page of a lot, or sign in first."


class TicketUnknown(NotFound):
    """No such ticket, or it is another's, or number and code do not fit."""

    code = "help_ticket_unknown"
    article = "house: help rule 2"
    zh = "没有该求助单，或者编号、查询码不符。"
    en = "There is no such ticket, or number and code do not fit."


class TicketEnded(Conflict):
    """The ticket has ended (rule 5)."""

    code = "help_ticket_ended"
    article = "house: help rule 5"
    zh = "该求助单已结束，请另提新的求助。"
    en = "This ticket has ended; please open another."


class TooManyTickets(Conflict):
    """The account has as many open tickets as one may have (rule 5)."""

    code = "help_tickets_too_many"
    article = "house: help rule 5"
    zh = "您有{most}件求助尚未结束，请在其中继续说明。"
    en = "{most} of your tickets are open; please go on in one of them."


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a ticket."""

    is_from_desk: bool
    text: str
    sent_at: datetime


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as its asker and the desk read it; who asked is not part of it."""

    ticket_id: UUID
    number: str
    category: Category
    lot_id: UUID | None
    messages: tuple[Message, ...]
    ended_at: datetime | None

    @property
    def waits_since(self) -> datetime | None:
        """Since when the desk owes an answer; ``None``: it owes none."""
        return None if self.ended_at is not None else waits_since(self.messages)

    @property
    def due_at(self) -> datetime | None:
        """By when the desk answers (rule 4)."""
        since = self.waits_since
        return None if since is None else since + ANSWER_WITHIN[self.category]

    @property
    def state(self) -> str:
        """Give *ended*, *waiting* or *answered*."""
        if self.ended_at is not None:
            return "ended"
        return "answered" if self.waits_since is None else "waiting"


def waits_since(messages: Sequence[Message]) -> datetime | None:
    """Give the time of the first message after the desk's last one; ``None`` if the desk spoke last."""
    open_since: datetime | None = None
    for message in messages:
        if message.is_from_desk:
            open_since = None
        elif open_since is None:
            open_since = message.sent_at
    return open_since


def require_text(text: str) -> str:
    """Give the stripped text, or refuse it: `HelpTextNeeded`, `HelpTextHoldsContact`."""
    stripped = text.strip()
    if not 0 < len(stripped) <= TEXT_MOST:
        raise HelpTextNeeded(field="text", most=TEXT_MOST)
    if contact_in(stripped):
        raise HelpTextHoldsContact(field="text")
    return stripped
