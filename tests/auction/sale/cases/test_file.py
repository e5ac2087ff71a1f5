from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy.exc import DBAPIError

from auction.contracts import DocumentServed
from auction.fund.case_seizures import seizures_on_file
from auction.fund.ledger.open_case_fund import case_fund_view
from auction.kernel.actors import Role, RoleLacking
from auction.kernel.clock import local
from auction.kernel.errors import IdempotencyKeyReused, Refusal
from auction.kernel.ids import new_id
from auction.law.case_numbers import CaseNumberMalformed
from auction.law.fees import SeizureTooLong
from auction.law.identity import IdentityNumberInvalid
from auction.law.service import (
    AddressBasis,
    Consent,
    ConsentBasis,
    ElectronicService,
    ElectronicServiceWithoutConsent,
    NoticeGround,
    PublicNotice,
    ReportPublication,
    SaleNoticePublication,
    ServiceRecord,
    WrittenWaiver,
)
from auction.sale.cases import store
from auction.sale.cases.assets import AssetClass, Fact, FactFieldUnknown, FactInFuture
from auction.sale.cases.bar_person import BarPerson, bar_person
from auction.sale.cases.cases import CaseNumberTaken, FieldMissing, NotASaleFile, OtherCase, PlatformAlreadyChosen
from auction.sale.cases.choose_platform import ChoosePlatform, choose_platform
from auction.sale.cases.documents import (
    GAP,
    KINDS,
    DocumentIsDraft,
    DocumentKind,
    DocumentNotSealable,
    GapLeft,
    WrongDocumentKind,
)
from auction.sale.cases.issue_document import IssueDocument, issue_document
from auction.sale.cases.open_case import open_case
from auction.sale.cases.parties import BuyerNotAddedByHand, PartyAlreadyAdded, PartyRole
from auction.sale.cases.record_asset import DescribeAsset, describe_asset, record_asset
from auction.sale.cases.record_seizure import LiftSeizure, lift_seizure, record_seizure
from auction.sale.cases.seizures import SeizureOfOtherAsset
from auction.sale.cases.serve import (
    AlreadyServed,
    PublicationForOtherDocument,
    Serve,
    ServedBeforeIssue,
    ServiceInFuture,
    WaiverIsNoService,
    serve,
)
from auction.sale.columns import IdTaken
from tests.auction.sale.world import FIRST_DAY, World, actor, resident_number

NINE = local(FIRST_DAY, 9)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"case_number": "2026京0105执1234号"}, CaseNumberMalformed),
        ({"case_number": "(2026)京0105执01234号"}, CaseNumberMalformed),
        ({"case_number": "(2026)京0105民初1234号"}, NotASaleFile),
        ({"case_number": "(2026)京0105执保1234号"}, NotASaleFile),
        ({"telephone": ""}, FieldMissing),
        ({"supervision_telephone": "call us"}, FieldMissing),
        ({"court": "  "}, FieldMissing),
        ({"case_account_number": ""}, FieldMissing),
    ],
)
async def test_malformed_case_is_refused(world: World, change: dict[str, object], refusal: type[Refusal]) -> None:
    """A case needs the number of a file in which assets are sold, and what stands on every lot (practice 3)."""
    with pytest.raises(refusal):
        await open_case(world.db, world.handler, world.opening(**change))


async def test_case_number_is_stored_in_its_canonical_form(world: World) -> None:
    """Full-width brackets name the same case; a second file of the same number is refused."""
    await open_case(world.db, world.handler, world.opening(case_number="（2026）京0105执1234号"))

    view = await world.read(lambda tx: store.case_view(tx, world.case_id))
    assert view.case_number == "(2026)京0105执1234号"
    assert view.court_code == "京0105"
    with pytest.raises(CaseNumberTaken):
        await open_case(world.db, world.handler, world.opening(case_id=new_id()))


async def test_open_case_opens_its_fund(world: World) -> None:
    """One case, one account number: the fund exists from the first moment (执行款物 4)."""
    await open_case(world.db, world.handler, world.opening())

    fund = await world.read(lambda tx: case_fund_view(tx, world.case_id))
    assert fund.account_number == "6222 0000 0000 1234"


async def test_repeated_command_opens_one_case(world: World) -> None:
    """The same command id gives the first result; with other content it is refused."""
    command = world.opening()

    assert await open_case(world.db, world.handler, command) == await open_case(world.db, world.handler, command)
    with pytest.raises(IdempotencyKeyReused):
        await open_case(world.db, world.handler, msgspec.structs.replace(command, court="另一法院"))


