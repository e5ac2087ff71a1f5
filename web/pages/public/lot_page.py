"""The page of one lot: notice, warnings, asset, bids, rights of first refusal, the room, and the result."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Template

from auction.fund.loans.limit_store import spending_plan
from auction.fund.loans.limits import SpendingPlan
from auction.kernel.actors import Actor, Role
from auction.kernel.clock import from_us, local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import SessionId
from auction.law.guards import GUARDS
from auction.law.parameters import LAW
from auction.sale.cases.assets import FIELD_TITLES
from auction.sale.disclosure.lot_file import LotFile, PriceShown, lot_file
from auction.sale.disclosure.own_registrations import OwnRegistration, own_registration_for
from auction.sale.lots.sell_off import prepayment_fen
from auction.sale.pictures.pictures import PicturesOfLot
from auction.sale.pictures.store import pictures_of
from auction.sale.rounds.bidders import RegistrationState
from auction.sale.visitors.lot_questions import AnswerShown
from auction.sale.visitors.store import answers_about, slots_of_round
from auction.sale.visitors.viewings import SlotShown
from bidding.journal.follow_journal import RoomView, room_with_bids
from bidding.journal.views import MAX_BIDS, BidShown, Interruption, bids_shown, interruptions
from bidding.rules.session import SPC_2016
from valuation.inquiries.views import InquiryShown, inquiry_behind
from web.auth.guards import PUBLIC
from web.display import figures
from web.injected import TheDb, TheWiring
from web.pages.public import words
from web.pages.public.ladder import LARGE_JUMP_STEPS, rungs
from web.pages.public.price_chart import price_chart
from web.pages.public.room_texts import room_texts
from web.pages.public.stage import RUNNING, STAGES, MainStep, Stage, main_step, stage_of
from web.qr_picture import qr_picture
from web.rendering import page
from web.texts import _
from web.visit import Visit, visit_of


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page shows, read together."""

    file: LotFile
    now: datetime
    room: RoomView | None
    bids: list[BidShown]
    interruptions: list[Interruption]
    slots: list[SlotShown]
    """Viewings still to come."""
    answers: list[AnswerShown]
    pictures: PicturesOfLot
    inquiry: InquiryShown | None
    own: OwnRegistration | None
    plan: SpendingPlan | None = None
    """The visitor's own limit, which nobody else is shown."""

    @property
    def stage(self) -> Stage:
        """How the lot stands."""
        card, room = self.file.card, self.room
        if room is None:
            return stage_of(card.state, opens_at=card.opens_at, now=self.now)
        return stage_of(
            card.state,
            opens_at=card.opens_at,
            now=self.now,
            phase=room.phase,
            end_us=room.end_us,
            halted=room.halted,
        )

    @property
    def ends_at(self) -> datetime:
        """The end as it stands now, extensions included."""
        return self.file.card.closes_at if self.room is None else from_us(self.room.end_us)

    @property
    def is_leading(self) -> bool:
        """Whether the visitor's own code leads."""
        return bool(self.room and self.own and self.own.bidder_code and self.room.leader == self.own.bidder_code)

    @property
    def has_bid(self) -> bool:
        """Whether the visitor's own code stands in the public record."""
        return self.own is not None and any(bid.code == self.own.bidder_code for bid in self.bids)


