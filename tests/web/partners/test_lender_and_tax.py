"""The lender's and the tax office's doors: signed calls, signed documents, one answer per key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import msgspec
import pytest

from auction.fund.channels.bank_client import BankClient
from auction.fund.claims.tax_client import TaxClient
from auction.fund.claims.tax_office import Assessment, AssessmentAsked
from auction.fund.gateway import BankLine, OutcomeUnknown, ProviderRefused, SubAccountAsked, Unavailable
from auction.fund.loans.lender import (
    Approval,
    ApprovalAsked,
    Commitment,
    CommitmentAsked,
    Draw,
    DrawAsked,
    Told,
    bridge_in,
)
from auction.fund.loans.lender_client import LenderClient
from auction.kernel.signed_calls import PartnerAnswerMalformed, SignedClient
from auction.kernel.signing import DocumentKey, DocumentSignatureWrong, fingerprint
from tests.web.partners.conftest import Street, eventually, unheard_url

SERVERS = ("bank", "lender-1", "tax")
PRICE = 4_000_000_00
KEY = DocumentKey(b"k" * 32)


def approval(**changes: object) -> ApprovalAsked:
    """A pre-approval asked for."""
    base = ApprovalAsked(
        key="approval:1",
        product_id="sample-home",
        bidder_ref="B-1",
        lot_ref="L-1",
        asset_class="home",
        value_fen=PRICE,
        price_limit_fen=PRICE,
        wish_fen=PRICE,
        months=240,
        income_fen=5_000_000,
        other_debt_fen=0,
        born_on=date(1990, 5, 1),
    )
    return msgspec.structs.replace(base, **changes)


def commitment(approval_no: str, **changes: object) -> CommitmentAsked:
    """A commitment asked for."""
    base = CommitmentAsked(
        key="commitment:1",
        approval_no=approval_no,
        amount_fen=PRICE // 2,
        hammer_price_fen=PRICE,
        case_ref="(2026)京0105执1234号",
    )
    return msgspec.structs.replace(base, **changes)


def sale(**changes: object) -> AssessmentAsked:
    """A sale to be assessed."""
    base = AssessmentAsked(
        key="tax:1",
        sale_ref="round-1",
        asset_class="home",
        price_fen=PRICE,
        seller_kind="individual",
        held_years=1,
        sole_home=False,
        cost_fen=0,
    )
    return msgspec.structs.replace(base, **changes)


async def test_lender_approves_and_declines_once_per_key(street: Street) -> None:
    """He approves seven tenths; the same key gives the same answer, whatever his mood by then; a decline is zero."""
    lender = LenderClient(street.signed("lender-1"))
    first = await lender.approve(approval())
    await street.order("lender-1", do="mood", mood="decline")
    again = await lender.approve(approval())
    declined = await lender.approve(approval(key="approval:2"))

    assert (first.state, first.approved_fen) == ("approved", PRICE * 7 // 10)
    assert again == first
    assert (declined.state, declined.approved_fen) == ("declined", 0)


async def test_lender_promises_by_a_signed_letter_and_pays_once(street: Street) -> None:
    """The letter names amount and approval; the draw repeated under its key, its answer lost, arrives once."""
    lender, bank = LenderClient(street.signed("lender-1")), BankClient(street.signed("bank"))
    case = await bank.open_sub_account(SubAccountAsked(request_id="case:1", purpose="case", reference="C"))
    approved = await lender.approve(approval())
    promised = await lender.commit(commitment(approved.approval_no))
    asked = DrawAsked(
        key="draw:1",
        commitment_no=promised.commitment_no,
        amount_fen=promised.amount_fen,
        to_account=case,
        reference="LOAN1",
    )
    await street.order("lender-1", do="fault", kind="drop_after", method="POST", path="/v1/drawdowns", times=1)
    with pytest.raises(OutcomeUnknown):
        await lender.draw(asked)

    async def draw() -> Draw:
        return await lender.draw(asked)

    paid = await eventually(draw, lambda seen: seen.state == "paid")

    async def lines() -> tuple[BankLine, ...]:
        return (await bank.statement(after=0, limit=10)).lines

    assert promised.amount_fen == PRICE // 2
    assert promised.letter["document"]["amount_fen"] == PRICE // 2
    assert paid.key == "draw:1"
    (line,) = await lines()
    assert (line.amount_fen, line.remark, line.sub_account) == (PRICE // 2, "LOAN1", case)
    with pytest.raises(ProviderRefused):
        await lender.cancel("commitment:1")


async def test_lender_refuses_more_than_he_approved(street: Street) -> None:
    """A promise above the pre-approval is refused with his code; one given up draws nothing."""
    lender = LenderClient(street.signed("lender-1"))
    approved = await lender.approve(approval())
    with pytest.raises(ProviderRefused) as refused:
        await lender.commit(commitment(approved.approval_no, amount_fen=approved.approved_fen + 1))
    promised = await lender.commit(commitment(approved.approval_no, key="commitment:2"))
    await lender.cancel("commitment:2")
    await lender.cancel("commitment:2")

    assert refused.value.code == "commitment_exceeds"
    with pytest.raises(ProviderRefused):
        await lender.draw(
            DrawAsked(
                key="draw:1", commitment_no=promised.commitment_no, amount_fen=1, to_account="x", reference="LOAN1"
            )
        )


async def test_letter_signed_by_somebody_else_is_refused(street: Street) -> None:
    """A letter that the lender's published key did not sign is no promise."""
    honest = LenderClient(street.signed("lender-1"))
    approved = await honest.approve(approval())
    doubting = LenderClient(street.signed("lender-1", public_key=KEY.public.hex()))

    with pytest.raises(DocumentSignatureWrong):
        await doubting.commit(commitment(approved.approval_no))


