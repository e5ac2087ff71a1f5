from __future__ import annotations

import random

import pytest
from sqlalchemy import text

from auction.kernel.db import Database
from web.catalogue.words import tokens_of, wanted

ADDRESS = "上海市徐汇区淮海中路1045号淮海国际广场18层办公用房，人民法院裁定拍卖新能源汽车一辆 Office at Huaihai Plaza（2026）沪0104执1234号"


async def is_found(database: Database, said: str, words: str) -> bool:
    """Ask PostgreSQL whether a text of these tokens answers what is looked for."""
    async with database.reading() as tx:
        found = await tx.session.execute(
            text("SELECT array_to_tsvector(CAST(:tokens AS text[])) @@ CAST(:asked AS tsquery)"),
            {"tokens": tokens_of(said), "asked": wanted(words)},
        )
        return bool(found.scalar_one())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("徐汇", True), ("徐汇区", True), ("淮海", True), ("国际", True), ("徐汇区办公", True), ("办公 徐汇", True),
        ("淮海中路", True), ("(2026)沪0104执1234号", True), ("１２３４", True), ("office", True), ("OFF", True),
        ("huai", True), ("plaza office", True), ("浦东", False), ("徐汇区住宅", False), ("123", False), ("of", False),
        ("沪0104执1235号", False), ("汇徐", False),
    ],
)  # fmt: skip
async def test_what_is_looked_for_is_found(database: Database, words: str, expected: bool) -> None:
    """Chinese words of two characters are found inside longer ones, Latin words by their beginning, numbers whole."""
    assert await is_found(database, ADDRESS, words) is expected


async def test_every_piece_of_chinese_text_is_found(database: Database) -> None:
    """Whatever stands in a text in one piece, of two characters or more, is found (rule 2)."""
    seed = random.SystemRandom().randrange(10**6)
    dice, run = random.Random(seed), "上海市徐汇区淮海中路号淮海国际广场层办公用房人民法院裁定拍卖新能源汽车一辆"
    pieces = set()
    for _ in range(60):
        start = dice.randrange(len(run) - 1)
        pieces.add(run[start : dice.randint(start + 2, min(len(run), start + 9))])

    assert [piece for piece in pieces if not await is_found(database, run, piece)] == [], seed


@pytest.mark.parametrize("words", ["", "%", "' | '", "!!", "():*&"])
def test_signs_are_no_words(words: str) -> None:
    """Signs of the query language never reach it."""
    assert wanted(words) == ""
