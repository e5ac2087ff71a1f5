"""The way of an asset to its price as desks show it: every step with its ground, what may come next, and why not the rest."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from auction.kernel.db import Transaction
from auction.kernel.sentences import Said
from valuation.agreements import agreement_store as agreements
from valuation.agreements.agreement import AgreementState, Proposal
from valuation.methods.order import Circumstance, Standing, judge
from valuation.methods.step_store import newest_price, standing_of, steps_of
from valuation.methods.steps import METHODS, Method, StandingPrice, Step, this_way
from valuation.targeted_inquiries import targeted_store as targeted

SEEN = frozenset({"equal", "priced", "failed"})
"""States in which the seals of an agreement are open; those of a withdrawn one stay closed for ever."""


class MethodJudged(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a method may be taken now: its article, or the reason why not."""

    method: Method
    article: str | None
    why_not: Said | None


class InvitedParty(msgspec.Struct, frozen=True, kw_only=True):
    """One party asked for a price; the price itself is shown only once the agreement is closed."""

    party_id: UUID
    side: str
    proposed_at: datetime | None
    proposal: Proposal | None


class AgreementWay(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement with everybody who was asked."""

    step_id: UUID
    until: date
    deadline_at: datetime
    state: AgreementState
    invited: tuple[InvitedParty, ...]


class TargetedWay(msgspec.Struct, frozen=True, kw_only=True):
    """A targeted inquiry with the answers recorded."""

    inquiry: targeted.TargetedInquiry
    answers: tuple[targeted.TargetedAnswer, ...]
    result: targeted.TargetedResult | None
    """The answer that goes or went to the parties."""
    services: dict[UUID, date]
    """Whom it reached, and when."""

    @property
    def right_answer(self) -> targeted.TargetedAnswer | None:
        """Give the answer that two persons vouch for."""
        return next((answer for answer in self.answers if answer.is_right), None)


class PriceWay(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of an asset's way to its price that lies in the methods themselves."""

    steps: tuple[Step, ...]
    standing: Standing
    circumstances: tuple[Circumstance, ...]
    judged: tuple[MethodJudged, ...]
    price: StandingPrice | None
    agreement: AgreementWay | None
    """The newest agreement."""
    targeted: TargetedWay | None
    """The newest targeted inquiry."""

    @property
    def running(self) -> Step | None:
        """Give the step that is under way."""
        return next((step for step in self.steps if step.outcome is None), None)

    @property
    def present_price(self) -> StandingPrice | None:
        """Give the newest price unless it was set aside or the next way began: then none is present (steps, rule 3)."""
        is_past = self.price is None or self.price.set_aside or bool(this_way(self.steps))
        return None if is_past else self.price


async def way_of(tx: Transaction, asset_id: UUID) -> PriceWay:
    """Give the way of an asset to its price. Source: 参考价 2, 4–7, 14, 34."""
    steps = await steps_of(tx, asset_id)
    newest = {step.method: step.step_id for step in steps}
    standing, price, agreement, inquiry = await tx.together(
        standing_of(tx, asset_id),
        newest_price(tx, asset_id),
        _agreement(tx, newest.get("agreement")),
        _targeted(tx, newest.get("targeted_inquiry")),
    )
    return PriceWay(
        steps=tuple(steps),
        standing=standing,
        circumstances=tuple(sorted(standing.circumstances)),
        judged=tuple(_judged(method, standing) for method in METHODS),
        price=price,
        agreement=agreement,
        targeted=inquiry,
    )


def _judged(method: Method, standing: Standing) -> MethodJudged:
    verdict = judge(method, standing)
    if isinstance(verdict, Said):
        return MethodJudged(method=method, article=None, why_not=verdict)
    return MethodJudged(method=method, article=verdict, why_not=None)


async def _agreement(tx: Transaction, step_id: UUID | None) -> AgreementWay | None:
    if step_id is None:
        return None
    found = await agreements.agreement(tx, step_id)
    proposed = await agreements.proposed_at(tx, step_id)
    proposals = await agreements.open_proposals(tx, step_id) if found.state in SEEN else {}
    invited = [
        InvitedParty(party_id=party, side=side, proposed_at=proposed.get(party), proposal=proposals.get(party))
        for party, side in (await agreements.invited(tx, step_id)).items()
    ]
    return AgreementWay(
        step_id=step_id,
        until=found.until,
        deadline_at=found.deadline_at,
        state=found.state,
        invited=tuple(invited),
    )


async def _targeted(tx: Transaction, step_id: UUID | None) -> TargetedWay | None:
    if step_id is None:
        return None
    inquiry, answers, result, services = await tx.together(
        targeted.inquiry(tx, step_id),
        targeted.answers(tx, step_id),
        targeted.result_of(tx, step_id),
        targeted.services(tx, step_id),
    )
    return TargetedWay(inquiry=inquiry, answers=tuple(answers), result=result, services=services)