async def test_only_officers_keep_the_file(world: World) -> None:
    """A party cannot open a case."""
    with pytest.raises(RoleLacking):
        await open_case(world.db, actor(Role.PARTY), world.opening())


async def test_stored_case_is_never_changed(world: World) -> None:
    """The database refuses to edit a case, whoever asks."""
    await open_case(world.db, world.handler, world.opening())

    with pytest.raises(DBAPIError, match="append_only"):
        await world.rows("UPDATE sale.case_file SET court = 'x' RETURNING 1")


async def test_wrong_check_digit_is_refused(world: World) -> None:
    """An identity number with a wrong last place names nobody."""
    await world.open()
    right = resident_number(date(1980, 1, 1), 77)
    wrong = right[:-1] + ("0" if right[-1] != "0" else "1")

    with pytest.raises(IdentityNumberInvalid):
        await world.party(PartyRole.TENANT, "孙示例", identity_number=wrong)


async def test_same_person_has_a_role_once(world: World) -> None:
    """The same person twice in one role is refused; in another role he may join."""
    await world.open()
    number = resident_number(date(1980, 1, 1), 77)
    await world.party(PartyRole.TENANT, "孙示例", identity_number=number)

    await world.party(PartyRole.CO_OWNER, "孙示例", identity_number=number)
    with pytest.raises(PartyAlreadyAdded):
        await world.party(PartyRole.TENANT, "孙示例", identity_number=number)


async def test_buyer_is_never_added_by_hand(world: World) -> None:
    """A buyer follows from the confirmation only (网拍 22)."""
    await world.open()

    with pytest.raises(BuyerNotAddedByHand):
        await world.party(PartyRole.BUYER, "孙示例")


async def test_names_are_sealed_at_rest(world: World) -> None:
    """No table of the sale holds a party's name in plain; the masked form shows the family name only."""
    await world.open()

    masked = {row.masked for row in await world.rows("SELECT masked FROM kernel.person")}
    assert masked == {"示*****", "王**"}


@pytest.mark.parametrize(
    ("fact", "refusal"),
    [
        (Fact(field="colour", zh="白", source="现场", as_of=FIRST_DAY), FactFieldUnknown),
        (Fact(field="title", zh="白", source="", as_of=FIRST_DAY), FactFieldUnknown),
        (Fact(field="title", zh="白", source="现场", as_of=FIRST_DAY + timedelta(days=1)), FactInFuture),
    ],
)
async def test_fact_without_field_source_or_past_date_is_refused(
    world: World, fact: Fact, refusal: type[Refusal]
) -> None:
    """Every value has a known field, a source, and a day that has come (practice 8)."""
    await world.open()
    command = DescribeAsset(command_id=new_id(), case_id=world.case_id, asset_id=world.asset_id, facts=(fact,))

    with pytest.raises(refusal):
        await describe_asset(world.db, world.handler, command)


async def test_newest_fact_counts(world: World) -> None:
    """A newer value of a field replaces the older on every page, and the older stays stored."""
    await world.open()
    fact = Fact(field="possession", zh="被执行人自住", source="现场调查", as_of=FIRST_DAY)
    command = DescribeAsset(command_id=new_id(), case_id=world.case_id, asset_id=world.asset_id, facts=(fact,))
    await describe_asset(world.db, world.handler, command)

    known = await world.read(lambda tx: store.facts_of(tx, world.asset_id))
    assert known["possession"].zh == "被执行人自住"
    assert len(await world.rows("SELECT 1 FROM sale.asset_fact WHERE field = 'possession'")) == 2


async def test_platform_is_chosen_once(world: World) -> None:
    """The applicant's choice binds; a choice by the court states its reason (网拍 5)."""
    await world.open()
    again = ChoosePlatform(
        command_id=new_id(), case_id=world.case_id, platform="other", chosen_by="court", reason="多名申请人意见不一"
    )

    with pytest.raises(PlatformAlreadyChosen):
        await choose_platform(world.db, world.handler, again)
    with pytest.raises(FieldMissing):
        await choose_platform(world.db, world.handler, msgspec.structs.replace(again, command_id=new_id(), reason=""))


