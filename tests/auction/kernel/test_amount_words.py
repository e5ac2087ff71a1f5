"""Amounts in words: exact, in capitals as on a cheque and in English."""

from __future__ import annotations

import random

import cn2an
import pytest

from auction.kernel.amount_words import capitals, english, in_words
from auction.kernel.money import BOUND_FEN, Money


@pytest.mark.parametrize(
    ("fen", "zh", "en"),
    [
        (0, "零元整", "zero yuan"),
        (1, "壹分", "one fen"),
        (10, "壹角整", "ten fen"),
        (105, "壹元零伍分", "one yuan and five fen"),
        (1_010_00, "壹仟零壹拾元整", "one thousand ten yuan"),
        (100_000_00, "壹拾万元整", "one hundred thousand yuan"),
        (328_000_050, "叁佰贰拾捌万元伍角整", "three million two hundred eighty thousand yuan and fifty fen"),
        (10_000_100_00, "壹仟万零壹佰元整", "ten million one hundred yuan"),
        (10**12, "壹佰亿元整", "ten billion yuan"),
        (10**12 + 100, "壹佰亿零壹元整", "ten billion one yuan"),
        (-2_100, "负贰拾壹元整", "minus twenty-one yuan"),
    ],
)
def test_amounts_are_said_in_both_languages(fen: int, zh: str, en: str) -> None:
    """Gaps are read as one zero, yuan and jiao end in 整, fen never do."""
    assert (capitals(Money(fen)), english(Money(fen))) == (zh, en)


def test_capitals_agree_with_an_independent_writer() -> None:
    """Thousands of amounts up to the bound are written as a library of others writes them."""
    draw = random.Random(20261122)
    amounts = [1, 9, 10, 99, BOUND_FEN - 1] + [draw.randrange(1, 10 ** draw.randrange(2, 15)) for _ in range(3_000)]
    amounts += [draw.randrange(1, 10) * 10**zeros + draw.randrange(2) for zeros in range(13) for _ in range(9)]
    for fen in amounts:
        other = str(cn2an.an2cn(f"{fen // 100}.{fen % 100:02d}", "rmb"))
        assert capitals(Money(fen)).removesuffix("整") == other.removesuffix("整"), fen


def test_english_words_say_the_amount_again() -> None:
    """Read back, the words give the amount."""
    draw = random.Random(20261122)
    for fen in [draw.randrange(BOUND_FEN) for _ in range(2_000)]:
        assert _read(english(Money(fen))) == fen


def test_a_sentence_takes_its_own_language() -> None:
    """Figures stand before the words in both languages."""
    said = in_words(Money(10_000))
    assert (said.zh, said.en) == ("¥100.00（人民币壹佰元整）", "¥100.00 (one hundred yuan)")


_UNITS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_SMALL = {word: number for number, word in enumerate(_UNITS.split(), start=1)}
_SMALL |= {
    word: 10 * n
    for n, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
_LARGE = {"thousand": 10**3, "million": 10**6, "billion": 10**9}


def _read(text: str) -> int:
    fen = 0
    for part in text.split(" and "):
        *words, unit = part.replace("-", " ").split()
        fen += _read_number(words) * (100 if unit == "yuan" else 1)
    return fen


def _read_number(words: list[str]) -> int:
    total = group = 0
    for word in words:
        if word == "hundred":
            group *= 100
        elif word in _LARGE:
            total, group = total + group * _LARGE[word], 0
        else:
            group += _SMALL.get(word, 0)
    return total + group
