"""Declared registers: read from a paper, compared by another person, and whom they keep out of which case."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.kernel.persons import identity_of
from auction.sale.guards.joint import JointBidderNotAllowed, JointMember
from auction.sale.registers.decide_register import DecideRegister, decide_register
from auction.sale.registers.declare_register import DeclareRegister, declare_register
from auction.sale.registers.declared import (
    MAX_LINES,
    DeclarationDates,
    DeclarationDecided,
    DeclarationEmpty,
    DeclarationMalformed,
    DeclarationNeedsAnother,
    DeclarationUnknown,
    RegisterKey,
    Word,
    read_lines,
)
from auction.sale.registers.declared_store import declarations_of
from auction.sale.registers.refusals import BarredFromBidding
from auction.sale.registers.view_register import SHOWN_FOR, RegisterLookIsOver, ViewRegister, view_register
from auction.sale.rounds.declare_joint_bidders import DeclareJointBidders, declare_joint_bidders
from tests.auction.sale.world import ANNOUNCED_ON, World, actor, resident_number

NUMBER = resident_number(date(1980, 1, 1), 1)
LINE = f"自然人,钱示例,{NUMBER},工作人员"


async def declare(
    world: World,
    content: str,
    *,
    register: RegisterKey = "auxiliary_body",
    valid_from: date = ANNOUNCED_ON,
    valid_to: date | None = None,
) -> DeclareRegister:
    """Have the handler declare a register of this case."""
    command = DeclareRegister(
        command_id=new_id(),
        declaration_id=new_id(),
        case_id=world.case_id,
        register=register,
        body="示例拍辅服务有限公司",
        document_ref="名册 1 号",
        content=content,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    await declare_register(world.db, world.handler, command)
    return command


async def decide(world: World, declared: DeclareRegister, says: Word = "confirmed", *, by: Actor | None = None) -> None:
    """Have the clerk (or somebody else) compare it with the paper."""
    command = DecideRegister(
        command_id=new_id(),
        declaration_id=declared.declaration_id,
        case_id=declared.case_id,
        says=says,
        reason="与书面名册核对",
    )
    await decide_register(world.db, by or world.clerk, command)


async def test_joint_bidder_on_a_declared_register_is_refused_on_file_or_not(world: World) -> None:
    """A member whom a body's register names by his old number keeps the declaration out, though he is nobody on file."""
    await world.announced()
    bidder = await world.bidder()
    registered = await world.register(bidder)
    old = NUMBER[:6] + NUMBER[8:17]
    await decide(world, await declare(world, f"自然人,钱示例,{old},工作人员"))
    _, own = await world.read(lambda tx: identity_of(tx, bidder.person_id))
    members = (
        JointMember(kind="natural", name="张示例", identity_number=own, share_bp=6000),
        JointMember(kind="natural", name="钱示例", identity_number=NUMBER, share_bp=4000),
    )
    command = DeclareJointBidders(
        command_id=new_id(), registration_id=registered.registration_id, members=members, document_ref="协议"
    )

    with pytest.raises(JointBidderNotAllowed):
        await declare_joint_bidders(world.db, bidder, command)


async def line_of(world: World, person: Actor, relation: str = "配偶") -> str:
    """Give the line of a person."""
    _kind, number = await world.read(lambda tx: identity_of(tx, person.person_id))
    return f"自然人,张示例,{number},{relation}"


def test_lines_are_read_with_and_without_a_heading() -> None:
    """A heading, blank lines and the mark of a spreadsheet are passed over; both languages' words are known."""
    company = "单位,示例拍辅服务有限公司,91350100M000100Y43,机构本身"
    read = read_lines(f"\ufeff种类,姓名（名称）,身份号码,关系\r\n{LINE}\r\n\r\n{company}\r\n")
    again = read_lines(f"natural,钱示例,{NUMBER.lower()},staff")

    assert [(line.kind, line.relation) for line in read] == [("natural", "staff"), ("organisation", "body")]
    assert again == read[:1]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (f"自然人,钱示例,{NUMBER}", 1),
        (f"人,钱示例,{NUMBER},工作人员", 1),
        (f"自然人,钱示例,{NUMBER},朋友", 1),
        (f"{LINE}\n自然人,李示例,110105198001010000,工作人员", 2),
        (f"{LINE}\n{LINE}", 2),
        (f"自然人,,{NUMBER},工作人员", 1),
    ],
)
def test_one_wrong_line_refuses_the_paper(content: str, line: int) -> None:
    """The refusal names the line, in both languages, and shows no identity number."""
    with pytest.raises(DeclarationMalformed) as refused:
        read_lines(content)

    assert refused.value.facts["line"] == line
    assert f"第 {line} 行" in refused.value.sentence("zh")
    assert NUMBER not in refused.value.sentence("en")