async def test_lifted_seizure_ends_the_day_before(world: World) -> None:
    """A seizure binds until the day before its lifting."""
    await world.open()
    command = LiftSeizure(
        command_id=new_id(),
        seizure_id=world.seizure_id,
        case_id=world.case_id,
        lifted_on=date(2027, 3, 2),
        document_ref="解封裁定",
    )
    await lift_seizure(world.db, world.handler, command)

    (held,) = await world.read(lambda tx: store.seizures_of(tx, world.asset_id))
    assert held.ends_on == date(2027, 3, 1)
    (noted,) = await world.read(lambda tx: seizures_on_file(tx, world.case_id))
    assert (noted.seizure_id, noted.ends_on) == (held.seizure_id, date(2027, 3, 1))


@pytest.mark.parametrize(("number", "is_own"), [("", True), ("(2025)京0106执77号", False)])
async def test_the_fund_learns_of_a_seizure_with_its_recording(world: World, number: str, is_own: bool) -> None:
    """The register tells the fund who seized since when, in its own transaction: the applicants' seizure is the case's own."""
    await world.open()
    again = world.seizure(valid_from=date(2026, 7, 1), valid_until=date(2027, 7, 1))
    again = msgspec.structs.replace(
        again, command_id=new_id(), seizure_id=new_id(), rank=2, case_number=number or again.case_number
    )
    await record_seizure(world.db, world.handler, again)

    noted = await world.read(lambda tx: seizures_on_file(tx, world.case_id))
    assert [(each.rank, each.valid_from, each.is_own) for each in noted] == [
        (1, noted[0].valid_from, True),
        (2, date(2026, 7, 1), is_own),
    ]


async def test_a_renewal_continues_a_seizure_of_the_same_asset(world: World) -> None:
    """The older day of another asset's seizure is not taken over by calling a new one its renewal (查扣冻 27)."""
    await world.open()
    other_asset = new_id()
    await record_asset(
        world.db,
        world.handler,
        msgspec.structs.replace(world.asset(AssetClass.HOME), command_id=new_id(), asset_id=other_asset),
    )
    renewal = msgspec.structs.replace(
        world.seizure(), command_id=new_id(), seizure_id=new_id(), asset_id=other_asset, renews=world.seizure_id
    )

    with pytest.raises(SeizureOfOtherAsset):
        await record_seizure(world.db, world.handler, renewal)


async def test_vehicle_seizure_is_limited_to_two_years(world: World) -> None:
    """The recorded term is checked against the asset's class (Interp. 485)."""
    await world.open(AssetClass.VEHICLE)

    with pytest.raises(SeizureTooLong):
        await record_seizure(world.db, world.handler, world.seizure(valid_until=date(2028, 6, 2)))


async def test_draft_is_not_served(world: World) -> None:
    """A court document without the seal is a draft and serves nothing (CPL 157)."""
    await world.open()
    document_id = await world.document(DocumentKind.AUCTION_RULING, sealed=False)

    with pytest.raises(DocumentIsDraft):
        await world.serve(document_id, world.parties[PartyRole.APPLICANT], NINE)
    await world.sealed(document_id)
    served = await world.serve(document_id, world.parties[PartyRole.APPLICANT], NINE)
    assert served.effective_on == FIRST_DAY


async def test_sealing_again_gives_the_same_mark(world: World) -> None:
    """A document bears one seal, however often it is asked for."""
    await world.open()
    document_id = await world.document(DocumentKind.AUCTION_RULING)
    (first,) = await world.rows("SELECT signature FROM sale.document_seal")

    await world.sealed(document_id)

    assert [first] == list(await world.rows("SELECT signature FROM sale.document_seal"))


async def test_outside_report_bears_no_court_seal(world: World) -> None:
    """An inquiry report is served as its maker signed it."""
    await world.open()
    document_id = await world.document(DocumentKind.INQUIRY_REPORT, sealed=False)

    with pytest.raises(DocumentNotSealable):
        await world.sealed(document_id)


async def test_document_concerns_a_lot_of_its_case(world: World) -> None:
    """A lot that is not of the case is refused in words, whatever was typed."""
    await world.open()
    command = IssueDocument(
        command_id=new_id(),
        document_id=new_id(),
        case_id=world.case_id,
        kind=DocumentKind.OTHER,
        title="x",
        body="x",
        lot_id=new_id(),
    )

    with pytest.raises(OtherCase):
        await issue_document(world.db, world.handler, command)


