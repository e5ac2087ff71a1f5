"""The judge's pages of findings: the queue, one finding with the court's acts, an opened roster, an evidence pack.

1. Read by the case's own judges, its supervisors, and the president where a fine or detention waits for him; by nobody else.
2. Each look is logged before anything is shown. While a round runs there are codes only.
3. Names stand on the page of an opened roster alone: in full for the judges who open rosters, masked for everybody else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Refusal
from auction.kernel.ids import named_id
from auction.kernel.money import AmountMalformed, Money
from auction.sale.case_access import CaseSeen
from bidding.integrity.evidence.make_pack import MakePack
from bidding.integrity.evidence.pack import EvidencePack, fingerprint
from bidding.integrity.evidence.store import written_pack
from bidding.integrity.findings import act_store
from bidding.integrity.findings.act_on_finding import ActOnFinding, Against
from bidding.integrity.findings.acts import (
    ASK_DAYS_MOST,
    JUDGES,
    NO_BID_RIGGING_CRIME,
    READERS,
    SANCTIONS,
    Act,
    RosterSealed,
)
from bidding.integrity.findings.ask_explanation import AskExplanation
from bidding.integrity.findings.decide_sanction import DecideSanction
from bidding.integrity.findings.export_labels import export_labels
from bidding.integrity.findings.open_roster import OpenRoster
from bidding.integrity.findings.participants import roster_of
from bidding.integrity.findings.record_police_answer import RecordPoliceAnswer
from web.auth.guards import roles
from web.command_door import carry_out, ports_of
from web.errors import PageUnknown
from web.forms import read_form
from web.injected import TheActor, TheDb, TheWiring
from web.pages import finding_words
from web.pages.court.finding_file import as_reader, by_party, read_finding, read_queue, require_reader, usernames
from web.pages.desk import FieldNeeded, desk_page, given_by
from web.pages.steps.all_forms import routes_by_path
from web.participants_of_rounds import ParticipantsOfRounds
from web.texts import _, current_locale
from web.wiring import Wiring

FOR_READERS = dict(roles(*READERS))
PATH = "/court/cases/{case_id:uuid}/findings/{finding_id:uuid}"
DONE_OF = {
    "ask": "finding_asked",
    "act": "finding_acted",
    "sanction": "finding_acted",
    "police": "finding_police",
    "open": "roster_opened",
    "pack": "pack_made",
    "decide": "finding_decided",
}
"""What is said after a form, by its address."""
INPUT_OF = {"fine_fen": "fine", "detention_days": "days"}
"""What the forms call a field of a command."""


class FindingForm(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of all forms about a finding; each form uses its own. ``whom`` is round and code."""

    command_id: UUID
    whom: str = ""
    act: str = ""
    reason: str = ""
    document_id: UUID | None = None
    against: str | None = None
    fine: str = ""
    days: int | None = None
    number: int = 0
    approves: str = ""
    round_id: UUID | None = None


