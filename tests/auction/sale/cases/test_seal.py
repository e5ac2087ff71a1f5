"""Sealing through a service: asked before, marked once, verified, refused, asked again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from auction.fund.gateway import ProviderRefused
from auction.kernel.clock import local
from auction.kernel.errors import OutcomeUnknown, Unavailable
from auction.kernel.ids import new_id
from auction.kernel.signing import DocumentKey
from auction.sale.cases.documents import DocumentIsDraft, DocumentKind
from auction.sale.cases.seal import (
    CLOCKS_APART,
    SealAnswer,
    SealAsked,
    SealKeys,
    SealMarkWrong,
    SealRefused,
    check_mark,
)
from auction.sale.cases.seal_document import (
    ASK_SEAL,
    JOB_AFTER,
    SealDocument,
    Sealing,
    handle_ask_seal,
    hear_of_seal,
    seal_document,
)
from auction.sale.cases.store import seal_key
from auction.sale.cases.views import DocumentFile, document_file, seal_holds
from auction.sale.worklist import work_list
from tests.auction.sale.fake_seal import KEY, FakeSeal, signed_mark
from tests.auction.sale.world import FIRST_DAY, World

PENDING = SealAnswer(state="pending")
REFUSED = SealAnswer(state="refused", reason="custodian_declined")
OTHER_KEY = DocumentKey(b"o" * 32)


@pytest.fixture
async def paper(world: World) -> UUID:
    """A ruling without the seal."""
    await world.open()
    return await world.document(DocumentKind.AUCTION_RULING, sealed=False)


async def click(world: World, document_id: UUID, command_id: UUID | None = None) -> Sealing:
    """Click on the seal."""
    command = SealDocument(command_id=command_id or new_id(), case_id=world.case_id, document_id=document_id)
    return await seal_document(world.db, world.clerk, command, seal=world.seal)


async def run_jobs(world: World, *, at_most: int = 1) -> None:
    """Run the newest job that asks the service, as a worker would when it is due."""
    for job in (await world.jobs(ASK_SEAL))[-at_most:]:
        await handle_ask_seal(world.db, world.seal, job)


async def shown(world: World, document_id: UUID) -> DocumentFile:
    """Read a document as its page does."""
    return await world.read(lambda tx: document_file(tx, world.case_id, document_id))


async def holds(world: World, document_id: UUID, keys: SealKeys = FakeSeal.keys) -> bool | None:
    """Verify a document's mark as its page does."""
    return await world.read(lambda tx: seal_holds(tx, world.case_id, document_id, keys))


def marking(key: DocumentKey = KEY, **changes: Any) -> Callable[[SealAsked], SealAnswer]:  # noqa: ANN401 - JSON
    """Answer with a mark that says something else."""

    def answer(asked: SealAsked) -> SealAnswer:
        mark = check_mark(asked, signed_mark(asked, key=key, **changes), public_key=KEY.public.hex())
        return SealAnswer(state="sealed", mark=mark)

    return answer


async def marks(world: World) -> int:
    """Count the marks, each of which the fund knows."""
    (count,) = await world.rows("SELECT count(*) AS n FROM sale.document_seal")
    (noted,) = await world.rows("SELECT count(*) AS n FROM fund.case_document")
    assert count.n == noted.n
    return int(count.n)


async def test_service_that_answers_at_once_seals_within_the_click(world: World, paper: UUID) -> None:
    """The answer to the click is the mark; the job that stood behind it asks nobody any more."""
    sealing = await click(world, paper)
    await run_jobs(world)

    document = await shown(world, paper)
    assert (sealing.state, sealing.seal_ref) == ("sealed", f"mark-{seal_key(paper, 1)}")
    assert (document.is_draft, document.is_being_sealed, document.seal_ref) == (False, False, sealing.seal_ref)
    assert len(world.seal.asked) == 1
    assert await holds(world, paper) is True


@pytest.mark.parametrize("fault", [OutcomeUnknown("timeout"), Unavailable("nobody"), TimeoutError(), PENDING])
async def test_silence_leaves_it_being_sealed_and_the_job_asks_on(
    world: World, paper: UUID, fault: Exception | SealAnswer
) -> None:
    """No answer is no failure: the paper is being sealed, and the job asks under the same key until it bears its mark."""
    world.seal.answers = [fault]
    sealing = await click(world, paper)
    between = await shown(world, paper)
    desk = await world.read(lambda tx: work_list(tx, world.clerk))
    await run_jobs(world)

    assert sealing == Sealing(state="asked")
    assert (between.is_draft, between.is_being_sealed) == (True, True)
    assert [draft.is_being_sealed for draft in desk.drafts] == [True]
    assert not (await shown(world, paper)).is_draft
    assert {asked.key for asked in world.seal.asked} == {seal_key(paper, 1)}
    assert await marks(world) == 1


