"""Who is served the reports of a price: every party of the case, and nobody from outside it."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest

from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.sale.cases.parties import PartyRole
from tests.auction.sale.world import World
from web.price_recipients import require_appraisal_recipients, require_inquiry_recipients


class InquiryAsked(msgspec.Struct):
    """A command that starts an inquiry, as the door reads it."""

    case_id: UUID
    asset_id: UUID
    addressees: tuple[UUID, ...]


class AppraisalAsked(msgspec.Struct):
    """A command that starts an appraisal, as the door reads it."""

    case_id: UUID
    asset_id: UUID
    parties: tuple[UUID, ...]
    interested: tuple[UUID, ...]


@pytest.fixture
async def world(database: Database, database_url: str) -> World:
    """A case of an applicant, a debtor and a mortgagee."""
    made = World(database, database_url)
    await made.open()
    await made.party(PartyRole.MORTGAGEE, "示例银行副理")
    return made


async def doors(world: World, parties: tuple[UUID, ...], interested: tuple[UUID, ...] = ()) -> set[str]:
    """Try both doors: the codes of their refusals, or nothing."""
    inquiry = InquiryAsked(world.case_id, world.asset_id, (*parties, *interested))
    appraisal = AppraisalAsked(world.case_id, world.asset_id, parties, interested)
    said = set()
    for check, command in ((require_inquiry_recipients, inquiry), (require_appraisal_recipients, appraisal)):
        try:
            await world.read(lambda tx, check=check, command=command: check(tx, command))  # type: ignore[misc]
        except Refusal as refusal:
            said.add(refusal.code)
        else:
            said.add("")
    return said


async def test_every_party_is_served_and_nobody_from_outside(world: World) -> None:
    """Without the debtor, with a stranger, with one named twice: refused; the mortgagee may be left out (参考价 21)."""
    applicant, debtor = world.parties[PartyRole.APPLICANT], world.parties[PartyRole.JUDGMENT_DEBTOR]
    mortgagee = world.parties[PartyRole.MORTGAGEE]

    assert await doors(world, (applicant,), (mortgagee,)) == {"party_not_among_recipients"}
    assert await doors(world, (applicant, debtor, new_id())) == {"price_recipient_malformed"}
    assert await doors(world, (applicant, debtor), (debtor,)) == {"price_recipient_malformed"}
    assert await doors(world, (applicant, debtor)) == {""}
    assert await doors(world, (applicant, debtor), (mortgagee,)) == {""}


async def test_second_debtor_is_served_too(world: World) -> None:
    """Every one on a side counts, not one of them."""
    first = tuple(world.parties[role] for role in (PartyRole.APPLICANT, PartyRole.JUDGMENT_DEBTOR))
    second = await world.party(PartyRole.JUDGMENT_DEBTOR, "李示例")

    assert await doors(world, first) == {"party_not_among_recipients"}
    assert await doors(world, (*first, second)) == {""}


async def test_right_to_sell_comes_first(world: World) -> None:
    """The doors refuse what the right to sell refuses (首封移送批复 1)."""
    stranger = msgspec.structs.replace(InquiryAsked(world.case_id, world.asset_id, ()), asset_id=new_id())
    with pytest.raises(Refusal, match="asset"):
        await world.read(lambda tx: require_inquiry_recipients(tx, stranger))  # type: ignore[arg-type]