Answer = Callable[[httpx.Request], httpx.Response]


def answering(street: Street, name: str, content: dict[str, Any]) -> SignedClient:
    """Give a client whose partner always answers this, its documents signed with `KEY`."""
    partner = street.partner(name, public_key=KEY.public.hex())
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, json=content))
    client = SignedClient(partner, transport=transport)
    street.opened.append(client.close)
    return client


def signed(document: dict[str, Any]) -> dict[str, Any]:
    """Sign a document as the partner does."""
    return {"document": document, "sha256": fingerprint(document), "signature": KEY.sign(document)}


LIMIT = {"approval_no": "A-1", "bidder_ref": "B-1", "lot_ref": "L-1", "approved_fen": PRICE // 2}
LIMIT |= {"valid_until": "2026-12-31"}


async def _limit(street: Street, letter: dict[str, Any] | None) -> Approval:
    shown: dict[str, Any] = {"approval_no": "A-1", "approved_fen": PRICE // 2, "state": "approved"}
    shown |= {"valid_until": "2026-12-31", "letter": None if letter is None else signed(letter)}
    return await LenderClient(answering(street, "lender-1", {"approval": shown})).approve(approval())


@pytest.mark.parametrize(
    "other", [{"bidder_ref": "B-9"}, {"lot_ref": "L-9"}, {"approved_fen": PRICE}, {"valid_until": "2027-12-31"}]
)
async def test_letter_about_somebody_else_is_no_pre_approval(street: Street, other: dict[str, object]) -> None:
    """A rightly signed letter of another bidder, lot, amount or day does not stand for this pre-approval, nor does none."""
    assert (await _limit(street, LIMIT)).letter is not None

    with pytest.raises(PartnerAnswerMalformed):
        await _limit(street, LIMIT | other)
    with pytest.raises(PartnerAnswerMalformed):
        await _limit(street, None)


async def test_letter_says_what_bridge_money_is_confirmed(street: Street) -> None:
    """The lender confirms the agreement that was named, by his signed letter; unwilling, or not asked, he confirms none."""
    lender = LenderClient(street.signed("lender-1"))
    named = await lender.approve(approval(bridge_ref="过桥协议1号"))
    unasked = await lender.approve(approval(key="approval:2"))
    await street.order("lender-1", do="mood", mood="no_bridge")
    unwilling = await lender.approve(approval(key="approval:3", bridge_ref="过桥协议1号"))

    assert named.bridge is not None
    assert (named.bridge.reference, named.bridge.amount_fen) == ("过桥协议1号", named.approved_fen)
    assert bridge_in(named.letter) == named.bridge
    assert (unasked.bridge, unwilling.bridge, unwilling.state) == (None, None, "approved")


@pytest.mark.parametrize("bridge", [{"reference": "A"}, {"reference": "A", "amount_fen": "1"}, "A", 1])
async def test_letter_whose_bridge_money_cannot_be_read_is_no_answer(street: Street, bridge: object) -> None:
    """A rightly signed letter that says something unreadable of bridge money is refused whole; without a word on it, it stands."""
    assert (await _limit(street, LIMIT | {"bridge": None})).bridge is None

    with pytest.raises(PartnerAnswerMalformed):
        await _limit(street, LIMIT | {"bridge": bridge})


async def test_house_tells_the_lender_once(street: Street) -> None:
    """A notice told again under its key is kept once; with other content it is refused."""
    lender = LenderClient(street.signed("lender-1"))
    told = Told(key="notice:1", kind="draw_late", commitment_no="C-1", subject="loan:1")
    await lender.tell(told)
    await lender.tell(told)

    with pytest.raises(ProviderRefused) as refused:
        await lender.tell(msgspec.structs.replace(told, kind="mortgage_filed"))

    assert refused.value.code == "idempotency_key_reused"


LETTER = {"commitment_no": "C-1", "approval_no": "A-1", "amount_fen": PRICE // 2}


async def _promise(street: Street, letter: dict[str, Any]) -> Commitment:
    shown = {"commitment": {"commitment_no": "C-1", "amount_fen": PRICE // 2, "letter": signed(letter)}}
    return await LenderClient(answering(street, "lender-1", shown)).commit(commitment("A-1"))


@pytest.mark.parametrize(
    "other", [{"commitment_no": "C-9"}, {"approval_no": "A-9"}, {"amount_fen": 1}, {"amount_fen": "200000000"}]
)
async def test_letter_about_something_else_is_no_promise(street: Street, other: dict[str, object]) -> None:
    """A rightly signed letter of another commitment, approval or amount does not stand for this one."""
    assert (await _promise(street, LETTER)).commitment_no == "C-1"

    with pytest.raises(PartnerAnswerMalformed):
        await _promise(street, LETTER | other)


async def test_tax_office_assesses_once_per_key(street: Street) -> None:
    """A late assessment is pending, then done under the same key, its heads from the signed document."""
    tax = TaxClient(street.signed("tax"))
    await street.order("tax", do="mood", mood="late")
    pending = await tax.assess(sale())
    await street.order("tax", do="release", kind="assessment", key="tax:1")

    async def assess() -> Assessment:
        return await tax.assess(sale())

    done = await eventually(assess, lambda seen: seen.state != "pending")

    assert (pending.state, pending.heads) == ("pending", ())
    assert done.state == "done"
    amounts = {head.head: head.amount_fen for head in done.heads}
    assert amounts["vat"] > 0
    assert amounts["land_appreciation"] == 0
    assert len(done.document_sha256) == 64
    with pytest.raises(ProviderRefused) as refused:
        await tax.assess(sale(price_fen=PRICE + 1))
    assert refused.value.code == "idempotency_key_reused"


async def test_tax_office_may_refuse(street: Street) -> None:
    """A refused assessment has no heads; a malformed question is refused at once."""
    tax = TaxClient(street.signed("tax"))
    await street.order("tax", do="mood", mood="refuse")

    async def assess() -> Assessment:
        return await tax.assess(sale())

    refused = await eventually(assess, lambda seen: seen.state != "pending")

    assert (refused.state, refused.heads) == ("refused", ())
    with pytest.raises(ProviderRefused):
        await tax.assess(sale(key="tax:2", asset_class="spaceship"))


async def test_assessment_signed_by_somebody_else_is_refused(street: Street) -> None:
    """An assessment that the office's published key did not sign is not taken."""
    tax = TaxClient(street.signed("tax", public_key=KEY.public.hex()))

    async def refusal() -> str:
        try:
            return (await tax.assess(sale())).state
        except DocumentSignatureWrong as wrong:
            return wrong.code

    assert await eventually(refusal, lambda seen: seen != "pending") == "document_signature_wrong"


HEADS = [{"head": "vat", "name": "增值税", "amount_fen": 100}, {"head": "stamp", "name": "印花税", "amount_fen": 20}]
ASSESSMENT = {"sale_ref": "round-1", "price_fen": PRICE, "heads": HEADS, "total_fen": 120}


async def _assess(street: Street, assessment: dict[str, Any]) -> Assessment:
    return await TaxClient(answering(street, "tax", {"assessment": assessment})).assess(sale())


@pytest.mark.parametrize(
    "other",
    [
        {"sale_ref": "round-9"},
        {"price_fen": PRICE + 1},
        {"total_fen": 121},
        {"heads": []},
        {"heads": [{**HEADS[0], "amount_fen": 140}, {**HEADS[1], "amount_fen": -20}]},
        {"heads": "none"},
    ],
)
async def test_assessment_of_something_else_is_not_taken(street: Street, other: dict[str, object]) -> None:
    """Another sale, another price, a wrong sum, no heads or a negative one: rightly signed, and still refused."""
    assert len((await _assess(street, {"state": "done", "signed": signed(ASSESSMENT)})).heads) == 2

    with pytest.raises(PartnerAnswerMalformed):
        await _assess(street, {"state": "done", "signed": signed(ASSESSMENT | other)})


async def test_assessment_without_its_document_is_not_taken(street: Street) -> None:
    """*Done* without a signed document would be a tax of nothing: it is refused."""
    with pytest.raises(PartnerAnswerMalformed):
        await _assess(street, {"state": "done", "signed": None})


async def test_nobody_at_home_is_unavailable(street: Street) -> None:
    """Where nobody listens, lender and tax office are `Unavailable`."""
    with pytest.raises(Unavailable):
        await LenderClient(street.signed("lender-1", url=unheard_url())).approve(approval())
    with pytest.raises(Unavailable):
        await TaxClient(street.signed("tax", url=unheard_url())).assess(sale())
