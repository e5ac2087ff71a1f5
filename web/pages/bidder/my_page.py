"""My bidding: all own registrations with their states, deposits and own codes."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from litestar import get
from litestar.response import Template

from auction.fund.deposits.views import OwnDeposit, own_deposits
from auction.kernel.clock import local_day
from auction.law.parameters import LAW
from auction.sale.disclosure.own_registrations import OwnRegistration, own_registrations
from auction.sale.guards.store import refusals_of
from bidding.integrity.findings.act_store import asked_of, sanctions_of
from bidding.journal.views import standings
from web.injected import TheActor, TheDb
from web.pages import finding_words
from web.pages.bidder.register_page import FOR_BIDDERS
from web.pages.public import words
from web.pages.public.lots_page import ShownCard, shown_card
from web.rendering import page


class ShownRegistration(NamedTuple):
    """A registration with its lot and deposit."""

    own: OwnRegistration
    lot: ShownCard
    deposit: OwnDeposit
    is_present_round: bool

    @property
    def to_pay_fen(self) -> int:
        """What is still to be transferred, zero unless this bidder bought."""
        return self.deposit.to_pay_fen


@get("/my", opt=FOR_BIDDERS, include_in_schema=False)
async def show_my(db: TheDb, actor: TheActor) -> Template:
    """Show the caller's own registrations."""
    async with db.reading() as tx:
        mine, refusals = await tx.together(own_registrations(tx, actor.person_id), refusals_of(tx, actor.person_id))
        codes = {(own.round_id, own.bidder_code) for own in mine if own.bidder_code}
        rooms, deposits, asked, sanctions = await tx.together(
            standings(tx, [own.lot.session_id for own in mine]),
            own_deposits(tx, actor.person_id, [own.deposit_id for own in mine]),
            asked_of(tx, codes),
            sanctions_of(tx, codes),
        )
        now: datetime = tx.now
        shown = [
            ShownRegistration(
                own,
                shown_card(own.lot, rooms.get(own.lot.session_id), now),
                deposits[own.deposit_id],
                own.round_id == own.lot.round_id,
            )
            for own in mine
        ]
    return page(
        "bidder/my.html",
        say=words,
        shown=shown,
        now=now,
        asked=asked,
        refusals=refusals,
        sanctions=sanctions,
        findings=finding_words,
        review_days=LAW.days("sanctions.review_request_days", on=local_day(now)),
    )
