"""What the judge's pages read of findings: the queue by sale and by party, and all that stands on one finding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Transaction
from auction.sale.case_access import CaseSeen, cases_among, every_case_seen_by, require_part
from auction.sale.cases import store as cases
from auction.sale.rounds import store as rounds
from bidding.integrity.evidence.store import PackKept, packs_of
from bidding.integrity.findings import act_store
from bidding.integrity.findings.act_store import Asked, Look, Opening, WordSpoken, asked_about, looks_at, spoken_on
from bidding.integrity.findings.acts import BEGINNING, CONCLUDING, READERS, SANCTIONS, FindingUnknown, Label, label_of
from bidding.integrity.findings.findings import Finding
from bidding.integrity.findings.participants import codes_of, roster_of
from bidding.integrity.findings.store import findings_beside, queue_of_cases, set_aside_among
from bidding.journal.views import BidShown, public_bids
from web.auth.tables import AccountRow

QUEUE_MOST = 300
"""Most findings of one queue, the strongest first."""
TAPE_MOST = 40
"""Most bids of an excerpt, the newest first."""
OTHERS_MOST = 50


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One finding in a queue, in the case in which its reader sees it."""

    finding_id: UUID
    case: CaseSeen
    finding: Finding
    strength: float
    label: Label
    has_open_question: bool = False


class PartyLines(msgspec.Struct, frozen=True, kw_only=True):
    """The findings about one keyed token."""

    token: str
    lines: tuple[Line, ...]


