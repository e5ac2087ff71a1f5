"""Which court may sell: the first-seizure court, or the one to which it handed the sale over.

1. The first-seizure court sells; a waiting court may ask it to hand the sale over (首封移送批复 1; 保全规定 21).
2. For a priority claim that is final and in enforcement, once the first seizure has been idle for more than 60 days: no
   auction announcement and no sell-off of it has begun (首封移送批复 1).
3. Or where the first seizure is a preservation and has been idle for more than a year (保全规定 21).
4. The asked court answers within 15 days by a letter of transfer (首封移送批复 2). No reply is not consent, and a late
   letter counts like one in time.
5. Without the right to sell no price is asked and nothing is listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from auction.kernel.errors import Conflict, Malformed, NotFound, Unlawful
from auction.law.parameters import LAW
from auction.law.periods import add_months
from auction.sale.cases.seizures import FIRST, FirstSeizureElsewhere, NoFirstSeizure, Seizure, first_in_force

HandoverGround = Literal["priority_claim", "preservation_idle"]
HandoverReply = Literal["handed_over", "refused"]
ONE_DAY = timedelta(days=1)


class HandoverTooEarly(Unlawful):
    """The first seizure has not been idle for long enough."""

    code = "handover_too_early"
    article = "首封移送批复 1; 保全规定 21"
    zh = "首先查封自 {since} 起，{earliest} 起方可商请移送。"
    en = "The first seizure stands since {since}; a hand-over may be asked from {earliest} on."


class HandoverNotNeeded(Conflict):
    """The first seizure is our own, or handed over already."""

    code = "handover_not_needed"
    article = "首封移送批复 1"
    zh = "本院为首先查封法院，或者已获移送处分权，无需商请。"
    en = "This court holds the first seizure or was handed the sale; there is nobody to ask."


class HandoverConditionMissing(Unlawful):
    """A condition of the request is not met: final title, in enforcement, sale not begun by the first court."""

    code = "handover_condition_missing"
    article = "首封移送批复 1"
    zh = "不符合商请移送的条件：应当为生效法律文书确认的优先债权、已进入执行，且首封法院尚未发布拍卖公告或者进入变卖程序。"
    en = "A hand-over is asked for a priority claim with a final title, in enforcement, where the first court has begun no sale."


class HandoverAsked(Conflict):
    """This seizure's court was asked and has not answered."""

    code = "handover_asked_before"
    article = "首封移送批复 2"
    zh = "已于 {asked_on} 商请移送，尚未获答复。"
    en = "A hand-over was asked on {asked_on} and is not answered yet."


class HandoverUnknown(NotFound):
    """No such open request."""

    code = "handover_unknown"
    article = "首封移送批复 2"
    zh = "没有待答复的该项商请。"
    en = "There is no such request that waits for an answer."


class HandoverBeforeRequest(Malformed):
    """An answer cannot be older than its request, nor of a day to come."""

    code = "handover_answer_misdated"
    article = "首封移送批复 2"
    zh = "答复日期 {answered_on} 应在商请之日以后、今日以前。"
    en = "The answer's day {answered_on} lies before the request or after today."


class HandoverUnanswered(Unlawful):
    """The first-seizure court was asked and has not answered: no reply is not consent."""

    code = "handover_unanswered"
    article = "首封移送批复 1, 2"
    zh = "首先查封法院为 {court}，已于 {asked_on} 商请移送（应于 {answer_by} 前答复），至今未复；未复不视为同意。"
    en = "{court} holds the first seizure; asked on {asked_on} to hand over (due by {answer_by}), it has not replied; no reply is not consent."


class HandoverRefused(Unlawful):
    """The first-seizure court refused to hand the sale over."""

    code = "handover_refused"
    article = "首封移送批复 1"
    zh = "首先查封法院 {court} 于 {answered_on} 答复不予移送。"
    en = "{court}, which holds the first seizure, refused on {answered_on} to hand the sale over."


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """One request to a first-seizure court; ``answer`` is ``None`` while it is silent.

    It is known by the file that holds the seizure, so that it outlives a renewal.
    """

    request_id: UUID
    court: str
    case_number: str
    ground: HandoverGround
    asked_on: date
    answer_by: date
    document_ref: str
    answer: HandoverReply | None = None
    answered_on: date | None = None
    answer_ref: str = ""


def earliest_request(ground: HandoverGround, seized_on: date, *, on: date) -> date:
    """Give the first day on which the first seizure has been idle for longer than the law asks. Source: rules 2 and 3."""
    if ground == "preservation_idle":
        return add_months(seized_on, 12 * LAW.years("money.preservation_idle_years", on=on)) + ONE_DAY
    return seized_on + timedelta(days=LAW.days("money.first_seizure_idle_days", on=on)) + ONE_DAY


def answer_due(asked_on: date) -> date:
    """Give the last day for the first court's letter; the court's own limit, so it never rolls. Source: rule 4."""
    return asked_on + timedelta(days=LAW.days("money.first_seizure_transfer_days", on=asked_on))


def first_of_other_court(seizures: Sequence[Seizure], *, court: str, on: date) -> Seizure:
    """Give the first seizure that another court holds. Raises: `NoFirstSeizure`, `HandoverNotNeeded`."""
    first = first_in_force(seizures, on)
    if first is None:
        raise NoFirstSeizure(on=on)
    if first.court == court or first.handover_ref:
        raise HandoverNotNeeded
    return first


def since_when(seizures: Sequence[Seizure], first: Seizure) -> date:
    """Give the day since which this file has held the first seizure without a gap, its renewals counted in."""
    since = first.valid_from
    held = [each for each in seizures if each.rank == FIRST and each.case_number == first.case_number]
    for each in sorted(held, key=lambda one: one.valid_from, reverse=True):
        if each.valid_from < since <= each.ends_on + ONE_DAY:
            since = each.valid_from
    return since


def check_request(ground: HandoverGround, *, seized_on: date, asked_on: date, is_final: bool, sale_begun: bool) -> None:
    """Refuse a request whose conditions are not met. Raises: `HandoverConditionMissing`, `HandoverTooEarly`."""
    if sale_begun or (ground == "priority_claim" and not is_final):
        raise HandoverConditionMissing
    earliest = earliest_request(ground, seized_on, on=asked_on)
    if asked_on < earliest:
        raise HandoverTooEarly(since=seized_on, earliest=earliest)


def check_may_sell(seizures: Sequence[Seizure], handovers: Sequence[Handover], *, court: str, on: date) -> Seizure:
    """Give the first seizure by which ``court`` may sell on ``on``.

    Raises: `NoFirstSeizure`, `FirstSeizureElsewhere` (nobody asked), `HandoverUnanswered`, `HandoverRefused`.
    Source: 首封移送批复 1, 2; 查扣冻 26.
    """
    first = first_in_force(seizures, on)
    if first is None:
        raise NoFirstSeizure(on=on)
    if first.court == court or first.handover_ref:
        return first
    asked = [each for each in handovers if each.case_number == first.case_number]
    if not asked:
        raise FirstSeizureElsewhere(court=first.court)
    newest = max(asked, key=lambda each: (each.asked_on, each.request_id))
    if newest.answer is None:
        raise HandoverUnanswered(court=first.court, asked_on=newest.asked_on, answer_by=newest.answer_by)
    raise HandoverRefused(court=first.court, answered_on=newest.answered_on)
