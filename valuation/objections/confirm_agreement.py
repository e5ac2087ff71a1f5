"""Confirm an agreement: the court saw that equal prices harm nobody else, and they become the price (参考价 4)."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.contracts import ReferencePrice
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed
from auction.kernel.signing import fingerprint
from valuation.agreements import agreement_store as store
from valuation.agreements.agreement import AgreementOver, Proposal, failure_of, result_of
from valuation.agreements.record_proposal import BothSidesByOne
from valuation.methods.step_store import end_step, step
from valuation.objections.fix_price import fix_price

REASON_LIMIT = 2000


class ConfirmAgreement(Command, frozen=True, kw_only=True):
    """What the court found of equal prices: harmless to the state, the public and others, or not; with its reasons."""

    step_id: UUID
    is_harmless: bool
    reasons: str


class AgreementConfirmed(msgspec.Struct, frozen=True, kw_only=True):
    """The price; ``None`` where the court refused it and the method failed."""

    price: ReferencePrice | None


class ReasonsMissing(Malformed):
    """The court decides on an agreement without saying why."""

    code = "agreement_reasons_missing"
    article = "参考价 4"
    zh = "应当写明审查理由，且不超过{limit}字。"
    en = "The court's reasons are needed, in at most {limit} characters."


async def confirm_agreement(db: Database, actor: Actor, command: ConfirmAgreement) -> AgreementConfirmed:
    """Make equal prices the reference price, or end the method without one; raises `AgreementOver` unless they are equal."""
    require_role(actor, Role.CASE_HANDLER)
    if not 0 < len(command.reasons.strip()) <= REASON_LIMIT:
        raise ReasonsMissing(limit=REASON_LIMIT)

    async def work(tx: Transaction) -> AgreementConfirmed:
        await tx.about_case((await store.agreement(tx, command.step_id)).case_id)
        if (await store.agreement(tx, command.step_id)).state != "equal":
            raise AgreementOver
        typed = await store.recorders(tx, command.step_id)
        if any(actor.person_id in persons for persons in typed.values()):
            raise BothSidesByOne
        agreed = result_of(
            list(await store.invited(tx, command.step_id)), await store.open_proposals(tx, command.step_id)
        )
        assert agreed.agreed is not None, "equal prices stay equal: proposals are append-only"
        failure = failure_of(agreed, is_harmless=command.is_harmless)
        if failure is not None:
            await store.set_state(tx, command.step_id, "failed")
            await end_step(tx, command.step_id, "failed", failure)
            return AgreementConfirmed(price=None)
        await store.set_state(tx, command.step_id, "priced")
        return AgreementConfirmed(price=await _fix(tx, command, agreed.agreed))

    return await db.carry_out(actor, command, work, AgreementConfirmed)


async def _fix(tx: Transaction, command: ConfirmAgreement, agreed: Proposal) -> ReferencePrice:
    parties = [str(party) for party in await store.invited(tx, command.step_id)]
    evidence = {"parties": parties, "amount_fen": str(agreed.amount_fen), "valid_until": agreed.valid_until.isoformat()}
    return await fix_price(
        tx,
        await step(tx, command.step_id),
        amount_fen=agreed.amount_fen,
        valid_until=agreed.valid_until,
        evidence_sha256=fingerprint({**evidence, "reasons": command.reasons.strip()}),
    )
