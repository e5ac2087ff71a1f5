"""A case before the bankruptcy court offers nothing of that debtor: no notice, no bidding taken up again (Interp. 511, 513; F104)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from auction.fund.agree_to_act import AgreeToAct, agree_to_act
from auction.fund.bankruptcy.refer_to_bankruptcy import (
    Consent,
    RecordBankruptcyAnswer,
    ReferToBankruptcy,
    record_bankruptcy_answer,
    refer_to_bankruptcy,
)
from auction.fund.stays.stays import CaseStayed
from auction.kernel.actors import Actor, Role
from auction.kernel.clock import local, local_day
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.kernel.persons import record_person
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PartyRole
from tests.auction.sale.rounds.test_stop_round import NOW, resume, stop
from tests.auction.sale.world import ANNOUNCED_ON, FIRST_DAY, World, actor
from web.referral_door import LotsStillOffered, require_lots_stopped

PAPER = "cd" * 32


async def referral(world: World) -> ReferToBankruptcy:
    """The case's referral with the applicant's consent."""
    (debtor,) = await world.rows(
        "SELECT person_id FROM fund.case_party WHERE party_id = :id", id=world.parties[PartyRole.JUDGMENT_DEBTOR]
    )
    return ReferToBankruptcy(
        command_id=new_id(),
        referral_id=new_id(),
        case_id=world.case_id,
        debtor_party_id=world.parties[PartyRole.JUDGMENT_DEBTOR],
        debtor_person_id=debtor.person_id,
        debtor_kind="enterprise",
        is_insolvent=True,
        finding="现有财产不足清偿全部债务",
        consents=(Consent(party_id=world.parties[PartyRole.APPLICANT], document_sha256="ab" * 32),),
        bankruptcy_court="示例市中级人民法院",
        referral_document_id=await world.document(DocumentKind.BANKRUPTCY_REFERRAL),
        stay_document_id=await world.document(DocumentKind.STAY_RULING),
    )


async def officer(world: World, number: str) -> Actor:
    """A handler who is on file as a person."""

    async def work(tx: Transaction) -> UUID:
        return await record_person(
            tx, kind="natural", name="示例法官", identity_number=f"officer-{number}", masked="示**"
        )

    return actor(Role.CASE_HANDLER, person_id=await world.db.transact(work))


async def declined(world: World) -> None:
    """Have the bankruptcy court decline."""
    async with world.db.reading() as tx:
        today = local_day(tx.now)
    command = RecordBankruptcyAnswer(
        command_id=new_id(), case_id=world.case_id, accepted=False, answered_on=today, document_sha256=PAPER
    )
    act = await record_bankruptcy_answer(world.db, await officer(world, "1"), command)
    agreed = AgreeToAct(command_id=new_id(), act_id=act.act_id, paper_sha256=PAPER)
    await agree_to_act(world.db, await officer(world, "2"), agreed)


async def test_offered_lot_is_stopped_before_the_referral(world: World) -> None:
    """While it is announced the door refuses; stopped, it lets the case go."""
    await world.announced()
    command = await referral(world)
    async with world.db.reading() as tx:
        with pytest.raises(LotsStillOffered):
            await require_lots_stopped(tx, command)
    await world.at(NOW)
    await stop(world, "stay", ground="other_stay_ground")

    async with world.db.reading() as tx:
        await require_lots_stopped(tx, command)


async def test_stopped_bidding_is_not_resumed_before_the_bankruptcy_court_declines(world: World) -> None:
    """From the referral on nothing is taken up again; after a refusal it is."""
    await world.announced()
    await world.at(NOW)
    await stop(world, "stay", ground="other_stay_ground")
    await refer_to_bankruptcy(world.db, world.handler, await referral(world))
    await world.at(local(date(2027, 4, 7), 9))
    with pytest.raises(CaseStayed):
        await resume(world)
    await declined(world)

    await resume(world)


async def test_no_notice_is_published_before_the_bankruptcy_court_declines(world: World) -> None:
    """A decided listing waits."""
    await world.open()
    await world.price()
    listed = await world.list()
    await world.vote(listed.question_id, "approve", "approve", "reject")
    await world.decide()
    await world.rule_and_notify(local(FIRST_DAY, 9))
    await world.at(local(ANNOUNCED_ON, 9))
    await refer_to_bankruptcy(world.db, world.handler, await referral(world))

    with pytest.raises(CaseStayed):
        await world.publish()
