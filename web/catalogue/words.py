"""How texts and searches become tokens. Pure.

1. A text becomes its Chinese words (as jieba cuts them for searching), every pair of neighbouring Chinese characters, and its
   words and numbers in other scripts, all in lower case and in plain width.
2. Whatever stands in a text in one piece, of two characters or more, is found: what is looked for is cut into words, and
   a Chinese word of more than two characters is found as itself or as all its pairs (徐汇 is found in 上海市徐汇区).
3. A Latin word of three letters or more is found by its beginning; a number only whole, so that 12 does not find 128.
4. All words looked for must occur.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import Final

import rjieba

READING: Final = 1
"""Edition of rule 1; whoever changes it raises the number, and `fapai rebuild-catalogue` reads all texts anew."""
PREFIX_FROM: Final = 3
MAX_TOKENS: Final = 20
_RUNS = re.compile(r"[㐀-鿿豈-﫿]+|[0-9]+|[^\W\d_]+")
_CHINESE = re.compile(r"[㐀-鿿豈-﫿]")


def tokens_of(text: str) -> list[str]:
    """Give the tokens of a text, each once, in order (rule 1)."""
    found: set[str] = set()
    for run in _runs(text):
        if _is_chinese(run):
            found.update(rjieba.cut_for_search(run))
            found.update(left + right for left, right in pairwise(run))
        else:
            found.add(run)
    return sorted(found)


def wanted(words: str) -> str:
    """Give what is looked for as a PostgreSQL ``tsquery`` (rules 2–4); empty if it holds no word at all."""
    return " & ".join(_condition(word) for word in _cut(words))


def normal(text: str) -> str:
    """Give a text in plain width and lower case."""
    return unicodedata.normalize("NFKC", text).casefold()


def _runs(text: str) -> list[str]:
    return _RUNS.findall(normal(text))


def _is_chinese(run: str) -> bool:
    return _CHINESE.match(run) is not None


def _cut(words: str) -> list[str]:
    found: list[str] = []
    for run in _runs(words):
        found += _cut_chinese(run) if _is_chinese(run) else [run]
    return list(dict.fromkeys(found))[:MAX_TOKENS]


def _cut_chinese(run: str) -> list[str]:
    """Cut a run into words; a word of one character stands as the pair with its neighbour, which every text has (rule 1)."""
    found, start = [], 0
    for word in rjieba.cut(run):
        end = start + len(word)
        alone = len(word) == 1 and len(run) > 1
        found.append(run[max(0, start - 1) : max(2, end)] if alone else word)
        start = end
    return found


def _condition(word: str) -> str:
    if not _is_chinese(word):
        is_latin = not word.isdecimal() and len(word) >= PREFIX_FROM
        return f"'{word}':*" if is_latin else f"'{word}'"
    if len(word) == 1:
        return f"'{word}':*"
    if len(word) == 2:
        return f"'{word}'"
    pairs = " & ".join(f"'{left}{right}'" for left, right in pairwise(word))
    return f"('{word}' | {pairs})"
