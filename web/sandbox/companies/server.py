"""The company register as a server: shares in a company, as every register answers about an asset, and who controls one."""

from __future__ import annotations

from litestar.types import ASGIApp

from web.sandbox.companies.controllers import CONTROL, CONTROL_HANDLERS, CONTROL_ORDERS
from web.sandbox.companies.controllers import SCHEMA as CONTROL_SCHEMA
from web.sandbox.desk import Desk
from web.sandbox.questions import SCHEMA as QUESTION_SCHEMA
from web.sandbox.questions import Entry, Register, register_app

SCHEMA = QUESTION_SCHEMA + CONTROL_SCHEMA

COMPANIES = Register(
    key="companies",
    title="公司登记机关",
    number_prefix="SBX-COM",
    entries={
        "title": Entry("established", "登记股东为被执行人", "The debtor is the registered shareholder"),
        "burdens": Entry("none_found", "无出质登记", "No registered pledge"),
        "share_ratio": Entry("established", "持股比例30%", "A share of 30 %"),
        "capital_subscribed": Entry("established", "认缴出资人民币300万元", "¥3,000,000 subscribed"),
        "capital_paid": Entry("established", "实缴出资人民币120万元", "¥1,200,000 paid"),
        "contribution_dates": Entry(
            "established", "其余出资应于2030年12月31日前缴足", "The rest is due by 31 December 2030"
        ),
    },
)


def companies_app(desk: Desk, *, control_secret: str) -> ASGIApp:
    """Build the company register; its book is opened with `SCHEMA`."""
    return register_app(
        desk,
        COMPANIES,
        control_secret=control_secret,
        more=(CONTROL,),
        handlers=CONTROL_HANDLERS,
        orders=CONTROL_ORDERS,
    )
