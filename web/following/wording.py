"""The words of messages, in the language of whoever follows (rule 3: public things only). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from auction.kernel.sentences import Locale
from auction.sale.disclosure.public_lots import LotCard
from web.display import clock_time, day
from web.following.following import CODE_VALID, Channel
from web.texts import _, current_locale, speaking

LOCALES: Final[tuple[Locale, ...]] = ("zh", "en")
NAMED_MOST: Final = 10


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it leaves: the same words under the same id, whenever it is sent again."""

    message_id: UUID
    channel: Channel
    recipient: str
    subject: str
    text: str
    ends_at: str = ""
    """The link by which whoever receives it ends it; empty: it comes once only."""


def code_words(code: str) -> tuple[str, str]:
    """Give subject and text of the message that carries a code, in both languages: it comes before anybody has chosen one."""
    said = [_code_words(code, locale) for locale in LOCALES]
    return " / ".join(subject for subject, _text in said), "\n".join(text for _subject, text in said)


def _code_words(code: str, locale: Locale) -> tuple[str, str]:
    minutes = int(CODE_VALID.total_seconds() // 60)
    with speaking(locale):
        said = _("您的法拍提醒验证码是{code}，{minutes}分钟内有效。如非本人操作，请忽略。")
        return _("法拍提醒验证码"), said.format(code=code, minutes=minutes)


def news_words(lots: Sequence[LotCard], *, channel: Channel, site_url: str, ends_at: str) -> tuple[str, str]:
    """Give subject and text of a message about new lots; a text message leads to the page, a mail names them."""
    subject = _("您关注的条件有{count}件新拍品").format(count=len(lots))
    if channel is Channel.SMS:
        seen = f"{site_url}/lots/{lots[0].lot_id}" if len(lots) == 1 else f"{site_url}/lots?sort=newest"
        return subject, _("【法拍】{subject}：{link} 退订：{ends_at}").format(
            subject=subject, link=seen, ends_at=ends_at
        )
    named = [_named(lot, site_url) for lot in lots[:NAMED_MOST]]
    if len(lots) > NAMED_MOST:
        named.append(
            _("另有{count}件，见 {link}").format(count=len(lots) - NAMED_MOST, link=f"{site_url}/lots?sort=newest")
        )
    return subject, "\n\n".join([subject, *named, _last(ends_at)])


def reminder_words(lot: LotCard, *, channel: Channel, site_url: str, ends_at: str) -> tuple[str, str]:
    """Give subject and text of a message that reminds of an hour."""
    subject = _("您关注的拍品将于{at}开拍").format(at=_hour(lot.opens_at))
    if channel is Channel.SMS:
        link = f"{site_url}/lots/{lot.lot_id}"
        return subject, _("【法拍】{subject}：{link} 退订：{ends_at}").format(
            subject=subject, link=link, ends_at=ends_at
        )
    return subject, "\n\n".join([subject, _named(lot, site_url), _last(ends_at)])


def _hour(at: datetime) -> str:
    return f"{day(at)} {clock_time(at)}"


def _named(lot: LotCard, site_url: str) -> str:
    title = lot.title_en if current_locale() == "en" and lot.title_en else lot.title_zh
    opens = _("{at} 开拍").format(at=_hour(lot.opens_at))
    return f"{title}\n{lot.court} · {opens}\n{site_url}/lots/{lot.lot_id}"


def _last(ends_at: str) -> str:
    return _("最终以拍卖公告为准。不再接收此类提醒：{ends_at}").format(ends_at=ends_at)
