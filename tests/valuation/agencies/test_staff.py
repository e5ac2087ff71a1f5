"""Parts inside an institution: named and ended by its manager, of its own people, under licences of the register."""

from __future__ import annotations

from uuid import UUID

import pytest

from auction.kernel.actors import Actor, Role, RoleLacking
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Refusal
from auction.kernel.ids import named_id, new_id
from tests.valuation.agencies.samples import agency
from tests.valuation.appraisals.stage import KEEPER, SECOND, officer
from tests.valuation.methods.ground import START, actor
from valuation.agencies.staff import staff_store
from valuation.agencies.staff.name_staff import EndStaff, NameStaff, end_staff, name_staff
from valuation.agencies.staff.staff import (
    OwnParts,
    Part,
    PartLacking,
    Staff,
    StaffLicenceUnfit,
    StaffNamed,
    check_naming,
    own_parts,
    require_part,
)
from web.sample_agencies import make_sample_register, sample_agency_id, sample_licence

FIRST, COLLEAGUE, OTHER = officer(1), officer(1, "colleague"), officer(2)
OURS = sample_agency_id("agency-1")


class People:
    """Accounts that act for the first two sample agencies."""

    def __init__(self, *gone: Actor) -> None:
        """Leave out whose role the administrators ended."""
        self.gone = gone

    async def accounts_of(self, tx: Transaction, institution: UUID) -> frozenset[UUID]:
        """Give the made-up officers who act for it."""
        ours = [one for one in (FIRST, COLLEAGUE, OTHER) if one not in self.gone]
        return frozenset(one.account_id for one in ours if one.institution == str(institution))


EVERYBODY = People()


def held(who: str, part: Part, licence_no: str = "") -> Staff:
    """Make a standing part."""
    return Staff(
        grant_id=named_id(who, part),
        agency_id=OURS,
        account_id=named_id(who),
        part=part,
        licence_no=licence_no,
        named_at=START,
    )


def test_without_a_manager_each_officer_may_only_name_one() -> None:
    """The first manager must come from somewhere; nothing else is open to who has no part, and with a manager nothing at all."""
    nobody = own_parts([held("clerk", "clerk")], named_id("new"))
    founding = own_parts([], named_id("new"))
    late = own_parts([held("boss", "manager")], named_id("new"))

    assert nobody == OwnParts(parts=frozenset({"manager"}), is_founding=True)
    assert (founding.parts, founding.is_founding) == (frozenset({"manager"}), True)
    assert (late.parts, late.is_founding) == (frozenset(), False)
    with pytest.raises(PartLacking) as refused:
        require_part(late, "manager", "appraiser")
    assert refused.value.code == "agency_part_lacking"


def test_one_account_may_hold_several_parts_and_one_licence() -> None:
    """Its parts are told together, with the licence under which it signs."""
    own = own_parts([held("one", "manager"), held("one", "appraiser", "S-A"), held("two", "clerk")], named_id("one"))

    assert own == OwnParts(parts=frozenset({"manager", "appraiser"}), licence_no="S-A")


@pytest.mark.parametrize(
    ("who", "part", "licence_no", "refusal"),
    [
        ("new", "appraiser", "S-B", None),
        ("new", "clerk", "", None),
        ("one", "clerk", "", None),
        ("new", "appraiser", "", StaffLicenceUnfit),
        ("new", "appraiser", "X-9", StaffLicenceUnfit),
        ("new", "manager", "S-B", StaffLicenceUnfit),
        ("new", "appraiser", "S-A", StaffNamed),
        ("one", "appraiser", "S-B", StaffNamed),
    ],
)
def test_naming_fits_register_and_standing_parts(
    who: str, part: Part, licence_no: str, refusal: type[Refusal] | None
) -> None:
    """An appraiser has a licence of the register that nobody else uses, and one only; other parts have none."""
    standing = [held("one", "manager"), held("one", "appraiser", "S-A")]
    if refusal is None:
        check_naming(standing, agency(1), account_id=named_id(who), part=part, licence_no=licence_no)
        return

    with pytest.raises(refusal):
        check_naming(standing, agency(1), account_id=named_id(who), part=part, licence_no=licence_no)


