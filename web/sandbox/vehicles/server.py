"""The vehicle register as a server; moods and orders are those of `web.sandbox.questions`."""

from __future__ import annotations

from litestar.types import ASGIApp

from web.sandbox.desk import Desk
from web.sandbox.questions import Entry, Register, register_app

VEHICLES = Register(
    key="vehicles",
    title="车辆管理所",
    number_prefix="SBX-VEH",
    entries={
        "title": Entry("established", "登记所有人为被执行人", "Registered to the debtor"),
        "burdens": Entry("none_found", "无抵押登记", "No registered mortgage"),
        "registration": Entry(
            "established", "2019年6月初次登记，检验有效期内", "First registered in June 2019, inspection valid"
        ),
        "violations": Entry("established", "未处理违章3起", "Three violations not dealt with"),
        "emission_standard": Entry("established", "国六排放标准", "China 6"),
    },
)


def vehicles_app(desk: Desk, *, control_secret: str) -> ASGIApp:
    """Build the vehicle register."""
    return register_app(desk, VEHICLES, control_secret=control_secret)
