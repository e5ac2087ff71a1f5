"""The online inquiry and its platforms (参考价 8–13, 15, 31)."""

from __future__ import annotations

from datetime import date

from auction.kernel.money import Money
from auction.law.calendar import COURT_CALENDAR
from auction.law.periods import deadline_at
from tests.law.reference_price_rules.firms import is_barred as firm_is_barred
from tests.law.reference_price_rules.shared import Adapter, Ended, Given
from valuation.inquiries.counting import Flaw, NoReportInTime, Objected, PlatformPart, mean_value, must_all_be_corrected
from valuation.inquiries.deadlines import (
    ExtensionAskedLate,
    ExtensionAskedTwice,
    at_expiry,
    check_extension,
    last_day,
    term_end,
)
from valuation.inquiries.fees.fee import nothing_owed, share_fee
from valuation.listed_platforms.admission import Conditions, PlatformConditionsNotMet, check_conditions
from valuation.listed_platforms.recipients import MandatesSentApart, check_recipients
from valuation.listed_platforms.register import (
    PlatformBarred,
    PlatformNotListed,
    PlatformUnconnected,
    RemovalGround,
    RemovalUnfounded,
    barred_until,
    check_listing,
    check_removal,
    lateness,
)

KINDS = ("past deals", "government prices", "market prices", "rents")
GROUNDS: dict[str, RemovalGround] = {
    "refusal": "refused",
    "late": "late",
    "collusion": "collusion",
    "false_data": "fraud",
    "leak": "leak",
    "failed_review": "failed_review",
    "other_breach": "other",
}
RESULTS = {"mean": "price", "extend": "extend", "failed": "appraisal"}


def platform_admission(given: Given) -> object:
    """Answer that a platform may be listed."""
    check_conditions(
        Conditions(
            is_licensed=given.get("licensed", True),
            price_kinds=KINDS[: given.get("price_kinds", 3)],
            data_is_true=given.get("truthful", True),
            analyses=given.get("analysis", True),
            runs_soundly=given.get("sound", True),
            retention_years=given.get("retention_years", 10),
        ),
        on=date(2026, 11, 2),
    )
    return True


def platform_removal(given: Given) -> object:
    """Answer whether the ground is met; a reason that the court accepted counts neither as refusal nor as lateness."""
    late = lateness(given.get("late_on", ()), today=given["on"])
    refusals = 0 if given.get("justified", False) else 1
    try:
        check_removal(GROUNDS[given["ground"]], late=late, refusals=refusals)
    except RemovalUnfounded:
        return False
    return True


def barred(given: Given) -> object:
    """Answer whether a removed platform or institution is barred on a day."""
    if given["who"] == "firm":
        return firm_is_barred(given)
    try:
        check_listing(given["on"], bar=barred_until(given["removed_on"]), is_listed=False)
    except PlatformBarred:
        return True
    return False


def inquiry_recipients(given: Given) -> object:
    """Answer that all listed platforms, and no other, were asked at one moment."""
    check_recipients(given["listed"], given["sent"])
    return True


def inquiry_extension(given: Given) -> object:
    """Answer the end of the extended term for a platform that asked."""
    check_extension(
        given["asked_at"],
        deadline=deadline_at(given["last_day"]),
        was_asked=False,
        was_extended=given.get("extended_before", False),
        has_answered=False,
    )
    answered = [f"p{n}" for n in range(given["answered"])]
    expiry = at_expiry(in_time=answered, asked_for_more=["the asker"], was_extended=False)
    if "the asker" not in expiry.extended:
        raise Ended(expiry.result)
    return last_day(term_end("inquiry_extension_days", given["last_day"], COURT_CALENDAR))


def inquiry_outcome(given: Given) -> object:
    """Answer what the end of the term means."""
    answered, asked = ([f"{word} {n}" for n in range(given[word])] for word in ("answered", "asked"))
    return RESULTS[at_expiry(in_time=answered, asked_for_more=asked, was_extended=False).result]


def correction_needed(given: Given) -> object:
    """Answer the platforms whose reports are sent back."""
    parts = [part(name, 1, flaw="found" if name in given["flawed"] else "none") for name in given["reports"]]
    return given["reports"] if must_all_be_corrected(parts) else []


def part(
    name: str, fen: int, *, in_time: bool = True, flaw: Flaw = "none", objection: Objected = "none"
) -> PlatformPart:
    """Give a platform's part."""
    return PlatformPart(
        platform_id=name,
        outcome="in_time" if in_time else "late",
        value_fen=fen,
        valid_until=date(2027, 10, 12),
        flaw=flaw,
        objection=objection,
    )


def price_of_inquiry(given: Given) -> object:
    """Answer the mean of the results that count."""
    return mean_value([part_of(result) for result in given["results"]]).fen


OBJECTED: dict[str, Objected] = {"rejected": "rejected", "corrected": "cured", "upheld": "upheld"}


def part_of(result: Given) -> PlatformPart:
    """Give the part that an example describes; a correction without an objection follows the court's own check."""
    outcome, in_time = result.get("outcome", ""), result.get("in_time", True)
    if result.get("objected", False):
        return part(result["platform"], result["fen"], in_time=in_time, objection=OBJECTED[outcome])
    if outcome == "corrected":
        return part(result["platform"], result["fen"], flaw="corrected" if in_time else "uncorrected")
    return part(result["platform"], result["fen"], in_time=in_time)


def inquiry_fee(given: Given) -> object:
    """Answer what each platform is paid."""
    state = "withdrawn" if given.get("withdrawn") else "failed" if given.get("appraised_instead") else "priced"
    if nothing_owed(state, is_sold=True) is not None:
        return {}
    parts = [part(name, fen) for name, fen in given["results"].items()]
    shares = share_fee(parts, sale_price=Money(given["hammer_fen"]), fee=Money(given["fee_fen"]))
    return {share.platform_id: share.amount_fen for share in shares if share.amount_fen}


RULES = {
    "platform_admission": Adapter(platform_admission, {"conditions_not_met": PlatformConditionsNotMet}),
    "platform_removal": Adapter(platform_removal),
    "barred": Adapter(barred),
    "inquiry_recipients": Adapter(
        inquiry_recipients,
        {"not_all_platforms": PlatformUnconnected, "not_listed": PlatformNotListed, "not_at_once": MandatesSentApart},
    ),
    "inquiry_extension": Adapter(
        inquiry_extension,
        {"some_answered": "mean", "asked_late": ExtensionAskedLate, "already_extended": ExtensionAskedTwice},
    ),
    "inquiry_outcome": Adapter(inquiry_outcome),
    "correction_needed": Adapter(correction_needed),
    "price_of_inquiry": Adapter(price_of_inquiry, {"no_result": NoReportInTime}),
    "inquiry_fee": Adapter(inquiry_fee),
}
