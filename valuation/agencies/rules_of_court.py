"""How a court draws: which office, with which second source of chance, how long before it tells the parties.

1. The case handler requests; another office draws: judicial technology, or the enforcement bureau where the court says
   so (practice 9). Nobody who requested, or handles the case, commits, freezes or draws; natural persons are compared.
2. The second source is a later round of a public beacon, or a secret of an office without a say in the pool. That office
   is supervision: judicial technology keeps the register, the bureau runs the case.
3. Parties learn of the draw's time with the frozen pool, at least `notice_hours` before.
4. Of the time until an hour before the draw, the first half is for the parties' commitments, the second for their
   openings: all before anybody can know the second source.
5. What is not opened within a day after the draw's time fails the draw; it starts anew by order of the higher court only.
6. The pool's publication tells the time to everybody; besides, a notice is served on each party on file then. Who was not
   told beforehand stands on the draw's page as a flaw; where the court says so (`all_told`), nothing is drawn before.
7. A draw whose pool is not frozen within thirty days of its request fails in the same way (V70).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from auction.kernel.actors import Actor, Role, RoleLacking
from auction.kernel.errors import NotPermitted, Unlawful

Office = Literal["judicial_technology", "bureau"]
Second = Literal["drand", "secret"]
SECOND_OFFICE = "supervision"
REQUESTING_OFFICE = "case_handler"
OFFICE_ROLES: Mapping[str, Role] = {
    "judicial_technology": Role.JUDICIAL_TECHNOLOGY,
    "bureau": Role.BUREAU_HEAD,
    SECOND_OFFICE: Role.SUPERVISOR,
}
REVEAL_BEFORE = timedelta(hours=1)
DIES_AFTER = timedelta(hours=24)
NOTICE_MAX = timedelta(days=30)
FREEZE_WITHIN = timedelta(days=30)


class DrawRules(msgspec.Struct, frozen=True, kw_only=True):
    """The court's own setting."""

    drawing_office: Office = "judicial_technology"
    second: Second = "secret"
    workload_limit: int | None = None
    notice_hours: int = 24
    all_told: bool = False
    """Whether nothing is drawn before every party on file was served with the notice."""


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """The instants of one draw."""

    commit_by: datetime
    reveal_by: datetime
    draw_at: datetime
    dies_at: datetime


class OfficeLacking(RoleLacking):
    """The court's setting gives this step to another office."""

    code = "draw_office_lacking"
    article = "practice 9; house: another office draws"
    zh = "按照本院设置，该步骤由其他部门办理：{office}。"
    en = "By the court's setting another office takes this step: {office}."


class HandlerMayNotDraw(NotPermitted):
    """Whoever requested the draw or handles the case has no hand in it."""

    code = "handler_may_not_draw"
    article = "practice 9; house: the handler requests, another draws"
    zh = "申请摇号的人员和承办人不得参与摇号。"
    en = "Whoever requested the draw, or handles the case, has no hand in it."


class SamePersonTwice(NotPermitted):
    """One natural person may not stand for two offices of a draw."""

    code = "draw_same_person"
    article = "house: security 3, natural persons are compared"
    zh = "摇号的两个部门不得由同一人代表。"
    en = "One natural person may not stand for both offices of a draw."


class DrawTooSoon(Unlawful):
    """The time of the draw leaves the parties too little notice, or lies too far off."""

    code = "draw_notice_short"
    article = "practice 9; house: the parties are told beforehand"
    zh = "摇号时间应当在 {earliest} 至 {latest} 之间，以便提前告知当事人。"
    en = "The draw must lie between {earliest} and {latest}, so that the parties are told beforehand."


def require_office(actor: Actor, office: str) -> None:
    """Refuse whoever is not of the office that takes this step (`OfficeLacking`)."""
    if OFFICE_ROLES[office] not in actor.roles:
        raise OfficeLacking(office=office)


def times_of(draw_at: datetime, *, now: datetime, rules: DrawRules) -> Times:
    """Give the instants of a draw at ``draw_at``; raises `DrawTooSoon` (rule 3)."""
    earliest, latest = now + timedelta(hours=rules.notice_hours) + REVEAL_BEFORE, now + NOTICE_MAX
    if not earliest <= draw_at <= max(latest, earliest):
        raise DrawTooSoon(earliest=earliest.isoformat(timespec="minutes"), latest=latest.isoformat(timespec="minutes"))
    reveal_by = draw_at - REVEAL_BEFORE
    commit_by = now + (reveal_by - now) / 2
    return Times(commit_by=commit_by, reveal_by=reveal_by, draw_at=draw_at, dies_at=draw_at + DIES_AFTER)
