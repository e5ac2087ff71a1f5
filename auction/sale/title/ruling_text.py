"""The operative part of rulings on which money of a sale moves, made by the system from their terms. Pure.

1. A ruling has the court's reasons, in its own words (CPL 157), then the line ``裁定如下：``, then what the system wrote from the terms.
2. A step rests on a sealed ruling whose operative part is what its own terms give, character by character: so a ruling on one sale, ground
   or amount is never taken for another.
3. The dividing line stands once: reasons that contain it are refused, so nothing typed can pass for the operative part.

Source: CPL 157; 网拍 31; 股权规定 15; 拍变 22.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from auction.fund.undoings.undoings import TopUpGround
from auction.kernel.errors import Conflict, Malformed
from auction.kernel.money import Money
from auction.sale.title.title import SettingAsideGround

DIVIDES: Final = "裁定如下："
"""Between reasons and operative part."""
MOST_CHARACTERS: Final = 10_000
"""Reasons are no longer than this."""
_TOP_UP_GROUNDS: Final[dict[TopUpGround, str]] = {
    TopUpGround.KNEW_NOT_ELIGIBLE: "强制执行股权规定15：买受人明知不符合条件仍参加竞买",
    TopUpGround.AUCTION_RULE: "拍卖变卖规定22：重新拍卖的差价由原买受人承担",
}
_SETTING_ASIDE_GROUNDS: Final[dict[SettingAsideGround, str]] = {
    SettingAsideGround.FALSE_DESCRIPTION: "网络司法拍卖规定31(1)：说明严重失实，致使买受人产生重大误解",
    SettingAsideGround.SYSTEM_FAULT: "网络司法拍卖规定31(2)：系统故障、病毒、黑客攻击、数据错误等致使拍卖结果错误",
    SettingAsideGround.COLLUSION: "网络司法拍卖规定31(3)：竞买人之间或者竞买人与平台恶意串通",
    SettingAsideGround.BUYER_NOT_QUALIFIED: "网络司法拍卖规定31(4)：买受人不具备竞买资格",
    SettingAsideGround.UNEQUAL_CONDITIONS: "网络司法拍卖规定31(5)：违法限制竞买人参加竞买或者规定不同条件",
    SettingAsideGround.SERIOUS_BREACH: "网络司法拍卖规定31(6)：其他严重违反拍卖程序的情形",
}


class RulingReasonsMalformed(Malformed):
    """A ruling needs reasons, no longer than the limit and without the dividing line."""

    code = "ruling_reasons_malformed"
    article = "CPL 157"
    zh = "请填写裁定的理由，不得超出长度上限，也不得含有“裁定如下：”字样。"
    en = "A ruling needs its reasons, within the limit and without the line that divides them from the operative part."


class RulingTextDiffers(Conflict):
    """The operative part of the sealed ruling is not what these terms give (rule 2)."""

    code = "ruling_text_differs"
    article = "CPL 157"
    zh = "所选裁定书的主文与本次办理的成交、事由或者金额不一致，应当由系统重新生成、用印。"
    en = "The operative part of the ruling is not on this sale, ground and amount; it is issued and sealed anew."


@dataclass(frozen=True, slots=True)
class SaleNamed:
    """The sale as a ruling names it."""

    title: str
    registry_number: str
    reference: str
    price: Money
    buyer: str


@dataclass(frozen=True, slots=True)
class TopUpRuled:
    """What a ruling on a top-up finds and orders."""

    ground: TopUpGround
    needs_approval: bool
    knew: bool
    shortfall: Money
    costs: Money
    deposit: Money
    amount: Money


def setting_aside_text(sale: SaleNamed, ground: SettingAsideGround) -> str:
    """Write the operative part that sets a sale aside."""
    return _numbered(
        f"撤销对{_sale(sale)}的网络司法拍卖；",
        f"依据：{_SETTING_ASIDE_GROUNDS[ground]}；",
        f"买受人{sale.buyer}已付的价款予以退还，有贷款的先退还贷款银行；已经发放的，由受领人返还后退还。",
    )


def top_up_text(sale: SaleNamed, ruled: TopUpRuled) -> str:
    """Write the operative part that orders a top-up."""
    found = [
        *(["股权变更须经有关部门批准"] if ruled.needs_approval else []),
        *(["买受人明知不符合条件仍参加竞买"] if ruled.knew else []),
    ]
    return _numbered(
        f"原买受人{sale.buyer}对{_sale(sale)}悔拍；重新拍卖的差价 {ruled.shortfall}，拍卖费用损失 {ruled.costs}，不予退还的保证金 {ruled.deposit}；",
        f"依据：{_TOP_UP_GROUNDS[ruled.ground]}{''.join(f'；认定：{each}' for each in found)}；",
        f"责令{sale.buyer}补交 {ruled.amount}。",
    )


def ruling_body(reasons: str, operative: str) -> str:
    """Put a ruling together (rule 1). Raises `RulingReasonsMalformed`."""
    said = reasons.strip()
    if not 0 < len(said) <= MOST_CHARACTERS or DIVIDES in said:
        raise RulingReasonsMalformed(field="reasons")
    return f"{said}\n\n{DIVIDES}\n{operative}"


def require_operative(body: str, operative: str) -> None:
    """Refuse a ruling that decides something else (`RulingTextDiffers`, rules 2 and 3)."""
    reasons, divides, decided = body.partition(f"\n\n{DIVIDES}\n")
    if not (reasons and divides) or decided != operative:
        raise RulingTextDiffers


def _sale(sale: SaleNamed) -> str:
    return (
        f"“{sale.title}”（{sale.registry_number}；附言编号 {sale.reference}，成交价 {sale.price}，买受人{sale.buyer}）"
    )


def _numbered(*items: str) -> str:
    return "".join(f"{number}、{item}\n" for number, item in zip("一二三四五", items, strict=False))
