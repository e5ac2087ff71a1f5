"""The court's desk: one case with everything in it, its dated timeline, and the clocks that run.

Names are masked; whoever lawfully needs one opens it with a step of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import chain
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.persons import masked_of_all
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.law.periods import legal_period
from auction.sale.cases import store as cases
from auction.sale.cases.assets import AssetClass, Fact
from auction.sale.cases.cases import CaseView
from auction.sale.cases.documents import KINDS, DocumentKind
from auction.sale.cases.parties import TITLES, PartyRole
from auction.sale.cases.seizures import covered_until
from auction.sale.cases.tables import ReferencePriceRow, SeizureRow, ServiceRow
from auction.sale.lots import store as lots
from auction.sale.lots.lots import LotState
from auction.sale.lots.tables import LotEventRow, LotRow
from auction.sale.objections.clocks import dues_of_objections
from auction.sale.silence.store import unclear_of
from auction.sale.title import store
from auction.sale.title.tables import DeliveryRow, RegistryTransferRow, TitlePassageRow
from auction.sale.title.title import BalanceStep, balance_step
from auction.sale.views import RoundShown, rounds_of_lots

RENEWAL_WARNING = timedelta(days=60)
"""A first seizure that ends within this time stands on the worklist of renewals (practice 1)."""
LOT_STATES_ZH: dict[LotState, str] = {
    LotState.DRAFT: "草拟",
    LotState.LISTED: "提交合议",
    LotState.DECIDED: "合议通过",
    LotState.ANNOUNCED: "公告",
    LotState.OPEN: "竞价开始",
    LotState.STOPPED: "暂缓或者中止",
    LotState.SOLD: "成交",
    LotState.FAILED: "流拍",
    LotState.RULED: "作出成交裁定",
    LotState.TITLE_PASSED: "所有权转移",
    LotState.COMPLETED: "过户交付完毕",
    LotState.DEFAULTED: "悔拍",
    LotState.SET_ASIDE: "撤销拍卖",
    LotState.SATISFIED: "以物抵债",
    LotState.RETURNED: "解封退还",
    LotState.WITHDRAWN: "撤回",
}


class PartyShown(msgspec.Struct, frozen=True, kw_only=True):
    """A party, masked."""

    party_id: UUID
    person_id: UUID
    role: PartyRole
    masked: str
    claim_fen: int | None
    consents_to_e_service: bool


class SeizureShown(msgspec.Struct, frozen=True, kw_only=True):
    """A seizure with its end."""

    seizure_id: UUID
    court: str
    case_number: str
    kind: str
    rank: int
    valid_from: date
    ends_on: date


class AssetShown(msgspec.Struct, frozen=True, kw_only=True):
    """An asset with what is known of it."""

    asset_id: UUID
    asset_class: AssetClass
    title: str
    address: str
    registry_number: str
    facts: tuple[Fact, ...]
    seizures: tuple[SeizureShown, ...]


class DocumentShown(msgspec.Struct, frozen=True, kw_only=True):
    """A document and whether it is still a draft (草稿)."""

    document_id: UUID
    lot_id: UUID | None
    kind: DocumentKind
    title: str
    body_sha256: str
    is_draft: bool
    issued_at: datetime


class LotShown(msgspec.Struct, frozen=True, kw_only=True):
    """A lot with its rounds; ``question_id`` is that of its present listing."""

    lot_id: UUID
    asset_id: UUID
    state: LotState
    listing_version: int
    question_id: UUID | None
    rounds: tuple[RoundShown, ...]


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One dated event of the case."""

    on: date
    kind: str
    zh: str
    en: str


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """A period that runs: until when, by which article, and whether it is over."""

    kind: str
    article: str
    zh: str
    en: str
    due_on: date
    is_overdue: bool
    lot_id: UUID | None = None


class CasePage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the court's desk shows of a case."""

    case: CaseView
    parties: tuple[PartyShown, ...]
    assets: tuple[AssetShown, ...]
    documents: tuple[DocumentShown, ...]
    lots: tuple[LotShown, ...]
    timeline: tuple[TimelineEntry, ...]
    clocks: tuple[Clock, ...]


