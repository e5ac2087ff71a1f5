"""Refusal codes of the hot path: listed once, each with article and two sentences."""

from __future__ import annotations

from auction.kernel.errors import REFUSALS
from bidding.rules.reasons import REASONS, Code, refusal, sentence


def test_every_code_has_one_class_in_the_one_tree_of_refusals() -> None:
    """Codes of the hot path are codes of the product."""
    assert set(REASONS) == set(Code)
    assert all(REFUSALS[code] is cls and cls.code == code for code, cls in REASONS.items())


def test_every_code_speaks_chinese_and_english_and_cites_its_ground() -> None:
    """A bidder reads why, in his language, with the article."""
    for code in Code:
        assert sentence(code, "zh")
        assert sentence(code, "en")
        assert REASONS[code].article


def test_refusal_can_be_raised_where_no_hot_path_is() -> None:
    """Off the hot path the same reason is an exception."""
    assert refusal(Code.OFF_LADDER).code == "off_ladder"
    assert "12" in refusal(Code.AMOUNT_MALFORMED, given=12).sentence("en")
