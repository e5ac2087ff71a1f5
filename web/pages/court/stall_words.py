"""Names of stalled cases: grounds, levels, places on the work list."""

from __future__ import annotations

from datetime import date

from web.pages.court.places import Place
from web.pages.desk_words import Named
from web.stalls.stalls import Ground, Level, Stall
from web.texts import N_, _

GROUNDS: dict[str, str] = {
    Ground.IDLE.value: N_("无办理行为"),
    Ground.OVERDUE.value: N_("事项逾期"),
    Ground.SIX_MONTHS.value: N_("立案满六个月未结"),
}
LEVELS: dict[str, Named] = {
    Level.WARNED.value: Named(N_("提醒"), "warn"),
    Level.URGED.value: Named(N_("催办"), "warn"),
    Level.ESCALATED.value: Named(N_("督办"), "bad"),
}
PLACES: dict[str, str] = {
    Place.OVERDUE.value: N_("逾期"),
    Place.TODO.value: N_("待办"),
    Place.WAITING.value: N_("等待中"),
    Place.DONE.value: N_("已办"),
}
MEANT: dict[str, str] = {
    Place.OVERDUE.value: N_("有事项已过法定或者规定期限。"),
    Place.TODO.value: N_("下一步由法院办理。"),
    Place.WAITING.value: N_("正在公告、竞价，或者等待买受人付款；期限届满前无须办理。"),
    Place.DONE.value: N_("全部拍品已经了结。"),
}


def ground_name(ground: Ground) -> str:
    """Name a ground in the reader's language."""
    return _(GROUNDS[ground.value])


def stall_said(stall: Stall, today: date) -> str:
    """Say what stands still and since how many days."""
    return _("{ground}{days}日").format(ground=ground_name(stall.ground), days=stall.days(today))


def place_name(place: Place) -> str:
    """Name a place of the work list."""
    return _(PLACES[place.value])


def place_meant(place: Place) -> str:
    """Say what stands in a place of the work list."""
    return _(MEANT[place.value])
