"""Commands on findings, and whom they are offered to (each use case checks the actor again)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from bidding.integrity.evidence.make_pack import MakePack, make_pack
from bidding.integrity.findings.act_on_finding import ActOnFinding, act_on_finding
from bidding.integrity.findings.acts import JUDGES
from bidding.integrity.findings.answer_explanation import AnswerExplanation, answer_explanation
from bidding.integrity.findings.ask_explanation import AskExplanation, ask_explanation
from bidding.integrity.findings.decide_sanction import DecideSanction, decide_sanction
from bidding.integrity.findings.open_roster import OpenRoster, open_roster
from bidding.integrity.findings.record_police_answer import RecordPoliceAnswer, record_police_answer
from web.command_route import CommandRoute
from web.finding_door import require_document_of_case
from web.offers.offering import R, offer


def finding_commands() -> list[CommandRoute[Any, Any]]:
    """Give the commands on findings."""
    return [
        offer("integrity/ask-explanation", AskExplanation, ask_explanation, UUID, JUDGES),
        offer(
            "integrity/act-on-finding",
            ActOnFinding,
            act_on_finding,
            int,
            JUDGES,
            "participants",
            door_check=require_document_of_case,
        ),
        offer(
            "integrity/record-police-answer",
            RecordPoliceAnswer,
            record_police_answer,
            int,
            JUDGES,
            door_check=require_document_of_case,
        ),
        offer("integrity/open-roster", OpenRoster, open_roster, int, JUDGES),
        offer("integrity/make-pack", MakePack, make_pack, UUID, JUDGES, "participants", "controls", "pack_key"),
        offer("integrity/decide-sanction", DecideSanction, decide_sanction, int, (R.PRESIDENT,)),
        offer(
            "integrity/answer-explanation",
            AnswerExplanation,
            answer_explanation,
            UUID,
            (R.BIDDER,),
            "participants",
        ),
    ]
