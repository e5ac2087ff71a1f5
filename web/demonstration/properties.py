"""The made-up properties of the demonstration: a flat that is sold to the last fen, and a building that stays open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Property:
    """One asset with all that its listing says."""

    key: str
    """What ids of its case are made from, beside the case's number."""
    asset_class: Literal["home", "building"]
    title_zh: str
    title_en: str
    address: str
    district: str
    area_cm2: int
    built_year: int
    floor: int
    floors: int
    description_zh: str
    description_en: str
    increment_fen: int
    channels: tuple[Literal["bank", "card"], ...]
    facts: dict[str, tuple[str, str]] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    """What the notice announces beyond the rules, as the listing sends it; empty: nothing."""

    @property
    def features(self) -> dict[str, Any]:
        """What inquiry platforms are told: no person, no party."""
        return {
            "asset_class": self.asset_class,
            "city": "北京市",
            "district": self.district,
            "address": self.address,
            "area_cm2": self.area_cm2,
            "built_year": self.built_year,
            "floor": self.floor,
            "floors": self.floors,
            "orientation": "南北",
            "decoration": "简装",
        }


_LEASE = {
    "lease_rent": ("月租金人民币6,500元，按季支付，有转账凭证", "¥6,500 a month, paid quarterly by transfer"),
    "lease_term": ("自上年1月1日起三年", "Three years from 1 January of last year"),
    "lease_holder": ("承租人一名（已登记为优先购买权人）", "One tenant, a holder of a right of first refusal"),
}
_TAXES = {
    "tax_heads": ("增值税及附加、个人所得税、契税", "VAT with surcharges, income tax, deed tax"),
    "tax_rates": ("以税务机关核定为准", "As assessed by the tax office"),
}

FLAT = Property(
    key="flat",
    asset_class="home",
    title_zh="北京市朝阳区示例东路88号院6号楼2单元1203室住宅",
    title_en="Flat 1203, unit 2, building 6, 88 Sample East Road, Chaoyang, Beijing",
    address="北京市朝阳区示例东路88号院6号楼2单元1203室",
    district="朝阳区",
    area_cm2=897_600,
    built_year=2014,
    floor=12,
    floors=18,
    description_zh="两室一厅，建筑面积89.76平方米，现由承租人依租赁合同居住，带租拍卖。",
    description_en="Two bedrooms, 89.76 m², let and sold subject to the lease.",
    increment_fen=2_000_000,
    channels=("bank", "card"),
    facts={
        "title": ("被执行人单独所有，不动产权证登记建筑面积89.76平方米", "Sole ownership of the debtor, 89.76 m²"),
        "burdens": ("设有抵押权一项，抵押权人为示例城市商业银行", "One mortgage, to the sample city bank"),
        "possession": (
            "由承租人实际居住使用，租期至次年年末",
            "Occupied by the tenant under a lease until next year's end",
        ),
        "floor_plan": ("两室一厅一厨一卫，户型图见附件", "Two bedrooms, plan attached"),
        **_TAXES,
        "arrears": (
            "物业费欠缴人民币3,210.50元，无欠缴税款",
            "Property charges of ¥3,210.50 unpaid; no unpaid taxes",
        ),
        "defects": ("入户门锁损坏，客厅西墙有渗水痕迹", "Door lock broken; water stain on the west wall"),
        **_LEASE,
        "area": ("89.76平方米", "89.76 m²"),
    },
)

BUILDING = Property(
    key="building",
    asset_class="building",
    title_zh="北京市朝阳区示例大街16号示例商务楼三层整层",
    title_en="Third floor of the Sample Business House, 16 Sample Avenue, Chaoyang, Beijing",
    address="北京市朝阳区示例大街16号示例商务楼三层",
    district="朝阳区",
    area_cm2=12_400_000,
    built_year=2011,
    floor=3,
    floors=9,
    description_zh="整层办公，建筑面积1,240平方米，部分由承租人使用，带租拍卖。",
    description_en="A whole office floor of 1,240 m², partly let and sold subject to the lease.",
    increment_fen=20_000_000,
    channels=("bank",),
    options={
        "confirm_steps": 20,
        "confirm_percent": 150,
        "increment_growth": [{"after_extensions": 10, "times": 2}, {"after_extensions": 30, "times": 4}],
    },
    facts={
        "title": ("被执行人单独所有，不动产权证登记建筑面积1,240平方米", "Sole ownership of the debtor, 1,240 m²"),
        "burdens": ("设有抵押权一项，抵押权人为示例城市商业银行", "One mortgage, to the sample city bank"),
        "possession": ("部分由承租人使用，其余空置", "Partly used by the tenant, the rest vacant"),
        "floor_plan": ("整层平面图见附件", "Plan of the floor attached"),
        **_TAXES,
        "arrears": ("无欠缴税费", "Nothing unpaid"),
        "defects": ("中央空调需检修", "The air conditioning needs an overhaul"),
        **_LEASE,
        "area": ("1,240平方米", "1,240 m²"),
    },
)
