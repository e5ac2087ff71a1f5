"""A made-up round: three codes, a tape of the rule book with its chain, a planted screen, and the pack of its finding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from auction.contracts import BiddingTerms, RosterEntry, RoundRoster
from auction.kernel.clock import to_us
from auction.kernel.ids import SessionId
from bidding.integrity.evidence.assemble import FindingRead, Read, assemble
from bidding.integrity.evidence.pack import (
    Access,
    Answer,
    Earlier,
    EvidencePack,
    Harm,
    History,
    KeyShared,
    LinkHeld,
    OpenedBy,
    PackKey,
    Roster,
    Tape,
    encode_pack,
)
from bidding.integrity.evidence.reruns import Reruns
from bidding.integrity.findings.findings import Controls, Finding, Subject
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens.catalogue import Screen
from bidding.integrity.watch.assemble import record_of, tape_of
from bidding.journal.chain import canonical, genesis, next_digest
from bidding.journal.receipts import ReceiptKey, event_leaf, sign_batch
from bidding.journal.verify_journal import FORMAT, BatchLine, EventLine, Header, HeadLine, encode_line
from bidding.rules.engine import apply, decide
from bidding.rules.session import (
    Admission,
    Admit,
    BidderCode,
    BidId,
    Command,
    Event,
    OpenSession,
    PlaceBid,
    SessionState,
    Tick,
    terms_of,
)

JOURNAL_KEY = ReceiptKey(b"\x21" * 32)
PACK_KEY = PackKey(b"\x22" * 32)
KEYS = {JOURNAL_KEY.key_id: JOURNAL_KEY.public, PACK_KEY.key_id: PACK_KEY.public}
OPENS = datetime(2026, 9, 1, 2, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=24)
CODES = ("A0001", "B0002", "C0003")
RESERVE, STEP = 70_000_000, 350_000
ROUND, SESSION, LOT, CASE = (UUID(int=number) for number in (11, 12, 13, 14))
JUDGE = UUID(int=15)


def events() -> list[Event]:
    """Let two of three codes bid, the third stay silent, and the end pass."""
    terms = terms_of(
        BiddingTerms(
            session_id=SESSION,
            lot_id=LOT,
            round_id=ROUND,
            rule_set="spc-2016",
            start_price_fen=RESERVE,
            increment_fen=STEP,
            opens_at=OPENS,
            closes_at=CLOSES,
        )
    )
    open_us = to_us(OPENS)
    steps: list[tuple[Command, int]] = [(OpenSession(terms=terms), open_us - 1_000_000)]
    steps += [(Admit(admission=Admission(code=BidderCode(code))), open_us - 900_000) for code in CODES]
    for number in range(4):
        bid = PlaceBid(
            bid_id=BidId(str(UUID(int=100 + number, version=4))),
            code=BidderCode(CODES[number % 2]),
            amount_fen=RESERVE + number * STEP,
        )
        steps.append((bid, open_us + 60_000_000 * (number + 1)))
    steps.append((Tick(), to_us(CLOSES) + 1))
    found: list[Event] = []
    state: SessionState | None = None
    for command, at_us in steps:
        verdict = decide(state, command, at_us)
        assert verdict.refused is None, verdict
        for event in verdict.events:
            state = apply(state, event)
            found.append(event)
    return found


def tape(happened: Sequence[Event]) -> Tape:
    """Chain and sign the events as the committer does, in one batch."""
    session_id = SessionId(SESSION)
    digest = genesis(session_id)
    lines, leaves = [], []
    for event in happened:
        body = canonical(event)
        digest = next_digest(digest, body)
        leaves.append(event_leaf(session_id, digest))
        lines.append(encode_line(EventLine(body=body.decode(), digest=digest.hex())))
    proof = sign_batch(JOURNAL_KEY, shard=0, number=1, owner_epoch=1, through="1-9", leaves=leaves)
    batch = BatchLine(
        shard=0,
        number=1,
        owner_epoch=1,
        through="1-9",
        leaves=tuple(leaf.hex() for leaf in leaves),
        root=proof.root.hex(),
        key_id=proof.key_id,
        signature=proof.signature.hex(),
    )
    header = Header(format=FORMAT, session_id=SESSION, genesis=genesis(session_id).hex())
    head = HeadLine(sequence=len(happened), digest=digest.hex())
    written = (encode_line(header), encode_line(batch), *lines, encode_line(head))
    return Tape(round_id=str(ROUND), session_id=SESSION, lines=written)


def roster() -> RoundRoster:
    """Give the roster: three parties by tokens, one with a declared agent."""
    return RoundRoster(
        session_id=SESSION,
        round_id=ROUND,
        lot_id=LOT,
        case_id=CASE,
        kind="first",
        asset_class="home",
        place="110100",
        reserve_fen=RESERVE,
        increment_fen=STEP,
        deposit_fen=7_000_000,
        reference_fen=100_000_000,
        opens_at=OPENS,
        closes_at=CLOSES,
        debtors=("d" * 8,),
        agency="",
        previous_round_id=None,
        entries=tuple(
            RosterEntry(
                code=code, party=f"party-{code}", deposited_at=OPENS - timedelta(days=1), has_agent=code == "C0003"
            )
            for code in CODES
        ),
    )


def planted(record: RoundRecord, limit: float) -> Finding:
    """Find silent codes, as strong as they are many: a screen of tests alone."""
    return Finding(
        screen="planted",
        version="1",
        moment="close",
        subject=Subject(rounds=(record.round_id,), codes=record.silent_codes),
        strength=round(len(record.silent_codes) / record.qualified * limit, 6),
        sign="down",
        facts={"silent": len(record.silent_codes), "hammer_fen": record.hammer_fen},
        controls=Controls(matched_on_zh="同类标的", matched_on_en="same class", count=120, median=0.0, high=1.0),
    )


RERUNS: Reruns = {
    "planted": lambda records, controls: [planted(one, msgspec.json.decode(controls)["limit"]) for one in records]
}
SCREENS = {
    "planted": Screen(
        screen="planted",
        version="1",
        moment="close",
        sign="down",
        is_weak=False,
        title={"zh": "示例筛查", "en": "Planted screen"},
        sees={"zh": "{silent}人未出价。", "en": "{silent} did not bid."},
        proves_not={"zh": "不能证明串通。", "en": "It proves no agreement."},
        innocent={"zh": ("看样后发现瑕疵",), "en": ("a defect was found at the viewing",)},
        source="tests",
    )
}
CONTROLS = b'{"limit":9.0}'


def predict(record: RoundRecord, controls: bytes) -> Harm:
    """Predict the reference price, give or take a tenth."""
    assert msgspec.json.decode(controls)["limit"] == 9.0
    return Harm(
        round_id=record.round_id,
        reference_fen=record.reference_fen,
        hammer_fen=record.hammer_fen,
        expected_fen=record.reference_fen,
        low_fen=record.reference_fen * 9 // 10,
        high_fen=record.reference_fen * 11 // 10,
    )


LINKS = (
    LinkHeld(
        round_id=str(ROUND),
        parties=("party-A0001", "party-C0003"),
        declared=(),
        keys=(KeyShared(kind="phone", popularity=2, weight=4.5, counts=True),),
        weight=4.5,
        unknown=("device",),
    ),
)


def read(**changes: object) -> Read:
    """Give all that is read for the pack."""
    happened = events()
    told = tape_of(happened)
    assert told.closed_at is not None
    record = record_of(roster(), told, closed_at=told.closed_at, fate="open")
    finding = planted(record, 9.0)
    at = CLOSES + timedelta(days=2)
    found = Read(
        pack_id=UUID(int=21),
        case_id=CASE,
        finding_id=finding.finding_id,
        made_by=JUDGE,
        made_at=at,
        tapes=(tape(happened),),
        rosters=(
            Roster(
                record=record,
                opened=OpenedBy(account_id=JUDGE, at=at, reason="核实是否串通"),
                names={"C0003": "张示例"},
            ),
        ),
        links=LINKS,
        findings=(FindingRead(finding=finding, raised_at=at, controls=CONTROLS),),
        earlier_records={},
        harm_controls=CONTROLS,
        history=History(
            findings=(
                Earlier(
                    finding_id=finding.finding_id,
                    screen="planted",
                    strength=finding.strength,
                    raised_at=at,
                    label="open",
                    words=(),
                ),
            ),
            joint_rounds=(),
        ),
        answers=(
            Answer(
                round_id=str(ROUND),
                code="C0003",
                question="为何未出价？",
                due_on=at.date(),
                answer="看样后认为有瑕疵",
                answered_on=at.date(),
            ),
        ),
        access=(Access(what="finding", round_id="", account_id=JUDGE, at=at),),
    )
    return msgspec.structs.replace(found, **changes)


def pack(**changes: object) -> EvidencePack:
    """Assemble and sign it."""
    return PACK_KEY.sign_pack(assemble(read(**changes), SCREENS, RERUNS, predict))


def written(**changes: object) -> bytes:
    """Give its bytes."""
    return encode_pack(pack(**changes))
