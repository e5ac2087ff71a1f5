"""A made-up court with one case, brought step by step to where a test needs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from auction.contracts import Admission, DepositHeld, ReferencePrice, RoundOutcome
from auction.fund.deposits import store as fund
from auction.fund.deposits.apply_deposit import handle_apply_deposit
from auction.fund.deposits.deposits import CardPolicy
from auction.fund.deposits.record_receipt import receive_for_deposit, receive_for_purchase
from auction.fund.deposits.tables import ReceiptRow
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause, Posting
from auction.kernel.actors import SYSTEM, Actor, Role
from auction.kernel.clock import local
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import AccountId, PersonId, new_id
from auction.kernel.jobs import Job
from auction.kernel.money import Money
from auction.kernel.move_clock import move_clock
from auction.kernel.persons import record_person
from auction.law.service import AddresseeKind, DirectService, Receiver, ServiceRecord
from auction.sale.cases.add_party import AddParty, add_party
from auction.sale.cases.assets import MANDATORY, AssetClass, Fact
from auction.sale.cases.cases import OWN_ROOM, Instrument
from auction.sale.cases.choose_platform import ChoosePlatform, choose_platform
from auction.sale.cases.documents import ISSUED_BY_STEP, DocumentKind
from auction.sale.cases.issue_document import IssueDocument, issue_document, issue_in
from auction.sale.cases.open_case import OpenCase, open_case
from auction.sale.cases.parties import PartyRole
from auction.sale.cases.record_asset import RecordAsset, record_asset
from auction.sale.cases.record_seizure import RecordSeizure, record_seizure
from auction.sale.cases.seal_document import SealDocument, seal_document
from auction.sale.cases.serve import Serve, Served, serve
from auction.sale.cases.take_reference_price import TakeReferencePrice, take_reference_price
from auction.sale.lots import store as lots
from auction.sale.lots.cast_vote import CastVote, cast_vote
from auction.sale.lots.decide_listing import DecideListing, Decision, decide_listing
from auction.sale.lots.form_panel import FormPanel, form_panel
from auction.sale.lots.list_lot import Listed, ListLot, list_lot
from auction.sale.lots.lots import Terms
from auction.sale.lots.notices import Notified
from auction.sale.lots.notify import Notify, notify
from auction.sale.lots.panel import Member, Vote
from auction.sale.lots.publish_notice import Published, PublishNotice, publish_notice
from auction.sale.rounds.admit_bidder import AdmitBidder, admit_bidder
from auction.sale.rounds.record_outcome import OutcomeRecorded, RecordOutcome, record_outcome
from auction.sale.rounds.register_bidder import RegisterBidder, Registered, register_bidder
from auction.sale.title.issue_setting_aside_ruling import IssueSettingAsideRuling, issue_setting_aside_ruling
from auction.sale.title.issue_top_up_ruling import IssueTopUpRuling, issue_top_up_ruling
from auction.sale.title.order_top_up import TopUpTerms
from auction.sale.title.title import SettingAsideGround
from tests.auction.sale.fake_seal import FakeSeal
from tests.stages import Made, staged

T = TypeVar("T")
FIRST_DAY = date(2027, 3, 1)
"""A Monday; later than any machine on which this test runs for the first time."""
ANNOUNCED_ON = date(2027, 3, 5)
OPENS_AT = local(date(2027, 4, 7), 10)
CLOSES_AT = local(date(2027, 4, 8), 10)
REFERENCE = Money.yuan(3_000_000)
RESERVE = Money.yuan(2_100_000)
DEPOSIT = Money.yuan(210_000)
INCREMENT = Money.yuan(10_000)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


ADVANCED = CardPolicy(provider_reaches_court_in=None, operator_advances=True)


def resident_number(birth: date, serial: int) -> str:
    """Make an identity number with a right check digit for a person who does not exist."""
    body = f"110105{birth:%Y%m%d}{serial:03d}"
    check = "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]
    return body + check


def actor(*roles: Role, person_id: UUID | None = None) -> Actor:
    """Make an account with these roles."""
    return Actor(account_id=AccountId(new_id()), person_id=PersonId(person_id or new_id()), roles=frozenset(roles))


def terms(**changes: object) -> Terms:
    """Give lawful terms of a first auction, with changes."""
    base = Terms(
        kind="first",
        title_zh="朝阳区示例路 1 号住宅一套",
        title_en="A home at 1 Example Road, Chaoyang",
        reserve_fen=RESERVE.fen,
        deposit_fen=DEPOSIT.fen,
        increment_fen=INCREMENT.fen,
        opens_at=OPENS_AT,
        closes_at=CLOSES_AT,
        balance_days=15,
        tax_burden_zh="税费依照税法规定由买卖双方各自承担。",
        tax_burden_en="Each side bears the taxes that tax law puts on it.",
        description_zh="房屋现状出售，可预约看样。",
        description_en="Sold as it stands; viewings by appointment.",
    )
    return msgspec.structs.replace(base, **changes)


def facts(asset_class: AssetClass, as_of: date = FIRST_DAY) -> tuple[Fact, ...]:
    """Give a value for each mandatory field of a class."""
    return tuple(
        Fact(field=field, zh="已查明，无异常", en="established", source="现场调查", as_of=as_of)
        for field in MANDATORY[asset_class]
    )


class World(metaclass=Made):
    """One case with its people; ids are fixed per world, times are set with `at`."""

    as_made: dict[str, object]

    def __init__(self, db: Database, url: str) -> None:
        """Make ids and actors; nothing is stored yet."""
        self.db = db
        self.asset_class = AssetClass.HOME
        self._url = url
        self.seal = FakeSeal()
        self.handler = actor(Role.CASE_HANDLER)
        self.clerk = actor(Role.CLERK)
        self.presiding = actor(Role.PRESIDING_JUDGE, Role.PANEL_MEMBER)
        self.judges = (self.presiding, actor(Role.PANEL_MEMBER), actor(Role.PANEL_MEMBER))
        self.case_id, self.asset_id, self.lot_id = new_id(), new_id(), new_id()
        self.round_id, self.seizure_id = new_id(), new_id()
        self.parties: dict[PartyRole, UUID] = {}
        self.agency_id: UUID | None = None
        """The agency that appraises; none: the price is of an online inquiry."""
        self._serial = 0

    async def at(self, moment: datetime) -> None:
        """Freeze business time."""
        await move_clock(self.db, to=moment, freeze=True)

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run one reading piece of work."""
        return await self.db.transact(work)

    async def rows(self, statement: str, **values: object) -> Sequence[Any]:
        """Run one statement of the test's own."""
        engine = create_async_engine(self._url)
        try:
            async with engine.begin() as connection:
                return (await connection.execute(text(statement), values)).all()
        finally:
            await engine.dispose()

    async def jobs(self, kind: str) -> list[Job]:
        """Give the jobs of one kind in the order in which they were enqueued."""
        found = await self.rows(
            "SELECT job_id, kind, payload, attempts FROM kernel.job WHERE kind = :kind ORDER BY created_at, job_id",
            kind=kind,
        )
        return [
            Job(job_id=row.job_id, kind=row.kind, payload=bytes(row.payload), attempts=row.attempts) for row in found
        ]

    # The case ------------------------------------------------------------------------------------------------------

    @staged
    async def open(self, asset_class: AssetClass | None = None, **asset: object) -> None:
        """Open the case with two parties, an asset, a seizure, a platform and a panel."""
        await self.at(local(FIRST_DAY, 9))
        await open_case(self.db, self.handler, self.opening())
        await self.party(PartyRole.APPLICANT, "示例银行经理", claim_fen=Money.yuan(2_000_000).fen)
        await self.party(PartyRole.JUDGMENT_DEBTOR, "王示例")
        await record_asset(self.db, self.handler, self.asset(asset_class or self.asset_class, **asset))
        await record_seizure(self.db, self.handler, self.seizure())
        choice = ChoosePlatform(command_id=new_id(), case_id=self.case_id, platform=OWN_ROOM, chosen_by="applicant")
        await choose_platform(self.db, self.handler, choice)
        await form_panel(self.db, self.handler, self.panel())

    def opening(self, **changes: object) -> OpenCase:
        """Give the command that opens the case."""
        command = OpenCase(
            command_id=new_id(),
            case_id=self.case_id,
            case_number="(2026)京0105执1234号",
            court="北京市示例区人民法院",
            handler_person_id=self.handler.person_id,
            handler_name="李示例",
            telephone="010-12345678",
            supervision_telephone="010-87654321",
            instrument=Instrument(title="民事判决书", number="(2025)京0105民初777号", court="北京市示例区人民法院"),
            case_account_number="6222 0000 0000 1234",
        )
        return msgspec.structs.replace(command, **changes)

    async def party(self, role: PartyRole, name: str, **changes: object) -> UUID:
        """Add a natural person in a role."""
        self._serial += 1
        command = AddParty(
            command_id=new_id(),
            party_id=new_id(),
            case_id=self.case_id,
            role=role,
            kind="natural",
            name=name,
            identity_number=resident_number(date(1970, 1, 1), self._serial),
        )
        command = msgspec.structs.replace(command, **changes)
        self.parties[role] = await add_party(self.db, self.handler, command)
        return self.parties[role]

    def asset(self, asset_class: AssetClass, **changes: object) -> RecordAsset:
        """Give the command that records the asset."""
        command = RecordAsset(
            command_id=new_id(),
            asset_id=self.asset_id,
            case_id=self.case_id,
            asset_class=asset_class,
            title="示例路 1 号",
            address="示例区示例路 1 号",
            registry_number="京(2020)示例区不动产权第0000001号",
            facts=facts(asset_class),
        )
        return msgspec.structs.replace(command, **changes)

    def seizure(self, **changes: object) -> RecordSeizure:
        """Give the command that records the first seizure."""
        command = RecordSeizure(
            command_id=new_id(),
            seizure_id=self.seizure_id,
            asset_id=self.asset_id,
            case_id=self.case_id,
            court="北京市示例区人民法院",
            case_number="(2026)京0105执1234号",
            kind="seal",
            rank=1,
            valid_from=date(2026, 6, 1),
            valid_until=date(2028, 5, 31),
            document_ref="查封裁定",
        )
        return msgspec.structs.replace(command, **changes)

    def panel(self) -> FormPanel:
        """Give the command that forms the panel of three."""
        members = tuple(
            Member(person_id=judge.person_id, name=f"法官{number}", is_presiding=judge is self.presiding)
            for number, judge in enumerate(self.judges)
        )
        return FormPanel(command_id=new_id(), panel_id=new_id(), case_id=self.case_id, members=members)

    async def price(self, amount: Money = REFERENCE, **changes: object) -> None:
        """Fix the reference price."""
        price = ReferencePrice(
            reference_price_id=new_id(),
            case_id=self.case_id,
            asset_id=self.asset_id,
            method="online_inquiry" if self.agency_id is None else "entrusted_appraisal",
            amount_fen=amount.fen,
            fixed_at=local(FIRST_DAY, 8),
            valid_until=date(2028, 2, 28),
            evidence_sha256="e" * 64,
            agency_id=self.agency_id,
        )
        command = TakeReferencePrice(command_id=new_id(), price=msgspec.structs.replace(price, **changes))
        await take_reference_price(self.db, SYSTEM, command)

    async def document(self, kind: DocumentKind, *, sealed: bool = True, of_other_lot: bool = False) -> UUID:
        """Issue a document of this kind, sealed unless said otherwise."""
        command = IssueDocument(
            command_id=new_id(),
            document_id=new_id(),
            case_id=self.case_id,
            kind=kind,
            title=f"示例{kind.value}",
            body="示例正文",
            lot_id=new_id() if of_other_lot else None,
        )
        document_id = command.document_id
        if kind in ISSUED_BY_STEP or of_other_lot:
            await self.db.transact(lambda tx: issue_in(tx, self.handler, command))
        else:
            await issue_document(self.db, self.handler, command)
        if sealed:
            await self.sealed(document_id)
        return document_id

    async def setting_aside_ruling(
        self, ground: SettingAsideGround = SettingAsideGround.BUYER_NOT_QUALIFIED, *, sealed: bool = True
    ) -> UUID:
        """Have the system write the ruling that sets this lot's sale aside."""
        document_id = new_id()
        command = IssueSettingAsideRuling(
            command_id=new_id(), document_id=document_id, lot_id=self.lot_id, ground=ground, reasons="示例理由"
        )
        await issue_setting_aside_ruling(self.db, self.presiding, command)
        if sealed:
            await self.sealed(document_id)
        return document_id

    async def top_up_ruling(self, terms: TopUpTerms) -> UUID:
        """Have the system write the ruling on these terms, and seal it."""
        document_id = new_id()
        command = IssueTopUpRuling(
            command_id=new_id(),
            document_id=document_id,
            lot_id=self.lot_id,
            round_id=terms.round_id,
            ground=terms.ground,
            amount_fen=terms.amount_fen,
            reasons="示例理由",
            costs_fen=terms.costs_fen,
            needs_approval=terms.needs_approval,
            knew=terms.knew,
        )
        await issue_top_up_ruling(self.db, self.presiding, command)
        await self.sealed(document_id)
        return document_id

    async def sealed(self, document_id: UUID) -> None:
        """Put the seal on a document."""
        command = SealDocument(command_id=new_id(), case_id=self.case_id, document_id=document_id)
        await seal_document(self.db, self.handler, command, seal=self.seal)

    async def serve(self, document_id: UUID, party_id: UUID, at: datetime) -> Served:
        """Hand a document to a party at an instant."""
        command = Serve(
            command_id=new_id(),
            service_id=new_id(),
            case_id=self.case_id,
            document_id=document_id,
            party_id=party_id,
            record=handed_over(at),
            evidence_ref="送达回证",
        )
        return await serve(self.db, self.clerk, command)

    # The lot -------------------------------------------------------------------------------------------------------

    async def list(self, **changes: object) -> Listed:
        """List the lot on these terms."""
        command = ListLot(
            command_id=new_id(),
            lot_id=self.lot_id,
            case_id=self.case_id,
            asset_id=self.asset_id,
            terms=terms(**changes),
        )
        return await list_lot(self.db, self.handler, command, policy=ADVANCED)

    async def vote(self, question_id: UUID, *votes: Vote) -> None:
        """Let the judges vote in turn; fewer votes than judges leave votes outstanding."""
        question = await self.read(lambda tx: lots.open_question(tx, question_id))
        for judge, vote in zip(self.judges, votes, strict=False):
            command = CastVote(
                command_id=new_id(),
                question_id=question_id,
                vote=vote,
                proposal_sha256=question.proposal_sha256,
                opinion="同意" if vote == "approve" else "不同意",
            )
            await cast_vote(self.db, judge, command)

    async def decide(self) -> Decision:
        """Close the vote on the listing."""
        return await decide_listing(self.db, self.presiding, DecideListing(command_id=new_id(), lot_id=self.lot_id))

    async def rule_and_notify(self, at: datetime) -> None:
        """Serve the auction ruling and the notification on both parties at an instant."""
        ruling = await self.document(DocumentKind.AUCTION_RULING)
        notification = await self.document(DocumentKind.SALE_NOTIFICATION)
        for party_id in self.parties.values():
            await self.serve(ruling, party_id, at)
            await self.notify(party_id, handed_over(at), document_id=notification)

    async def notify(
        self, party_id: UUID, record: ServiceRecord, *, document_id: UUID | None = None, reason: str = ""
    ) -> Notified:
        """Notify one party of the listing."""
        command = Notify(
            command_id=new_id(),
            service_id=new_id(),
            lot_id=self.lot_id,
            party_id=party_id,
            record=record,
            evidence_ref="送达回证",
            document_id=document_id,
            reason=reason,
        )
        return await notify(self.db, self.clerk, command)

    async def publish(self, round_id: UUID | None = None) -> Published:
        """Publish the notice."""
        command = PublishNotice(command_id=new_id(), lot_id=self.lot_id, round_id=round_id or self.round_id)
        return await publish_notice(self.db, self.clerk, command, policy=ADVANCED)

    @staged
    async def announced(self, **changes: object) -> Published:
        """Go from nothing to an announced round."""
        await self.open()
        await self.price()
        listed = await self.list(**changes)
        await self.vote(listed.question_id, "approve", "approve", "reject")
        await self.decide()
        await self.rule_and_notify(local(FIRST_DAY, 9))
        await self.at(local(ANNOUNCED_ON, 9))
        return await self.publish()

    # The round -----------------------------------------------------------------------------------------------------

    async def bidder(self, name: str = "张示例", birth: date = date(1990, 5, 5)) -> Actor:
        """Make a bidder's account with his person."""
        self._serial += 1
        number = resident_number(birth, self._serial)

        async def work(tx: Transaction) -> UUID:
            return await record_person(tx, kind="natural", name=name, identity_number=number, masked=name[0] + "**")

        return actor(Role.BIDDER, person_id=await self.db.transact(work))

    async def register(self, bidder: Actor, **changes: object) -> Registered:
        """Register a bidder for the present round."""
        command = RegisterBidder(
            command_id=new_id(), registration_id=new_id(), lot_id=self.lot_id, accepts_warnings=True
        )
        return await register_bidder(self.db, bidder, msgspec.structs.replace(command, **changes))

    async def pay_deposit(self, registered: Registered) -> None:
        """Let the deposit arrive at the bank, and admit the bidder."""
        await self.db.transact(lambda tx: self._receive(tx, registered, "deposit"))
        held = DepositHeld(
            registration_id=registered.registration_id,
            deposit_id=registered.deposit_id,
            case_id=self.case_id,
            amount_fen=registered.deposit_fen,
        )
        await admit_bidder(self.db, SYSTEM, AdmitBidder(command_id=new_id(), held=held))

    async def pay_balance(self, registered: Registered, amount: Money) -> None:
        """Apply the deposit, then let this amount arrive for the purchase."""
        for job in await self.jobs("fund.apply_deposit"):
            await handle_apply_deposit(self.db, job)
        await self.db.transact(lambda tx: self._receive(tx, registered, "purchase", amount))

    async def _receive(self, tx: Transaction, registered: Registered, kind: str, amount: Money | None = None) -> None:
        await tx.about_case(self.case_id)
        deposit = await fund.deposit_row(tx, registered.deposit_id)
        amount = amount or Money(deposit.amount_fen)
        receipt = ReceiptRow(
            receipt_id=new_id(),
            source="bank",
            external_id=str(new_id()),
            amount_fen=amount.fen,
            swept=True,
            state="attributed",
            reason="",
            case_id=self.case_id,
            kind=kind,
            subject_id=deposit.deposit_id if kind == "deposit" else deposit.round_id,
            received_at=tx.now,
            attributed_at=tx.now,
        )
        await fund.add(tx, receipt)
        came_by = [Posting(Account(AccountKind.BANK, self.case_id), amount)]
        if kind == "deposit":
            await receive_for_deposit(tx, deposit, receipt, came_by)
            return
        purchase = await fund.purchase_row(tx, deposit.round_id)
        assert purchase is not None
        await receive_for_purchase(tx, purchase, receipt, came_by, cause=Cause.BALANCE_RECEIVED)

    async def admitted(self, name: str = "张示例") -> tuple[Actor, Registered, str]:
        """Register and admit a bidder; gives his code too."""
        bidder = await self.bidder(name)
        registered = await self.register(bidder)
        await self.pay_deposit(registered)
        admission: Admission = (await self.jobs("bidding.admit_bidder"))[-1].decode(Admission)
        return bidder, registered, admission.bidder_code

    def outcome(self, published: Published, code: str | None, **changes: object) -> RoundOutcome:
        """Give the outcome of a round: sold to a code, or failed."""
        outcome = RoundOutcome(
            session_id=published.session_id,
            lot_id=published.lot_id,
            round_id=published.round_id,
            result="failed" if code is None else "sold",
            hammer_price_fen=None if code is None else RESERVE.fen,
            buyer_code=code,
            closed_at=CLOSES_AT,
            bid_count=0 if code is None else 1,
            last_sequence=9,
            chain_head="c" * 64,
        )
        return msgspec.structs.replace(outcome, **changes)

    async def close(self, outcome: RoundOutcome) -> OutcomeRecorded:
        """Record an outcome, a second after the close."""
        await self.at(outcome.closed_at + timedelta(seconds=1))
        return await record_outcome(self.db, SYSTEM, RecordOutcome(command_id=new_id(), outcome=outcome))

    @staged
    async def sold(self) -> tuple[Actor, Registered]:
        """Go from nothing to a sold lot with one losing bidder."""
        published = await self.announced()
        winner, registered, code = await self.admitted()
        await self.admitted("赵示例")
        await self.close(self.outcome(published, code))
        return winner, registered


def handed_over(at: datetime) -> DirectService:
    """A document handed to its addressee at an instant."""
    return DirectService(addressee=AddresseeKind.PERSON, sent_at=at, received_at=at, receiver=Receiver.ADDRESSEE)
