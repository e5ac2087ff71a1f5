"""State the fee of an inquiry: whom finance pays, and how much; no money is moved here (参考价 31)."""

from __future__ import annotations

from uuid import UUID

from auction.contracts import InquiryFee, InquiryFeeShare
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.money import Money
from valuation.inquiries import course_store as store
from valuation.inquiries import store as inquiries
from valuation.inquiries.fees.fee import FeeNotRipe, nothing_owed, share_fee
from valuation.inquiries.fees.sale_record import SaleRecord

STATERS = (Role.CASE_HANDLER, Role.JUDGE_ASSISTANT)


class StateInquiryFee(Command, frozen=True, kw_only=True):
    """The fee for one use, by the paper that fixes it; ``never_sold``: the asset will not be sold any more."""

    inquiry_id: UUID
    fee_fen: int
    document_sha256: str
    never_sold: bool


class FeeStated(Conflict):
    """The fee of this inquiry was stated before."""

    code = "inquiry_fee_stated"
    article = "参考价 31"
    zh = "该询价的费用已经确定。"
    en = "The fee of this inquiry was stated before."


class FeeWrong(Conflict):
    """The asset was sold, so it cannot be said that it never will be."""

    code = "inquiry_fee_asset_sold"
    article = "参考价 31"
    zh = "财产已经成交，应当按成交价确定费用。"
    en = "The asset was sold; the fee follows its sale price."


async def state_inquiry_fee(db: Database, actor: Actor, command: StateInquiryFee, *, sale: SaleRecord) -> InquiryFee:
    """State once what is owed and to whom: nothing after failure, withdrawal, or where the asset is never sold.

    Raises `FeeNotRipe` while the sale is open, `FeeStated`, `FeeWrong`. Source: 参考价 31.
    """
    require_role(actor, *STATERS)
    fee = Money(command.fee_fen)

    async def work(tx: Transaction) -> InquiryFee:
        inquiry = await inquiries.inquiry(tx, command.inquiry_id)
        await tx.about_case(inquiry.case_id)
        if await store.fee_of(tx, command.inquiry_id) is not None:
            raise FeeStated
        sold_for = await _sold_for(tx, command.inquiry_id, sale)
        _check_ripe(inquiry.state, is_sold=sold_for is not None, never_sold=command.never_sold)
        stated = await _statement(tx, inquiry, fee, sold_for)
        await store.add_fee(tx, stated, document_sha256=command.document_sha256)
        return stated

    return await db.carry_out(actor, command, work, InquiryFee)


def _check_ripe(state: str, *, is_sold: bool, never_sold: bool) -> None:
    if is_sold and never_sold:
        raise FeeWrong
    if nothing_owed(state, is_sold=is_sold) == "not_sold" and not never_sold:
        raise FeeNotRipe


async def _sold_for(tx: Transaction, inquiry_id: UUID, sale: SaleRecord) -> int | None:
    price = await store.price_of(tx, inquiry_id)
    return None if price is None else await sale.sale_price_of(tx, price[0])


async def _statement(tx: Transaction, inquiry: inquiries.Inquiry, fee: Money, sold_for: int | None) -> InquiryFee:
    nothing = nothing_owed(inquiry.state, is_sold=sold_for is not None)
    shares: tuple[InquiryFeeShare, ...] = ()
    if nothing is None and sold_for is not None:
        shares = await _shares(tx, inquiry.inquiry_id, fee, Money(sold_for))
    return InquiryFee(
        inquiry_id=inquiry.inquiry_id,
        case_id=inquiry.case_id,
        asset_id=inquiry.asset_id,
        sale_price_fen=None if nothing else sold_for,
        fee_fen=0 if nothing else fee.fen,
        nothing_because=nothing,
        shares=shares,
    )


async def _shares(tx: Transaction, inquiry_id: UUID, fee: Money, sale_price: Money) -> tuple[InquiryFeeShare, ...]:
    names = dict(await store.platforms_of(tx, inquiry_id))
    shared = share_fee(await inquiries.reports(tx, inquiry_id), sale_price=sale_price, fee=fee)
    return tuple(
        InquiryFeeShare(
            platform_id=one.platform_id,
            platform_name=names[one.platform_id],
            value_fen=one.value_fen,
            difference_fen=one.difference_fen,
            amount_fen=one.amount_fen,
        )
        for one in sorted(shared, key=lambda one: (abs(one.difference_fen), one.platform_id))
    )
