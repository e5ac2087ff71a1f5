"""The ground on which tests of the methods stand: made-up people of one case, its asset with all facts, and its clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from auction.kernel.actors import Actor, Role
from auction.kernel.clock import SHANGHAI
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import AccountId, PersonId, named_id, new_id
from auction.kernel.move_clock import move_clock
from valuation.facts.establish_facts import EstablishFacts, establish_facts
from valuation.facts.facts import SUBJECTS, Fact
from valuation.methods.confirm_method_paper import ConfirmMethodPaper, confirm_method_paper
from valuation.methods.order import Circumstance
from valuation.methods.record_circumstance import RecordCircumstance, record_circumstance
from valuation.parties import CaseParty

CASE, ASSET = named_id("test", "case"), named_id("test", "asset")
APPLICANT, DEBTOR, TENANT = (named_id("test party", name) for name in ("applicant", "debtor", "tenant"))
PAPER = "b" * 64
START = datetime(2027, 3, 1, 9, 0, tzinfo=SHANGHAI)


def person(name: str) -> PersonId:
    """Give a made-up person's id."""
    return PersonId(named_id("test person", name))


def actor(name: str, *roles: Role) -> Actor:
    """Make a person with an account and roles."""
    return Actor(account_id=AccountId(named_id("test account", name)), person_id=person(name), roles=frozenset(roles))


HANDLER = actor("handler", Role.CASE_HANDLER)
CLERK = actor("clerk", Role.CLERK)
JUDGE = actor("judge", Role.PRESIDING_JUDGE)
THE_APPLICANT = actor("applicant", Role.PARTY)
THE_DEBTOR = actor("debtor", Role.PARTY)


class CaseFile:
    """The parties of the made-up case, as the site would read them from the file."""

    def __init__(self, *roles: tuple[UUID, str, str]) -> None:
        """Take ``(party, person's name, role)``; without any, an applicant, a debtor and a tenant."""
        standard = (
            (APPLICANT, "applicant", "applicant"),
            (DEBTOR, "debtor", "judgment_debtor"),
            (TENANT, "tenant", "tenant"),
        )
        self._parties = [
            CaseParty(party_id=party, person_id=person(name), role=role) for party, name, role in roles or standard
        ]

    async def of_case(self, tx: Transaction, case_id: UUID) -> Sequence[CaseParty]:
        """Give the parties of the made-up case; another case has none."""
        return self._parties if case_id == CASE else []


async def prepare(db: Database, asset_id: UUID = ASSET) -> None:
    """Set the clock to `START` and establish every fact of the asset."""
    await move_clock(db, to=START, freeze=True)
    facts = tuple(
        Fact(
            subject=subject,
            state="established",
            statement_zh="已查明",
            statement_en="established",
            source="不动产登记中心",
            as_of=date(2027, 2, 1),
            document_sha256="a" * 64,
        )
        for subject in SUBJECTS
    )
    await establish_facts(
        db, HANDLER, EstablishFacts(command_id=new_id(), case_id=CASE, asset_id=asset_id, facts=facts)
    )


async def find(db: Database, kind: Circumstance, *, holds: bool = True, asset_id: UUID = ASSET) -> tuple[str, ...]:
    """Record a circumstance by two officers; gives the methods that are lawful then."""
    command = RecordCircumstance(
        command_id=new_id(),
        case_id=CASE,
        asset_id=asset_id,
        kind=kind,
        holds=holds,
        statement="已查明",
        document_sha256=PAPER,
    )
    return await vouched(db, await record_circumstance(db, HANDLER, command))


async def vouched(db: Database, paper_id: UUID, *, by: Actor = CLERK, paper: str = PAPER) -> tuple[str, ...]:
    """Let the second officer confirm what was typed of the order of methods; gives what is lawful then."""
    command = ConfirmMethodPaper(command_id=new_id(), case_id=CASE, paper_id=paper_id, document_sha256=paper)
    return (await confirm_method_paper(db, by, command)).methods