@get("/lots/{lot_id:uuid}", opt=dict(PUBLIC), include_in_schema=False)
async def show_lot_page(
    lot_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, wiring: TheWiring
) -> Template:
    """Show a public lot; `LotUnknown` before its first notice."""
    visit = visit_of(request)
    seen = await read_lot(db, lot_id, visit.actor)
    on = local_day(seen.file.card.opens_at)
    return page(
        "public/lot.html",
        say=words,
        seen=seen,
        file=seen.file,
        card=seen.file.card,
        terms=seen.file.terms,
        stage=seen.stage,
        named=STAGES[seen.stage],
        step=step_of(seen, visit),
        steps=MainStep,
        is_running=seen.stage in RUNNING,
        chart=price_chart(seen.bids),
        rungs=rungs(seen.room) if seen.room is not None else [],
        field_titles=FIELD_TITLES,
        extension_minutes=int(LAW.duration("auction.extension_minutes", on=on).total_seconds() // 60),
        prepayment_fen=prepayment_fen(seen.file.terms),
        competition_hours=int(LAW.duration("sell_off.round_hours", on=on).total_seconds() // 3600),
        refund_hours=int(LAW.duration("auction.refund_hours", on=on).total_seconds() // 3600),
        least_left_minutes=SPC_2016.least_left_us // 60_000_000,
        room_texts=room_texts(_no_price(seen)),
        no_price=_no_price(seen),
        address=(address := f"{wiring.settings.site_url.rstrip('/')}/lots/{lot_id}"),
        qr=qr_picture(address),
        large_jump=LARGE_JUMP_STEPS,
        may_enter=_may_enter(seen),
        guards=[one for one in GUARDS.in_force(seen.file.notice.announced_on) if one.place != "listing"],
    )


async def read_lot(db: Database, lot_id: UUID, actor: Actor | None) -> Seen:
    """Read all that the page shows, as it was at one instant."""
    async with db.reading() as tx:
        file, answers, pictures = await tx.together(
            lot_file(tx, lot_id), answers_about(tx, lot_id), pictures_of(tx, lot_id)
        )
        (room, bids), stops, slots, inquiry, (own, plan) = await tx.together(
            room_with_bids(tx, SessionId(file.card.session_id), most=MAX_BIDS),
            interruptions(tx, file.card.session_id),
            _slots_to_come(tx, file),
            _inquiry(tx, file.price),
            _own(tx, actor, file.card.round_id),
        )
        return Seen(
            file=file,
            now=tx.now,
            room=room,
            bids=bids_shown(bids),
            interruptions=[] if room is None else stops,
            slots=slots,
            answers=answers,
            pictures=pictures,
            inquiry=inquiry,
            own=own,
            plan=plan,
        )


async def _own(
    tx: Transaction, actor: Actor | None, round_id: UUID
) -> tuple[OwnRegistration | None, SpendingPlan | None]:
    """Give the visitor's own registration for the round, with his limit."""
    own = None if actor is None else await own_registration_for(tx, actor.person_id, round_id)
    if actor is None or own is None:
        return None, None
    return own, await spending_plan(tx, actor.person_id, own.registration_id)


async def _slots_to_come(tx: Transaction, file: LotFile) -> list[SlotShown]:
    """Give the viewings still to come; all of them end before the opening, so that nobody is asked after it."""
    if tx.now >= file.card.opens_at:
        return []
    return [slot for slot in await slots_of_round(tx, file.card.round_id) if slot.starts_at > tx.now]


async def _inquiry(tx: Transaction, price: PriceShown) -> InquiryShown | None:
    """Give the inquiry behind a price that came from one."""
    return await inquiry_behind(tx, price.reference_price_id) if price.method == "online_inquiry" else None


def step_of(seen: Seen, visit: Visit) -> MainStep:
    """Give what this visitor would do next."""
    return main_step(
        seen.stage,
        signed_in=visit.actor is not None,
        is_bidder=visit.actor is not None and Role.BIDDER in visit.actor.roles,
        registration=None if seen.own is None else seen.own.state,
        is_leading=seen.is_leading,
    )


def _no_price(seen: Seen) -> str:
    """Give what stands in the place of the price while nobody has bid: the starting price, and that it is one."""
    return _("{amount} 起拍").format(amount=figures(seen.file.terms.reserve_fen))


def _may_enter(seen: Seen) -> bool:
    """Whether the visitor enters the room as a bidder."""
    return seen.own is not None and seen.own.state is RegistrationState.ADMITTED and seen.stage in RUNNING