async def case_page(tx: Transaction, case_id: UUID) -> CasePage:
    """Give the desk's page of a case. Raises: `CaseUnknown`."""
    page, (timeline, clocks) = await tx.together(undated_page(tx, case_id), dates_of(tx, case_id))
    return msgspec.structs.replace(page, timeline=timeline, clocks=clocks)


async def dates_of(tx: Transaction, case_id: UUID) -> tuple[tuple[TimelineEntry, ...], tuple[Clock, ...]]:
    """Give what happened in a case and which periods run. Raises: `CaseUnknown`."""
    return await tx.together(_timeline(tx, case_id), open_clocks(tx, case_id))


async def undated_page(tx: Transaction, case_id: UUID) -> CasePage:
    """Give a case with its parties, assets, documents and lots, without timeline and clocks. Raises: `CaseUnknown`."""
    case, parties, assets, documents, lots_shown = await tx.together(
        cases.case_view(tx, case_id),
        _parties(tx, case_id),
        _assets(tx, case_id),
        _documents(tx, case_id),
        _lots(tx, case_id),
    )
    return CasePage(
        case=case,
        parties=parties,
        assets=assets,
        documents=documents,
        lots=lots_shown,
        timeline=(),
        clocks=(),
    )


async def _parties(tx: Transaction, case_id: UUID) -> tuple[PartyShown, ...]:
    rows = await cases.parties_of(tx, case_id)
    masked = await masked_of_all(tx, {row.person_id for row in rows})
    return tuple(
        PartyShown(
            party_id=row.party_id,
            person_id=row.person_id,
            role=PartyRole(row.role),
            masked=masked[row.person_id],
            claim_fen=row.claim_fen,
            consents_to_e_service=row.e_service_consent_on is not None,
        )
        for row in rows
    )


async def _assets(tx: Transaction, case_id: UUID) -> tuple[AssetShown, ...]:
    rows = await cases.assets_of(tx, case_id)
    ids = [row.asset_id for row in rows]
    dated, found, facts = await tx.together(
        cases.seizures_of_assets(tx, ids), _seizures(tx, ids), cases.facts_of_assets(tx, ids)
    )
    ends = {seizure.seizure_id: seizure.ends_on for seizures in dated.values() for seizure in seizures}
    return tuple(
        AssetShown(
            asset_id=row.asset_id,
            asset_class=AssetClass(row.asset_class),
            title=row.title,
            address=row.address,
            registry_number=row.registry_number,
            facts=tuple(facts[row.asset_id].values()),
            seizures=tuple(_seizure(one, ends[one.seizure_id]) for one in found if one.asset_id == row.asset_id),
        )
        for row in rows
    )


async def _seizures(tx: Transaction, asset_ids: Sequence[UUID]) -> Sequence[SeizureRow]:
    of_assets = select(SeizureRow).where(SeizureRow.asset_id.in_(asset_ids))
    return (await tx.session.scalars(of_assets.order_by(SeizureRow.rank, SeizureRow.valid_from))).all()


def _seizure(row: SeizureRow, ends_on: date) -> SeizureShown:
    return SeizureShown(
        seizure_id=row.seizure_id,
        court=row.court,
        case_number=row.case_number,
        kind=row.kind,
        rank=row.rank,
        valid_from=row.valid_from,
        ends_on=ends_on,
    )


async def _documents(tx: Transaction, case_id: UUID) -> tuple[DocumentShown, ...]:
    return tuple(
        DocumentShown(
            document_id=row.document_id,
            lot_id=row.lot_id,
            kind=DocumentKind(row.kind),
            title=row.title,
            body_sha256=row.body_sha256,
            is_draft=is_draft,
            issued_at=row.issued_at,
        )
        for row, is_draft in await cases.documents_of(tx, case_id)
    )


