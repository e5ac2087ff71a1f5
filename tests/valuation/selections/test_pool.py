"""Who may be drawn: each exclusion at its boundary, and what a pool never holds."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec
import pytest

from auction.kernel.clock import SHANGHAI
from auction.kernel.ids import named_id, new_id
from tests.valuation.agencies.samples import CASE, TODAY, TWO, agency, asked
from valuation.agencies.register import Agency, Change, Recusal, Suspension
from valuation.agencies.sub_lists import PlaceTried, SubList
from valuation.selections.pool import (
    ARTICLES,
    REASONS,
    Asked,
    Member,
    Pool,
    PoolDuplicate,
    PoolMemberBarred,
    PoolTooSmall,
    check_pool,
    make_pool,
    why_not,
)

DAY = timedelta(days=1)
CITY = SubList(profession="real_estate", tried=(PlaceTried(level="city", place="示例市", count=5, threshold=3),))


def pool_of(*agencies: Agency, on: Asked | None = None) -> Pool:
    """Make a pool of the city's list."""
    return make_pool(agencies, CITY, province="示例省", city="示例市", asked=on or asked())


def reason_of(one: Agency, on: Asked | None = None) -> str | None:
    """Give the reason of an exclusion."""
    found = why_not(one, on or asked())
    return None if found is None else found.reason


@pytest.mark.parametrize(("off", "reason"), [(-1, "licence_expired"), (0, None), (1, None)])
def test_licence_holds_through_its_last_day(off: int, reason: str | None) -> None:
    """A licence that expired the day before excludes; on its last day it holds."""
    assert reason_of(agency(1, licence_until=TODAY + off * DAY)) == reason


@pytest.mark.parametrize(("off", "reason"), [(-1, None), (0, None), (1, "licence_not_begun")])
def test_licence_holds_from_its_first_day(off: int, reason: str | None) -> None:
    """A licence that begins tomorrow excludes."""
    assert reason_of(agency(1, licence_from=TODAY + off * DAY)) == reason


@pytest.mark.parametrize(
    ("from_off", "until_off", "reason"),
    [(-5, -1, None), (-5, 0, "suspended"), (0, 0, "suspended"), (0, 5, "suspended"), (1, 5, None)],
)
def test_suspension_holds_from_first_to_last_day(from_off: int, until_off: int, reason: str | None) -> None:
    """Both days of a suspension are in it."""
    suspension = Suspension(from_on=TODAY + from_off * DAY, until_on=TODAY + until_off * DAY)

    assert reason_of(agency(1, suspensions=(suspension,))) == reason


@pytest.mark.parametrize(("off", "reason"), [(-1, "removed"), (0, "barred"), (1, "barred")])
def test_ban_holds_through_its_last_day(off: int, reason: str) -> None:
    """After the ban the institution is still removed: it must enter anew."""
    barred = agency(1, removed_on=date(2022, 3, 1), barred_until=TODAY + off * DAY)

    assert reason_of(barred) == reason


@pytest.mark.parametrize(("off", "reason"), [(-1, "removed"), (0, "removed"), (1, None)])
def test_removal_holds_from_its_day(off: int, reason: str | None) -> None:
    """On the day of its removal an institution is in no pool any more."""
    assert reason_of(agency(1, removed_on=TODAY + off * DAY)) == reason


@pytest.mark.parametrize(("count", "reason"), [(1, "too_few_appraisers"), (2, None)])
def test_two_appraisers_are_needed(count: int, reason: str | None) -> None:
    """One appraiser is too few for an appraisal, and none is asked of an audit firm."""
    few = agency(1, appraisers=TWO[:count])

    assert reason_of(few) == reason
    assert reason_of(few, asked(purpose="audit_firm")) is None


