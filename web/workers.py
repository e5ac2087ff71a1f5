"""The worker: which handler works off which kind of job, and what is polled beside."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import date, timedelta
from functools import partial

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from auction.contracts import RoundFate
from auction.fund.channels import confirm_statement, read_order, sweep_receipt, take_provider_event
from auction.fund.channels import poll_bank as poll
from auction.fund.channels.monthly_report import draw_month
from auction.fund.channels.note_provider_charges import note_provider_charges
from auction.fund.channels.note_provider_payouts import note_provider_payouts
from auction.fund.channels.reconcile import reconcile
from auction.fund.deposits import (
    advance_deposit,
    apply_deposit,
    move_deposit,
    open_virtual_account,
    release_deposit,
    send_refund,
)
from auction.fund.deposits import start_card_payment as cards
from auction.fund.ledger import publish_heads
from auction.fund.loans import answer_clock, apply_for_loan, commit_loan, draw_clock, draw_loan
from auction.fund.loans.tell_room import TELL_LIMIT
from auction.fund.payouts import sign_step
from auction.fund.payouts.standing import ring_for_standing
from auction.fund.settlement import note_service as plan_service
from auction.fund.settlement import take_tax_assessment
from auction.kernel.clock import local, local_day, real_now
from auction.kernel.config import Settings
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import FaultOfOthers, InvariantViolated, Refusal
from auction.kernel.ids import named_id
from auction.kernel.jobs import Handler, Job, enqueue
from auction.kernel.log import get_log
from auction.sale.cases import (
    issue_account_notice,
    issue_draw_notice,
    seal_document,
    set_aside_reference_price,
    take_reference_price,
)
from auction.sale.guards import ask_control
from auction.sale.keys import key_registration, rekey_registrations
from auction.sale.links.decided import TELL_OF_LINK, TELL_ROOMS, TELL_ROOMS_OF_REVOCATION
from auction.sale.links.seal_links import seal_links
from auction.sale.links.traits import KEY_REGISTRATION
from auction.sale.pictures import examine_picture
from auction.sale.pictures.bring_picture import EXAMINE_PICTURE
from auction.sale.registers import ask_lists
from auction.sale.rounds import admit_bidder, note_finding, open_round, record_outcome
from auction.sale.rounds import tell_same_person as sale_same_person
from auction.sale.rounds.linked_codes import LinkedCodes
from auction.sale.rounds.tell_integrity import PublishedRounds, ensure_roster
from auction.sale.title import note_full_payment, pass_title
from bidding.integrity.links import take_keys
from bidding.integrity.watch import run_nightly, screen_round, take_fate, take_roster
from bidding.integrity.watch.watch_rooms import RoomWatch
from bidding.journal import admit_bidder as room_admission
from bidding.journal import close_session, open_session, record_persons, stop_session
from valuation.agreements import close_agreement
from valuation.appraisals.keep_history import LOOK
from valuation.appraisals.procedure import look_at_appraisal
from valuation.appraisals.reports import note_paper_service
from valuation.draws import fail_draw, fetch_round, notices
from valuation.draws.look_at_draws import look_at_draws
from valuation.facts import ask_register
from valuation.inquiries import ask_platform, close_inquiry
from valuation.inquiries.corrections import demand_correction
from valuation.inquiries.stops import withdraw_inquiry
from valuation.inquiries.take_platform_report import CLOSE_CORRECTION, poll_platforms
from valuation.objections import fix_reference_price, note_service, note_targeted_service
from web import leave_room
from web.auth.find_session import sweep_sessions
from web.catalogue.store import read_waiting
from web.following.look_for_news import look_for_news
from web.following.send_message import CHECK_MESSAGE, PostOffice, handle_check_message, handle_send_message
from web.following.store import SEND_MESSAGE
from web.keys import SiteKeys
from web.live_wiring import build_live
from web.own_limit import handle_tell_limit
from web.ports import Ports, build_ports
from web.process import link_keys_of, secret_of
from web.stalls.screen_cases import screen_cases
from web.webhooks import POLL_BANK

POLL_S = 1.0
NEWS_S = 5.0
"""So often is looked for what is to be told."""
NIGHTLY = "web.nightly"
NIGHT_HOUR = 3
"""Beijing time at which provider, bank and books are compared."""

log = get_log("web.workers")


class Night(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the nightly job."""

    day: date


