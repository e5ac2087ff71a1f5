"""Questions about a lot: what they may hold, who answers, and that nobody learns who asked."""

from __future__ import annotations

from uuid import UUID

import pytest

from auction.kernel.actors import Actor, RoleLacking
from auction.kernel.ids import new_id
from auction.sale.lots.lots import LotUnknown
from auction.sale.visitors import store
from auction.sale.visitors.answer_about_lot import AnswerAboutLot, answer_about_lot
from auction.sale.visitors.ask_about_lot import AskAboutLot, ask_about_lot
from auction.sale.visitors.lot_questions import (
    OPEN_MOST,
    QUESTION_MOST,
    AlreadyAnswered,
    ContactInText,
    LotQuestionUnknown,
    NoQuestionsNow,
    TextNeeded,
    TooManyOpenQuestions,
    contact_in,
)
from tests.auction.sale.world import CLOSES_AT, World

CONTACTS = (
    "请联系 13812345678",
    "请联系 138-1234-5678",
    "请联系 138 1234 5678",
    "请联系１３８１２３４５６７８",
    "请联系一三八一二三四五六七八",
    "电话：87654321",
    "座机 0571-87654321",
    "11010519491231002X",
    "卡号 6222 0200 0000 0000 000",
    "有意者 a.b@example.com",
    "加我微信 abc_12345",
    "vx: seller2026",
    "QQ 1234567",
)
HARMLESS = (
    "起拍价2100000元，能否按1,680,000.00元预缴？",
    "案号(2026)京0105执1234号的房屋面积是89.50平方米吗？",
    "2027年4月7日能看房吗？9:30-11:30？",
    "欠缴物业费 12345.67 元由谁承担？",
    "一二层之间有没有楼梯？三室两厅？",
    "Is the flat let until 2030-12-31?",
    "微信能付保证金吗？",
)


@pytest.mark.parametrize("text", CONTACTS)
def test_contact_is_found_however_it_is_written(text: str) -> None:
    """Numbers and addresses of people are found through spaces, dashes, full-width and Chinese digits."""
    assert contact_in(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_bidders_ask_is_let_through(text: str) -> None:
    """Amounts, areas, days, hours and case numbers are no contact."""
    assert not contact_in(text)


async def ask(world: World, actor: Actor, text: str = "房屋是否有人居住？") -> UUID:
    """Ask about the lot."""
    command = AskAboutLot(command_id=new_id(), question_id=new_id(), lot_id=world.lot_id, question=text)
    return await ask_about_lot(world.db, actor, command)


def answer(world: World, question_id: UUID, text: str = "经现场调查，房屋空置。", **more: object) -> AnswerAboutLot:
    """Make the command that answers."""
    given = {"outcome": "published", "lot_id": world.lot_id, **more}
    return AnswerAboutLot(command_id=new_id(), question_id=question_id, answer=text, **given)  # type: ignore[arg-type] # as given


async def test_question_is_public_with_its_answer_only(world: World) -> None:
    """Nothing is public before the answer; then question and answer are, and a refused one is told to its asker alone."""
    await world.announced()
    asker = await world.bidder()
    first, second = await ask(world, asker), await ask(world, asker, "最低多少能拿下？")
    async with world.db.reading() as tx:
        before = await store.answers_about(tx, world.lot_id)
    await answer_about_lot(world.db, world.handler, answer(world, first))
    await answer_about_lot(world.db, world.handler, answer(world, second, "与拍品无关。", outcome="not_published"))
    async with world.db.reading() as tx:
        after = await store.answers_about(tx, world.lot_id)
        own = await store.own_questions(tx, asker.person_id, world.lot_id)
        officers = await store.questions_about(tx, world.lot_id)

    assert before == []
    assert [(one.question, one.answer) for one in after] == [("房屋是否有人居住？", "经现场调查，房屋空置。")]
    assert {one.question_id: one.outcome for one in own} == {first: "published", second: "not_published"}
    assert {one.question_id for one in officers} == {first, second}
    assert str(asker.person_id) not in repr([*after, *officers])
    assert str(asker.account_id) not in repr([*after, *officers])


async def test_asking_is_bounded(world: World) -> None:
    """One more than the most unanswered questions is refused; an answer frees a place; length −1, 0, +1."""
    await world.announced()
    asker = await world.bidder()
    asked = [await ask(world, asker, "问" * QUESTION_MOST) for _ in range(OPEN_MOST)]
    with pytest.raises(TooManyOpenQuestions):
        await ask(world, asker)
    await answer_about_lot(world.db, world.handler, answer(world, asked[0]))
    await ask(world, asker)
    other = await world.bidder()

    for text in ("", "  ", "问" * (QUESTION_MOST + 1)):
        with pytest.raises(TextNeeded):
            await ask(world, other, text)
    with pytest.raises(ContactInText):
        await ask(world, other, "电话 13812345678")


async def test_answer_is_given_once_by_the_court(world: World) -> None:
    """A second answer, one of a bidder, one about another lot and one with a telephone number are refused; a resent one is not."""
    await world.announced()
    asker = await world.bidder()
    question_id = await ask(world, asker)
    with pytest.raises(RoleLacking):
        await answer_about_lot(world.db, asker, answer(world, question_id))
    with pytest.raises(LotQuestionUnknown):
        await answer_about_lot(world.db, world.handler, answer(world, new_id()))
    with pytest.raises(LotUnknown):
        await answer_about_lot(world.db, world.handler, answer(world, question_id, lot_id=new_id()))
    with pytest.raises(ContactInText):
        await answer_about_lot(world.db, world.handler, answer(world, question_id, "请致电 010-87654321"))
    given = answer(world, question_id)
    resent = [await answer_about_lot(world.db, world.handler, given) for _ in range(2)]
    with pytest.raises(AlreadyAnswered):
        await answer_about_lot(world.db, world.handler, answer(world, question_id))

    assert resent == [question_id, question_id]


async def test_questions_end_with_the_round(world: World) -> None:
    """After the round has ended, and before a notice, nothing is asked."""
    with pytest.raises(LotUnknown):
        await ask(world, await world.bidder())
    published = await world.announced()
    await world.at(CLOSES_AT)
    await world.close(world.outcome(published, None))

    with pytest.raises(NoQuestionsNow):
        await ask(world, await world.bidder())
