"""Names of supervision: capacities and manners of interference."""

from __future__ import annotations

from collections.abc import Mapping

from web.texts import N_, _

CAPACITIES: Mapping[str, str] = {
    "leader": N_("领导干部"),
    "judicial": N_("司法机关内部人员"),
    "other": N_("其他人员"),
}
MANNERS: Mapping[str, str] = {
    "oral": N_("当面"),
    "telephone": N_("电话"),
    "message": N_("短信、即时通信"),
    "paper": N_("书面"),
    "other": N_("其他方式"),
}


def capacity_name(capacity: str) -> str:
    """Name who interfered by his capacity."""
    return _(CAPACITIES[capacity])


def manner_name(manner: str) -> str:
    """Name how it was done."""
    return _(MANNERS[manner])
