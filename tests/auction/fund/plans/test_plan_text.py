"""The text of a plan's document follows from its lines, and from nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auction.fund.claims.claims import ClaimKind
from auction.fund.claims.ranks import Ground
from auction.fund.plans.grounds import ESTATE, REASONS, SURPLUS, reason_of
from auction.fund.plans.plan_text import KIND_NAMES, TextLine, fingerprint_of_text, plan_text
from auction.kernel.money import ZERO, Money

MONEY = Money(1_000_000_01)
LINES = (
    TextLine(1, 1, "mortgage", "示例商业银行", Money(600_000_00), Money(600_000_00)),
    TextLine(2, 2, "ordinary", "示例甲", Money(500_000_00), Money(300_000_01)),
    TextLine(3, 3, SURPLUS, "示例乙", Money(100_000_00), Money(100_000_00)),
)


def written(lines: tuple[TextLine, ...] = LINES, *, proceeds: Money = MONEY, forfeited: Money = ZERO) -> str:
    """The text of a plan over these lines."""
    return plan_text(lines, proceeds=proceeds, forfeited=forfeited, ordinary_order="pro_rata", objection_days=15)


def test_text_states_each_payee_amount_and_the_total() -> None:
    """Money, each line with rank, kind, full name, owed and given, the total, and the time to object stand in it."""
    expected = """一、可供分配的款项
处置价款：¥1,000,000.01
合计：¥1,000,000.01

二、分配
1. 顺位1，抵押权等担保物权：示例商业银行，债权数额 ¥600,000.00，分配数额 ¥600,000.00。理由：担保物权按照登记（质权按照交付）的先后受偿，同日的按债权比例；先于普通债权（民法典414、415）
2. 顺位2，普通债权：示例甲，债权数额 ¥500,000.00，分配数额 ¥300,000.01。理由：普通债权按照占全部申请参与分配债权数额的比例受偿（民诉法解释508）
3. 顺位3，余款退还被执行人：示例乙，分配数额 ¥100,000.00。理由：清偿全部债权后的余款退还被执行人（执行工作规定34）
以上 3 项分配数额合计 ¥1,000,000.01，与可供分配的款项相等。
前一顺位全部受偿后，后一顺位方受偿；同一顺位不足清偿的，按债权数额比例受偿。普通债权按照占全部申请参与分配债权数额的比例受偿（民诉法解释508）。

三、异议
债权人、被执行人对本方案有异议的，应当自收到之日起15日内向本院提出书面异议（民诉法解释509）。
"""

    assert expected == written()


@pytest.mark.parametrize(
    "changed",
    [
        {"share": Money(300_000_00)},
        {"share": Money(300_000_02)},
        {"owed": Money(500_000_01)},
        {"payee": "示例丙"},
        {"rank": 3},
        {"kind": "late_interest"},
        {"ground": "ordinary_by_seizure"},
        {"number": 4},
    ],
)
def test_any_other_line_gives_another_fingerprint(changed: dict[str, object]) -> None:
    """A fen, a name, a rank or a kind that differs makes another document."""
    line = replace(LINES[1], **changed)  # type: ignore[arg-type]
    other = (LINES[0], line, LINES[2])
    proceeds = MONEY + line.share - LINES[1].share

    assert fingerprint_of_text(written(other, proceeds=proceeds)) != fingerprint_of_text(written())


def test_forfeited_money_is_named_when_there_is_some() -> None:
    """The part of the money that comes from forfeited deposits is stated beside the proceeds (网拍 24)."""
    text = written(proceeds=MONEY - Money(1), forfeited=Money(1))

    assert "处置价款：¥1,000,000.00\n列入分配的不予退还保证金：¥0.01（网拍规定24）\n合计：¥1,000,000.01\n" in text


def test_lines_that_do_not_sum_to_the_money_are_our_own_fault() -> None:
    """No text is made of lines that give more or less than there is."""
    with pytest.raises(AssertionError):
        written(proceeds=MONEY + Money(1))


def test_every_kind_of_claim_has_a_name() -> None:
    """A document never names a kind by our own word."""
    assert {kind.value for kind in ClaimKind} | {SURPLUS} == set(KIND_NAMES)


def test_every_line_of_a_plan_has_its_reason_and_article() -> None:
    """Each kind of line and each ground is explained in both languages, with its article."""
    grounds = {kind.value for kind in ClaimKind} | {ground.value for ground in Ground} | {SURPLUS, ESTATE}

    assert grounds == set(REASONS)
    assert all(reason.said.zh and reason.said.en and reason.article for reason in REASONS.values())


def test_a_line_of_before_is_explained_by_its_kind() -> None:
    """A stored line without a ground has the reason of its kind."""
    assert reason_of(None, "mortgage") == REASONS["mortgage"]
    assert reason_of("mortgage_after_seizure", "mortgage") == REASONS["mortgage_after_seizure"]
