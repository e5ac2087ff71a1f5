"""The money of one case as pages and papers show it, with what its reader may see (rules: `money_pages`)."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.fund.acts.store import ActShown, waiting_acts
from auction.fund.bills.store import BillShown, bills_of_case
from auction.fund.case_contents import contents_of_case
from auction.fund.case_joins import OpenApplication, open_applications
from auction.fund.deposits.money_desk import (
    DepositOnDesk,
    ReceiptShown,
    deposits_of_case,
    purchases_shown,
    receipts_of_case,
)
from auction.fund.deposits.purchases import PurchaseView
from auction.fund.forfeits.forfeited_of_case import ForfeitedShown, forfeited_shown
from auction.fund.ledger.store import AccountView
from auction.fund.ledger.views import CaseFundShown, EntryShown, case_fund_shown, entries_of_case
from auction.fund.loans.show_loan import CommittedLoan, committed_loans
from auction.fund.payouts.delay_payout import DelayView, delays_of
from auction.fund.payouts.publish_unclaimed import UnclaimedView, unclaimed_shares
from auction.fund.payouts.put_in_escrow import EscrowView, escrows
from auction.fund.payouts.views import PayeeAccountShown, PayoutFile, payee_accounts, payouts_of_case
from auction.fund.plans.store import PlanView
from auction.fund.set_offs.views import SetOffShown, set_offs_of_case
from auction.fund.settlement.views import (
    ObjectionShown,
    PayableLine,
    TaxShown,
    payable_lines,
    plan_objections,
    plans_of_case,
    taxes_of_case,
)
from auction.fund.undoings.store import UndoingShown, undoings_of_case
from auction.kernel.db import Transaction
from auction.sale.cases import store as cases
from auction.sale.cases.cases import CaseUnknown, CaseView
from auction.sale.lots.case_lots import has_public_lot, has_running_round
from web.money_shown import SECRET_CAUSES, accounts_shown, shows_single


class CaseMoney(msgspec.Struct, frozen=True, kw_only=True):
    """The money of one case; ``deposits`` and ``receipts`` are ``None`` for who may not see single ones yet."""

    case: CaseView
    fund: CaseFundShown | None
    is_running: bool
    accounts: tuple[AccountView, ...]
    purchases: tuple[PurchaseView, ...]
    set_offs: tuple[SetOffShown, ...]
    forfeited: tuple[ForfeitedShown, ...]
    undoings: tuple[UndoingShown, ...]
    acts: tuple[ActShown, ...]
    """What waits for its second person; no page of outsiders shows it."""
    loans: tuple[CommittedLoan, ...]
    deposits: tuple[DepositOnDesk, ...] | None
    receipts: tuple[ReceiptShown, ...] | None
    taxes: tuple[TaxShown, ...]
    plans: tuple[PlanView, ...]
    objections: tuple[ObjectionShown, ...]
    joins: tuple[OpenApplication, ...]
    """Undecided applications to join that hold up plan and surplus."""
    bills: tuple[BillShown, ...]
    """Bills to the treasury; no page of outsiders shows them."""
    lines: tuple[PayableLine, ...]
    payees: tuple[PayeeAccountShown, ...]
    payouts: tuple[PayoutFile, ...]
    escrows: tuple[EscrowView, ...]
    unclaimed: tuple[UnclaimedView, ...]
    delays: tuple[DelayView, ...]
    entries: tuple[EntryShown, ...]
    parties: dict[UUID, str]
    """Role of each party by its id."""


async def read_case_money(tx: Transaction, case_id: UUID, *, sees: bool) -> CaseMoney:
    """Read the money of a case; ``sees``: whether the reader sees single deposits while a round runs."""
    shows = await shows_single(tx, case_id, sees=sees)
    accounts = await accounts_shown(tx, case_id, shows=shows)
    entries = await entries_of_case(tx, case_id)
    there = await contents_of_case(tx, case_id)
    return CaseMoney(
        case=await cases.case_view(tx, case_id),
        fund=await case_fund_shown(tx, case_id),
        is_running=await has_running_round(tx, case_id),
        accounts=tuple(view for view in accounts if view.amount_fen or view.held_fen),
        purchases=await purchases_shown(tx, case_id),
        set_offs=await set_offs_of_case(tx, case_id) if there.set_offs else (),
        forfeited=await forfeited_shown(tx, case_id),
        undoings=await undoings_of_case(tx, case_id) if there.undoings else (),
        acts=await waiting_acts(tx, case_id) if there.acts else (),
        loans=await committed_loans(tx, case_id) if there.loans else (),
        deposits=await deposits_of_case(tx, case_id) if shows else None,
        receipts=await receipts_of_case(tx, case_id) if shows else None,
        taxes=await taxes_of_case(tx, case_id),
        plans=await plans_of_case(tx, case_id),
        objections=await plan_objections(tx, case_id) if there.objections else (),
        joins=await open_applications(tx, case_id) if there.joins else (),
        bills=await bills_of_case(tx, case_id) if there.bills else (),
        lines=await payable_lines(tx, [case_id]),
        payees=await payee_accounts(tx, case_id),
        payouts=await payouts_of_case(tx, case_id) if there.payouts else (),
        escrows=await escrows(tx, case_id) if there.escrows else (),
        unclaimed=await unclaimed_shares(tx, case_id) if there.unclaimed else (),
        delays=await delays_of(tx, case_id) if there.delays else (),
        entries=tuple(entries) if shows else (),
        parties={row.party_id: row.role for row in await cases.parties_of(tx, case_id)},
    )


async def public_case_money(tx: Transaction, case_id: UUID) -> CaseMoney:
    """Give what everybody may read; a case without a public lot does not exist for the public (`CaseUnknown`)."""
    if not await has_public_lot(tx, case_id):
        raise CaseUnknown(case_id=case_id)
    money = await read_case_money(tx, case_id, sees=False)
    return msgspec.structs.replace(
        money,
        fund=None,
        loans=(),
        accounts=(),
        deposits=None,
        receipts=None,
        payees=(),
        entries=tuple(entry for entry in money.entries if entry.cause not in SECRET_CAUSES),
    )
