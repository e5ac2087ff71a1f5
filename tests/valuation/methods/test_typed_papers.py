"""Requests and circumstances that officers type: without effect until a second person vouches; every party of a side asks."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.kernel.actors import Actor, Role, RoleLacking
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import named_id, new_id
from tests.valuation.methods.ground import (
    APPLICANT,
    ASSET,
    CASE,
    CLERK,
    DEBTOR,
    HANDLER,
    PAPER,
    TENANT,
    THE_APPLICANT,
    THE_DEBTOR,
    CaseFile,
    actor,
    prepare,
    vouched,
)
from valuation.methods import step_store
from valuation.methods.confirm_method_paper import ConfirmMethodPaper, confirm_method_paper
from valuation.methods.order import lawful_methods
from valuation.methods.record_circumstance import RecordCircumstance, record_circumstance
from valuation.methods.request_method import RequestMethod, request_method
from valuation.papers.store import papers_of
from valuation.sides.state_representative import (
    ConfirmRepresentative,
    StateRepresentative,
    confirm_representative,
    state_representative,
)

SECOND = named_id("test party", "second debtor")
FILE = CaseFile()
TWO_DEBTORS = CaseFile(
    (APPLICANT, "applicant", "applicant"),
    (DEBTOR, "debtor", "judgment_debtor"),
    (SECOND, "second", "judgment_debtor"),
    (TENANT, "tenant", "tenant"),
)


async def asked(db: Database, party: UUID, *, by: Actor = HANDLER, file: CaseFile = FILE, paper: str = PAPER) -> UUID:
    """Type a party's request for an online inquiry."""
    command = RequestMethod(
        command_id=new_id(),
        case_id=CASE,
        asset_id=ASSET,
        party_id=party,
        agreed_on=date(2027, 2, 10),
        document_sha256=paper,
    )
    return await request_method(db, by, command, parties=file)


async def looked(db: Database, paper_id: UUID, *, by: Actor = CLERK, paper: str = PAPER, agrees: bool = True) -> None:
    """Let somebody look at a paper."""
    command = ConfirmMethodPaper(
        command_id=new_id(), case_id=CASE, paper_id=paper_id, document_sha256=paper, agrees=agrees
    )
    await confirm_method_paper(db, by, command)


async def lawful(db: Database) -> list[str]:
    """Give the lawful methods."""
    async with db.reading() as tx:
        return [method for method, _ in lawful_methods(await step_store.standing_of(tx, ASSET))]


async def state(db: Database, party: UUID, other: UUID | None, *, second: Actor = CLERK, agrees: bool = True) -> None:
    """Let a party state its representative by a paper of two persons."""
    stating = StateRepresentative(
        command_id=new_id(), case_id=CASE, party_id=party, representative_id=other, document_sha256=PAPER
    )
    paper = await state_representative(db, HANDLER, stating, parties=TWO_DEBTORS)
    seen = ConfirmRepresentative(
        command_id=new_id(), case_id=CASE, paper_id=paper, document_sha256=PAPER, agrees=agrees
    )
    await confirm_representative(db, second, seen, parties=TWO_DEBTORS)


async def test_request_counts_only_behind_a_second_person(database: Database) -> None:
    """Both sides' papers lie there typed, and the jump is not lawful before each was found equal to its scan (参考价 7(2))."""
    await prepare(database)
    papers = [await asked(database, APPLICANT), await asked(database, DEBTOR)]
    before = await lawful(database)
    await looked(database, papers[0])
    between = await lawful(database)
    await looked(database, papers[1])

    assert ("online_inquiry" in before, "online_inquiry" in between) == (False, False)
    assert "online_inquiry" in await lawful(database)