class Worker:
    """All handlers of this installation, bound to its database, rooms and partners."""

    def __init__(self, settings: Settings, db: Database) -> None:
        """Wire the ports; nothing is sent yet."""
        self.db = db
        self.live = build_live(settings)
        self.ports: Ports = build_ports(settings)
        self.keys = SiteKeys(secret_of(settings))
        self.office = PostOffice(messengers=self.ports.messengers, site_url=settings.site_url.rstrip("/"))
        self.link_keys = link_keys_of(settings)

    async def close(self) -> None:
        """Close clients."""
        await self.ports.close()
        await self.live.nodes.close()

    def handlers(self) -> Mapping[str, Handler]:
        """Give the handler of every kind of job."""
        return {**self._sale(), **self._valuation(), **self._bidding(), **self._fund(), **self._own()}

    def _own(self) -> dict[str, Handler]:
        return {
            NIGHTLY: self._nightly,
            SEND_MESSAGE: _bound(self.db, self.office, handle_send_message),
            CHECK_MESSAGE: _bound(self.db, self.office, handle_check_message),
        }

    def _sale(self) -> dict[str, Handler]:
        on = self._on_database
        return {
            "sale.take_reference_price": on(take_reference_price.handle_reference_price),
            set_aside_reference_price.SET_ASIDE_REFERENCE_PRICE: on(set_aside_reference_price.handle_price_set_aside),
            "sale.deposit_held": on(admit_bidder.handle_deposit_held),
            "sale.open_round": on(open_round.handle_open_round),
            TELL_OF_LINK: on(sale_same_person.handle_tell_of_link),
            TELL_ROOMS: on(sale_same_person.handle_link_decided),
            TELL_ROOMS_OF_REVOCATION: on(sale_same_person.handle_persons_parted),
            "sale.record_outcome": on(record_outcome.handle_record_outcome),
            note_finding.NOTE_FINDING: on(note_finding.handle_note_finding),
            "sale.receipts_complete": on(note_full_payment.handle_receipts_complete),
            "sale.note_title_service": on(pass_title.handle_title_service),
            issue_account_notice.ISSUE_ACCOUNT_NOTICE: on(issue_account_notice.handle_payee_account_changed),
            issue_draw_notice.ISSUE_DRAW_NOTICE: on(issue_draw_notice.handle_draw_announced),
            ask_lists.ASK_LISTS: _bound(self.db, self.ports.lists, ask_lists.handle_ask_lists),
            ask_lists.ASK_LIST_QUESTION: _bound(self.db, self.ports.lists, ask_lists.handle_list_question),
            ask_control.ASK_CONTROL: _bound(self.db, self.ports.companies, ask_control.handle_ask_control),
            ask_control.ASK_CONTROL_OF_ROUND: _bound(
                self.db, self.ports.companies, ask_control.handle_ask_control_of_round
            ),
            KEY_REGISTRATION: _bound(self.db, self.link_keys, key_registration.handle_key_registration),
            rekey_registrations.REKEY: _bound(self.db, self.link_keys, rekey_registrations.handle_rekey),
            EXAMINE_PICTURE: _bound(self.db, self.ports.scanner, examine_picture.handle_examine_picture),
            seal_document.ASK_SEAL: _bound(self.db, self.ports.seal, seal_document.handle_ask_seal),
        }

    def _valuation(self) -> dict[str, Handler]:
        on = self._on_database
        return {
            "valuation.ask_platform": partial(ask_platform.handle_ask_platform, self.db, self.ports.platforms_by_id),
            fail_draw.DRAW_DUE: on(fail_draw.handle_draw_due),
            fetch_round.FETCH_ROUND: partial(fetch_round.handle_fetch_round, self.db, self.ports.beacon_relay),
            "valuation.close_agreement": on(close_agreement.handle_close_agreement),
            "valuation.close_inquiry": on(close_inquiry.handle_close_inquiry),
            ask_register.ASK_REGISTER: partial(ask_register.handle_ask_register, self.db, self.ports.registers),
            "valuation.note_service": self._note_valuation_service,
            LOOK: on(look_at_appraisal.handle_look_at_appraisal),
            CLOSE_CORRECTION: on(demand_correction.handle_close_correction),
            demand_correction.DEMAND: partial(
                demand_correction.handle_demand_correction, self.db, self.ports.platforms_by_id
            ),
            withdraw_inquiry.TELL: partial(
                withdraw_inquiry.handle_withdraw_mandate, self.db, self.ports.platforms_by_id
            ),
            "valuation.fix_reference_price": on(fix_reference_price.handle_fix_reference_price),
        }

    async def _note_valuation_service(self, job: Job) -> None:
        """Tell inquiries, appraisals and draws; each takes what is its own."""
        await note_targeted_service.handle_note_targeted_service(self.db, job)
        await note_service.handle_note_service(self.db, job)
        await note_paper_service.handle_note_paper_service(self.db, job)
        await notices.handle_note_notice(self.db, job)

    def _bidding(self) -> dict[str, Handler]:
        def in_rooms(handler: Callable[..., Awaitable[None]]) -> Handler:
            return partial(handler, self.db, self.live)

        with_persons = _bound(self.db, sale_same_person.DecidedCodes(), record_persons.handle_record_persons)
        return {
            "bidding.open_session": in_rooms(open_session.handle_open_session),
            "bidding.admit_bidder": in_rooms(room_admission.handle_admit_bidder),
            record_persons.RECORD_PERSONS: with_persons,
            record_persons.OLDER: with_persons,
            "bidding.stop_session": in_rooms(stop_session.handle_stop_session),
            "bidding.leave_room": in_rooms(leave_room.handle_leave_room),
            "bidding.resume_session": in_rooms(stop_session.handle_resume_session),
            key_registration.TAKE_REGISTRATION_KEYS: self._on_database(take_keys.handle_registration_keys),
            "bidding.close_session": self._on_database(close_session.handle_close_session),
            **self._integrity(),
        }

    def _integrity(self) -> dict[str, Handler]:
        on = self._on_database
        return {
            take_roster.TAKE_ROSTER: on(take_roster.handle_take_roster),
            take_fate.TAKE_FATE: self._take_fate,
            screen_round.SCREEN_ROUND: on(screen_round.handle_screen_round),
            run_nightly.SCREEN_NIGHTLY: on(run_nightly.handle_screen_nightly),
        }

    async def _take_fate(self, job: Job) -> None:
        """Have the roster sent first where it never was; until it is taken the fate is tried again."""
        await ensure_roster(self.db, job.decode(RoundFate).round_id)
        await take_fate.handle_take_fate(self.db, job)

    async def watch_rooms(self, stop: asyncio.Event) -> None:
        """Follow what running rooms committed and raise what live screens find, until ``stop``."""
        await RoomWatch(self.db, PublishedRounds(), LinkedCodes()).run(stop)

    def _fund(self) -> dict[str, Handler]:
        on = self._on_database
        with_cards = partial(_bound, self.db, self.ports.cards)
        with_bank = partial(_bound, self.db, self.ports.bank)
        return {
            "fund.act_on_event": with_cards(take_provider_event.handle_act_on_event),
            "fund.ask_card_payment": with_cards(cards.handle_ask_card_payment),
            "fund.capture_payment": with_cards(cards.handle_capture_payment),
            "fund.cancel_payment": with_cards(cards.handle_cancel_payment),
            "fund.ask_virtual_account": with_bank(open_virtual_account.handle_ask_virtual_account),
            "fund.read_order": with_bank(read_order.handle_read_order),
            "fund.take_statement": with_bank(confirm_statement.handle_take_statement),
            "fund.sweep_receipt": with_bank(sweep_receipt.handle_sweep_receipt),
            "fund.send_refund": partial(send_refund.handle_send_refund, self.db, self.ports.cards, self.ports.bank),
            send_refund.CHECK_REFUND: on(send_refund.handle_check_refund),
            "fund.release_deposit": on(release_deposit.handle_release_deposit),
            "fund.check_release": on(release_deposit.handle_check_release),
            "fund.check_move": on(move_deposit.handle_check_move),
            "fund.apply_deposit": on(apply_deposit.handle_apply_deposit),
            "fund.check_advance": on(advance_deposit.handle_check_advance),
            "fund.advance_deposit": self._advance,
            publish_heads.PUBLISH_HEADS: partial(publish_heads.handle_publish_heads, self.db, self.keys.books),
            POLL_BANK: self._poll_bank_job,
            **self._loans(),
            **self._settlement(),
        }

    def _loans(self) -> dict[str, Handler]:
        with_lenders = partial(_bound, self.db, self.ports.lenders)
        return {
            "fund.ask_approval": with_lenders(apply_for_loan.handle_ask_approval),
            "fund.ask_commitment": with_lenders(commit_loan.handle_ask_commitment),
            "fund.ask_draw": with_lenders(draw_loan.handle_ask_draw),
            "fund.cancel_commitment": with_lenders(draw_loan.handle_cancel_commitment),
            answer_clock.CHECK_ANSWER: self._on_database(answer_clock.handle_check_answer),
            draw_clock.CHECK_DRAW: self._on_database(draw_clock.handle_check_draw),
            draw_clock.TELL_LENDER: with_lenders(draw_clock.handle_tell_lender),
            TELL_LIMIT: partial(handle_tell_limit, self.db, self.live),
        }

    def _settlement(self) -> dict[str, Handler]:
        return {
            "fund.ask_assessment": _bound(self.db, self.ports.tax, take_tax_assessment.handle_ask_assessment),
            "fund.note_service": self._on_database(plan_service.handle_note_service),
            "fund.order_payout": _bound(self.db, self.ports.bank, sign_step.handle_order_payout),
        }

    async def plan_ahead(self) -> None:
        """Plan the next night's work and the next hour's publication, each once; each plans the one after it.

        A new link key is begun with, and decided links of before are sealed.
        """
        await self.plan_night()
        await self.db.transact(publish_heads.plan_publication)
        await self.db.transact(lambda tx: rekey_registrations.plan_rekeying(tx, self.link_keys))
        await seal_links(self.db)

    async def plan_night(self) -> None:
        """Plan the next night's work, once; it plans the one after."""

        async def work(tx: Transaction) -> None:
            day = local_day(tx.now) + timedelta(days=1)
            await enqueue(
                tx,
                NIGHTLY,
                Night(day=day),
                due_at=local(day, NIGHT_HOUR),
                only_once_as=named_id("nightly", day.isoformat()),
            )

        await self.db.transact(work)

    async def _nightly(self, job: Job) -> None:
        """Do the night's work and plan the next.

        The provider's payouts and own charges are booked; provider, bank and books are compared (repairing nothing), sessions long over and infected files forgotten, all draws looked at; it rings for money
        that stands too long, notes stalled cases, and draws the month that is over. The screens across lots are a job of their own.
        """
        await self.plan_night()
        await self._plan_screens(job)
        await seal_links(self.db)
        await sweep_sessions(self.db, now=real_now())
        await self.db.transact(examine_picture.sweep_quarantine)
        await look_at_draws(self.db)
        await fail_draw.plan_ends(self.db)
        await ring_for_standing(self.db)
        log.info("cases_screened", noted=await screen_cases(self.db))
        await draw_month(self.db)
        await note_provider_payouts(self.db, self.ports.cards)
        await note_provider_charges(self.db, self.ports.cards)
        for report in await reconcile(self.db, cards=self.ports.cards, bank=self.ports.bank):
            log.info("reconciled", channel=report.channel, compared=report.compared)

    async def _plan_screens(self, night: Job) -> None:
        """Plan the screens of this night, once however often the night's job is tried."""
        once = night.command_id("screens")
        await self.db.transact(
            lambda tx: enqueue(tx, run_nightly.SCREEN_NIGHTLY, night.decode(Night), only_once_as=once)
        )

    def _on_database(self, handler: Callable[[Database, Job], Awaitable[None]]) -> Handler:
        return partial(handler, self.db)

    async def _advance(self, job: Job) -> None:
        assert self.ports.operator is not None, "cards are offered only where the operator advances"
        await advance_deposit.handle_advance_deposit(self.db, self.ports.operator, job)

    async def _poll_bank_job(self, _job: Job) -> None:
        await poll.poll_bank(self.db, self.ports.bank)

    async def keep_catalogue(self, stop: asyncio.Event) -> None:
        """Read the words of newly announced lots for the search, until ``stop``; a lot that waits is found all the same."""
        while not stop.is_set():
            try:
                waited = await self.db.transact(read_waiting)
            except (SQLAlchemyError, OSError) as fault:
                log.warning("catalogue_not_read", fault=repr(fault)[:300])
                waited = 0
            if waited == 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), POLL_S)

    async def look_for_news(self, stop: asyncio.Event) -> None:
        """Look for what is to be told to whoever follows it, until ``stop``; nothing where nobody carries messages."""
        while self.office.messengers and not stop.is_set():
            try:
                await look_for_news(self.db)
            except (SQLAlchemyError, OSError) as fault:
                log.warning("news_not_looked_for", fault=repr(fault)[:300])
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), NEWS_S)

    async def poll_partners(self, stop: asyncio.Event) -> None:
        """Ask bank and platforms for what callbacks may have missed, until ``stop``."""
        while not stop.is_set():
            await self._ask_once()
            try:
                await asyncio.wait_for(stop.wait(), POLL_S)
            except TimeoutError:
                continue

    async def _ask_once(self) -> None:
        for name, ask in (
            ("bank", partial(poll.poll_bank, self.db, self.ports.bank)),
            ("platforms", partial(poll_platforms, self.db, self.ports.platforms_by_id)),
        ):
            try:
                await ask()
            except (Refusal, FaultOfOthers, InvariantViolated, SQLAlchemyError, OSError) as fault:
                log.warning("poll_failed", what=name, fault=repr(fault)[:300])


def _bound(db: Database, port: object, handler: Callable[..., Awaitable[None]]) -> Handler:
    return partial(handler, db, port)
