"""Names that people read for what lots, rounds and registrations are."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from auction.kernel import amount_words
from auction.kernel.clock import from_us
from auction.kernel.money import Money
from auction.sale.cases.assets import AssetClass
from auction.sale.rounds.rounds import GROUNDS, StopKind
from web.pages import option_words
from web.texts import N_, _, current_locale

Tone = Literal["quiet", "live", "good", "warn", "bad"]


option_rows = option_words.option_rows


class Named(NamedTuple):
    """A name (Chinese, to be translated) and the tone of its status."""

    text: str
    tone: Tone = "quiet"


CLASSES: dict[str, str] = {
    "home": N_("住宅"),
    "building": N_("非住宅房屋"),
    "land": N_("土地使用权"),
    "vehicle": N_("机动车"),
    "movable": N_("其他动产"),
    "equity": N_("股权"),
    "right": N_("其他财产权"),
}
KINDS: dict[str, str] = {
    "first": N_("第一次拍卖"),
    "second": N_("第二次拍卖"),
    "re_auction": N_("重新拍卖"),
    "sell_off": N_("变卖"),
}
METHODS: dict[str, str] = {
    "agreement": N_("当事人议价"),
    "targeted_inquiry": N_("定向询价"),
    "online_inquiry": N_("网络询价"),
    "entrusted_appraisal": N_("委托评估"),
}
RIGHTS: dict[str, str] = {
    "tenant": N_("承租人优先购买权"),
    "co_owner": N_("共有人优先购买权"),
    "shareholder": N_("其他股东优先购买权"),
    "other": N_("其他优先购买权"),
}
STOPS: dict[str, str] = {"deferral": N_("暂缓"), "stay": N_("中止"), "withdrawal": N_("撤回")}
CHANNELS: dict[str, str] = {"bank": N_("银行转账"), "card": N_("银行卡")}
REGISTRATIONS: dict[str, Named] = {
    "awaiting_deposit": Named(N_("待缴保证金"), "warn"),
    "admitted": Named(N_("已取得竞买资格"), "good"),
    "too_late": Named(N_("保证金逾期到账，未取得资格"), "bad"),
    "lost": Named(N_("未竞得")),
    "won": Named(N_("已竞得"), "good"),
    "left": Named(N_("已退出")),
    "released": Named(N_("已结束")),
}
DEPOSITS: dict[str, Named] = {
    "pending": Named(N_("待缴"), "warn"),
    "held": Named(N_("已缴足，冻结中"), "good"),
    "lapsed": Named(N_("须重新缴纳"), "bad"),  # held, and its authorisation was lost before the end
    "due_back": Named(N_("待退还"), "warn"),  # held, and the clock of its release runs
    "applied": Named(N_("已转作价款"), "good"),
    "released": Named(N_("退还")),
    "forfeited": Named(N_("不予退还"), "bad"),
}
ROUND_STATES: dict[str, str] = {
    "announced": N_("已公告"),
    "open": N_("竞价中"),
    "stopped": N_("已暂停"),
    "sold": N_("成交"),
    "failed": N_("流拍"),
    "withdrawn": N_("已撤回"),
}


def class_name(asset_class: AssetClass | str) -> str:
    """Name a class of assets."""
    return _(CLASSES[str(asset_class)])


def kind_name(kind: str) -> str:
    """Name a kind of round."""
    return _(KINDS[kind])


def ground_text(kind: StopKind, ground: str) -> str:
    """Give the text of a ground of a stop."""
    zh, en = GROUNDS[kind].get(ground, (ground, ground))
    return zh if current_locale() == "zh" else en


def own_language(zh: str, en: str) -> str:
    """Choose between the two texts that the court published."""
    return zh if current_locale() == "zh" or not en else en


def instant(at_us: int) -> datetime:
    """Give the instant of a journal's microseconds."""
    return from_us(at_us)


def yuan(amount_fen: int) -> str:
    """Write an amount as a form takes it: ``2110000`` or ``2110000.50``."""
    whole, fen = divmod(amount_fen, 100)
    return f"{whole}.{fen:02d}" if fen else str(whole)


def capitals(amount_fen: int) -> str:
    """Write an amount in the capital characters of bills: ``贰佰壹拾壹万元整``; Chinese in every language."""
    return amount_words.capitals(Money(amount_fen))