async def test_text_with_a_gap_is_no_document(world: World) -> None:
    """What the system left for the court to fill in is filled in before anything is made."""
    await world.open()
    command = IssueDocument(
        command_id=new_id(),
        document_id=new_id(),
        case_id=world.case_id,
        kind=DocumentKind.STAY_RULING,
        title="中止执行裁定书",
        body=f"因{GAP}，中止执行，自{GAP}起。",
    )

    with pytest.raises(GapLeft, match="2"):
        await issue_document(world.db, world.handler, command)
    filled = msgspec.structs.replace(command, command_id=new_id(), body="因案外人异议，中止执行，自今日起。")
    assert await issue_document(world.db, world.handler, filled) == command.document_id


async def test_confirmation_is_not_issued_by_hand(world: World) -> None:
    """Confirmation and ruling come from their own steps only."""
    await world.open()
    command = IssueDocument(
        command_id=new_id(),
        document_id=new_id(),
        case_id=world.case_id,
        kind=DocumentKind.CONFIRMATION,
        title="x",
        body="x",
    )

    with pytest.raises(WrongDocumentKind):
        await issue_document(world.db, world.handler, command)


@pytest.mark.parametrize(
    ("kind", "job_kind"),
    [
        (DocumentKind.INQUIRY_REPORT, "valuation.note_service"),
        (DocumentKind.TARGETED_RESULT, "valuation.note_service"),
        (DocumentKind.DISTRIBUTION_PLAN, "fund.note_service"),
        (DocumentKind.SALE_NOTIFICATION, None),
    ],
)
async def test_service_tells_whom_it_concerns(world: World, kind: DocumentKind, job_kind: str | None) -> None:
    """Service, never creation, starts the clocks of valuation and fund (practice 13)."""
    await world.open()
    document_id = await world.document(kind, sealed=KINDS[kind].needs_seal)
    await world.serve(document_id, world.parties[PartyRole.APPLICANT], NINE)

    told = [job for kind in ("valuation.note_service", "fund.note_service") for job in await world.jobs(kind)]
    assert [job.kind for job in told] == ([] if job_kind is None else [job_kind])
    for job in told:
        served: DocumentServed = job.decode(DocumentServed)
        assert (served.document_id, served.effective_on) == (document_id, FIRST_DAY)


async def test_publication_tells_only_when_it_takes_effect(world: World) -> None:
    """Service by public notice takes effect after thirty full days; nobody is told before (CPL 95)."""
    await world.open()
    document_id = await world.document(DocumentKind.INQUIRY_REPORT, sealed=False)
    record = PublicNotice(published_at=NINE, ground=NoticeGround.MISSING, reasons_on_file=True)
    command = Serve(
        command_id=new_id(),
        service_id=new_id(),
        case_id=world.case_id,
        document_id=document_id,
        party_id=world.parties[PartyRole.JUDGMENT_DEBTOR],
        record=record,
        evidence_ref="公告",
    )

    served = await serve(world.db, world.clerk, command)

    assert served.effective_on == date(2027, 3, 31)
    (job,) = await world.rows("SELECT state, due_at FROM kernel.job WHERE kind = 'valuation.note_service'")
    assert (job.state, job.due_at) == ("waiting", local(date(2027, 4, 1), 0))


async def test_document_is_served_once_on_each_party(world: World) -> None:
    """The first service counts; a second is refused."""
    await world.open()
    document_id = await world.document(DocumentKind.AUCTION_RULING)
    await world.serve(document_id, world.parties[PartyRole.APPLICANT], NINE)

    with pytest.raises(AlreadyServed):
        await world.serve(document_id, world.parties[PartyRole.APPLICANT], NINE)


async def test_service_of_tomorrow_is_refused(world: World) -> None:
    """A receipt cannot bear a day that has not come."""
    await world.open()
    document_id = await world.document(DocumentKind.AUCTION_RULING)

    with pytest.raises(ServiceInFuture):
        await world.serve(document_id, world.parties[PartyRole.APPLICANT], NINE + timedelta(days=1))


@pytest.mark.parametrize(("days", "lawful"), [(-1, False), (0, True)])
async def test_document_is_not_served_before_it_was_issued(world: World, days: int, lawful: bool) -> None:
    """A receipt dated the day before the document was issued proves nothing."""
    await world.open()
    document_id = await world.document(DocumentKind.AUCTION_RULING)
    at = NINE + timedelta(days=days)
    if lawful:
        assert (await world.serve(document_id, world.parties[PartyRole.APPLICANT], at)).effective_on == FIRST_DAY
        return
    with pytest.raises(ServedBeforeIssue):
        await world.serve(document_id, world.parties[PartyRole.APPLICANT], at)


