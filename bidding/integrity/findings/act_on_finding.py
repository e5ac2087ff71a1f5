"""Record what the court does about a finding, or that it does nothing: a word with its reason, never changed."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import Money
from auction.kernel.sentences import Said
from auction.law.parameters import LAW
from bidding.integrity.findings import act_store as store
from bidding.integrity.findings.acts import (
    JUDGES,
    SANCTIONS,
    Act,
    RosterNotOpen,
    SanctionNotComplete,
    SanctionNotOfUnit,
    SanctionRepeated,
    SanctionTooHigh,
    not_refused,
    require_reason,
)
from bidding.integrity.findings.participants import Participants, require_code_of_finding

Against = Literal["person", "unit"]


class ActOnFinding(Command, frozen=True, kw_only=True):
    """Take this act on this finding in this case.

    A fine has ``fine_fen`` and ``against``, a detention ``detention_days``; both name the code of a round whose roster is open.
    ``document_id`` is a document of the case on which the act rests.
    """

    case_id: UUID
    finding_id: UUID
    act: Act
    reason: str
    document_id: UUID | None = None
    round_id: UUID | None = None
    code: str | None = None
    against: Against | None = None
    fine_fen: int | None = None
    detention_days: int | None = None


async def act_on_finding(db: Database, actor: Actor, command: ActOnFinding, participants: Participants) -> int:
    """Store the act as the finding's next word and give its number; nothing else follows by itself (D6).

    Raises: `RoleLacking`, `ReasonNeeded`, `SanctionNotComplete`, `FindingUnknown`, `CodeNotOfFinding`, `RosterNotOpen`,
    `SanctionNotOfUnit`, `SanctionTooHigh`, `SanctionRepeated`, `TooManyWords`. Source: 网拍 28, 31; CPL 114, 118; Interp. 184.
    """
    require_role(actor, *JUDGES)
    reason = require_reason(command.reason)
    _require_complete(command)

    async def work(tx: Transaction) -> int:
        await tx.about_case(command.case_id)
        row = await store.finding_in_case(tx, command.finding_id, command.case_id)
        if command.act in SANCTIONS:
            assert command.round_id is not None and command.code is not None, "checked before"
            if await store.opening_of(tx, command.round_id, command.case_id) is None:
                raise RosterNotOpen(field="round_id")
            await require_code_of_finding(tx, row, command.round_id, command.code)
            await _require_unit(tx, command, participants)
            _require_allowed(tx, command)
            await _require_first(tx, command)
        return await store.add_word(
            tx,
            actor,
            command.act,
            finding_id=command.finding_id,
            case_id=command.case_id,
            reason=reason,
            document_id=command.document_id,
            round_id=command.round_id,
            code=command.code,
            fine_fen=command.fine_fen,
            detention_days=command.detention_days,
        )

    return await db.carry_out(actor, command, work, int)


def _require_complete(command: ActOnFinding) -> None:
    given = {name for name in ("fine_fen", "against", "detention_days", "round_id", "code") if getattr(command, name)}
    needed = {
        "fine": {"fine_fen", "against", "round_id", "code"},
        "detention": {"detention_days", "round_id", "code"},
    }.get(command.act, set())
    if given != needed:
        raise SanctionNotComplete(field="act")


async def _require_unit(tx: Transaction, command: ActOnFinding, participants: Participants) -> None:
    """Refuse to fine a natural person as a unit (`SanctionNotOfUnit`); of a unit those who answer for it may be fined, too. Source: CPL 114, 118."""
    assert command.round_id is not None and command.code is not None, "checked before"
    if command.against != "unit":
        return
    if await participants.kind_behind(tx, command.round_id, command.code) != "organisation":
        raise SanctionNotOfUnit(field="against")


async def _require_first(tx: Transaction, command: ActOnFinding) -> None:
    """Refuse to sanction one's conduct the same way twice (`SanctionRepeated`). Source: Interp. 184."""
    await tx.lock(f"finding:{command.finding_id}")
    words = (await store.spoken_on(tx, [command.finding_id]))[command.finding_id]
    same = (command.act, command.round_id, command.code)
    if same in [(word.act, word.round_id, word.code) for word in not_refused(words)]:
        raise SanctionRepeated(field="act")


def _require_allowed(tx: Transaction, command: ActOnFinding) -> None:
    """Hold a fine or a detention against what the law allows today (`SanctionTooHigh`)."""
    today = local_day(tx.now)
    if command.detention_days is not None:
        most = LAW.days("sanctions.detention_max_days", on=today)
        if not 1 <= command.detention_days <= most:
            raise SanctionTooHigh(
                least=Said("1天", "1 day"), most=Said(f"{most}天", f"{most} days"), field="detention_days"
            )
    if command.fine_fen is not None:
        is_unit = command.against == "unit"
        least = LAW.amount("sanctions.fine_unit_min", on=today) if is_unit else Money(1)
        highest = LAW.amount("sanctions.fine_unit_max" if is_unit else "sanctions.fine_person_max", on=today)
        if not least.fen <= command.fine_fen <= highest.fen:
            raise SanctionTooHigh(least=str(least), most=str(highest), field="fine_fen")
