"""The title registry as a server; moods and orders are those of `web.sandbox.questions`."""

from __future__ import annotations

from litestar.types import ASGIApp

from web.sandbox.desk import Desk
from web.sandbox.questions import Entry, Register, register_app

REGISTRY = Register(
    key="registry",
    title="不动产登记中心",
    number_prefix="SBX-TITLE",
    entries={
        "title": Entry("established", "登记为被执行人单独所有", "Registered to the debtor alone"),
        "burdens": Entry("established", "抵押权一项，顺位第一，已登记", "One registered mortgage, first rank"),
    },
)


def registry_app(desk: Desk, *, control_secret: str) -> ASGIApp:
    """Build the title registry."""
    return register_app(desk, REGISTRY, control_secret=control_secret)
