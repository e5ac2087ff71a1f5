"""The acts that the product cites, under the names that readers of either language know them by.

1. Code cites an act by one short name (`auction.law.parameters`, ``acts``); a Chinese page shows its Chinese short name, an
   English page its English one. An act cited nowhere but in a text stands here with its full names.
2. Every act that code cites stands here (a test); a page that lists them all gives the full names (``/acts``).
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from auction.law.parameters import LAW


class ActNamed(NamedTuple):
    """An act: as code cites it, its short names, its number and its full names; ``number`` is empty for a statute."""

    cited: str
    zh: str
    en: str
    number: str
    title_zh: str
    title_en: str


SHORT_EN: dict[str, str] = {
    "网拍": "Online Auction Provisions",
    "参考价": "Reference Price Provisions",
    "拍变": "Auction Provisions",
    "变卖衔接": "Sell-off Notice",
    "执行款物": "Case Money Provisions",
    "执行监督意见": "Supervision Opinion",
    "CPL": "CPL",
    "CPL 2017": "CPL (2017)",
    "Interp.": "CPL Interpretation",
    "执行程序解释": "Enforcement Procedure Interpretation",
    "异议复议规定": "Objection and Review Provisions",
    "迟延利息解释": "Default Interest Interpretation",
    "诉讼费用办法": "Litigation Fees Measures",
    "首封移送批复": "First Seizure Reply",
    "评估规范": "Appraisal Rules",
    "资产评估法": "Asset Appraisal Law",
    "股权规定": "Equity Provisions",
    "船舶规定": "Ship Provisions",
    "抵押房屋规定": "Mortgaged Homes Provisions",
    "民法典": "Civil Code",
    "公司法": "Company Law",
    "物权解释": "Property Interpretation",
    "在线诉讼规则": "Online Litigation Rules",
    "法院专递": "Court Mail Provisions",
    "放假办法": "Public Holidays Measures",
    "案号规定": "Case Number Provisions",
    "暂缓执行规定": "Deferral Provisions",
    "保全规定": "Preservation Provisions",
    "建设工程解释": "Construction Interpretation",
    "住房贷款期限通知": "Housing Loan Notice",
    "首付比例通知": "Down Payment Notice",
    "汽车贷款通知": "Car Loan Notice",
}
"""English short names of the acts of the parameters."""
SHORT_ZH: dict[str, str] = {"CPL": "民诉法", "CPL 2017": "民诉法（2017年）", "Interp.": "民诉法解释"}
"""Chinese short names of the acts that code cites by an English one."""
TEXT_ONLY: tuple[ActNamed, ...] = (
    ActNamed(
        "查扣冻",
        "查扣冻",
        "Seizure Provisions",
        "法释〔2004〕15号，2020年修正",
        "最高人民法院关于人民法院民事执行中查封、扣押、冻结财产的规定",
        "SPC Provisions on seizure and freezing in civil enforcement (2020 text)",
    ),
    ActNamed(
        "刑事财产规定",
        "刑事财产规定",
        "Criminal Property Provisions",
        "法释〔2014〕13号",
        "最高人民法院关于刑事裁判涉财产部分执行的若干规定",
        "SPC Provisions on enforcing the property part of criminal judgments",
    ),
    ActNamed(
        "财产调查规定",
        "财产调查规定",
        "Asset Investigation Provisions",
        "法释〔2017〕8号，2020年修正",
        "最高人民法院关于民事执行中财产调查若干问题的规定",
        "SPC Provisions on the investigation of assets in civil enforcement (2020 text)",
    ),
    ActNamed(
        "执行工作规定",
        "执行工作规定",
        "Enforcement Work Provisions",
        "2020年修正",
        "最高人民法院关于人民法院执行工作若干问题的规定（试行）",
        "SPC Provisions on enforcement work (trial, 2020 text)",
    ),
    ActNamed(
        "限制消费规定",
        "限制消费规定",
        "Consumption Provisions",
        "法释〔2015〕17号",
        "最高人民法院关于限制被执行人高消费及有关消费的若干规定",
        "SPC Provisions on restricting the consumption of judgment debtors",
    ),
    ActNamed("拍卖法", "拍卖法", "Auction Law", "", "中华人民共和国拍卖法", "Auction Law"),
    ActNamed(
        "税收征管法", "税收征管法", "Tax Collection Law", "", "中华人民共和国税收征收管理法", "Tax Collection Law"
    ),
    ActNamed(
        "担保制度解释",
        "担保制度解释",
        "Security Interpretation",
        "法释〔2020〕28号",
        "最高人民法院关于适用《中华人民共和国民法典》有关担保制度的解释",
        "SPC Interpretation of the Civil Code on security",
    ),
    ActNamed(
        "发改财金〔2018〕370号",
        "发改财金〔2018〕370号",
        "Listed Debtors Notice",
        "发改财金〔2018〕370号",
        "关于对失信被执行人实施限制不动产交易惩戒措施的通知",
        "Notice on restricting real-estate dealings of listed dishonest debtors",
    ),
    ActNamed(
        "法释〔2021〕18号",
        "法释〔2021〕18号",
        "Home Buyers Provisions",
        "法释〔2021〕18号",
        "最高人民法院关于人民法院司法拍卖房产竞买人资格若干问题的规定",
        "SPC Provisions on who may bid for homes in judicial auctions",
    ),
    ActNamed(
        "法释〔2025〕10号",
        "法释〔2025〕10号",
        "Third-Party Claims Interpretation",
        "法释〔2025〕10号",
        "最高人民法院关于审理执行异议之诉案件适用法律问题的解释",
        "SPC Interpretation on suits of third parties against enforcement",
    ),
    ActNamed(
        "法〔2024〕238号",
        "法〔2024〕238号",
        "Online Auction Opinion",
        "法〔2024〕238号",
        "最高人民法院关于进一步规范网络司法拍卖工作的指导意见",
        "SPC guiding opinion on further regulating online judicial auctions",
    ),
    ActNamed(
        "法〔2016〕401号",
        "法〔2016〕401号",
        "Regular Enforcement Notice",
        "法〔2016〕401号",  # Number and title from memory: no copy was read, so only its item 4 is cited.
        "最高人民法院关于在执行工作中规范执行行为切实保护各方当事人财产权益的通知",
        "SPC notice on regular enforcement that protects the property of all parties",
    ),
)
ALIASES: dict[str, str] = {"Civil Code": "民法典", "238号": "法〔2024〕238号", "民诉法解释": "Interp.", "民诉法": "CPL"}
"""Other names under which code cites an act."""
HOUSE = "house"


@cache
def acts() -> dict[str, ActNamed]:
    """Give the acts by the name under which code cites them, those with figures of the parameters first."""
    of_law = {
        short: ActNamed(short, SHORT_ZH.get(short, short), SHORT_EN[short], act.number, act.title_zh, act.title_en)
        for short, act in LAW.acts.items()
        if short != HOUSE
    }
    return of_law | {act.cited: act for act in TEXT_ONLY}


@cache
def act_of(part: str) -> tuple[ActNamed, str] | None:
    """Give the act that one citation names, and what follows its name; ``None`` where it names none."""
    named = {**{short: short for short in acts()}, **ALIASES}
    found = max((name for name in named if _begins(part, name)), key=len, default=None)
    return None if found is None else (acts()[named[found]], part.removeprefix(found))


def _begins(part: str, name: str) -> bool:
    rest = part.removeprefix(name)
    return rest != part and (not rest or rest[0] in " 0123456789（(")


def full_name(act: ActNamed) -> str:
    """Give an act's full name in both languages, with its number."""
    number = f"（{act.number}）" if act.number else ""
    return f"《{act.title_zh}》{number} / {act.title_en}"