async def _lots(tx: Transaction, case_id: UUID) -> tuple[LotShown, ...]:
    of_case = select(LotRow).where(LotRow.case_id == case_id).order_by(LotRow.created_at)
    rows = (await tx.session.scalars(of_case)).all()
    ids = [row.lot_id for row in rows]
    listed, rounds = await tx.together(lots.listing_rows(tx, ids), rounds_of_lots(tx, ids))
    listings = {(one.lot_id, one.version): one.question_id for one in listed}
    return tuple(
        LotShown(
            lot_id=row.lot_id,
            asset_id=row.asset_id,
            state=LotState(row.state),
            listing_version=row.listing_version,
            question_id=listings[row.lot_id, row.listing_version] if row.listing_version else None,
            rounds=rounds[row.lot_id],
        )
        for row in rows
    )


async def _timeline(tx: Transaction, case_id: UUID) -> tuple[TimelineEntry, ...]:
    """Give all dated events, the earliest first."""
    case, *dated = await tx.together(
        cases.case_row(tx, case_id),
        _seized(tx, case_id),
        _priced(tx, case_id),
        _issued(tx, case_id),
        _served(tx, case_id),
        _moved(tx, case_id),
    )
    opened = TimelineEntry(on=local_day(case.opened_at), kind="case", zh="立案登记", en="case put on file")
    return tuple(sorted([opened, *chain.from_iterable(dated)], key=lambda entry: entry.on))


async def _seized(tx: Transaction, case_id: UUID) -> list[TimelineEntry]:
    found = await tx.session.scalars(select(SeizureRow).where(SeizureRow.case_id == case_id))
    return [
        TimelineEntry(
            on=row.valid_from,
            kind="seizure",
            zh=f"查封（顺位 {row.rank}）至 {row.valid_until}",
            en=f"seizure of rank {row.rank} until {row.valid_until}",
        )
        for row in found
    ]


async def _priced(tx: Transaction, case_id: UUID) -> list[TimelineEntry]:
    found = await tx.session.scalars(select(ReferencePriceRow).where(ReferencePriceRow.case_id == case_id))
    return [
        TimelineEntry(on=local_day(row.fixed_at), kind="price", zh="确定参考价", en="reference price fixed")
        for row in found
    ]


async def _issued(tx: Transaction, case_id: UUID) -> list[TimelineEntry]:
    return [
        TimelineEntry(
            on=local_day(row.issued_at),
            kind="document",
            zh=f"制作{KINDS[DocumentKind(row.kind)].zh}{'（草稿）' if is_draft else ''}",
            en=f"{KINDS[DocumentKind(row.kind)].en} issued{' (draft)' if is_draft else ''}",
        )
        for row, is_draft in await cases.documents_of(tx, case_id)
    ]


async def _served(tx: Transaction, case_id: UUID) -> list[TimelineEntry]:
    documents, parties, found = await tx.together(
        cases.documents_of(tx, case_id),
        cases.parties_of(tx, case_id),
        tx.session.scalars(select(ServiceRow).where(ServiceRow.case_id == case_id)),
    )
    kinds = {row.document_id: DocumentKind(row.kind) for row, _ in documents}
    roles = {row.party_id: PartyRole(row.role) for row in parties}
    return [
        TimelineEntry(
            on=row.effective_on,
            kind="service",
            zh=f"{KINDS[kinds[row.document_id]].zh}送达{TITLES[roles[row.party_id]][0]}",
            en=f"{KINDS[kinds[row.document_id]].en} served on the {TITLES[roles[row.party_id]][1]}",
        )
        for row in found
    ]


async def _moved(tx: Transaction, case_id: UUID) -> list[TimelineEntry]:
    found = await tx.session.scalars(
        select(LotEventRow)
        .join(LotRow, LotRow.lot_id == LotEventRow.lot_id)
        .where(LotRow.case_id == case_id)
        .order_by(LotEventRow.lot_id, LotEventRow.number)
    )
    return [
        TimelineEntry(
            on=local_day(row.at),
            kind="lot",
            zh=f"拍品：{LOT_STATES_ZH[LotState(row.to_state)]}",
            en=f"lot {row.move.replace('_', ' ')}",
        )
        for row in found
    ]


