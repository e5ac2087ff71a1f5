"""The money of one case as pages and papers show it, with what its reader may see (rules: `money_pages`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec

from auction.fund.acts.store import ActShown, waiting_acts
from auction.fund.bills.store import BillShown, bills_of_case
from auction.fund.case_contents import CaseContents, contents_of_case, no_rows
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
from auction.kernel.db import Read, Transaction
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
    has_open_cards: bool
    """Whether a card may still pay for a deposit of the case, which keeps its account open (F100)."""
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
    shows, there = await tx.together(shows_single(tx, case_id, sees=sees), contents_of_case(tx, case_id))
    (
        (case, fund, is_running, parties),
        (accounts, entries, deposits, receipts),
        (
            purchases,
            forfeited,
            taxes,
            plans,
            lines,
            payees,
        ),
        present,
    ) = await tx.together(
        tx.together(
            cases.case_view(tx, case_id),
            case_fund_shown(tx, case_id),
            has_running_round(tx, case_id),
            cases.parties_of(tx, case_id),
        ),
        tx.together(
            accounts_shown(tx, case_id, shows=shows),
            entries_of_case(tx, case_id) if shows else no_rows(),
            deposits_of_case(tx, case_id) if shows else no_rows(),
            receipts_of_case(tx, case_id) if shows else no_rows(),
        ),
        tx.together(
            purchases_shown(tx, case_id),
            forfeited_shown(tx, case_id),
            taxes_of_case(tx, case_id),
            plans_of_case(tx, case_id),
            payable_lines(tx, [case_id]),
            payee_accounts(tx, case_id),
        ),
        _present(tx, case_id, there),
    )
    return CaseMoney(
        case=case,
        fund=fund,
        is_running=is_running,
        accounts=tuple(view for view in accounts if view.amount_fen or view.held_fen),
        purchases=purchases,
        forfeited=forfeited,
        deposits=tuple(deposits) if shows else None,
        receipts=tuple(receipts) if shows else None,
        taxes=taxes,
        plans=plans,
        lines=lines,
        payees=payees,
        entries=tuple(entries),
        parties={row.party_id: row.role for row in parties},
        has_open_cards=there.open_cards,
        **present,
    )


async def _present(tx: Transaction, case_id: UUID, there: CaseContents) -> dict[str, Any]:
    """Give the parts of `CaseMoney` of which a case may have nothing on file (F78)."""
    reads: dict[str, tuple[bool, Callable[[Transaction, UUID], Read[Any]]]] = {
        "set_offs": (there.set_offs, set_offs_of_case),
        "undoings": (there.undoings, undoings_of_case),
        "acts": (there.acts, waiting_acts),
        "loans": (there.loans, committed_loans),
        "objections": (there.objections, plan_objections),
        "joins": (there.joins, open_applications),
        "bills": (there.bills, bills_of_case),
        "payouts": (there.payouts, payouts_of_case),
        "escrows": (there.escrows, escrows),
        "unclaimed": (there.unclaimed, unclaimed_shares),
        "delays": (there.delays, delays_of),
    }
    return await tx.each(reads, lambda kind: reads[kind][1](tx, case_id) if reads[kind][0] else no_rows())


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