async def test_circumstance_opens_no_jump_before_it_is_confirmed(database: Database) -> None:
    """A compelled appraisal that one officer typed changes nothing; confirmed it is the only lawful method (参考价 14)."""
    await prepare(database)
    command = RecordCircumstance(
        command_id=new_id(),
        case_id=CASE,
        asset_id=ASSET,
        kind="appraisal_compelled",
        statement="国有资产",
        document_sha256=PAPER,
    )
    paper = await record_circumstance(database, HANDLER, command)
    before = await lawful(database)

    assert "entrusted_appraisal" not in before
    assert await vouched(database, paper) == ("entrusted_appraisal",)


@pytest.mark.parametrize(
    ("by", "paper", "code"),
    [
        (HANDLER, PAPER, "second_person_needed"),
        (msgspec.structs.replace(CLERK, person_id=HANDLER.person_id), PAPER, "second_person_needed"),
        (CLERK, "0" * 64, "typed_paper_other_scan"),
        (THE_DEBTOR, PAPER, "role_lacking"),
    ],
)
async def test_wrong_second_person_or_scan_confirms_nothing(
    database: Database, by: Actor, paper: str, code: str
) -> None:
    """The typist under whatever account, another document, and a party are refused, and the paper still waits."""
    await prepare(database)
    waiting = await asked(database, APPLICANT)
    with pytest.raises(Refusal) as refused:
        await looked(database, waiting, by=by, paper=paper)
    async with database.reading() as tx:
        [held] = await papers_of(tx, CASE)

    assert refused.value.code == code
    assert held.agrees is None


async def test_paper_typed_wrong_never_counts(database: Database) -> None:
    """Found different it is looked at once and for all; the same request is typed anew."""
    await prepare(database)
    wrong = await asked(database, APPLICANT)
    await looked(database, wrong, agrees=False)
    with pytest.raises(Refusal, match="typed_paper_looked_at"):
        await looked(database, wrong)
    await looked(database, await asked(database, DEBTOR))
    assert "online_inquiry" not in await lawful(database)
    await looked(database, await asked(database, APPLICANT))

    assert "online_inquiry" in await lawful(database)


async def test_paper_of_another_case_or_kind_is_unknown(database: Database) -> None:
    """A statement of a representative is not confirmed by this command, nor a paper under another case's id."""
    await prepare(database)
    stating = StateRepresentative(
        command_id=new_id(), case_id=CASE, party_id=SECOND, representative_id=DEBTOR, document_sha256=PAPER
    )
    other_kind = await state_representative(database, HANDLER, stating, parties=TWO_DEBTORS)
    waiting = await asked(database, APPLICANT)
    with pytest.raises(Refusal, match="typed_paper_unknown"):
        await looked(database, other_kind)
    elsewhere = ConfirmMethodPaper(command_id=new_id(), case_id=new_id(), paper_id=waiting, document_sha256=PAPER)
    with pytest.raises(Refusal, match="typed_paper_unknown"):
        await confirm_method_paper(database, CLERK, elsewhere)


@pytest.mark.parametrize(
    ("party", "code"), [(TENANT, "method_request_no_side"), (named_id("nobody"), "not_that_party")]
)
async def test_only_a_side_of_the_case_asks(database: Database, party: UUID, code: str) -> None:
    """A tenant's request and a stranger's are not even typed."""
    await prepare(database)
    with pytest.raises(Refusal, match=code):
        await asked(database, party)


async def test_every_party_of_a_side_has_to_ask(database: Database) -> None:
    """With two debtors the first does not speak for the second (参考价 7(2): 双方当事人)."""
    await prepare(database)
    for party in (APPLICANT, DEBTOR):
        await looked(database, await asked(database, party, file=TWO_DEBTORS))
    one_missing = await lawful(database)
    await looked(database, await asked(database, SECOND, file=TWO_DEBTORS))

    assert "online_inquiry" not in one_missing
    assert "online_inquiry" in await lawful(database)


