"""Names that people read for objections in enforcement."""

from __future__ import annotations

from auction.sale.objections.objections import CAPACITIES, Capacity, ObjectionKind
from web.pages.desk_words import Named
from web.texts import N_, _

KINDS: dict[str, str] = {
    ObjectionKind.ACT.value: N_("对执行行为的异议"),
    ObjectionKind.THIRD_PARTY_CLAIM.value: N_("案外人对标的物的异议"),
}
CAPACITY_NAMES: dict[str, str] = {
    Capacity.PARTY.value: N_("当事人"),
    Capacity.INTERESTED.value: N_("利害关系人"),
    Capacity.BIDDER.value: N_("竞买人"),
    Capacity.THIRD_PARTY.value: N_("案外人（对标的物主张权利）"),
}
STATES: dict[str, Named] = {
    "raised": Named(N_("已提出，待立案"), "warn"),
    "refused": Named(N_("不予受理"), "bad"),
    "docketed": Named(N_("已立案，待组成合议庭"), "warn"),
    "before_panel": Named(N_("合议庭审查中"), "live"),
    "upheld": Named(N_("异议成立"), "good"),
    "rejected": Named(N_("异议被驳回"), "bad"),
    "withdrawn": Named(N_("已撤回")),
}
EFFECTS: dict[str, str] = {
    ObjectionKind.ACT.value: N_("审查期间由法院决定是否暂缓、中止拍卖。"),
    ObjectionKind.THIRD_PARTY_CLAIM.value: N_("立案后、裁定前，拍卖应当停止，不发布公告，不恢复竞价。"),
}
ARTICLES: dict[str, str] = {
    ObjectionKind.ACT.value: "CPL 236; 网拍 36",
    ObjectionKind.THIRD_PARTY_CLAIM.value: "CPL 238; 网拍 36",
}


def kind_name(kind: ObjectionKind) -> str:
    """Name a kind in the reader's language."""
    return _(KINDS[kind.value])


def capacity_name(capacity: Capacity) -> str:
    """Name a capacity in the reader's language."""
    return _(CAPACITY_NAMES[capacity.value])


def capacities() -> list[tuple[str, str, str]]:
    """Give what may be chosen in the form: value, name, and the kind of objection that it makes."""
    return [
        (capacity.value, capacity_name(capacity), kind_name(kind_of(capacity)))
        for capacity in (Capacity.PARTY, Capacity.THIRD_PARTY, Capacity.BIDDER, Capacity.INTERESTED)
    ]


def kind_of(capacity: Capacity) -> ObjectionKind:
    """Give the one kind of objection that somebody makes in a capacity."""
    return next(kind for kind, held in CAPACITIES.items() if capacity in held)
