"""A made-up register of institutions for test and demo installations, entered as real ones are: by two persons.

The names say that they are samples; licences and credit codes are well-formed and nobody's. Calling it again changes
nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from stdnum.cn import uscc

from auction.kernel.actors import Actor
from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.move_clock import read_stamp
from auction.kernel.stamp import require_pretending
from valuation.agencies import register_store
from valuation.agencies.decide_change import DecideChange, decide_change
from valuation.agencies.propose_entry import ProposeEntry, propose_entry
from valuation.agencies.register import Appraiser, Profession

_STEMS = "甲乙丙丁戊己庚辛壬癸子丑寅卯"
SAMPLE_REASON = "示例名册，仅供测试和演示"
SAMPLE_PAPER = "5a" * 32
LICENCE_LENGTH = timedelta(days=3 * 365)


class SampleAgency(NamedTuple):
    """One made-up institution."""

    key: str
    name: str
    professions: tuple[Profession, ...]
    province: str
    city: str


def _sample(number: int, province: str, city: str, kind: str, professions: tuple[Profession, ...]) -> SampleAgency:
    stem = _STEMS[(number - 1) % len(_STEMS)]
    return SampleAgency(f"agency-{number}", f"示例{stem}{kind}有限公司（样本{number}）", professions, province, city)


SAMPLE_AGENCIES: tuple[SampleAgency, ...] = (
    *(_sample(n, "北京市", "北京市", "房地产土地评估", ("real_estate", "land")) for n in range(1, 7)),
    *(_sample(n, "示例省", "示例市", "资产评估", ("assets", "real_estate")) for n in range(7, 9)),
    *(_sample(n, "示例省", "样本市", "资产评估", ("assets", "real_estate", "land")) for n in range(9, 18)),
    _sample(18, "北京市", "北京市", "矿业权评估", ("mining_rights",)),
    _sample(19, "北京市", "北京市", "珠宝评估", ("jewellery",)),
    *(_sample(n, "北京市", "北京市", "会计审计", ("audit",)) for n in range(20, 24)),
    *(_sample(n, "北京市", "北京市", "拍卖辅助", ("auxiliary",)) for n in range(24, 28)),
)


def sample_agency_id(key: str) -> UUID:
    """Give the id that the sample institution of this key always has."""
    return named_id("sample agency", key)


def sample_credit_code(number: int) -> str:
    """Make a well-formed credit code of nobody."""
    body = f"91110105MA0SAMP{number:02d}".replace("O", "0").replace("I", "1").replace("S", "5")
    return body + str(uscc.calc_check_digit(body))


def sample_licence(number: int, letter: str) -> str:
    """Give the licence number of a sample institution's appraiser A or B."""
    return f"SAMPLE-{number:03d}-{letter}"


async def make_sample_register(db: Database, keeper: Actor, second: Actor) -> int:
    """Enter all sample institutions that are not on the register; gives how many. Refuses in production."""

    async def known(tx: Transaction) -> set[UUID]:
        require_pretending(await read_stamp(tx.session), "sample institutions")
        return set(await register_store.register(tx))

    there = await db.transact(known)
    new = [sample for sample in SAMPLE_AGENCIES if sample_agency_id(sample.key) not in there]
    for sample in new:
        await _enter(db, keeper, second, sample)
    return len(new)


async def _enter(db: Database, keeper: Actor, second: Actor, sample: SampleAgency) -> None:
    change_id = named_id("sample entry", sample.key)
    async with db.reading() as tx:
        today = local_day(tx.now)
    number = int(sample.key.removeprefix("agency-"))
    entry = ProposeEntry(
        command_id=named_id("propose", sample.key),
        change_id=change_id,
        agency_id=sample_agency_id(sample.key),
        name=sample.name,
        credit_code=sample_credit_code(number),
        licence_no=f"示例评备字〔2026〕{number:04d}号",
        licence_from=today - LICENCE_LENGTH,
        licence_until=today + LICENCE_LENGTH,
        professions=sample.professions,
        province=sample.province,
        city=sample.city,
        appraisers=tuple(
            Appraiser(
                name=f"样本评估师{number}{letter}",
                licence_no=sample_licence(number, letter),
                licence_from=today - LICENCE_LENGTH,
                licence_until=today + LICENCE_LENGTH,
            )
            for letter in "AB"
        ),
        reason=SAMPLE_REASON,
        document_sha256=SAMPLE_PAPER,
    )
    await propose_entry(db, keeper, entry)
    decided = DecideChange(command_id=named_id("decide", sample.key), change_id=change_id, decision="confirmed")
    await decide_change(db, second, decided)