@get("/court/findings", opt=FOR_READERS, include_in_schema=False)
async def show_queue(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Template:
    """Show the findings of the reader's cases, by sale or by party."""
    async with db.reading() as tx:
        lines = await read_queue(tx, actor)
    sales: dict[UUID, list[Any]] = {}
    for line in lines:
        sales.setdefault(line.case.case_id, []).append(line)
    view = "party" if request.query_params.get("by") == "party" else "sale"
    return desk_page(request, "court/findings.html", sales=sales, parties=by_party(lines), view=view, say=finding_words)


@get("/court/findings/labels.json", opt=FOR_READERS, include_in_schema=False)
async def download_labels(db: TheDb, actor: TheActor) -> Response[bytes]:
    """Give what the court made of the reader's findings, as labels for the evaluation of screens."""
    async with db.reading() as tx:
        lines = await read_queue(tx, actor)
        labels = await export_labels(tx, {line.case.case_id for line in lines})
    headers = {"content-disposition": 'attachment; filename="fapai-finding-labels.json"', "cache-control": "no-store"}
    return Response(msgspec.json.encode(labels), media_type="application/json", headers=headers)


@get(PATH, opt=FOR_READERS, include_in_schema=False)
async def show_finding(
    case_id: FromPath[UUID], finding_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Template:
    """Show a finding, after the look is logged."""
    await _look(db, actor, "finding", case_id, finding_id)
    return await _page(request, db, actor, case_id, finding_id)


@post(f"{PATH}/{{form:str}}", opt=FOR_READERS, include_in_schema=False, status_code=303)
async def take_act(
    case_id: FromPath[UUID],
    finding_id: FromPath[UUID],
    form: FromPath[str],
    request: Request[Any, Any, Any],
    db: TheDb,
    actor: TheActor,
    wiring: TheWiring,
) -> Response[Any]:
    """Carry out one of the court's acts on a finding, by the same door as every command."""
    async with db.reading() as tx:
        await require_reader(tx, actor, case_id, finding_id)
    try:
        filled = await read_form(request, FindingForm)
        await _carry_out(wiring, actor, form, case_id, finding_id, filled)
    except Refusal as refusal:
        given = {**await given_by(request), "form": form}
        return await _page(request, db, actor, case_id, finding_id, refusal=refusal, given=given)
    path = f"/court/cases/{case_id}/findings/{finding_id}"
    if form == "pack":
        path += f"/packs/{_pack_id(filled)}"
    return Redirect(f"{path}?done={DONE_OF[form]}", status_code=303)


async def _carry_out(
    wiring: Wiring, actor: Actor, form: str, case_id: UUID, finding_id: UUID, filled: FindingForm
) -> None:
    make = _MAKERS.get(form)
    if make is None:
        raise PageUnknown
    path, command = make(filled, case_id, finding_id)
    route = routes_by_path()[f"integrity/{path}"]
    await carry_out(route, wiring.db, actor, command, ports_of(route, wiring.ports))


def _ask(filled: FindingForm, case_id: UUID, finding_id: UUID) -> tuple[str, Command]:
    round_id, code = _whom(filled.whom)
    command = AskExplanation(
        command_id=filled.command_id,
        request_id=named_id("explanation by hand", str(filled.command_id)),
        case_id=case_id,
        finding_id=finding_id,
        round_id=round_id,
        code=code,
        question=filled.reason,
        days=filled.days or 0,
    )
    return "ask-explanation", command


def _act(filled: FindingForm, case_id: UUID, finding_id: UUID) -> tuple[str, Command]:
    is_sanction = filled.act in SANCTIONS
    round_id, code = _whom(filled.whom) if is_sanction else (None, None)
    command = ActOnFinding(
        command_id=filled.command_id,
        case_id=case_id,
        finding_id=finding_id,
        act=_one_of(filled.act, get_args(Act)),
        reason=filled.reason,
        document_id=filled.document_id,
        round_id=round_id,
        code=code,
        against=_one_of(filled.against, get_args(Against)) if filled.act == "fine" else None,
        fine_fen=_fine(filled.fine) if filled.act == "fine" and filled.fine else None,
        detention_days=filled.days if filled.act == "detention" else None,
    )
    return "act-on-finding", command


def _police(filled: FindingForm, case_id: UUID, finding_id: UUID) -> tuple[str, Command]:
    command = RecordPoliceAnswer(
        command_id=filled.command_id,
        case_id=case_id,
        finding_id=finding_id,
        number=filled.number,
        answer=filled.reason,
        document_id=filled.document_id,
    )
    return "record-police-answer", command


def _open(filled: FindingForm, case_id: UUID, finding_id: UUID) -> tuple[str, Command]:
    round_id = filled.round_id or UUID(int=0)
    command = OpenRoster(
        command_id=filled.command_id, case_id=case_id, finding_id=finding_id, round_id=round_id, reason=filled.reason
    )
    return "open-roster", command


def _pack(filled: FindingForm, case_id: UUID, finding_id: UUID) -> tuple[str, Command]:
    command = MakePack(
        command_id=filled.command_id,
        pack_id=_pack_id(filled),
        case_id=case_id,
        finding_id=finding_id,
        reason=filled.reason,
    )
    return "make-pack", command


def _decide(filled: FindingForm, case_id: UUID, finding_id: UUID) -> tuple[str, Command]:
    command = DecideSanction(
        command_id=filled.command_id,
        case_id=case_id,
        finding_id=finding_id,
        number=filled.number,
        approves=_one_of(filled.approves, ("yes", "no")) == "yes",
        reason=filled.reason,
    )
    return "decide-sanction", command


_MAKERS: Mapping[str, Callable[[FindingForm, UUID, UUID], tuple[str, Command]]] = {
    "ask": _ask,
    "act": _act,
    "sanction": _act,
    "police": _police,
    "open": _open,
    "pack": _pack,
    "decide": _decide,
}


def _pack_id(filled: FindingForm) -> UUID:
    return named_id("pack by hand", str(filled.command_id))


def _whom(text: str) -> tuple[UUID, str]:
    """Read round and code as the form has them; refuse anything else (`FieldNeeded`)."""
    round_id, _sep, code = text.partition("|")
    try:
        return UUID(round_id), code
    except ValueError:
        raise FieldNeeded(field="whom", what=_("竞买代码")) from None


def _fine(text: str) -> int:
    """Read a fine in yuan; gives fen. Raises: `AmountMalformed`, beside its field."""
    try:
        return Money.parse_yuan(text).fen
    except AmountMalformed:
        raise AmountMalformed(given=text, field="fine") from None


def _one_of(given: str | None, allowed: Sequence[str]) -> Any:  # noqa: ANN401 - one of the literals
    """Give what was chosen, or refuse an empty or foreign choice (`FieldNeeded`)."""
    if given not in allowed:
        raise FieldNeeded(field="act", what=_("处理方式"))
    return given


async def _look(
    db: Database, actor: Actor, what: str, case_id: UUID, finding_id: UUID, round_id: UUID | None = None
) -> None:
    async def work(tx: Transaction) -> None:
        await require_reader(tx, actor, case_id, finding_id)
        if what == "roster" and (round_id is None or await act_store.opening_of(tx, round_id, case_id) is None):
            raise RosterSealed
        await act_store.note_look(tx, actor, what, case_id=case_id, finding_id=finding_id, round_id=round_id)

    await db.transact(work)


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    case_id: UUID,
    finding_id: UUID,
    *,
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
) -> Template:
    async with db.reading() as tx:
        file = await read_finding(tx, actor, case_id, finding_id)
    return desk_page(
        request,
        "court/finding.html",
        refusal=refusal,
        given=given or {},
        input_of=INPUT_OF,
        file=file,
        case=file.case,
        screen=finding_words.screen_of(file.finding),
        say=finding_words,
        may_act=not actor.roles.isdisjoint(JUDGES),
        may_decide=Role.PRESIDENT in actor.roles,
        caveat=NO_BID_RIGGING_CRIME.in_words(current_locale()),
        ask_days=ASK_DAYS_MOST,
    )


@get(f"{PATH}/rosters/{{round_id:uuid}}", opt=FOR_READERS, include_in_schema=False)
async def show_roster(
    case_id: FromPath[UUID],
    finding_id: FromPath[UUID],
    round_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    db: TheDb,
    actor: TheActor,
) -> Template:
    """Show who stood behind which code, where a judge of this case opened it; the look is committed before any name is read."""
    await _look(db, actor, "roster", case_id, finding_id, round_id)
    in_full = not actor.roles.isdisjoint(JUDGES)
    people = ParticipantsOfRounds()
    async with db.reading() as tx:
        case = await require_reader(tx, actor, case_id, finding_id)
        opening = await act_store.opening_of(tx, round_id, case_id)
        record = await act_store.record_of_round(tx, round_id)
        assert opening is not None, "the look was allowed"
        assert record is not None, "what was opened is recorded"
        roster = roster_of(record.roster)
        name = people.name_behind if in_full else people.masked_behind
        names = {entry.code: await name(tx, round_id, entry.code) for entry in roster.entries}
        officers = await usernames(tx, {opening.account_id})
    return desk_page(
        request,
        "court/roster.html",
        case=case,
        finding_id=finding_id,
        roster=roster,
        names=names,
        opening=opening,
        officers=officers,
        in_full=in_full,
        say=finding_words,
    )


@get(f"{PATH}/packs/{{pack_id:uuid}}", opt=FOR_READERS, include_in_schema=False)
async def show_pack(
    case_id: FromPath[UUID],
    finding_id: FromPath[UUID],
    pack_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    db: TheDb,
    actor: TheActor,
) -> Template:
    """Show an evidence pack part by part, as it was signed."""
    written, case = await read_pack(db, actor, case_id, finding_id, pack_id)
    pack = msgspec.json.decode(written, type=EvidencePack)
    accounts = {look.account_id for look in pack.parts.access} | {pack.made_by}
    async with db.reading() as tx:
        officers = await usernames(tx, accounts)
    return desk_page(
        request,
        "court/pack.html",
        case=case,
        pack=pack,
        digest=fingerprint(written),
        officers=officers,
        say=finding_words,
    )


@get(f"{PATH}/packs/{{pack_id:uuid}}/pack.json", opt=FOR_READERS, include_in_schema=False)
async def download_pack(
    case_id: FromPath[UUID], finding_id: FromPath[UUID], pack_id: FromPath[UUID], db: TheDb, actor: TheActor
) -> Response[bytes]:
    """Give the pack's file, byte for byte as it was signed."""
    written, _case = await read_pack(db, actor, case_id, finding_id, pack_id)
    return Response(written, media_type="application/json", headers=pack_headers(pack_id, "json", written))


async def read_pack(
    db: Database, actor: Actor, case_id: UUID, finding_id: UUID, pack_id: UUID
) -> tuple[bytes, CaseSeen]:
    """Log the look, then read the pack; one with names is for who opens rosters (`RoleLacking`)."""
    async with db.reading() as tx:
        case = await require_reader(tx, actor, case_id, finding_id)
        written = await written_pack(tx, pack_id, finding_id=finding_id, case_id=case_id)
    if any(roster.names for roster in msgspec.json.decode(written, type=EvidencePack).parts.roster):
        require_role(as_reader(actor), *JUDGES)
    await _look(db, actor, "pack", case_id, finding_id)
    return written, case


def pack_headers(pack_id: UUID, kind: str, written: bytes) -> dict[str, str]:
    """Name the download, and the fingerprint of the signed file."""
    return {
        "content-disposition": f'attachment; filename="fapai-evidence-pack-{pack_id}.{kind}"',
        "x-fingerprint-sha256": fingerprint(written),
        "cache-control": "no-store",
    }


FINDING_PAGES = (
    show_queue,
    download_labels,
    show_finding,
    take_act,
    show_roster,
    show_pack,
    download_pack,
)
