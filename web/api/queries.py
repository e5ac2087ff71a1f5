"""What may be read over HTTP as JSON: for programs, for pages that poll, and for the demonstration.

An officer reads the cases in which he has a part; judicial technology reads the inquiries of every case, its office.
Nothing here joins a bidder's code to a person before the close (security 2): a bidder sees his own registration only.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath
from sqlalchemy import select

from auction.kernel.actors import Role
from auction.kernel.errors import NotFound
from auction.kernel.ids import SessionId
from auction.kernel.persons import masked_of_all
from auction.sale.case_access import require_part
from auction.sale.cases import store as cases
from auction.sale.cases.cases import CaseView
from auction.sale.lots.show_question import QuestionShown, case_of_question, question_shown
from auction.sale.rounds import store as rounds
from auction.sale.rounds.bidders import NotAdmitted
from auction.sale.views import ConfirmationShown, LotLine, RoundShown, public_lot
from bidding.availability.store import probe_keys
from bidding.integrity.evidence.store import pack_keys
from bidding.journal.follow_journal import RoomView, room_view
from bidding.journal.make_receipt import bid_receipt
from bidding.journal.receipts import Receipt
from bidding.journal.sessions import EntryUnknown
from bidding.journal.views import published_keys
from valuation.inquiries import store as inquiries
from valuation.inquiries.views import InquiryShown as InquiryCourse
from valuation.inquiries.views import inquiry_shown
from valuation.listed_platforms.views import RegisterShown, register_shown
from web.auth import store as accounts
from web.auth.guards import PUBLIC, SIGNED_IN, roles
from web.auth.tables import AccountRow
from web.injected import TheActor, TheDb, TheWiring
from web.pages.room_reports import RoomReport, reports_of_cases

COURT = (
    *(Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK, Role.PRESIDING_JUDGE, Role.PANEL_MEMBER, Role.BUREAU_HEAD),
    *(Role.VICE_PRESIDENT, Role.PRESIDENT, Role.JUDICIAL_TECHNOLOGY, Role.FINANCE, Role.CASHIER, Role.SUPERVISOR),
)
OFFICER_ROLES = frozenset(COURT)
ACCOUNTS_LIMIT = 500


class Officer(msgspec.Struct, frozen=True, kw_only=True):
    """An officer of the court, for whoever forms a panel or names a handler."""

    person_id: UUID
    username: str
    name: str
    roles: list[Role]


class InquiryShown(msgspec.Struct, frozen=True, kw_only=True):
    """An inquiry with each platform's part."""

    inquiry_id: UUID
    state: str
    amount_fen: int | None
    platforms: list[inquiries.AskView]


class PartyShown(msgspec.Struct, frozen=True, kw_only=True):
    """A party of a case, masked."""

    party_id: UUID
    person_id: UUID
    role: str
    masked: str


class LotShown(msgspec.Struct, frozen=True, kw_only=True):
    """A lot as everybody may see it, with the committed state of the room of its present round."""

    line: LotLine
    rounds: tuple[RoundShown, ...]
    confirmation: ConfirmationShown | None
    room: RoomView | None


class MyRegistration(msgspec.Struct, frozen=True, kw_only=True):
    """The caller's own registration for the lot's present round."""

    registration_id: UUID
    state: str
    deposit_id: UUID
    deposit_fen: int
    bidder_code: str | None


class RegistrationMissing(NotFound):
    """The caller has not registered for this lot's present round."""

    code = "registration_missing"
    article = "网拍 18"
    zh = "您尚未报名。"
    en = "You have not registered for this lot."


@get("/api/clock", opt=dict(PUBLIC), tags=["account"], operation_id="api_clock", summary="Business time")
async def show_clock(db: TheDb) -> datetime:
    """Give the installation's business time."""
    async with db.reading() as tx:
        return tx.now


@get("/api/officers", opt=dict(roles(*COURT)), tags=["sale"], operation_id="api_officers", summary="Officers")
async def show_officers(db: TheDb) -> list[Officer]:
    """Give the officers of the court."""
    async with db.reading() as tx:
        asked = select(AccountRow).order_by(AccountRow.username).limit(ACCOUNTS_LIMIT)
        rows = (await tx.session.scalars(asked)).all()
        held = await accounts.roles_of_all(tx, [row.account_id for row in rows])
        officers = [row for row in rows if held[row.account_id] & OFFICER_ROLES]
        names = await masked_of_all(tx, [row.person_id for row in officers])
        return [
            Officer(
                person_id=row.person_id,
                username=row.username,
                name=names[row.person_id],
                roles=sorted(held[row.account_id]),
            )
            for row in officers
        ]