async def name(
    db: Database, by: Actor, who: Actor, part: Part, letter: str = "", *, people: People = EVERYBODY
) -> UUID:
    """Name somebody; gives the part."""
    licence = sample_licence(1, letter) if letter else ""
    command = NameStaff(command_id=new_id(), account_id=who.account_id, part=part, licence_no=licence)
    return await name_staff(db, by, command, people=people)


async def standing(db: Database, who: Actor) -> set[str]:
    """Give somebody's parts."""
    async with db.reading() as tx:
        return set((await staff_store.parts_of(tx, who)).parts)


async def end(db: Database, by: Actor, grant_id: UUID) -> UUID:
    """End a part."""
    return await end_staff(db, by, EndStaff(command_id=new_id(), grant_id=grant_id), people=EVERYBODY)


async def test_manager_names_and_ends_the_parts_of_his_own_people(database: Database) -> None:
    """The first officer makes himself manager; then only he names and ends, once each, and the last manager stays."""
    db = database
    await make_sample_register(db, KEEPER, SECOND)
    own = await name(db, FIRST, FIRST, "manager")
    signing = await name(db, FIRST, COLLEAGUE, "appraiser", "B")
    assert (await standing(db, FIRST), await standing(db, COLLEAGUE)) == ({"manager"}, {"appraiser"})
    with pytest.raises(PartLacking):
        await name(db, COLLEAGUE, COLLEAGUE, "manager")
    with pytest.raises(PartLacking):
        await end(db, COLLEAGUE, signing)
    with pytest.raises(Refusal) as last:
        await end(db, FIRST, own)
    await end(db, FIRST, signing)
    with pytest.raises(Refusal) as ended:
        await end(db, FIRST, signing)
    await name(db, FIRST, COLLEAGUE, "manager")
    await end(db, COLLEAGUE, own)

    assert (last.value.code, ended.value.code) == ("agency_last_manager", "agency_staff_unknown")
    assert (await standing(db, FIRST), await standing(db, COLLEAGUE)) == (set(), {"manager"})


async def test_institution_whose_manager_left_names_another(database: Database) -> None:
    """Once the administrators ended the only manager's role a colleague names a new one, who ends what is left of him."""
    db = database
    await make_sample_register(db, KEEPER, SECOND)
    own = await name(db, FIRST, FIRST, "manager")
    with pytest.raises(PartLacking):
        await name(db, COLLEAGUE, COLLEAGUE, "manager")
    await name(db, COLLEAGUE, COLLEAGUE, "manager", people=People(FIRST))
    with pytest.raises(Refusal) as refused:
        await name(db, COLLEAGUE, FIRST, "clerk", people=People(FIRST))
    await end(db, COLLEAGUE, own)

    assert refused.value.code == "agency_staff_unknown"
    assert (await standing(db, FIRST), await standing(db, COLLEAGUE)) == (set(), {"manager"})


async def test_nobody_names_or_ends_parts_of_another_institution(database: Database) -> None:
    """Another institution's officer is no person of ours, our part is none of his, and no court officer has any."""
    db = database
    await make_sample_register(db, KEEPER, SECOND)
    own = await name(db, FIRST, FIRST, "manager")
    with pytest.raises(Refusal) as stranger:
        await name(db, FIRST, OTHER, "clerk")
    with pytest.raises(Refusal) as theirs:
        await end(db, OTHER, own)
    with pytest.raises(RoleLacking):
        await name(db, actor("handler", Role.CASE_HANDLER), FIRST, "clerk")

    assert (stranger.value.code, theirs.value.code) == ("agency_staff_unknown", "agency_staff_unknown")


async def test_licence_is_one_accounts_even_for_two_at_once(database: Database) -> None:
    """The database refuses a second standing part under a licence, and what was given is never changed."""
    db = database
    await make_sample_register(db, KEEPER, SECOND)

    async def both(tx: Transaction) -> None:
        for who in (FIRST, COLLEAGUE):
            named = staff_store.made(new_id(), OURS, who.account_id, "appraiser", "SAMPLE-001-A", tx)
            await staff_store.add_staff(tx, named, named_by=FIRST.account_id)

    with pytest.raises(Exception, match="agency_staff_stands"):
        await db.transact(both)
