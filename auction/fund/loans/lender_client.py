"""A lending bank over signed HTTP; see `auction.fund.loans.lender.Lender`."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import date
from typing import Any, Literal, TypeVar
from urllib.parse import quote

import msgspec

from auction.fund.gateway import ProviderRefused
from auction.fund.loans.lender import (
    Approval,
    ApprovalAsked,
    BridgeMoney,
    Commitment,
    CommitmentAsked,
    Draw,
    DrawAsked,
    Told,
    bridge_in,
)
from auction.kernel.signed_calls import PartnerAnswerMalformed, PartnerRefused, SignedClient
from auction.kernel.signing import check_document

T = TypeVar("T")


class _Letter(msgspec.Struct):
    document: dict[str, Any]
    sha256: str
    signature: str


class _Approval(msgspec.Struct):
    approval_no: str
    approved_fen: int
    state: Literal["approved", "declined"]
    valid_until: date
    letter: _Letter | None = None


class _ApprovalShown(msgspec.Struct):
    approval: _Approval


class _Limit(msgspec.Struct):
    """What we read of a pre-approval letter's document; the rest is kept as it came."""

    approval_no: str
    bidder_ref: str
    lot_ref: str
    approved_fen: int
    valid_until: date


class _Promise(msgspec.Struct):
    """What we read of a letter's document; the rest is kept as it came."""

    commitment_no: str
    approval_no: str
    amount_fen: int


class _Commitment(msgspec.Struct):
    commitment_no: str
    amount_fen: int
    letter: _Letter


class _CommitmentShown(msgspec.Struct):
    commitment: _Commitment


class _Draw(msgspec.Struct):
    key: str
    state: Literal["accepted", "asked", "paid", "failed"]
    reason: str = ""


class _DrawShown(msgspec.Struct):
    drawdown: _Draw


class _Anything(msgspec.Struct):
    """An answer of which nothing is needed."""


class LenderClient:
    """A lending bank."""

    def __init__(self, client: SignedClient) -> None:
        """Bind."""
        self._client = client
        self._public_key = bytes.fromhex(client.partner.public_key)

    async def approve(self, asked: ApprovalAsked) -> Approval:
        """Ask for a pre-approval; the same key gives the same answer.

        An approval needs its signed letter (`DocumentSignatureWrong`), about this bidder, this lot and this amount
        (`PartnerAnswerMalformed`).
        """
        found = (await _refusing(self._client.post("/v1/approvals", asked, _ApprovalShown))).approval
        if found.state == "approved":
            self._require_limit(asked, found)
        return Approval(
            approval_no=found.approval_no,
            approved_fen=found.approved_fen,
            state=found.state,
            valid_until=found.valid_until,
            letter=None if found.letter is None else msgspec.to_builtins(found.letter),
            bridge=None if found.letter is None else _bridge_in(found.letter),
        )

    async def commit(self, asked: CommitmentAsked) -> Commitment:
        """Ask for a commitment; its letter's signature is checked (`DocumentSignatureWrong`).

        A letter about another commitment, approval or amount, however rightly signed, is `PartnerAnswerMalformed`.
        """
        found = (await _refusing(self._client.post("/v1/commitments", asked, _CommitmentShown))).commitment
        self._check(found.letter)
        _require_promise(asked, found)
        return Commitment(
            commitment_no=found.commitment_no, amount_fen=found.amount_fen, letter=msgspec.to_builtins(found.letter)
        )

    async def cancel(self, commitment_key: str) -> None:
        """Give a commitment up from which nothing was drawn."""
        path = f"/v1/commitments/{quote(commitment_key, safe='')}/cancel"
        await _refusing(self._client.post(path, {}, _Anything))

    async def draw(self, asked: DrawAsked) -> Draw:
        """Ask for the money; the same key draws once and shows the draw as it stands."""
        found = (await _refusing(self._client.post("/v1/drawdowns", asked, _DrawShown))).drawdown
        return Draw(key=found.key, state=found.state, reason=found.reason)

    async def tell(self, told: Told) -> None:
        """Tell him something; the same key tells it once."""
        await _refusing(self._client.post("/v1/notices", told, _Anything))

    def _check(self, letter: _Letter) -> None:
        check_document(letter.document, sha256=letter.sha256, signature=letter.signature, public_key=self._public_key)

    def _require_limit(self, asked: ApprovalAsked, found: _Approval) -> None:
        if found.letter is None:
            raise PartnerAnswerMalformed("an approval without its letter")
        self._check(found.letter)
        try:
            limit = msgspec.convert(found.letter.document, _Limit)
        except msgspec.ValidationError as fault:
            raise PartnerAnswerMalformed(f"letter: {fault}") from fault
        told = _Limit(found.approval_no, asked.bidder_ref, asked.lot_ref, found.approved_fen, found.valid_until)
        if limit != told or found.approved_fen <= 0:
            raise PartnerAnswerMalformed("the letter is about something else")


def _bridge_in(letter: _Letter) -> BridgeMoney | None:
    try:
        return bridge_in({"document": letter.document})
    except msgspec.ValidationError as fault:
        raise PartnerAnswerMalformed(f"letter: {fault}") from fault


def _require_promise(asked: CommitmentAsked, found: _Commitment) -> None:
    try:
        promise = msgspec.convert(found.letter.document, _Promise)
    except msgspec.ValidationError as fault:
        raise PartnerAnswerMalformed(f"letter: {fault}") from fault
    if promise != _Promise(found.commitment_no, asked.approval_no, asked.amount_fen):
        raise PartnerAnswerMalformed("the letter is about something else")
    if found.amount_fen != asked.amount_fen:
        raise PartnerAnswerMalformed("the commitment is about another amount")


async def _refusing(call: Awaitable[T]) -> T:
    """Turn a partner's refusal into the port's."""
    try:
        return await call
    except PartnerRefused as refused:
        raise ProviderRefused(refused.code, refused.message) from refused