@get("/api/sale/cases/{case_id:uuid}", opt=dict(roles(*COURT)), tags=["sale"], operation_id="api_case", summary="Case")
async def show_case(case_id: FromPath[UUID], db: TheDb, actor: TheActor) -> CaseView:
    """Give a case."""
    async with db.reading() as tx:
        await require_part(tx, actor, case_id)
        return await cases.case_view(tx, case_id)


@get(
    "/api/sale/cases/{case_id:uuid}/parties",
    opt=dict(roles(*COURT)),
    tags=["sale"],
    operation_id="api_parties",
    summary="Parties of a case",
)
async def show_parties(case_id: FromPath[UUID], db: TheDb, actor: TheActor) -> list[PartyShown]:
    """Give the parties of a case."""
    async with db.reading() as tx:
        await require_part(tx, actor, case_id)
        rows = await cases.parties_of(tx, case_id)
        masked = await masked_of_all(tx, {row.person_id for row in rows})
        return [
            PartyShown(party_id=row.party_id, person_id=row.person_id, role=row.role, masked=masked[row.person_id])
            for row in rows
        ]


@get(
    "/api/sale/cases/{case_id:uuid}/room-reports",
    opt=dict(roles(*COURT)),
    tags=["sale"],
    operation_id="api_room_reports",
    summary="Reports of a case's rooms",
)
async def show_room_reports(case_id: FromPath[UUID], db: TheDb, actor: TheActor) -> list[RoomReport]:
    """Give what was reported to the court of the rooms of a case, the newest first, with the court's answers (网拍 28)."""
    async with db.reading() as tx:
        await require_part(tx, actor, case_id)
        return list(await reports_of_cases(tx, [case_id]))


@get(
    "/api/sale/questions/{question_id:uuid}",
    opt=dict(roles(Role.PRESIDING_JUDGE, Role.PANEL_MEMBER, Role.CLERK, Role.CASE_HANDLER)),
    tags=["sale"],
    operation_id="api_question",
    summary="Question before the panel",
)
async def show_question(question_id: FromPath[UUID], db: TheDb, actor: TheActor) -> QuestionShown:
    """Give a question and its fingerprint, which a vote must name."""
    async with db.reading() as tx:
        await require_part(tx, actor, await case_of_question(tx, question_id))
        return await question_shown(tx, question_id)


@get(
    "/api/valuation/inquiries/{inquiry_id:uuid}",
    opt=dict(roles(*COURT)),
    tags=["valuation"],
    operation_id="api_inquiry",
    summary="Online inquiry",
)
async def show_inquiry(inquiry_id: FromPath[UUID], db: TheDb, actor: TheActor) -> InquiryShown:
    """Give an inquiry with each platform's part."""
    async with db.reading() as tx:
        found = await inquiries.inquiry(tx, inquiry_id)
        if Role.JUDICIAL_TECHNOLOGY not in actor.roles:
            await require_part(tx, actor, found.case_id)
        return InquiryShown(
            inquiry_id=inquiry_id,
            state=found.state,
            amount_fen=found.amount_fen,
            platforms=await inquiries.asks(tx, inquiry_id),
        )


@get(
    "/api/valuation/inquiries/{inquiry_id:uuid}/course",
    opt=dict(roles(*COURT)),
    tags=["valuation"],
    operation_id="api_inquiry_course",
    summary="Online inquiry, weighed",
)
async def show_inquiry_course(inquiry_id: FromPath[UUID], db: TheDb, actor: TheActor) -> InquiryCourse:
    """Give an inquiry with each report's counting, its article, and the fee that was stated (参考价 11–13, 31)."""
    async with db.reading() as tx:
        found = await inquiries.inquiry(tx, inquiry_id)
        if Role.JUDICIAL_TECHNOLOGY not in actor.roles:
            await require_part(tx, actor, found.case_id)
        return await inquiry_shown(tx, inquiry_id)


@get(
    "/api/platforms",
    opt=dict(PUBLIC),
    tags=["public"],
    operation_id="api_platforms",
    summary="Register of inquiry platforms",
)
async def show_platforms(db: TheDb) -> RegisterShown:
    """Give the register: listed since when, late how often, removed and barred until when (参考价 8, 9)."""
    async with db.reading() as tx:
        return await register_shown(tx)


