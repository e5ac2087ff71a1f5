"""The seal service's door against its sandbox: sealed once, whatever the line, the service or our process does."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from auction.fund.gateway import ProviderRefused
from auction.kernel.db import Database
from auction.kernel.errors import OutcomeUnknown, Unavailable
from auction.kernel.ids import new_id
from auction.kernel.partners import Partner
from auction.kernel.signed_calls import SignedClient
from auction.kernel.signing import DocumentKey
from auction.sale.cases import seal_document as module
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.seal import SealAsked, SealKeys, SealMarkWrong, SealRefused
from auction.sale.cases.seal_client import SealClient
from auction.sale.cases.seal_document import ASK_SEAL, SealDocument, Sealing, handle_ask_seal, seal_document
from auction.sale.cases.store import seal_key
from auction.sale.cases.views import document_file, seal_holds
from tests.auction.sale.world import World
from tests.web.partners.conftest import Street, eventually, unheard_url
from tests.web.partners.seal_child import Errand

SERVERS = ("seal",)
SEALER_SECRET = "a made-up secret for tests, 32 bytes or more"
ROOT = Path(__file__).parents[3]


class Office:
    """A court with one unsealed ruling, its door to the service, and its worker."""

    def __init__(self, street: Street, world: World, document_id: UUID) -> None:
        """Bind."""
        self.street, self.world, self.document_id = street, world, document_id
        self.door = SealClient(street.signed("seal"))
        self.key = seal_key(document_id, 1)

    async def click(self, door: SealClient | None = None, *, command_id: UUID | None = None) -> Sealing:
        """Click on the seal."""
        command = SealDocument(
            command_id=command_id or new_id(), case_id=self.world.case_id, document_id=self.document_id
        )
        return await seal_document(self.world.db, self.world.clerk, command, seal=door or self.door)

    async def work(self) -> None:
        """Run the newest job that asks the service."""
        job = (await self.world.jobs(ASK_SEAL))[-1]
        await handle_ask_seal(self.world.db, self.door, job)

    async def given(self) -> int:
        """Count the marks that the service has given."""
        return int((await self.street.order("seal", do="marks"))["marks"])

    async def stored(self) -> list[str]:
        """Give the references of the marks in the file."""
        return [row.seal_ref for row in await self.world.rows("SELECT seal_ref FROM sale.document_seal")]

    async def is_being_sealed(self) -> bool:
        """Whether the page says so."""
        shown = await self.world.read(lambda tx: document_file(tx, self.world.case_id, self.document_id))
        return shown.is_being_sealed

    async def holds(self) -> bool | None:
        """Whether the mark verifies under the service's published key."""
        keys = SealKeys(trusted=frozenset({self.street.connections["seal"]["public_key"]}))
        return await self.world.read(lambda tx: seal_holds(tx, self.world.case_id, self.document_id, keys))


@pytest.fixture
async def office(street: Street, database: Database, database_url: str) -> Office:
    """A court with one unsealed ruling and a running seal service."""
    world = World(database, database_url)
    await world.open()
    return Office(street, world, await world.document(DocumentKind.AUCTION_RULING, sealed=False))


async def test_sealed_within_the_click(office: Office) -> None:
    """The service answers at once: the document is sealed in the same answer, by the service's own reference and time."""
    sealing = await office.click()
    again = await office.click()
    (row,) = await office.world.rows("SELECT requested_at FROM sale.seal_request")

    assert (sealing.state, sealing.seal_ref, sealing.sealed_at) == ("sealed", "SBX-SEAL-000001", row.requested_at)
    assert again == sealing
    assert await office.holds() is True
    assert (await office.given(), await office.stored()) == (1, ["SBX-SEAL-000001"])