async def test_job_falls_due_after_the_persons_wait(world: World, paper: UUID) -> None:
    """The job exists with the asking, whatever becomes of the process, and is due a little later, once."""
    world.seal.answers = [OutcomeUnknown("timeout"), OutcomeUnknown("timeout")]
    for _ in range(2):
        await click(world, paper)

    (job,) = await world.rows("SELECT due_at - created_at AS pause FROM kernel.job WHERE kind = :kind", kind=ASK_SEAL)
    assert job.pause == JOB_AFTER


async def test_pending_is_looked_at_again(world: World, paper: UUID) -> None:
    """While the service has not decided, each look plans the next one."""
    world.seal.answers = [PENDING, PENDING]
    await click(world, paper)
    await run_jobs(world)
    await run_jobs(world)

    assert len(await world.jobs(ASK_SEAL)) == 2
    assert await marks(world) == 1


async def test_repeated_click_asks_again_under_the_same_key(world: World, paper: UUID) -> None:
    """A second click, with the same command or another one, asks under the same key and finds the one mark."""
    world.seal.answers = [OutcomeUnknown("timeout")]
    command_id = new_id()
    first = await click(world, paper, command_id)
    later = [await click(world, paper, command_id), await click(world, paper, command_id), await click(world, paper)]

    assert first.state == "asked"
    assert len({sealing.signature for sealing in later}) == 1
    assert {asked.key for asked in world.seal.asked} == {seal_key(paper, 1)}
    assert len(world.seal.asked) == 2
    assert await marks(world) == 1


async def test_first_of_two_marks_stays(world: World, paper: UUID) -> None:
    """Where click and job bring two different right marks of one sealing, the first that was stored stays."""
    world.seal.answers = [OutcomeUnknown("timeout")]
    await click(world, paper)
    (job,) = await world.jobs(ASK_SEAL)
    other = FakeSeal()

    async def overtaken(asked: SealAsked) -> SealAnswer:
        await click(world, paper)
        return marking(seal_ref="second")(asked)

    other.ask = overtaken  # type: ignore[method-assign]  # the click comes while the job's question is on its way
    await handle_ask_seal(world.db, other, job)

    assert (await shown(world, paper)).seal_ref == f"mark-{seal_key(paper, 1)}"
    assert await marks(world) == 1


@pytest.mark.parametrize(
    "answer",
    [
        marking(OTHER_KEY),
        marking(body_sha256="0" * 64),
        marking(case_number="(2026)京0105执9999号"),
        marking(kind="seizure_ruling"),
        marking(document_id=str(new_id())),
        marking(court="另一法院"),
        marking(title="另一份文书"),
        marking(seal_ref=""),
        marking(seal_ref=None),
        marking(sealed_at="2027-03-01T09:00:00"),
        marking(sealed_at="2027-02-28T00:00:00+00:00"),
        marking(sealed_at="2027-03-02T00:00:00+00:00"),
        marking(remark="x" * 20_000),
    ],
    ids=["key", "body", "case", "kind", "id", "court", "title", "empty", "none", "naive", "before", "after", "large"],
)
async def test_wrong_mark_changes_nothing(world: World, paper: UUID, answer: Callable[[SealAsked], SealAnswer]) -> None:
    """A mark of another key, on another paper, of another form or time is refused by code, on both ways, and nothing is kept."""
    world.seal.answers = [answer, answer]
    with pytest.raises(SealMarkWrong) as refused:
        await click(world, paper)
    (job,) = await world.jobs(ASK_SEAL)
    with pytest.raises(SealMarkWrong):
        await handle_ask_seal(world.db, world.seal, job)

    assert refused.value.code == "seal_mark_wrong"
    assert "未作任何更改" in refused.value.sentence("zh")
    assert "nothing was changed" in refused.value.sentence("en")
    assert await marks(world) == 0
    with pytest.raises(DocumentIsDraft):
        await world.serve(paper, next(iter(world.parties.values())), local(FIRST_DAY, 9))
    await run_jobs(world)
    assert await marks(world) == 1


@pytest.mark.parametrize(
    ("away", "is_taken"),
    [
        (-CLOCKS_APART - timedelta(microseconds=1), False),
        (-CLOCKS_APART, True),
        (CLOCKS_APART, True),
        (CLOCKS_APART + timedelta(microseconds=1), False),
    ],
)
async def test_time_of_sealing_may_be_five_minutes_away(
    world: World, paper: UUID, away: timedelta, is_taken: bool
) -> None:
    """A mark's time lies between the asking and now, but for the difference of two clocks."""
    at = local(FIRST_DAY, 9) + away
    world.seal.answers = [marking(sealed_at=at.isoformat())]
    if is_taken:
        assert (await click(world, paper)).sealed_at == at
        return
    with pytest.raises(SealMarkWrong):
        await click(world, paper)