class Before(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier finding of the same screen about the same parties in this case, with what its court concluded."""

    finding_id: UUID
    raised_at: datetime
    same_parties: bool
    concluded: tuple[WordSpoken, ...]


class RoundSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One round of a finding; of another case's round nothing but that it is one."""

    round_id: UUID
    is_own: bool
    session_id: UUID | None = None
    is_over: bool = False
    opening: Opening | None = None
    codes: tuple[str, ...] = ()
    bids: tuple[BidShown, ...] = ()


class FindingFile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on one finding."""

    case: CaseSeen
    finding_id: UUID
    finding: Finding
    label: Label
    rounds: tuple[RoundSeen, ...]
    words: tuple[WordSpoken, ...]
    asked: tuple[Asked, ...]
    others: tuple[Line, ...]
    before: tuple[Before, ...]
    looks: tuple[Look, ...]
    packs: tuple[PackKept, ...]
    names: dict[UUID, str]
    """User names of the officers who spoke and looked."""
    documents: tuple[tuple[UUID, str], ...]
    """Documents of the case on which an act may rest."""

    @property
    def to_decide(self) -> tuple[WordSpoken, ...]:
        """Proposed fines and detentions that wait for the president."""
        decided = {word.of_number for word in self.words}
        return tuple(word for word in self.words if word.act in SANCTIONS and word.number not in decided)

    @property
    def referred(self) -> tuple[WordSpoken, ...]:
        """Referrals that wait for the answer of the police."""
        answered = {word.of_number for word in self.words}
        return tuple(word for word in self.words if word.act == "police" and word.number not in answered)

    @property
    def to_ask(self) -> list[tuple[str, str]]:
        """Whom the judge may ask: round and code."""
        return [(str(one.round_id), code) for one in self.rounds for code in one.codes]

    @property
    def opened(self) -> list[tuple[str, str]]:
        """The codes whose roster is open."""
        return [(str(one.round_id), code) for one in self.rounds if one.opening for code in one.codes]

    @property
    def is_any_over(self) -> bool:
        """Whether a pack may be made."""
        return any(one.is_over for one in self.rounds)


def as_reader(actor: Actor) -> Actor:
    """Give the actor with those roles only in which findings are read: a clerk who is also a judge reads as the judge."""
    return msgspec.structs.replace(actor, roles=actor.roles & frozenset(READERS))


async def require_reader(tx: Transaction, actor: Actor, case_id: UUID, finding_id: UUID) -> CaseSeen:
    """Give the case for who may read this finding; the president only what waits, or waited, for his decision (`FindingUnknown`)."""
    reader = as_reader(actor)
    case = await require_part(tx, reader, case_id)
    await act_store.finding_in_case(tx, finding_id, case_id)
    if reader.roles == {Role.PRESIDENT}:
        words = act_store.said_in((await spoken_on(tx, [finding_id]))[finding_id], case_id)
        if not any(word.act in SANCTIONS for word in words):
            raise FindingUnknown(finding_id=finding_id)
    return case


async def read_queue(tx: Transaction, actor: Actor) -> tuple[Line, ...]:
    """Give the findings of the reader's cases, open ones first; weak ones only beside another on the same round."""
    reader = as_reader(actor)
    if reader.roles == {Role.PRESIDENT}:
        rows = await act_store.findings_with_act(tx, SANCTIONS, limit=QUEUE_MOST)
        ids = {UUID(case_id) for row in rows for case_id in row.case_ids}
        seen = await cases_among(tx, reader, ids)
    else:
        seen = {case.case_id: case for case in await every_case_seen_by(tx, reader)}
        rows = await queue_of_cases(tx, list(seen), limit=QUEUE_MOST)
    return await _lines(tx, rows, seen)


async def _lines(tx: Transaction, rows: Sequence[act_store.FoundRow], seen: dict[UUID, CaseSeen]) -> tuple[Line, ...]:
    words = await spoken_on(tx, [row.finding_id for row in rows])
    told = {round_id for row in rows if not row.is_weak for round_id in row.round_ids}
    set_aside = await set_aside_among(tx, rows)
    found = []
    for row in rows:
        case = next((seen[UUID(name)] for name in row.case_ids if UUID(name) in seen), None)
        if case is None or (row.is_weak and told.isdisjoint(row.round_ids)):
            continue
        said = act_store.said_in(words[row.finding_id], case.case_id)
        found.append(
            Line(
                finding_id=row.finding_id,
                case=case,
                finding=act_store.finding_of(row),
                strength=row.strength,
                label=label_of(
                    (word.spoken for word in said), is_set_aside=(row.finding_id, case.case_id) in set_aside
                ),
                has_open_question=any(word.act == "ask" for word in said),
            )
        )
    return tuple(found)


def by_party(lines: Sequence[Line]) -> tuple[PartyLines, ...]:
    """Group a queue by the keyed tokens that its findings name, those named most often first; only rounds that are over name any."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        for token in line.finding.subject.parties:
            groups.setdefault(token, []).append(line)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return tuple(PartyLines(token=token, lines=tuple(found)) for token, found in ordered)


async def read_finding(tx: Transaction, actor: Actor, case_id: UUID, finding_id: UUID) -> FindingFile:
    """Read all that stands on a finding, for who may (`require_reader`)."""
    case = await require_reader(tx, actor, case_id, finding_id)
    row = await act_store.finding_in_case(tx, finding_id, case_id)
    finding = act_store.finding_of(row)
    words = act_store.said_in((await spoken_on(tx, [finding_id]))[finding_id], case_id)
    looks = await looks_at(tx, finding_id, case_id)
    near = await findings_beside(tx, row, case_id, limit=OTHERS_MOST)
    accounts = {*(word.account_id for word in words), *(look.account_id for look in looks)}
    return FindingFile(
        case=case,
        finding_id=finding_id,
        finding=finding,
        label=label_of(
            (word.spoken for word in words), is_set_aside=(finding_id, case_id) in await set_aside_among(tx, [row])
        ),
        rounds=await _rounds(tx, finding, case_id),
        words=tuple(words),
        asked=tuple(await asked_about(tx, finding_id, case_id)),
        others=await _lines(tx, [row, *near], {case_id: case}),
        before=await _before(tx, row, case_id),
        looks=tuple(looks),
        packs=tuple(await packs_of(tx, finding_id, case_id)),
        names=await usernames(tx, accounts),
        documents=tuple(
            [(paper.document_id, paper.title) for paper, draft in await cases.documents_of(tx, case_id) if not draft]
        ),
    )


async def _before(tx: Transaction, row: act_store.FoundRow, case_id: UUID) -> tuple[Before, ...]:
    earlier = await act_store.earlier_about(tx, row, case_id, limit=OTHERS_MOST)
    words = await spoken_on(tx, [one.finding_id for one in earlier])
    return tuple(
        Before(
            finding_id=one.finding_id,
            raised_at=one.raised_at,
            same_parties=set(one.parties) == set(row.parties),
            concluded=tuple(
                word for word in act_store.said_in(words[one.finding_id], case_id) if word.act in CONCLUDING | BEGINNING
            ),
        )
        for one in earlier
    )


async def _rounds(tx: Transaction, finding: Finding, case_id: UUID) -> tuple[RoundSeen, ...]:
    sessions = {room.round_id: room.session_id for room in (await rounds.rooms_of_cases(tx, [case_id])).values()}
    found = []
    for name in finding.subject.rounds:
        round_id = UUID(name)
        if round_id not in sessions:
            found.append(RoundSeen(round_id=round_id, is_own=False))
            continue
        record = await act_store.record_of_round(tx, round_id)
        found.append(
            RoundSeen(
                round_id=round_id,
                is_own=True,
                session_id=sessions[round_id],
                is_over=record is not None,
                opening=await act_store.opening_of(tx, round_id, case_id),
                codes=codes_of(finding, name, None if record is None else roster_of(record.roster)),
                bids=tuple((await public_bids(tx, sessions[round_id]))[:TAPE_MOST]),
            )
        )
    return tuple(found)


async def usernames(tx: Transaction, account_ids: set[UUID]) -> dict[UUID, str]:
    """Give the user names of officers' accounts."""
    found = select(AccountRow.account_id, AccountRow.username).where(AccountRow.account_id.in_(account_ids))
    return {row.account_id: row.username for row in (await tx.session.execute(found)).all()}