@pytest.mark.parametrize("fault", ["drop_after", "error_after", "drop_before", "error_before"])
async def test_lost_line_is_unknown_and_asked_again_under_the_same_key(office: Office, fault: str) -> None:
    """Before or after the sealing the line breaks: the document is being sealed, and the job finds or makes the one mark."""
    await office.street.order("seal", do="fault", kind=fault, path="/v1/seals")
    sealing = await office.click()
    between = await office.is_being_sealed()
    await office.work()
    await office.work()

    assert (sealing.state, between) == ("asked", True)
    assert (await office.given(), len(await office.stored())) == (1, 1)
    assert await office.holds() is True


async def test_service_that_is_slow_keeps_nobody_waiting(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person waits for a bounded time; what was sealed meanwhile is found under the same key."""
    monkeypatch.setattr(module, "ANSWER_WITHIN_S", 0.3)
    await office.street.order("seal", do="fault", kind="no_answer_after", path="/v1/seals")
    sealing = await office.click()
    await office.work()

    assert sealing.state == "asked"
    assert (await office.given(), len(await office.stored())) == (1, 1)


async def test_late_service_seals_when_it_decides(office: Office) -> None:
    """While a person at the service decides, clicks and looks find it pending; afterwards the next look takes the mark."""
    await office.street.order("seal", do="mood", mood="late")
    first, second = await office.click(), await office.click()
    await office.work()
    await office.street.order("seal", do="release", key=office.key)
    await eventually(office.given, lambda count: count == 1)
    await office.work()

    assert first == second == Sealing(state="asked")
    assert len(await office.stored()) == 1
    assert await office.holds() is True


async def test_refusing_service(office: Office) -> None:
    """A refusal leaves a draft and says why; when the service has changed its mind, a new click seals under a new key."""
    await office.street.order("seal", do="mood", mood="refuse")
    with pytest.raises(SealRefused) as refused:
        await office.click()
    await office.work()
    await office.street.order("seal", do="mood", mood="normal")
    sealing = await office.click()

    assert refused.value.facts["reason"] == "seal_custodian_declined"
    assert sealing.state == "sealed"
    assert (await office.given(), len(await office.stored())) == (1, 1)


@pytest.mark.parametrize("mood", ["wrong_signature", "wrong_document"])
async def test_wrong_mark_is_refused_until_the_service_is_repaired(office: Office, mood: str) -> None:
    """A mark that the published key did not sign, or on another paper, is not stored; the right one later is."""
    await office.street.order("seal", do="mood", mood=mood)
    for _ in range(2):
        with pytest.raises(SealMarkWrong):
            await office.click()
    with pytest.raises(SealMarkWrong):
        await office.work()
    between = await office.stored()
    await office.street.order("seal", do="correct", key=office.key)
    await eventually(office.given, lambda count: count == 2)
    await office.work()

    assert between == []
    assert await office.stored() == ["SBX-SEAL-000002"]
    assert await office.holds() is True


async def test_service_that_gives_two_marks_leaves_one(office: Office) -> None:
    """A service that answers a repeated question with another mark does not change the document that bears the first."""
    await office.street.order("seal", do="mood", mood="duplicate")
    await office.street.order("seal", do="fault", kind="drop_after", path="/v1/seals")
    await office.click()
    await office.click()
    await office.work()
    await office.click()

    assert await office.given() == 2
    assert await office.stored() == ["SBX-SEAL-000002"]


async def test_killed_between_asking_and_recording_it_is_sealed_once(office: Office, database_url: str) -> None:
    """SIGKILL while the service's answer is on its way: the job that stood behind the click finds the one mark."""
    await office.street.order("seal", do="fault", kind="no_answer_after", path="/v1/seals", hold_ms=60_000)
    errand = Errand(
        database_url=database_url,
        sealer_secret=SEALER_SECRET,
        partner=office.street.connections["seal"],
        actor=office.world.clerk,
        command_id=new_id(),
        case_id=office.world.case_id,
        document_id=office.document_id,
    )
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.web.partners.seal_child", stdin=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert child.stdin is not None
    child.stdin.write(msgspec.json.encode(errand))
    child.stdin.close()
    await eventually(office.given, lambda count: count == 1)
    child.kill()
    await child.wait()
    between = (await office.stored(), await office.is_being_sealed())
    await office.work()
    again = await office.click(command_id=errand.command_id)

    assert between == ([], True)
    assert (await office.given(), await office.stored()) == (1, ["SBX-SEAL-000001"])
    assert again.seal_ref == "SBX-SEAL-000001"
    assert await office.holds() is True


async def test_dead_between_answer_and_recording_it_is_sealed_once(office: Office) -> None:
    """The mark is in hand and the process dies before the commit: the same key gives it again."""

    class Dying:
        async def ask(self, asked: SealAsked) -> Any:  # noqa: ANN401 - never gives anything
            await office.door.ask(asked)
            raise KeyboardInterrupt

    command = SealDocument(command_id=new_id(), case_id=office.world.case_id, document_id=office.document_id)
    with pytest.raises(KeyboardInterrupt):
        await seal_document(office.world.db, office.world.clerk, command, seal=Dying())
    await office.work()

    assert (await office.given(), await office.stored()) == (1, ["SBX-SEAL-000001"])


async def test_key_of_somebody_else_is_no_key_of_the_service(office: Office) -> None:
    """A mark is checked against the configured key, not against what the service says of itself."""
    foreign = SealClient(office.street.signed("seal", public_key=DocumentKey(b"o" * 32).public.hex()))

    with pytest.raises(SealMarkWrong):
        await office.click(foreign)
    assert await office.stored() == []


async def test_nobody_at_home_and_wrong_secret(office: Office) -> None:
    """Nobody listening is `Unavailable`, a call signed wrongly is not taken; neither ends the attempt."""
    away = SealClient(office.street.signed("seal", url=unheard_url()))
    stranger = SealClient(office.street.signed("seal", secret="another-secret-of-somebody"))
    asked_away = await office.click(away)
    with pytest.raises(SealRefused) as refused:
        await office.click(stranger)
    sealing = await office.click()

    assert asked_away.state == "asked"
    assert refused.value.facts["reason"] == "signature_wrong"
    assert sealing.state == "sealed"
    (count,) = await office.world.rows("SELECT count(*) AS n FROM sale.seal_request")
    assert count.n == 1


def answering(street: Street, status: int, content: object) -> SealClient:
    """Give a door behind which somebody always answers this."""

    def answer(request: httpx.Request) -> httpx.Response:
        del request
        return httpx.Response(status, json=content)

    partner: Partner = street.partner("seal")
    client = SignedClient(partner, transport=httpx.MockTransport(answer))
    street.opened.append(client.close)
    return SealClient(client)


@pytest.mark.parametrize(
    ("status", "content", "fault"),
    [
        (200, {}, SealMarkWrong),
        (200, {"seal": {"key": "seal:other:1", "state": "pending"}}, SealMarkWrong),
        (200, {"seal": {"key": "K", "state": "sealed", "signed": None}}, SealMarkWrong),
        (200, {"seal": {"key": "K", "state": "done"}}, SealMarkWrong),
        (422, {"error": {"code": "no_such_seal", "message": ""}}, ProviderRefused),
        (429, {}, Unavailable),
        (503, {}, OutcomeUnknown),
        (408, {}, OutcomeUnknown),
    ],
)
async def test_answers_of_another_form(
    office: Office, status: int, content: dict[str, Any], fault: type[Exception]
) -> None:
    """What is no answer in the agreed form is never taken for a seal, nor for the service's refusal."""
    if content.get("seal", {}).get("key") == "K":
        content = {"seal": {**content["seal"], "key": office.key}}
    door = answering(office.street, status, content)
    if fault in (OutcomeUnknown, Unavailable):
        assert (await office.click(door)).state == "asked"
    else:
        with pytest.raises(SealRefused if fault is ProviderRefused else fault):
            await office.click(door)

    assert await office.stored() == []
    assert await office.is_being_sealed()
