"""Put an evidence pack together from what was read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from auction.kernel.sentences import Locale
from bidding.integrity.evidence.check_pack import Predicts
from bidding.integrity.evidence.pack import (
    FORMAT,
    Access,
    Answer,
    BothTexts,
    Conduct,
    Counter,
    Declared,
    EarlierPrice,
    EvidencePack,
    Harm,
    History,
    JointRound,
    LinkHeld,
    Parts,
    Roster,
    Tape,
)
from bidding.integrity.evidence.reruns import Reruns, comes_again
from bidding.integrity.findings.findings import Finding
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens.catalogue import Screen

CONTROLS_NOT_KEPT = "controls_not_kept"
ROUNDS_NOT_HELD = "rounds_not_held"
HARM = "harm"
"""Under which name the controls of the harm stand."""


class FindingRead(msgspec.Struct, frozen=True, kw_only=True):
    """A finding with the controls that its screen was run with; ``None``: they were not kept, empty: it needs none."""

    finding: Finding
    raised_at: datetime
    controls: bytes | None


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """All that was read for a pack."""

    pack_id: UUID
    case_id: UUID
    finding_id: UUID
    made_by: UUID
    made_at: datetime
    tapes: tuple[Tape, ...]
    rosters: tuple[Roster, ...]
    links: tuple[LinkHeld, ...]
    findings: tuple[FindingRead, ...]
    """The pack's own first, then the others on its rounds."""
    earlier_records: Mapping[str, RoundRecord]
    """Rounds before those of the pack, of the same lots."""
    harm_controls: bytes | None
    history: History
    answers: tuple[Answer, ...]
    access: tuple[Access, ...]


def assemble(read: Read, screens: Mapping[str, Screen], reruns: Reruns, predicts: Predicts | None) -> EvidencePack:
    """Give the unsigned pack: parts in a fixed order, each finding tried again on the very records that are in it."""
    records = tuple(roster.record for roster in read.rosters)
    held = {record.round_id for record in records}
    named = [name for one in read.findings[:1] for name in one.finding.subject.rounds]
    return EvidencePack(
        format=FORMAT,
        pack_id=read.pack_id,
        case_id=read.case_id,
        finding_id=read.finding_id,
        made_by=read.made_by,
        made_at=read.made_at,
        not_held=tuple(name for name in named if name not in held),
        parts=Parts(
            tape=read.tapes,
            roster=read.rosters,
            links=tuple(
                sorted(
                    read.links,
                    key=lambda link: (
                        not link.declared,
                        not link.is_decided,
                        -link.weight,
                        link.round_id,
                        link.parties,
                    ),
                )
            ),
            conduct=tuple(_conduct(one, records, screens, reruns) for one in read.findings),
            controls=_controls(read),
            harm=tuple(_harm(record, read, predicts) for record in records),
            history=read.history,
            counter=Counter(
                innocent=_innocent(read, screens),
                declared=tuple(found for record in records for found in declared_in(record)),
                answers=read.answers,
            ),
            access=read.access,
        ),
        fingerprints={},
    )


def _conduct(
    one: FindingRead, records: Sequence[RoundRecord], screens: Mapping[str, Screen], reruns: Reruns
) -> Conduct:
    finding, screen = one.finding, screens[one.finding.screen]
    return Conduct(
        finding=finding,
        finding_id=finding.finding_id,
        raised_at=one.raised_at,
        title=_both(screen.title),
        sees=_both(screen.sees),
        proves_not=_both(screen.proves_not),
        controls=str(finding.finding_id) if one.controls else "",
        why_not_again=_why_not_again(one, records, screen, reruns),
    )


def _why_not_again(one: FindingRead, records: Sequence[RoundRecord], screen: Screen, reruns: Reruns) -> str:
    if one.controls is None:
        return CONTROLS_NOT_KEPT
    if screen.version != one.finding.version:
        return "other_version"
    if not {record.round_id for record in records} >= set(one.finding.subject.rounds):
        return ROUNDS_NOT_HELD
    return comes_again(one.finding, records, one.controls, reruns)


def _controls(read: Read) -> dict[str, msgspec.Raw]:
    found = {str(one.finding.finding_id): msgspec.Raw(one.controls) for one in read.findings if one.controls}
    if read.harm_controls:
        found[HARM] = msgspec.Raw(read.harm_controls)
    return found


def _harm(record: RoundRecord, read: Read, predicts: Predicts | None) -> Harm:
    told = Harm(round_id=record.round_id, reference_fen=record.reference_fen, hammer_fen=record.hammer_fen)
    if predicts is not None and read.harm_controls:
        told = predicts(record, read.harm_controls)
    before = read.earlier_records.get(record.previous or "")
    earlier = () if before is None else (_earlier(before),)
    return msgspec.structs.replace(told, earlier=earlier)


def _earlier(before: RoundRecord) -> EarlierPrice:
    return EarlierPrice(round_id=before.round_id, reserve_fen=before.reserve_fen, hammer_fen=before.hammer_fen)


def _innocent(read: Read, screens: Mapping[str, Screen]) -> tuple[BothTexts, ...]:
    shown = dict.fromkeys(one.finding.screen for one in read.findings)
    return tuple(
        BothTexts(zh=zh, en=en)
        for name in shown
        for zh, en in zip(screens[name].innocent["zh"], screens[name].innocent["en"], strict=True)
    )


def declared_in(record: RoundRecord) -> list[Declared]:
    """Give what bidders of a round declared, and what the law gives them: none of it is a sign of anything."""
    found = []
    for entry in record.codes:
        facts = {
            "agent": entry.has_agent,
            "joint": bool(entry.joint_group),
            "first_refusal": entry.first_refusal_rank is not None,
            "applicant": entry.is_applicant,
            "debtor": entry.is_debtor,
        }
        found += [
            Declared(round_id=record.round_id, code=entry.code, what=what) for what, holds in facts.items() if holds
        ]
    return found


def joint_rounds_of(records: Sequence[RoundRecord], parties: Sequence[str]) -> tuple[JointRound, ...]:
    """Give the rounds in which two or more of these parties were qualified."""
    named = set(parties)
    found = ((record, sorted(named & set(record.party_of.values()))) for record in records)
    return tuple(
        JointRound(round_id=record.round_id, parties=tuple(together), fate=record.fate)
        for record, together in found
        if len(together) > 1
    )


def _both(texts: Mapping[Locale, str]) -> BothTexts:
    return BothTexts(zh=texts["zh"], en=texts["en"])
