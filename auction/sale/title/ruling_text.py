"""The operative part of rulings on which money of a sale moves, made by the system from their terms. Pure.

How a ruling is put together and compared stands in `auction.fund.rulings`.

Source: CPL 157; 网拍 31; 股权规定 15; 拍变 22.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from auction.fund.rulings import numbered
from auction.fund.undoings.undoings import TopUpGround
from auction.kernel.money import Money
from auction.sale.title.title import SettingAsideGround

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
    return numbered(
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
    return numbered(
        f"原买受人{sale.buyer}对{_sale(sale)}悔拍；重新拍卖的差价 {ruled.shortfall}，拍卖费用损失 {ruled.costs}，不予退还的保证金 {ruled.deposit}；",
        f"依据：{_TOP_UP_GROUNDS[ruled.ground]}{''.join(f'；认定：{each}' for each in found)}；",
        f"责令{sale.buyer}补交 {ruled.amount}。",
    )


def _sale(sale: SaleNamed) -> str:
    return (
        f"“{sale.title}”（{sale.registry_number}；附言编号 {sale.reference}，成交价 {sale.price}，买受人{sale.buyer}）"
    )
