from __future__ import annotations

from datetime import date, timedelta

import pytest

from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.law.fees import SeizureEndsBeforeStart, SeizureTooLong
from auction.sale.cases.assets import AssetClass
from auction.sale.cases.seizures import (
    FirstSeizureElsewhere,
    FirstSeizureTaken,
    NoFirstSeizure,
    Seizure,
    SeizureEndsBefore,
    check_outlasts,
    check_rank_free,
    check_term,
)

COURT = "北京市示例区人民法院"
DAY = timedelta(days=1)
UNTIL = date(2028, 5, 31)


def seizure(
    valid_from: date = date(2026, 6, 1), valid_until: date = UNTIL, *, rank: int = 1, **others: object
) -> Seizure:
    """Give a first seizure of our court, with changes."""
    values: dict[str, object] = {"court": COURT, "case_number": "(2026)京0105执1号", "seizure_id": new_id(), **others}
    return Seizure(valid_from=valid_from, valid_until=valid_until, rank=rank, **values)  # type: ignore[arg-type]  # facts of a test


@pytest.mark.parametrize(("needed", "lawful"), [(UNTIL - DAY, True), (UNTIL, True), (UNTIL + DAY, False)])
def test_seizure_must_outlast_the_step(needed: date, lawful: bool) -> None:
    """A step ends at the latest on the last day of the first seizure (查扣冻 27)."""
    if lawful:
        check_outlasts([seizure()], court=COURT, on=date(2027, 1, 1), needed=needed)
        return
    with pytest.raises(SeizureEndsBefore):
        check_outlasts([seizure()], court=COURT, on=date(2027, 1, 1), needed=needed)


@pytest.mark.parametrize(("gap", "lawful"), [(-1, True), (0, True), (1, False)])
def test_renewal_must_follow_without_a_gap(gap: int, lawful: bool) -> None:
    """A renewal from the day after the end keeps the rank; one day later it does not."""
    renewal = seizure(UNTIL + DAY + gap * DAY, date(2031, 5, 30))
    held = [seizure(), renewal]
    if lawful:
        check_outlasts(held, court=COURT, on=date(2027, 1, 1), needed=date(2029, 1, 1))
        return
    with pytest.raises(SeizureEndsBefore):
        check_outlasts(held, court=COURT, on=date(2027, 1, 1), needed=date(2029, 1, 1))


@pytest.mark.parametrize(
    ("held", "refusal"),
    [
        ([], NoFirstSeizure),
        ([seizure(rank=2)], NoFirstSeizure),
        ([seizure(date(2027, 1, 2))], NoFirstSeizure),
        ([seizure(lifted_on=date(2027, 1, 1))], NoFirstSeizure),
        ([seizure(court="他处人民法院")], FirstSeizureElsewhere),
    ],
)
def test_only_our_first_seizure_in_force_lets_us_sell(held: list[Seizure], refusal: type[Refusal]) -> None:
    """None, a waiting, a later, a lifted or another court's seizure does not carry a sale."""
    with pytest.raises(refusal):
        check_outlasts(held, court=COURT, on=date(2027, 1, 1), needed=date(2027, 1, 1))


def test_other_courts_first_seizure_counts_when_handed_over() -> None:
    """The letter of the first-seizure court lets us sell (法释〔2016〕6号)."""
    held = seizure(court="他处人民法院", handover_ref="移送执行函")

    check_outlasts([held], court=COURT, on=date(2027, 1, 1), needed=UNTIL)


@pytest.mark.parametrize(
    ("asset_class", "latest"),
    [
        (AssetClass.HOME, date(2029, 6, 1)),
        (AssetClass.VEHICLE, date(2028, 6, 1)),
        (AssetClass.EQUITY, date(2029, 6, 1)),
    ],
)
def test_longest_seizure_by_class(asset_class: AssetClass, latest: date) -> None:
    """Movables two years, immovables and rights three (Interp. 485); one day more is refused."""
    check_term(asset_class, valid_from=date(2026, 6, 1), valid_until=latest)
    with pytest.raises(SeizureTooLong):
        check_term(asset_class, valid_from=date(2026, 6, 1), valid_until=latest + DAY)


def test_dates_out_of_order_are_refused() -> None:
    """A seizure does not end before it begins; it may last one day."""
    check_term(AssetClass.HOME, valid_from=UNTIL, valid_until=UNTIL)
    with pytest.raises(SeizureEndsBeforeStart):
        check_term(AssetClass.HOME, valid_from=UNTIL, valid_until=UNTIL - DAY)


def test_second_first_seizure_of_another_file_is_refused() -> None:
    """Two files cannot both be first in the same time; a waiting one may join."""
    held = [seizure()]

    check_rank_free(held, seizure(rank=2, case_number="(2026)京0106执9号"))
    check_rank_free(held, seizure(UNTIL + DAY, date(2030, 1, 1), case_number="(2026)京0106执9号"))
    with pytest.raises(FirstSeizureTaken):
        check_rank_free(held, seizure(UNTIL, date(2030, 1, 1), case_number="(2026)京0106执9号"))