async def test_taken_id_is_refused(world: World) -> None:
    """An id that names something already is refused, and nothing is changed."""
    await world.open()

    with pytest.raises(IdTaken):
        await record_seizure(world.db, world.handler, world.seizure(rank=2))


def serving(world: World, document_id: UUID, party_id: UUID, record: ServiceRecord) -> Serve:
    """Make the command that serves a document in this way."""
    return Serve(
        command_id=new_id(),
        service_id=new_id(),
        case_id=world.case_id,
        document_id=document_id,
        party_id=party_id,
        record=record,
        evidence_ref="凭证",
    )


@pytest.mark.parametrize(
    ("publication", "kind", "lawful"),
    [
        (ReportPublication, DocumentKind.INQUIRY_REPORT, True),
        (ReportPublication, DocumentKind.TARGETED_RESULT, True),
        (ReportPublication, DocumentKind.AUCTION_RULING, False),
        (SaleNoticePublication, DocumentKind.SALE_NOTIFICATION, False),
        (PublicNotice, DocumentKind.AUCTION_RULING, True),
    ],
)
async def test_publication_is_for_its_own_documents(
    world: World,
    publication: type[ReportPublication | SaleNoticePublication | PublicNotice],
    kind: DocumentKind,
    lawful: bool,
) -> None:
    """Short publications serve only what the law has them for; the sale is published through its notification only."""
    await world.open()
    document_id = await world.document(kind, sealed=KINDS[kind].needs_seal)
    record = publication(published_at=NINE, ground=NoticeGround.MISSING, reasons_on_file=True)
    command = serving(world, document_id, world.parties[PartyRole.JUDGMENT_DEBTOR], record)

    if lawful:
        assert (await serve(world.db, world.clerk, command)).is_deemed
        return
    with pytest.raises(PublicationForOtherDocument):
        await serve(world.db, world.clerk, command)


@pytest.mark.parametrize(("consent_days", "lawful"), [(None, False), (1, False), (0, True), (-1, True)])
async def test_consent_to_electronic_service_is_the_one_on_file(
    world: World, consent_days: int | None, lawful: bool
) -> None:
    """A request that claims consent serves nothing where the file has none, or one of a later day (CPL 90)."""
    await world.open()
    on_file = None if consent_days is None else FIRST_DAY + timedelta(days=consent_days)
    party_id = await world.party(
        PartyRole.TENANT, "孙示例", e_service_consent_on=on_file, e_service_address="sun@example.invalid"
    )
    document_id = await world.document(DocumentKind.AUCTION_RULING)
    record = ElectronicService(
        sent_at=NINE,
        consent=Consent(basis=ConsentBasis.EXPRESS, given_at=NINE),
        address_basis=AddressBasis.CONFIRMED,
        arrived_at=NINE,
    )
    command = serving(world, document_id, party_id, record)

    if lawful:
        assert (await serve(world.db, world.clerk, command)).effective_on == FIRST_DAY
        return
    with pytest.raises(ElectronicServiceWithoutConsent):
        await serve(world.db, world.clerk, command)


async def test_waiver_serves_no_document(world: World) -> None:
    """A waiver of notice is no service."""
    await world.open()
    document_id = await world.document(DocumentKind.AUCTION_RULING)
    command = Serve(
        command_id=new_id(),
        service_id=new_id(),
        case_id=world.case_id,
        document_id=document_id,
        party_id=world.parties[PartyRole.APPLICANT],
        record=WrittenWaiver(waived_at=NINE),
        evidence_ref="放弃书",
    )

    with pytest.raises(WaiverIsNoService):
        await serve(world.db, world.clerk, command)


async def test_ban_is_recorded_once(world: World) -> None:
    """The same ban twice is one."""
    await world.open()
    number = resident_number(date(1980, 1, 1), 88)
    for _ in range(2):
        command = BarPerson(
            command_id=new_id(),
            case_id=world.case_id,
            kind="natural",
            name="周示例",
            identity_number=number,
            ground="enforcing_court",
            document_ref="人员名单",
        )
        await bar_person(world.db, world.handler, command)

    assert len(await world.rows("SELECT 1 FROM sale.barred_person")) == 1