@get("/api/lots/{lot_id:uuid}", opt=dict(PUBLIC), tags=["public"], operation_id="api_lot", summary="Lot")
async def show_lot(lot_id: FromPath[UUID], db: TheDb) -> LotShown:
    """Give a public lot with the committed state of its room; `LotUnknown` before its notice."""
    async with db.reading() as tx:
        lot = await public_lot(tx, lot_id)
    return LotShown(
        line=lot.line,
        rounds=lot.rounds,
        confirmation=lot.confirmation,
        room=await _room(db, SessionId(lot.line.session_id)),
    )


async def _room(db: TheDb, session_id: SessionId) -> RoomView | None:
    try:
        return await room_view(db, session_id)
    except NotFound:
        return None


@get(
    "/api/lots/{lot_id:uuid}/my-registration",
    opt=dict(SIGNED_IN),
    tags=["bidder"],
    operation_id="api_my_registration",
    summary="My registration",
)
async def show_my_registration(lot_id: FromPath[UUID], db: TheDb, actor: TheActor) -> MyRegistration:
    """Give the caller's own registration, with his code once he is admitted."""
    async with db.reading() as tx:
        round_row = await rounds.newest_round(tx, lot_id)
        row = None if round_row is None else await rounds.registration_of(tx, round_row.round_id, actor.person_id)
        if row is None:
            raise RegistrationMissing
        return MyRegistration(
            registration_id=row.registration_id,
            state=row.state,
            deposit_id=row.deposit_id,
            deposit_fen=row.deposit_fen,
            bidder_code=await rounds.code_of(tx, row.registration_id),
        )


@get(
    "/api/lots/{lot_id:uuid}/bids/{bid_id:uuid}/receipt",
    opt=dict(roles(Role.BIDDER)),
    tags=["bidder"],
    operation_id="api_bid_receipt",
    summary="Receipt or signed refusal",
)
async def show_receipt(lot_id: FromPath[UUID], bid_id: FromPath[UUID], db: TheDb, actor: TheActor) -> Receipt:
    """Give the signed receipt of the caller's own bid, or his signed refusal: code, time, and what it rests on (bid-core 16).

    `EntryUnknown` while nothing is committed under this id, and for whoever has no code in this room.
    """
    try:
        async with db.reading() as tx:
            right = await rounds.ticket_right(tx, actor.person_id, lot_id)
    except NotAdmitted:
        raise EntryUnknown(bid_id=str(bid_id)) from None
    return await bid_receipt(db, SessionId(right.session_id), right.code, str(bid_id))


class JournalKey(msgspec.Struct, frozen=True, kw_only=True):
    """A public key that signs journals: pin it before you verify."""

    key_id: str
    public_key: str


@get("/api/journal-keys", opt=dict(PUBLIC), tags=["public"], operation_id="api_journal_keys", summary="Journal keys")
async def show_journal_keys(db: TheDb) -> list[JournalKey]:
    """Give the public keys (hex) with which journals and receipts verify."""
    async with db.reading() as tx:
        return [JournalKey(key_id=key.key_id, public_key=key.public_key_hex) for key in await published_keys(tx)]


@get("/api/probe-keys", opt=dict(PUBLIC), tags=["public"], operation_id="api_probe_keys", summary="Probe keys")
async def show_probe_keys(db: TheDb) -> list[JournalKey]:
    """Give the public keys (hex) with which evidence files of measured availability verify."""
    async with db.reading() as tx:
        return [JournalKey(key_id=key.key_id, public_key=key.public_key.hex()) for key in await probe_keys(tx)]


@get(
    "/api/pack-keys", opt=dict(PUBLIC), tags=["public"], operation_id="api_pack_keys", summary="Keys of evidence packs"
)
async def show_pack_keys(db: TheDb, wiring: TheWiring) -> list[JournalKey]:
    """Give the public keys (hex) with which evidence packs verify: those that ever signed one, and the present one."""
    async with db.reading() as tx:
        keys = await pack_keys(tx) | {wiring.keys.packs.key_id: wiring.keys.packs.public}
    return [JournalKey(key_id=key_id, public_key=public.hex()) for key_id, public in sorted(keys.items())]


QUERIES = (
    show_journal_keys,
    show_probe_keys,
    show_pack_keys,
    show_clock,
    show_officers,
    show_case,
    show_parties,
    show_room_reports,
    show_question,
    show_inquiry,
    show_inquiry_course,
    show_platforms,
    show_lot,
    show_my_registration,
    show_receipt,
)
