"""Seal a document: note the asking, ask the service outside any transaction, then store its mark.

1. The asking is committed with a job before the service hears of it. Whoever asked waits `ANSWER_WITHIN_S` for the answer;
   after that the job asks on under the same key, until there is one. So a process that dies between asking and recording
   costs time, never a second sealing.
2. A mark is stored once; whoever comes later with another finds the first.
3. The service's *refused* is stored and ends the attempt; the next click is a new one. A call that the service did not
   take (4xx), a wrong mark and silence leave the attempt open under its key.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from auction.fund.case_file import note_sealed_document
from auction.fund.gateway import ProviderRefused
from auction.fund.look_again import look_again
from auction.fund.rulings import operative_of
from auction.kernel.actors import SYSTEM, Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import OutcomeUnknown, Unavailable
from auction.kernel.ids import named_id
from auction.kernel.jobs import Job, enqueue
from auction.sale.cases import store
from auction.sale.cases.documents import DocumentNotSealable
from auction.sale.cases.seal import Seal, SealAnswer, SealAsked, SealMark, SealRefused, check_time
from auction.sale.cases.tables import DocumentSealRow, SealRefusalRow, SealRequestRow
from auction.sale.columns import add

ASK_SEAL = "sale.ask_seal"
ANSWER_WITHIN_S = 4.0
"""A person waits no longer than this for the service."""
JOB_AFTER = timedelta(seconds=5)
"""The job's first look; later than the person's wait, so that the two seldom ask at once."""
REASON_LENGTH = 300
ATTEMPTS_MOST = 999
"""After so many refusals of one document nobody asks any more."""


class SealDocument(Command, frozen=True, kw_only=True):
    """Put the court's seal on this document."""

    case_id: UUID
    document_id: UUID


class Sealing(msgspec.Struct, frozen=True, kw_only=True):
    """How the sealing of a document stands; the mark's fields are empty and ``None`` until it is *sealed*."""

    state: Literal["sealed", "asked"]
    seal_ref: str = ""
    signature: str = ""
    sealed_at: datetime | None = None