@pytest.mark.parametrize("content", ["", "种类,姓名（名称）,身份号码,关系", "\n".join([LINE] * (MAX_LINES + 1))])
def test_paper_without_lines_or_with_too_many_is_refused(content: str) -> None:
    """An empty register says nothing; one beyond the limit is several."""
    with pytest.raises(DeclarationEmpty):
        read_lines(content)


async def test_register_holds_once_another_person_has_compared_it(world: World) -> None:
    """Declared it keeps nobody out; confirmed by another it does, by the register's name; ended it does not."""
    await world.announced()
    bidders = [await world.bidder(name) for name in ("张示例", "张示例", "张示例")]
    declared = await declare(world, "\n".join([await line_of(world, each) for each in bidders]))
    await world.register(bidders[0])
    with pytest.raises(DeclarationNeedsAnother):
        await decide(world, declared, by=world.handler)
    with pytest.raises(DeclarationDecided):
        await decide(world, declared, "ended")
    await decide(world, declared)
    with pytest.raises(BarredFromBidding) as refused:
        await world.register(bidders[1])
    with pytest.raises(DeclarationDecided):
        await decide(world, declared, "rejected")

    assert "拍卖辅助机构人员及其近亲属名册" in refused.value.sentence("zh")
    assert "张示例" not in refused.value.sentence("zh")
    assert "配偶" not in refused.value.sentence("zh")
    await decide(world, declared, "ended")
    assert (await world.register(bidders[1])).deposit_fen > 0
    (state,) = await world.rows("SELECT count(*) AS n FROM sale.registration")
    assert state.n == 2  # the one who had registered before the confirmation stays


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "lawful"),
    [
        (date(2027, 3, 6), None, True),
        (ANNOUNCED_ON, ANNOUNCED_ON, False),
        (date(2027, 3, 1), date(2027, 3, 4), True),
    ],
)
async def test_register_holds_on_its_days(world: World, valid_from: date, valid_to: date | None, lawful: bool) -> None:
    """Not before its first day, not after its last."""
    await world.announced()
    bidder = await world.bidder()
    await decide(world, await declare(world, await line_of(world, bidder), valid_from=valid_from, valid_to=valid_to))

    if lawful:
        assert (await world.register(bidder)).deposit_fen > 0
        return
    with pytest.raises(BarredFromBidding):
        await world.register(bidder)


async def test_declaration_is_stored_whole_or_not_at_all(world: World) -> None:
    """Dates out of order and a wrong line leave nothing; what is stored shows no number and no name."""
    await world.announced()
    with pytest.raises(DeclarationDates):
        await declare(world, LINE, valid_to=date(2027, 3, 4))
    with pytest.raises(DeclarationMalformed):
        await declare(world, f"{LINE}\n坏行")
    assert await world.rows("SELECT 1 FROM sale.register_declaration") == []

    await declare(world, LINE)
    (row,) = await world.rows("SELECT e::text AS said FROM sale.register_entry e")
    (shown,) = await world.read(lambda tx: declarations_of(tx, world.case_id))
    assert NUMBER not in row.said
    assert "钱示例" not in row.said
    assert (shown.lines, shown.relatives, shown.waits) == (1, 0, True)


async def test_each_look_at_the_names_is_logged(world: World) -> None:
    """A look is on file before a name is shown, once for one command, and not after its time; numbers show four characters."""
    await world.announced()
    declared = await declare(world, LINE)
    look = ViewRegister(
        command_id=new_id(), view_id=new_id(), declaration_id=declared.declaration_id, case_id=world.case_id
    )
    shown = await view_register(world.db, world.clerk, look)
    again = await view_register(world.db, world.clerk, look)
    stranger = actor(Role.CLERK)
    with pytest.raises(DeclarationUnknown):
        await view_register(
            world.db,
            stranger,
            ViewRegister(command_id=new_id(), view_id=new_id(), declaration_id=new_id(), case_id=world.case_id),
        )

    assert shown == again
    assert [(entry.name, entry.number_end) for entry in shown.entries] == [("钱示例", NUMBER[-4:])]
    assert len(await world.rows("SELECT 1 FROM sale.register_view")) == 1
    await world.at(await world.read(_much_later))
    with pytest.raises(RegisterLookIsOver):
        await view_register(world.db, world.clerk, look)


async def _much_later(tx: Transaction) -> datetime:
    later: datetime = tx.now + SHOWN_FOR + timedelta(seconds=1)
    return later