async def test_representative_asks_for_his_side(database: Database) -> None:
    """Stated by a confirmed paper he speaks for the other, who is then refused; taken back, both have to ask again."""
    await prepare(database)
    await state(database, SECOND, DEBTOR)
    with pytest.raises(Refusal, match="party_speaks_through_other"):
        await asked(database, SECOND, file=TWO_DEBTORS)
    for party in (APPLICANT, DEBTOR):
        await looked(database, await asked(database, party, file=TWO_DEBTORS))
    assert "online_inquiry" in await lawful(database)
    await state(database, SECOND, None)

    await asked(database, SECOND, file=TWO_DEBTORS)


async def test_who_asked_before_speaks_for_who_states_him_later(database: Database) -> None:
    """The first debtor has asked when the second states him: nobody need ask again, and nobody could."""
    await prepare(database)
    for party in (APPLICANT, DEBTOR):
        await looked(database, await asked(database, party, file=TWO_DEBTORS))
    before = await lawful(database)
    await state(database, SECOND, DEBTOR)

    assert "online_inquiry" not in before
    assert "online_inquiry" in await lawful(database)


async def test_who_stated_a_silent_one_has_not_asked(database: Database) -> None:
    """The second debtor asked, then stated the first, who has not: the side is not complete."""
    await prepare(database)
    for party in (APPLICANT, SECOND):
        await looked(database, await asked(database, party, file=TWO_DEBTORS))
    await state(database, SECOND, DEBTOR)
    assert "online_inquiry" not in await lawful(database)
    await looked(database, await asked(database, DEBTOR, file=TWO_DEBTORS))

    assert "online_inquiry" in await lawful(database)


async def test_unconfirmed_statement_represents_nobody(database: Database) -> None:
    """Typed by one person, or found different, a statement leaves the party its own voice."""
    await prepare(database)
    await state(database, SECOND, DEBTOR, agrees=False)
    await asked(database, SECOND, file=TWO_DEBTORS)
    with pytest.raises(Refusal, match="second_person_needed"):
        await state(database, SECOND, DEBTOR, second=HANDLER)
    with pytest.raises(Refusal, match="representative_unfit"):
        await state(database, SECOND, APPLICANT)


async def test_database_keeps_unchecked_papers_out(database: Database) -> None:
    """Past the use case, too, nothing rests on an unchecked paper, and nobody checks his own."""
    await prepare(database)
    paper = await asked(database, APPLICANT)
    with pytest.raises(DBAPIError, match="typed_paper_unchecked"):
        async with database.transaction() as tx:
            await tx.session.execute(
                text(
                    "INSERT INTO valuation.circumstance (circumstance_id, case_id, asset_id, kind, holds, statement, "
                    "document_sha256, recorded_at, paper_id) VALUES (:id, :id, :id, 'party_absent', true, 'x', :sha, :now, :id)"
                ),
                {"id": paper, "sha": PAPER, "now": tx.now},
            )
    with pytest.raises(DBAPIError, match="check"):
        async with database.transaction() as tx:
            await tx.session.execute(
                text(
                    "INSERT INTO valuation.typed_paper_check (paper_id, recorded_by, checked_by, agrees, checked_at) "
                    "VALUES (:id, :by, :by, true, :now)"
                ),
                {"id": paper, "by": HANDLER.person_id, "now": tx.now},
            )


async def test_typed_content_is_sealed(database: Database) -> None:
    """What was typed cannot be read from its row."""
    await prepare(database)
    await asked(database, APPLICANT)
    async with database.engine.connect() as line:
        [row] = (await line.exec_driver_sql("SELECT sealed FROM valuation.typed_paper")).all()

    assert b"online_inquiry" not in bytes(row.sealed)


async def test_only_officers_type_papers(database: Database) -> None:
    """A party and a bidder type nothing for anybody."""
    await prepare(database)
    for somebody in (THE_APPLICANT, actor("bidder", Role.BIDDER)):
        with pytest.raises(RoleLacking):
            await asked(database, APPLICANT, by=somebody)
