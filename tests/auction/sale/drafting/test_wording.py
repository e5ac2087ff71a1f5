"""What the system proposes for documents made by hand: only what is on record, a gap for everything else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from auction.kernel.money import Money
from auction.sale.cases.documents import GAP, ISSUED_BY_STEP, KINDS, DocumentKind
from auction.sale.drafting.wording import WRITERS, Bought, Facts, NotDrafted, Offered, Thing, draft_of

FLAT = Thing(
    title="示例路1号房屋",
    address="示例区示例路1号",
    registry_number="京（2026）示例不动产权第1号",
    is_movable=False,
    seizures=(("示例区人民法院", "(2026)京0105执1234号"), ("另一区人民法院", "(2026)京0106执99号")),
)
OFFER = Offered(
    opens_at=datetime(2026, 12, 1, 2, 0, tzinfo=UTC),
    closes_at=datetime(2026, 12, 2, 2, 0, tzinfo=UTC),
    reserve=Money(210_000_000),
    deposit=Money(21_000_000),
    platform="法拍",
)
SALE = Bought(buyer="张示例", price=Money(230_000_001), closed_on=date(2026, 12, 2), paid_on=date(2026, 12, 10))
NOTHING = Facts(
    court="示例区人民法院",
    case_number="(2026)京0105执1234号",
    instrument="民事判决书",
    instrument_number="(2025)京0105民初1号",
    instrument_court="示例区人民法院",
    account_number="6217000000001",
    handler="示例法官",
    telephone="010-00000000",
    applicants=(),
    debtors=(),
)
ALL = replace(
    NOTHING,
    applicants=("甲示例",),
    debtors=("乙示例", "丙示例"),
    holders=("丁示例",),
    thing=FLAT,
    offered=OFFER,
    bought=SALE,
)
NAMES_PARTIES = set(WRITERS) - {DocumentKind.DELIVERY_RECORD}


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_draft_says_what_is_on_record(kind: DocumentKind) -> None:
    """Each names its parties, case and asset, and bears the title of its kind."""
    draft = draft_of(kind, ALL)

    assert draft.title == f"{ALL.case_number}{KINDS[kind].zh}"
    assert kind is DocumentKind.ENFORCEMENT_NOTICE or "示例路1号房屋" in draft.body
    if kind in NAMES_PARTIES:
        assert "乙示例、丙示例" in draft.body
        assert ALL.instrument_number in draft.body or kind is DocumentKind.DEFAULT_RULING


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_draft_of_an_empty_record_has_gaps_and_no_guess(kind: DocumentKind) -> None:
    """Nothing on record: gaps, never "None", an empty name or a made-up date."""
    body = draft_of(kind, NOTHING).body

    assert GAP in body
    assert "None" not in body
    for empty in ("：。", "、、", "（）", "“”", "与一案"):
        assert empty not in body, empty


def test_release_lifts_every_seizure_that_stands() -> None:
    """First and waiting seizures are lifted one by one (查扣冻 27, 28), then the security that the sale extinguished (拍变 28)."""
    body = draft_of(DocumentKind.RELEASE_RULING, ALL).body

    assert "一、解除示例区人民法院(2026)京0105执1234号案" in body
    assert "二、解除另一区人民法院(2026)京0106执99号案" in body
    assert "三、该财产上原有的担保物权" in body
    assert GAP not in body


def test_release_of_many_seizures_leaves_none_out() -> None:
    """A dozen waiting seizures are all lifted, each with its number."""
    many = replace(FLAT, seizures=tuple(("某院", f"(2026)京0106执{number}号") for number in range(1, 13)))
    body = draft_of(DocumentKind.RELEASE_RULING, replace(ALL, thing=many)).body

    assert all(f"(2026)京0106执{number}号案" in body for number in range(1, 13))
    assert "十二、解除" in body
    assert "十三、该财产" in body


def test_holders_of_first_refusal_are_told_what_silence_means() -> None:
    """Only where there are holders (网拍 16, 19, 21)."""
    told = draft_of(DocumentKind.SALE_NOTIFICATION, ALL).body
    untold = draft_of(DocumentKind.SALE_NOTIFICATION, replace(ALL, holders=())).body

    assert "丁示例对该财产可能享有优先购买权" in told
    assert "视为放弃" in told
    assert "优先购买权" not in untold
    assert "2026年12月1日 10:00 至 2026年12月2日 10:00" in told, "Beijing time"


@pytest.mark.parametrize(("is_movable", "years"), [(True, "二年"), (False, "三年")])
def test_seizure_lasts_as_long_as_its_class_allows(*, is_movable: bool, years: str) -> None:
    """Interp. 485."""
    body = draft_of(DocumentKind.SEIZURE_RULING, replace(ALL, thing=replace(FLAT, is_movable=is_movable))).body

    assert f"期限{years}" in body


@pytest.mark.parametrize("kind", [*sorted(ISSUED_BY_STEP), DocumentKind.OTHER])
def test_what_a_step_writes_is_not_drafted(kind: DocumentKind) -> None:
    """Rulings on which money moves are written by their step alone."""
    with pytest.raises(NotDrafted):
        draft_of(kind, ALL)