async def open_clocks(tx: Transaction, case_id: UUID) -> tuple[Clock, ...]:
    """Give the periods that run in a case, the next end first (practice 1, 13)."""
    clocks = await tx.together(
        _seizure_clocks(tx, case_id), _clocks_of_lots(tx, case_id), _objection_clocks(tx, case_id)
    )
    return tuple(sorted(chain.from_iterable(clocks), key=lambda clock: clock.due_on))


async def _clocks_of_lots(tx: Transaction, case_id: UUID) -> list[Clock]:
    rows = (await tx.session.scalars(select(LotRow).where(LotRow.case_id == case_id))).all()
    announced = {row.asset_id for row in rows if row.state not in _BEFORE_NOTICE}
    of_prices, of_lots = await tx.together(
        _price_clocks(tx, case_id, announced), tx.each(rows, lambda row: _lot_clocks(tx, row))
    )
    return [*of_prices, *chain.from_iterable(of_lots.values())]


_BEFORE_NOTICE = frozenset({LotState.DRAFT.value, LotState.LISTED.value, LotState.DECIDED.value})


async def _objection_clocks(tx: Transaction, case_id: UUID) -> list[Clock]:
    today = local_day(tx.now)
    dues = await dues_of_objections(tx, case_id)
    return [_clock(due.kind, due.article, (due.zh, due.en), due.due_on, today, due.lot_id) for due in dues]


async def _seizure_clocks(tx: Transaction, case_id: UUID) -> list[Clock]:
    today = local_day(tx.now)
    clocks = []
    ids = [asset.asset_id for asset in await cases.assets_of(tx, case_id)]
    for seizures in (await cases.seizures_of_assets(tx, ids)).values():
        ends = covered_until(seizures, today)
        if ends is not None and ends - today <= RENEWAL_WARNING:
            clocks.append(_clock("seizure_renewal", "查扣冻 26", ("续行查封", "renew the seizure"), ends, today))
    return clocks


async def _price_clocks(tx: Transaction, case_id: UUID, announced: set[UUID]) -> list[Clock]:
    today = local_day(tx.now)
    clocks = []
    ids = [asset.asset_id for asset in await cases.assets_of(tx, case_id)]
    for asset_id, price in (await tx.each(ids, lambda one: cases.newest_price(tx, one))).items():
        if price is None or asset_id in announced:
            continue
        fixed_on = local_day(price.fixed_at)
        parameter = LAW.parameter("reference_price.start_sale_days", on=fixed_on)
        due_on = legal_period(parameter, fixed_on, COURT_CALENDAR).end_day
        clocks.append(_clock("start_sale", parameter.cite, ("启动拍卖程序", "start the sale"), due_on, today))
        clocks.append(
            _clock("price_validity", "参考价 27", ("参考价有效期", "the price is valid"), price.valid_until, today)
        )
    return clocks


async def _lot_clocks(tx: Transaction, lot: LotRow) -> list[Clock]:
    """The clock of the lot's present state: second round, balance, ruling, delivery."""
    today = local_day(tx.now)
    if lot.state == LotState.FAILED:
        return await _failure_clock(tx, lot, today)
    if lot.state == LotState.SOLD:
        return list(chain(*await tx.together(_payment_clock(tx, lot, today), _list_clocks(tx, lot, today))))
    if lot.state == LotState.RULED:
        return await _payment_clock(tx, lot, today)
    if lot.state == LotState.TITLE_PASSED:
        return await _delivery_clocks(tx, lot, today)
    return []


async def _failure_clock(tx: Transaction, lot: LotRow, today: date) -> list[Clock]:
    failed_on = (await lots.past_of(tx, lot.lot_id)).failed_on
    listing = await lots.listing_row(tx, lot)
    if failed_on is None or listing.kind == "sell_off":
        return []
    if listing.kind == "second":
        return _sell_off_clocks(lot, failed_on, today)
    parameter = LAW.parameter("auction.second_within_days", on=failed_on)
    due_on = legal_period(parameter, failed_on, COURT_CALENDAR).end_day
    text = ("举行再次拍卖", "hold the second auction")
    return [_clock("second_round", parameter.cite, text, due_on, today, lot.lot_id)]


