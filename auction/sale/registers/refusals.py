"""Refusals of a registration that rest on a register: each names the register, its state and what helps."""

from __future__ import annotations

from auction.kernel.errors import Unlawful
from auction.kernel.sentences import Said
from auction.sale.cases.bans import BanGround

OF_THE_COURT = Said("不得竞买人员名册", "register of those who may not bid")
REGISTER_NAMES: dict[BanGround, Said] = {
    "enforcing_court": Said("执行法院人员名册", "register of the enforcing court's people"),
    "platform": Said("网络服务提供者人员名册", "register of the platform's people"),
    "auxiliary_body": Said("拍卖辅助机构人员名册", "register of the auxiliary bodies' people"),
    "near_relative": Said("近亲属申报名册", "register of declared near relatives"),
}


class BarredFromBidding(Unlawful):
    """The law bars this person from bidding for this property; the register is named, never a relative."""

    code = "barred_from_bidding"
    article = "网拍 34"
    zh = "您在{register}之列，依法不得参加该财产的竞买；登记有误的，可以提出异议并提交证明。"
    en = "You stand on the {register}: the law bars you from bidding for this property. If that is wrong, object, with papers."

    def __init__(self, register: Said = OF_THE_COURT) -> None:
        """Name the register."""
        super().__init__(register=register)


class ListedDishonestDebtor(BarredFromBidding):
    """On the list of dishonest judgment debtors, for a house."""

    code = "listed_dishonest_debtor"
    article = "发改财金〔2018〕370号"
    zh = (
        "截至 {as_of}，您在失信被执行人名单内（来源：{source}），不得参加房屋的竞买。"
        "履行义务或者申请移出名单后，可以立即重新报名；认为有误的，可以提出异议。"
    )
    en = (
        "As of {as_of} you stand on the list of dishonest judgment debtors (source: {source}); a listed person does not bid "
        "for houses. Perform or ask to be removed, and register again at once; object if the list is wrong."
    )

    def __init__(self, *, source: str, as_of: str) -> None:
        """Name who said so, and as of when."""
        Unlawful.__init__(self, source=source, as_of=as_of)


class ConsumptionRestricted(BarredFromBidding):
    """Under a restriction on consumption that covers the asset."""

    code = "consumption_restricted"
    article = "限制消费规定 3"
    zh = (
        "截至 {as_of}，您被限制消费（来源：{source}），不得竞买限制消费令所及的财产。"
        "向作出限制的法院申请解除后，可以立即重新报名；认为有误的，可以提出异议。"
    )
    en = (
        "As of {as_of} you are under a restriction on consumption (source: {source}) that covers this property. Ask the court "
        "that restricted you to lift it, and register again at once; object if that is wrong."
    )

    def __init__(self, *, source: str, as_of: str) -> None:
        """Name who said so, and as of when."""
        Unlawful.__init__(self, source=source, as_of=as_of)