class SealLook(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that asks on; ``look`` counts the looks."""

    case_id: UUID
    document_id: UUID
    attempt: int
    look: int = 0


class _StoreSeal(Command, frozen=True, kw_only=True):
    case_id: UUID
    asked: SealAsked
    mark: SealMark


class _StoreRefusal(Command, frozen=True, kw_only=True):
    case_id: UUID
    document_id: UUID
    attempt: int
    reason: str


async def seal_document(db: Database, actor: Actor, command: SealDocument, *, seal: Seal) -> Sealing:
    """Ask, and store the mark when the service answers at once; else the document is *asked* and the job goes on.

    Raises: `DocumentUnknown`, `OtherCase`, `DocumentNotSealable`, `SealRefused`, `SealMarkWrong`.
    """
    require_role(actor, Role.CASE_HANDLER, Role.CLERK, Role.PRESIDING_JUDGE)
    # Nothing is read of the stored result: commands of before the seal service stored another one.
    await db.carry_out(actor, command, lambda tx: _ask(tx, command), object)
    look = await _last_attempt(db, command)
    asked, held = await _standing(db, look)
    if held is not None:
        return held
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            answer = await seal.ask(asked)
    except (OutcomeUnknown, Unavailable, TimeoutError):
        return Sealing(state="asked")
    except ProviderRefused as refused:
        raise SealRefused(reason=refused.code or "-") from refused
    if answer.state == "pending":
        return Sealing(state="asked")
    return await _take(db, actor, look, asked, answer)


async def handle_ask_seal(db: Database, seal: Seal, job: Job) -> None:
    """Ask on under the attempt's key and take the answer; look again while it is pending."""
    look = job.decode(SealLook)
    async with db.reading() as tx:
        ended = await store.seal_refusal(tx, look.document_id, look.attempt)
    asked, held = await _standing(db, look)
    if held is not None or ended is not None:
        return
    answer = await seal.ask(asked)
    if answer.state == "pending":
        again = msgspec.structs.replace(look, look=look.look + 1)
        await db.transact(lambda tx: look_again(tx, ASK_SEAL, again, look=look.look))
    elif answer.state == "refused":
        await _note_refusal(db, SYSTEM, look, answer.reason)
    else:
        await _take(db, SYSTEM, look, asked, answer)


async def hear_of_seal(db: Database, key: str) -> None:
    """Look at once at a sealing of which the service says that it moved; a key that is not open is left alone."""

    async def work(tx: Transaction) -> None:
        look = await store.open_seal_request(tx, key)
        if look is not None:
            await enqueue(tx, ASK_SEAL, SealLook(case_id=look[0], document_id=look[1], attempt=look[2]))

    await db.transact(work)


async def _ask(tx: Transaction, command: SealDocument) -> object:
    """Note the asking and enqueue its job; an attempt that is open is asked again as it is."""
    await tx.about_case(command.case_id)
    document = await store.document_row(tx, command.case_id, command.document_id)
    if not document.needs_seal:
        raise DocumentNotSealable
    request = await store.last_seal_request(tx, command.document_id)
    attempt = 1 if request is None else request.attempt
    refused = await store.seal_refusal(tx, command.document_id, attempt)
    if refused is not None:
        if attempt == ATTEMPTS_MOST:
            raise SealRefused(reason=refused.reason)
        request, attempt = None, attempt + 1
    if request is None:
        await add(tx, SealRequestRow(document_id=command.document_id, attempt=attempt, requested_at=tx.now))
    look = SealLook(case_id=command.case_id, document_id=command.document_id, attempt=attempt)
    job_id = named_id("ask seal", store.seal_key(command.document_id, attempt))
    await enqueue(tx, ASK_SEAL, look, due_at=tx.now + JOB_AFTER, only_once_as=job_id)
    return look


async def _last_attempt(db: Database, command: SealDocument) -> SealLook:
    async with db.reading() as tx:
        request = await store.last_seal_request(tx, command.document_id)
    assert request is not None, "a carried-out asking left its attempt"
    return SealLook(case_id=command.case_id, document_id=command.document_id, attempt=request.attempt)


async def _standing(db: Database, look: SealLook) -> tuple[SealAsked, Sealing | None]:
    """Give what is asked in this attempt, and the mark if there is one."""
    async with db.reading() as tx:
        asked = await store.seal_asked(tx, look.case_id, look.document_id, look.attempt)
        row = await tx.session.get(DocumentSealRow, look.document_id)
    return asked, None if row is None else _sealing(row)


async def _take(db: Database, actor: Actor, look: SealLook, asked: SealAsked, answer: SealAnswer) -> Sealing:
    """Store the mark, or the refusal, which is raised as `SealRefused`."""
    if answer.state == "refused":
        await _note_refusal(db, actor, look, answer.reason)
        raise SealRefused(reason=answer.reason or "-")
    assert answer.mark is not None, "a sealed answer carries its mark"
    command_id = named_id("seal", asked.key, answer.mark.signature)
    store_it = _StoreSeal(command_id=command_id, case_id=look.case_id, asked=asked, mark=answer.mark)
    return await db.carry_out(actor, store_it, lambda tx: _store(tx, store_it), Sealing)


async def _note_refusal(db: Database, actor: Actor, look: SealLook, reason: str) -> None:
    command_id = named_id("seal refused", store.seal_key(look.document_id, look.attempt), reason)
    refusal = _StoreRefusal(
        command_id=command_id,
        case_id=look.case_id,
        document_id=look.document_id,
        attempt=look.attempt,
        reason=reason[:REASON_LENGTH] or "-",
    )
    await db.carry_out(actor, refusal, lambda tx: _store_refusal(tx, refusal), bool)


async def _store_refusal(tx: Transaction, refusal: _StoreRefusal) -> bool:
    """Store a refusal once; a document that bears its mark is not refused any more."""
    await tx.about_case(refusal.case_id)
    if await tx.session.get(DocumentSealRow, refusal.document_id) is not None:
        return False
    if await store.seal_refusal(tx, refusal.document_id, refusal.attempt) is not None:
        return False
    row = SealRefusalRow(
        document_id=refusal.document_id, attempt=refusal.attempt, reason=refusal.reason, refused_at=tx.now
    )
    await add(tx, row)
    return True


async def _store(tx: Transaction, answer: _StoreSeal) -> Sealing:
    await tx.about_case(answer.case_id)
    document_id, mark = answer.asked.document_id, answer.mark
    held = await tx.session.get(DocumentSealRow, document_id)
    if held is not None:
        return _sealing(held)
    check_time(answer.asked, mark, now=tx.now)
    row = DocumentSealRow(
        document_id=document_id,
        seal_ref=mark.seal_ref,
        signature=mark.signature,
        sealed_at=mark.sealed_at,
        signed_document=mark.signed_document,
        public_key=mark.public_key,
    )
    await add(tx, row)
    document = await store.document_row(tx, answer.case_id, document_id)
    await note_sealed_document(
        tx,
        case_id=answer.case_id,
        document_id=document_id,
        kind=document.kind,
        body_sha256=document.body_sha256,
        operative=operative_of(tx.sealer.open(document.body_sealed)),
    )
    return _sealing(row)


def _sealing(row: DocumentSealRow) -> Sealing:
    return Sealing(state="sealed", seal_ref=row.seal_ref, signature=row.signature, sealed_at=row.sealed_at)