async def test_refusal_ends_the_attempt_and_the_next_click_is_another(world: World, paper: UUID) -> None:
    """The service's refusal is kept and shown; a new click asks under a new key; the old key is asked no more."""
    world.seal.answers = [REFUSED]
    with pytest.raises(SealRefused) as refused:
        await click(world, paper)
    between = await shown(world, paper)
    await run_jobs(world)
    again = await click(world, paper)

    assert "custodian_declined" in refused.value.sentence("zh")
    assert (between.seal_refusal, between.is_being_sealed, between.is_draft) == ("custodian_declined", False, True)
    assert [asked.key for asked in world.seal.asked] == [seal_key(paper, 1), seal_key(paper, 2)]
    assert again.state == "sealed"
    assert await holds(world, paper) is True


async def test_refusal_that_the_job_hears_is_kept_too(world: World, paper: UUID) -> None:
    """A late refusal ends the attempt as well, once, and is no failed job."""
    world.seal.answers = [PENDING, REFUSED]
    await click(world, paper)
    await run_jobs(world)
    await run_jobs(world)

    assert (await shown(world, paper)).seal_refusal == "custodian_declined"
    assert len(world.seal.asked) == 2
    (count,) = await world.rows("SELECT count(*) AS n FROM sale.seal_refusal")
    assert count.n == 1


async def test_call_that_is_not_taken_leaves_the_attempt_open(world: World, paper: UUID) -> None:
    """A call that the service would not take says nothing of the paper: nothing is stored, the key stays the same."""
    world.seal.answers = [ProviderRefused("signature_wrong"), ProviderRefused("signature_wrong")]
    with pytest.raises(SealRefused):
        await click(world, paper)
    (job,) = await world.jobs(ASK_SEAL)
    with pytest.raises(ProviderRefused):
        await handle_ask_seal(world.db, world.seal, job)

    assert (await shown(world, paper)).is_being_sealed
    await click(world, paper)
    assert {asked.key for asked in world.seal.asked} == {seal_key(paper, 1)}


async def test_hint_makes_us_look_at_what_is_open_only(world: World, paper: UUID) -> None:
    """A hint enqueues a look at an open sealing; one on an unknown, malformed, sealed or refused key does nothing."""
    world.seal.answers = [PENDING]
    await click(world, paper)
    for key in ("", "seal:x:1", seal_key(new_id(), 1), seal_key(paper, 2), seal_key(paper, 1) + "\n"):
        await hear_of_seal(world.db, key)
    before = len(await world.jobs(ASK_SEAL))
    await hear_of_seal(world.db, seal_key(paper, 1))
    await run_jobs(world)
    await hear_of_seal(world.db, seal_key(paper, 1))

    assert before == 1
    assert len(await world.jobs(ASK_SEAL)) == 2
    assert await marks(world) == 1


async def test_stored_mark_is_believed_under_listed_keys_only(world: World, paper: UUID) -> None:
    """A mark verifies as long as its key is listed, present or former, and under no other key."""
    assert await holds(world, paper) is None
    await click(world, paper)
    rotated = SealKeys(trusted=frozenset({OTHER_KEY.public.hex(), KEY.public.hex()}))
    foreign = SealKeys(trusted=frozenset({OTHER_KEY.public.hex()}))

    assert await holds(world, paper, rotated) is True
    assert await holds(world, paper, foreign) is False


async def test_marks_of_before_the_seal_service_stay_verifiable(world: World, paper: UUID) -> None:
    """A document that the installation itself sealed before is sealed, and its mark verifies under the key of that time."""
    asked = (await shown(world, paper)).body_sha256
    content = {
        "document_id": str(paper),
        "court": "北京市示例区人民法院",
        "title": f"示例{DocumentKind.AUCTION_RULING.value}",
        "sha256": asked,
    }
    await world.rows(
        "WITH r AS (INSERT INTO sale.seal_request (document_id, requested_at) VALUES (:id, kernel.now_at()) RETURNING 1) "
        "INSERT INTO sale.document_seal (document_id, seal_ref, signature, sealed_at) "
        "SELECT :id, 'sandbox-' || :id, :signature, kernel.now_at() FROM r RETURNING 1",
        id=paper,
        signature=OTHER_KEY.sign(content),
    )

    assert not (await shown(world, paper)).is_draft
    assert (await click(world, paper)).signature == OTHER_KEY.sign(content)
    assert world.seal.asked == []
    before = SealKeys(trusted=frozenset(), before_service=OTHER_KEY.public)
    assert await holds(world, paper, before) is True
    assert await holds(world, paper, SealKeys(trusted=frozenset(), before_service=KEY.public)) is False
    assert await holds(world, paper) is False