@pytest.mark.parametrize(("off", "reason"), [(-1, "too_few_appraisers"), (0, None), (1, None)])
def test_appraisers_licence_must_hold_on_the_day_of_the_freezing(off: int, reason: str | None) -> None:
    """One whose licence expired the day before is not counted; on its last day he is, and so is who has no days on file."""
    ending = msgspec.structs.replace(TWO[1], licence_until=TODAY + off * DAY)
    beginning = msgspec.structs.replace(TWO[1], licence_from=TODAY - off * DAY)
    untold = msgspec.structs.replace(TWO[1], licence_from=None, licence_until=None)

    assert reason_of(agency(1, appraisers=(TWO[0], ending))) == reason
    assert reason_of(agency(1, appraisers=(TWO[0], beginning))) == reason
    assert reason_of(agency(1, appraisers=(TWO[0], untold))) is None


def test_conflict_excludes_in_its_case_only() -> None:
    """A recusal holds in the case for which it was confirmed."""
    at = datetime(2027, 2, 1, tzinfo=SHANGHAI)
    recusal = Change(
        change_id=new_id(),
        agency_id=new_id(),
        case_id=CASE,
        content=Recusal(),
        reason="与被执行人有业务往来",
        document_sha256="a" * 64,
        confirmed_at=at,
    )
    recused = agency(1, recusals=(recusal,))

    assert reason_of(recused) == "conflict"
    assert reason_of(recused, asked(case_id=named_id("other case"))) is None


@pytest.mark.parametrize(
    ("busy", "limit", "reason"), [(2, 3, None), (3, 3, "workload"), (4, 3, "workload"), (9, None, None)]
)
def test_workload_counts_only_under_a_limit_of_the_court(busy: int, limit: int | None, reason: str | None) -> None:
    """At its limit an institution is excluded; without a limit nobody is."""
    one = agency(1)

    assert reason_of(one, asked(workload_limit=limit, open_mandates={one.agency_id: busy})) == reason


def test_whoever_failed_before_is_excluded() -> None:
    """An institution that was replaced in the asset's earlier mandate is not drawn for it again."""
    one = agency(1)

    assert reason_of(one, asked(failed={one.agency_id})) == "failed_this_mandate"
    assert reason_of(one, asked(failed_codes={one.credit_code})) == "failed_this_mandate"


def test_everybody_of_the_list_is_member_or_excluded_with_reason() -> None:
    """Members and exclusions are sorted by id; another city's, another profession's are on another list."""
    agencies = [agency(n) for n in range(1, 6)]
    out = agency(6, licence_until=TODAY - DAY)
    pool = pool_of(*agencies, out, agency(7, city="他市"), agency(8, professions=("land",)))

    assert [member.id for member in pool.members] == sorted(one.id for one in agencies)
    assert [(one.id, one.reason, one.article, one.detail) for one in pool.excluded] == [
        (out.id, "licence_expired", ARTICLES["licence_expired"], str(TODAY - DAY))
    ]
    assert set(ARTICLES) == set(REASONS)


def test_pool_under_three_is_refused() -> None:
    """Two are too few; three are enough."""
    with pytest.raises(PoolTooSmall) as refused:
        pool_of(agency(1), agency(2), agency(3, licence_until=TODAY - DAY))

    assert refused.value.facts == {"members": 2, "needed": 3}
    assert len(pool_of(agency(1), agency(2), agency(3)).members) == 3


def test_nobody_has_two_chances() -> None:
    """The same institution under two ids is refused."""
    with pytest.raises(PoolDuplicate):
        pool_of(*(agency(n) for n in range(1, 4)), agency(4, credit_code=agency(1).credit_code))


def test_barred_member_is_refused() -> None:
    """A pool that somebody put a barred institution into does not stand."""
    agencies = [agency(1), agency(2), agency(3, removed_on=TODAY - DAY, barred_until=TODAY + DAY)]
    forged = Pool(
        members=tuple(Member(id=one.id, name=one.name, licence_no=one.licence_no) for one in agencies), excluded=()
    )

    with pytest.raises(PoolMemberBarred):
        check_pool(forged, {one.agency_id: one for one in agencies}, asked())
