from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from auction.fund.deposits.deposits import CardPolicy
from auction.kernel.clock import local
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.law.calendar import COURT_CALENDAR
from auction.sale.cases.assets import AssetClass, Fact
from auction.sale.cases.seizures import Seizure
from auction.sale.lots.lint import (
    ListingUnlawful,
    OtherLots,
    Past,
    Price,
    Subject,
    blocking,
    forbidden_in,
    lint,
    refuse_blocking,
)
from auction.sale.lots.lots import Terms
from auction.sale.lots.options import Options
from tests.auction.sale.world import ADVANCED, ANNOUNCED_ON, CLOSES_AT, OPENS_AT, REFERENCE, RESERVE, facts, terms

DAY = timedelta(days=1)
CENT = 1


def subject(lot_terms: Terms | None = None, **changes: object) -> Subject:
    """Give a listing without findings, with changes."""
    base = Subject(
        terms=lot_terms or terms(),
        announce_on=ANNOUNCED_ON,
        asset_class=AssetClass.HOME,
        in_custody=True,
        facts={fact.field: fact for fact in facts(AssetClass.HOME)},
        court="法院",
        seizures=[
            Seizure(
                seizure_id=new_id(),
                court="法院",
                case_number="(2026)京0105执1号",
                rank=1,
                valid_from=date(2026, 6, 1),
                valid_until=date(2028, 5, 31),
            )
        ],
        price=Price(amount=REFERENCE, valid_until=date(2028, 2, 28), fixed_on=date(2027, 3, 1)),
        platform="fapai",
        past=Past(),
        calendar=COURT_CALENDAR,
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # facts of a test


def codes(of: Subject) -> list[str]:
    """Give the codes of the blocking findings."""
    return [finding.code for finding in blocking(lint(of))]


def test_lawful_listing_has_no_findings() -> None:
    """The base of these tests is lawful to the last hint."""
    assert lint(subject()) == ()


@pytest.mark.parametrize(
    ("reserve", "found"),
    [
        (RESERVE.fen + CENT, []),
        (RESERVE.fen, []),
        (RESERVE.fen - CENT, ["reserve_below_floor"]),
        (REFERENCE.fen * 6999 // 10000, ["reserve_below_floor"]),
    ],
)
def test_first_reserve_at_seventy_per_cent(reserve: int, found: list[str]) -> None:
    """Seventy per cent of the reference price is lawful, a fen less (or 69.99 %) is not (网拍 10)."""
    assert codes(subject(terms(reserve_fen=reserve))) == found


@pytest.mark.parametrize(
    ("deposit", "found"),
    [
        (RESERVE.fen * 499 // 10000, ["deposit_below_minimum"]),
        (RESERVE.fen // 20 - CENT, ["deposit_below_minimum"]),
        (RESERVE.fen // 20, []),
        (RESERVE.fen // 20 + CENT, []),
        (RESERVE.fen // 5 - CENT, []),
        (RESERVE.fen // 5, []),
        (RESERVE.fen // 5 + CENT, ["deposit_above_maximum"]),
        (RESERVE.fen * 2001 // 10000, ["deposit_above_maximum"]),
        (0, ["price_not_positive"]),
    ],
)
def test_deposit_between_five_and_twenty_per_cent(deposit: int, found: list[str]) -> None:
    """The deposit is 5 to 20 % of the starting price, to the fen (网拍 17)."""
    assert codes(subject(terms(deposit_fen=deposit))) == found


@pytest.mark.parametrize(
    ("increment", "found"),
    [
        (0, ["price_not_positive"]),
        (1, ["increment_too_small"]),
        (RESERVE.fen // 2000 - 1, ["increment_too_small"]),
        (RESERVE.fen // 2000, []),
        (RESERVE.fen // 2000 + 1, []),
        (RESERVE.fen, []),
        (RESERVE.fen + 1, ["increment_too_large"]),
    ],
)
def test_increment_shuts_nobody_out(increment: int, found: list[str]) -> None:
    """An increment is at least a two-thousandth of the starting price and at most all of it (网拍 20, 31; guard G01)."""
    assert codes(subject(terms(increment_fen=increment))) == found


@pytest.mark.parametrize(
    ("asset_class", "kind", "clear_days"),
    [
        (AssetClass.HOME, "first", 30),
        (AssetClass.EQUITY, "first", 30),
        (AssetClass.MOVABLE, "first", 15),
        (AssetClass.HOME, "second", 15),
        (AssetClass.MOVABLE, "second", 7),
        (AssetClass.HOME, "re_auction", 30),
    ],
)
@pytest.mark.parametrize("off", [-1, 0, 1])
def test_notice_lead_in_clear_days(asset_class: AssetClass, kind: str, clear_days: int, off: int) -> None:
    """Neither the day of the notice nor that of the opening counts; one day short blocks (网拍 12, 26)."""
    announce_on = date(2027, 3, 1)
    opens_on = announce_on + (clear_days + 1 + off) * DAY
    opens_at = local(opens_on, 10)
    lot_terms = terms(kind=kind, opens_at=opens_at, closes_at=opens_at + DAY)
    past = {
        "first": Past(),
        "second": Past(first_reserve=RESERVE, failed_on=date(2027, 2, 28), choice="second_round"),
        "re_auction": Past(first_reserve=RESERVE, was_sold=True),
    }[kind]
    known = {fact.field: fact for fact in facts(asset_class)}
    of = subject(lot_terms, announce_on=announce_on, asset_class=asset_class, facts=known, past=past)

    assert ("notice_too_short" in codes(of)) is (off < 0)


@pytest.mark.parametrize(("hours", "minutes", "found"), [(23, 59, ["bidding_too_short"]), (24, 0, []), (24, 1, [])])
def test_bidding_lasts_at_least_a_day(hours: int, minutes: int, found: list[str]) -> None:
    """Twenty-four hours of bidding are enough, a minute less is not (网拍 20)."""
    closes_at = OPENS_AT + timedelta(hours=hours, minutes=minutes)
    assert codes(subject(terms(closes_at=closes_at))) == found


@pytest.mark.parametrize(("until", "found"), [(-1, ["seizure_ends_before"]), (0, []), (1, [])])
def test_seizure_outlasts_the_sale(until: int, found: list[str]) -> None:
    """The first seizure lasts at least through the day of the scheduled end (practice 1)."""
    (held,) = subject().seizures
    closes_on = CLOSES_AT.date()
    of = subject(seizures=[replace(held, valid_until=closes_on + until * DAY)])
    assert codes(of) == found


@pytest.mark.parametrize(("off", "found"), [(-1, ["reference_price_expired"]), (0, []), (1, [])])
def test_announcement_falls_within_validity(off: int, found: list[str]) -> None:
    """The announcement comes at the latest on the last day of the price's validity (参考价 27)."""
    price = Price(amount=REFERENCE, valid_until=ANNOUNCED_ON + off * DAY, fixed_on=date(2027, 3, 1))
    assert codes(subject(price=price)) == found


@pytest.mark.parametrize(("off", "found"), [(-1, []), (0, []), (1, ["sale_too_late_for_price"])])
def test_sale_ends_within_six_months_after_validity(off: int, found: list[str]) -> None:
    """The sale takes place at the latest six months after the validity ended (参考价 27)."""
    closes_at = local(date(2027, 9, 5) + off * DAY, 10)
    price = Price(amount=REFERENCE, valid_until=date(2027, 3, 5), fixed_on=date(2027, 3, 1))

    found_codes = codes(subject(terms(opens_at=closes_at - DAY, closes_at=closes_at), price=price))

    assert [code for code in found_codes if code != "opens_on_day_off"] == found


def test_listing_without_price_is_blocked() -> None:
    """No reference price, no listing (参考价 30)."""
    assert codes(subject(price=None)) == ["listing_without_reference_price"]


@pytest.mark.parametrize("field", ["title", "burdens", "possession", "floor_plan", "tax_heads", "tax_rates", "defects"])
def test_home_needs_each_mandatory_field(field: str) -> None:
    """Each field of 238号 is disclosed or blocks the listing."""
    known = {fact.field: fact for fact in facts(AssetClass.HOME) if fact.field != field}
    assert codes(subject(facts=known)) == ["asset_field_not_disclosed"]


def test_lease_must_be_described() -> None:
    """A sale with a lease states rent, term and holder (238号 6)."""
    assert codes(subject(terms(has_lease=True))) == ["asset_field_not_disclosed"] * 3


@pytest.mark.parametrize(
    "phrase", ["占有不明", "他人占用", "不负责腾退", "占 有 不 明", "他人“占用”", "法院不负责、腾退"]
)
def test_forbidden_phrases_are_found_however_written(phrase: str) -> None:
    """The phrases of 238号 6 and 8 are found through blanks and punctuation."""
    assert codes(subject(terms(description_zh=f"本标的{phrase}，请知悉"))) == ["forbidden_phrase"]


def test_forbidden_phrase_in_a_fact_is_found() -> None:
    """The asset's facts are part of the listing."""
    known = {fact.field: fact for fact in facts(AssetClass.HOME)}
    known["possession"] = Fact(field="possession", zh="他人占用", source="现场", as_of=date(2027, 3, 1))
    assert codes(subject(facts=known)) == ["forbidden_phrase"]


def test_lawful_words_are_not_forbidden() -> None:
    """Saying who is in possession is what the opinion wants."""
    assert forbidden_in("由承租人占有，租期至 2028 年；法院负责腾退") == []


def test_vehicle_must_be_in_custody() -> None:
    """A vehicle that the court does not hold is not listed (practice 6)."""
    known = {fact.field: fact for fact in facts(AssetClass.VEHICLE)}
    of = subject(asset_class=AssetClass.VEHICLE, facts=known, in_custody=False)
    assert codes(of) == ["vehicle_not_in_custody"]


def test_platform_must_be_chosen() -> None:
    """No listing without a platform (网拍 5)."""
    assert codes(subject(platform="")) == ["platform_not_chosen"]


@pytest.mark.parametrize(("opens_on", "is_off"), [(date(2027, 4, 9), False), (date(2027, 4, 10), True)])
def test_bidding_opens_on_a_working_day(opens_on: date, is_off: bool) -> None:
    """Saturday is no day to open; the Friday before is."""
    of = subject(terms(opens_at=local(opens_on, 10), closes_at=local(opens_on + DAY, 10)))
    assert ("opens_on_day_off" in codes(of)) is is_off


@pytest.mark.parametrize(
    ("prior", "consent", "found"),
    [
        (RESERVE.fen - CENT, "", []),
        (RESERVE.fen, "", ["sale_without_surplus"]),
        (RESERVE.fen + CENT, "", ["sale_without_surplus"]),
        (RESERVE.fen + CENT, "申请执行人申请继续拍卖", []),
    ],
)
def test_sale_without_surplus_needs_the_applicant(prior: int, consent: str, found: list[str]) -> None:
    """A reserve that prior claims eat up needs the applicant's request to go on (拍变 6)."""
    assert codes(subject(terms(prior_claims_fen=prior, surplus_consent_ref=consent))) == found


@pytest.mark.parametrize(
    ("reserve", "found"),
    [
        (RESERVE.fen * 8 // 10, []),
        (RESERVE.fen * 8 // 10 - CENT, ["second_reserve_below_floor"]),
        (RESERVE.fen, []),
    ],
)
def test_second_reserve_at_eighty_per_cent_of_the_first(reserve: int, found: list[str]) -> None:
    """The second start is cut by at most a fifth of the first (网拍 26)."""
    lot_terms = terms(kind="second", reserve_fen=reserve, deposit_fen=reserve // 10)
    past = Past(first_reserve=RESERVE, failed_on=date(2027, 3, 10), choice="second_round")
    assert codes(subject(lot_terms, past=past)) == found


@pytest.mark.parametrize(("off", "found"), [(-1, []), (0, []), (1, ["second_round_too_late"])])
def test_second_round_within_thirty_days(off: int, found: list[str]) -> None:
    """The second auction opens within thirty days of the failure (网拍 26)."""
    failed_on = OPENS_AT.date() - (30 + off) * DAY
    lot_terms = terms(kind="second", reserve_fen=RESERVE.fen, deposit_fen=RESERVE.fen // 10)
    assert (
        codes(subject(lot_terms, past=Past(first_reserve=RESERVE, failed_on=failed_on, choice="second_round"))) == found
    )


FAILED = Past(first_reserve=RESERVE, second_reserve=RESERVE, failed_on=date(2027, 3, 1))


@pytest.mark.parametrize(
    ("past", "lawful"),
    [
        (Past(), "first"),
        (FAILED, None),
        (replace(FAILED, choice="other_measures"), None),
        (replace(FAILED, choice="second_round"), "second"),
        (replace(FAILED, choice="sell_off"), "sell_off"),
        (Past(first_reserve=RESERVE, was_sold=True), "re_auction"),
    ],
)
@pytest.mark.parametrize("kind", ["first", "second", "sell_off", "re_auction"])
def test_rounds_come_in_their_turn(past: Past, lawful: str | None, kind: str) -> None:
    """After a failure only the recorded choice is next, after a default only the re-auction (网拍 24, 26)."""
    assert ("round_kind_out_of_turn" in codes(subject(terms(kind=kind), past=past))) is (kind != lawful)


def test_sell_off_price_equals_second_start() -> None:
    """The sell-off price is the second start, no more and no less (变卖衔接 4)."""
    past = Past(
        first_reserve=RESERVE, second_reserve=Money.yuan(1_680_000), failed_on=date(2027, 3, 1), choice="sell_off"
    )
    period = {"kind": "sell_off", "closes_at": OPENS_AT + timedelta(days=60)}
    right = terms(**period, reserve_fen=Money.yuan(1_680_000).fen, deposit_fen=Money.yuan(168_000).fen)
    wrong = terms(**period, reserve_fen=Money.yuan(1_680_001).fen, deposit_fen=Money.yuan(168_001).fen)

    assert codes(subject(right, past=past)) == []
    assert codes(subject(wrong, past=past)) == ["sell_off_price_differs"]


SECOND_FAILED = Past(
    first_reserve=RESERVE,
    second_reserve=Money.yuan(1_680_000),
    failed_on=ANNOUNCED_ON - DAY,
    choice="sell_off",
    last_kind="second",
)


def sell_off_terms(**changes: object) -> Terms:
    """Give lawful terms of a sell-off, with changes."""
    money = {"reserve_fen": Money.yuan(1_680_000).fen, "deposit_fen": Money.yuan(168_000).fen}
    return terms(**{"kind": "sell_off", "closes_at": OPENS_AT + timedelta(days=60), **money, **changes})


@pytest.mark.parametrize(("days", "found"), [(60, ["seizure_ends_before"]), (61, []), (62, [])])
def test_seizure_outlasts_the_competition_that_a_last_bid_opens(days: int, found: list[str]) -> None:
    """A first bid of the sixtieth day ends on the sixty-first; the seizure is in force then (practice 1)."""
    base = subject(sell_off_terms(), past=SECOND_FAILED)
    lasting = replace(base.seizures[0], valid_until=(OPENS_AT + timedelta(days=days)).date())

    assert [code for code in codes(replace(base, seizures=[lasting])) if code != "sell_off_late"] == found


@pytest.mark.parametrize(("days", "is_late"), [(14, False), (15, False), (16, True)])
def test_late_announcement_of_a_sell_off_is_pointed_out(days: int, is_late: bool) -> None:
    """Within fifteen days of the second failure; later it is a hint, or nothing could be sold off ever (变卖衔接 2)."""
    past = replace(SECOND_FAILED, failed_on=ANNOUNCED_ON - timedelta(days=days))
    findings = lint(subject(sell_off_terms(), past=past))

    assert [f.code for f in findings if f.code == "sell_off_late"] == (["sell_off_late"] if is_late else [])
    refuse_blocking(findings)


def test_sell_off_is_repeated_after_its_buyers_default() -> None:
    """After a default in a sell-off the sell-off is repeated, not the first auction (变卖衔接 7)."""
    past = replace(SECOND_FAILED, failed_on=None, choice=None, was_sold=True, last_kind="sell_off")

    assert past.next_kind == "sell_off"
    assert replace(past, last_kind="second").next_kind == "re_auction"


def test_hints_never_block() -> None:
    """A clause that shifts all taxes is a hint: the panel looks twice, the listing stands (网拍 30)."""
    findings = lint(subject(terms(tax_burden_zh="一切税费由买受人承担。", warranty_excluded=False)))

    assert {finding.code for finding in findings} == {"taxes_all_on_buyer", "warranty_not_excluded"}
    refuse_blocking(findings)


def test_every_blocking_finding_is_told_at_once() -> None:
    """A refused listing names all that must be mended, in both languages, with articles."""
    of = subject(terms(reserve_fen=1, deposit_fen=1), price=None, platform="")

    with pytest.raises(ListingUnlawful) as refused:
        refuse_blocking(lint(of))
    assert refused.value.facts["count"] == len(blocking(lint(of))) > 1
    assert all(finding.article and finding.zh and finding.en for finding in lint(of))


NOT_ARRANGED = CardPolicy(provider_reaches_court_in=None, operator_advances=False)
BY_CARD = ("bank", "card")


@pytest.mark.parametrize(
    ("policy", "found"),
    [
        (ADVANCED, []),
        (None, ["card_too_slow"]),
        (NOT_ARRANGED, ["card_too_slow"]),
        (CardPolicy(provider_reaches_court_in=timedelta(hours=24), operator_advances=False), []),
        (
            CardPolicy(provider_reaches_court_in=timedelta(hours=24, seconds=1), operator_advances=False),
            ["card_too_slow"],
        ),
    ],
)
def test_cards_are_listed_only_where_they_reach_the_court_in_time(policy: CardPolicy | None, found: list[str]) -> None:
    """24 hours to the second, by the provider or by the operator's own advance (网拍 25); transfers need neither."""
    assert codes(subject(terms(deposit_channels=BY_CARD), card_policy=policy)) == found
    assert codes(subject(terms(deposit_channels=("bank",)), card_policy=policy)) == []


@pytest.mark.parametrize(("deposit_fen", "found"), [(99_999_999, []), (100_000_000, ["card_above_limit"])])
def test_cards_are_listed_only_for_what_one_payment_carries(deposit_fen: int, found: list[str]) -> None:
    """The last fen that a card payment carries, and the first that it does not."""
    lot = terms(deposit_channels=BY_CARD, reserve_fen=700_000_000, deposit_fen=deposit_fen)
    price = Price(amount=Money(700_000_000), valid_until=date(2028, 2, 28), fixed_on=date(2027, 3, 1))

    assert [code for code in codes(subject(lot, price=price, card_policy=ADVANCED)) if "card" in code] == found


def hints(of: Subject) -> list[str]:
    """Give the codes of the hints."""
    return [finding.code for finding in lint(of) if finding.severity == "hint"]


@pytest.mark.parametrize(
    ("increment", "found"),
    [(RESERVE.fen // 1000 - 1, ["increment_small"]), (RESERVE.fen // 1000, []), (RESERVE.fen // 2000 - 1, [])],
)
def test_small_increment_is_a_hint(increment: int, found: list[str]) -> None:
    """Below a thousandth the panel is asked to look twice; what blocks anyway is not said twice."""
    assert hints(subject(terms(increment_fen=increment))) == found


def test_each_finding_of_a_guard_names_its_number() -> None:
    """A finding that a published guard made names the guard's number; another names none."""
    found = {finding.code: finding.guard for finding in lint(subject(terms(increment_fen=1, deposit_fen=1)))}

    assert found["increment_too_small"] == "G01"
    assert found["deposit_below_minimum"] == "G02"
    assert found["deposit_absurd"] == "G07"


@pytest.mark.parametrize(("over", "found"), [(-1, ["deposit_absurd"]), (0, []), (1, [])])
def test_deposit_in_proportion_to_the_reference_price(over: int, found: list[str]) -> None:
    """A deposit below a fiftieth of the reference price secures nothing, although it lies within 5 to 20 % of the reserve."""
    reference = Money(REFERENCE.fen * 3)
    price = Price(amount=reference, valid_until=date(2028, 2, 28), fixed_on=date(2027, 3, 1))
    reserve = Money(reference.fen // 50 + over).fen * 10
    listing = subject(terms(kind="second", reserve_fen=reserve, deposit_fen=reference.fen // 50 + over), price=price)

    assert [code for code in codes(listing) if code.startswith("deposit")] == found


def test_deposit_of_twenty_yuan_is_a_hint() -> None:
    """Twenty yuan hold nobody: the panel is asked for the highest share and a second confirmation."""
    price = Price(amount=Money.yuan(100), valid_until=date(2028, 2, 28), fixed_on=date(2027, 3, 1))
    listing = subject(terms(reserve_fen=10_000, deposit_fen=2_000, increment_fen=100), price=price)

    assert codes(listing) == []
    assert "deposit_small" in hints(listing)


CLAIMS = Money.yuan(2_000_000)


@pytest.mark.parametrize(
    ("others", "blocked"),
    [
        (OtherLots(claims=CLAIMS, reserves=Money(CLAIMS.fen * 3 // 2)), []),
        (OtherLots(claims=CLAIMS, reserves=Money(CLAIMS.fen * 3 // 2 + 1)), ["more_than_needed"]),
        (OtherLots(claims=CLAIMS, sold=Money(CLAIMS.fen - 1)), []),
        (OtherLots(claims=CLAIMS, sold=CLAIMS), ["sold_enough"]),
        (OtherLots(reserves=Money(CLAIMS.fen * 9)), []),
    ],
)
def test_no_more_is_sold_than_the_claims_need(others: OtherLots, blocked: list[str]) -> None:
    """Other lots that plainly cover the claims, or a price that did, stop this one (拍变 14; 查扣冻 19); without claims nothing is said."""
    assert codes(subject(others=others)) == blocked


def test_recorded_reason_lets_more_be_sold() -> None:
    """With the panel's recorded reason over-selling is a hint, and the reason is read for forbidden phrases."""
    others = OtherLots(claims=CLAIMS, sold=CLAIMS)

    assert codes(subject(terms(excess_reason="被执行人书面同意全部拍卖。"), others=others)) == []
    assert codes(subject(terms(excess_reason="占有不明，一并处置。"), others=others)) == ["forbidden_phrase"]


def test_one_lot_beyond_the_claims_is_a_hint() -> None:
    """A single property worth far more than the claims may be sold when nothing else is there; the panel is told."""
    assert hints(subject(others=OtherLots(claims=Money.yuan(1_000_000)))) == ["reserve_beyond_claims"]
    assert codes(subject(others=OtherLots(claims=Money.yuan(1_000_000)))) == []


def test_clause_of_one_controller_says_what_it_does() -> None:
    """The clause is announced with what it will refuse, and refuses no listing."""
    listing = subject(terms(options=Options(one_controller=True)))

    assert hints(listing) == ["one_controller_announced"]
    assert codes(listing) == []