def _sell_off_clocks(lot: LotRow, failed_on: date, today: date) -> list[Clock]:
    """The court asks the creditors and announces the sell-off. Source: 变卖衔接 2."""
    duties = {
        "sell_off.ask_creditors_days": (
            "ask_creditors",
            ("征询债权人以物抵债意见", "ask the creditors whether they take it"),
        ),
        "sell_off.announce_days": ("announce_sell_off", ("发布变卖公告", "announce the sell-off")),
    }
    clocks = []
    for key, (kind, text) in duties.items():
        parameter = LAW.parameter(key, on=failed_on)
        due_on = legal_period(parameter, failed_on, COURT_CALENDAR).end_day
        clocks.append(_clock(kind, parameter.cite, text, due_on, today, lot.lot_id))
    return clocks


async def _payment_clock(tx: Transaction, lot: LotRow, today: date) -> list[Clock]:
    confirmation, ruling = await tx.together(store.confirmation_of(tx, lot.lot_id), store.ruling_of(tx, lot.lot_id))
    if ruling is not None:
        text = ("送达成交裁定", "serve the ruling")
        return [_clock("serve_ruling", "拍变 20", text, ruling.serve_by, today, lot.lot_id)]
    paid, due_at = await tx.together(
        store.full_payment_of(tx, confirmation.round_id), store.balance_due_at(tx, confirmation)
    )
    if paid is not None:
        parameter = LAW.parameter("auction.ruling_after_full_payment_days", on=paid.complete_on)
        due_on = legal_period(parameter, paid.complete_on, COURT_CALENDAR).end_day
        text = ("作出并送达成交裁定", "make and serve the ruling")
        return [_clock("make_ruling", parameter.cite, text, due_on, today, lot.lot_id)]
    last = local_day(due_at - timedelta(seconds=1))
    if balance_step(tx.now, due_at=due_at, is_paid=False) is BalanceStep.PROPOSED:
        text = ("余款逾期，由合议庭决定是否认定悔拍", "the balance is late: the panel decides whether it is a default")
        return [_clock("balance", "网拍 24", text, last, today, lot.lot_id)]
    return [_clock("balance", "网拍 25", ("支付余款", "pay the balance"), last, today, lot.lot_id)]


async def _list_clocks(tx: Transaction, lot: LotRow, today: date) -> list[Clock]:
    """The wait for each list that leaves the buyer unclear; from its end the panel may be asked. Source: 网拍 31(4), 34; decision S26."""
    confirmation = await store.confirmation_of(tx, lot.lot_id)
    clocks = []
    for one in await unclear_of(tx, confirmation.round_id):
        silent = one.why == "silent"
        zh = "未答复对买受人的查询：届时仍无答复的" if silent else "对买受人的答复相互矛盾："
        en = (
            "has not answered about the buyer; without an answer by then"
            if silent
            else "contradicts itself about the buyer:"
        )
        text = (f"{one.name.zh}{zh}提请合议庭决定", f"{one.name.en} {en} the panel decides")
        clocks.append(_clock("list_unclear", "网拍 31(4)", text, local_day(one.panel_from), today, lot.lot_id))
    return clocks


async def _delivery_clocks(tx: Transaction, lot: LotRow, today: date) -> list[Clock]:
    passage = await tx.session.get_one(TitlePassageRow, lot.lot_id)
    clocks = []
    if await tx.session.get(DeliveryRow, lot.lot_id) is None:
        text = ("交付", "deliver possession")
        clocks.append(_clock("delivery", "拍变 27", text, passage.deliver_by, today, lot.lot_id))
    if await tx.session.get(RegistryTransferRow, lot.lot_id) is None:
        text = ("办理过户登记", "obtain the registry's receipt")
        clocks.append(_clock("transfer", "practice 24", text, passage.deliver_by, today, lot.lot_id))
    return clocks


def _clock(
    kind: str, article: str, text: tuple[str, str], due_on: date, today: date, lot_id: UUID | None = None
) -> Clock:
    return Clock(
        kind=kind, article=article, zh=text[0], en=text[1], due_on=due_on, is_overdue=today > due_on, lot_id=lot_id
    )
