"""What of the money may be read as JSON: one's own deposit, and the case's books for officers with a part in it."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery

from auction.fund.deposits.purchases import PurchaseView, purchase_view
from auction.fund.deposits.views import OwnDeposit, own_deposit
from auction.fund.ledger import store as ledger
from auction.fund.ledger.check_books import BooksReport, check_books
from auction.fund.loans.loans import LoanView
from auction.fund.loans.show_loan import loan_shown, loans_shown
from auction.fund.payouts.show_case_money import TaxShown, disbursements_of_case, tax_shown
from auction.fund.payouts.store import DisbursementView
from auction.fund.plans import store as plan_store
from auction.kernel.actors import Role
from auction.sale.case_access import require_part
from auction.sale.rounds.store import case_of_round
from web.auth.guards import SIGNED_IN, roles
from web.injected import TheActor, TheDb
from web.money_shown import accounts_shown, sees_single, shows_single

MONEY_DESK = (
    *(Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK, Role.BUREAU_HEAD, Role.VICE_PRESIDENT),
    *(Role.FINANCE, Role.CASHIER, Role.SUPERVISOR),
)


class CaseMoney(msgspec.Struct, frozen=True, kw_only=True):
    """The case's accounts in the ledger, its plans and its disbursements."""

    accounts: list[ledger.AccountView]
    plans: list[plan_store.PlanView]
    disbursements: list[DisbursementView]


@get(
    "/api/fund/deposits/{deposit_id:uuid}",
    opt=dict(SIGNED_IN),
    tags=["fund"],
    operation_id="api_own_deposit",
    summary="My deposit",
)
async def show_own_deposit(deposit_id: FromPath[UUID], db: TheDb, actor: TheActor) -> OwnDeposit:
    """Give the caller's own deposit with its payments, refunds and clocks."""
    async with db.reading() as tx:
        return await own_deposit(tx, actor.person_id, deposit_id)


@get(
    "/api/fund/loans/{loan_id:uuid}",
    opt=dict(roles(Role.BIDDER, Role.LENDER)),
    tags=["fund"],
    operation_id="api_loan",
    summary="A loan",
)
async def show_loan(loan_id: FromPath[UUID], db: TheDb, actor: TheActor) -> LoanView:
    """Give a loan to its borrower or its lender; another's is unknown."""
    async with db.reading() as tx:
        return await loan_shown(tx, loan_id, actor)


@get(
    "/api/fund/loans",
    opt=dict(roles(Role.LENDER)),
    tags=["fund"],
    operation_id="api_loans",
    summary="The lender's own loans",
)
async def show_loans(db: TheDb, actor: TheActor, page: FromQuery[int] = 1) -> list[LoanView]:
    """Give the loans of the caller's own institution, newest first."""
    async with db.reading() as tx:
        return await loans_shown(tx, actor, page=page)


@get(
    "/api/fund/rounds/{round_id:uuid}/purchase",
    opt=dict(roles(*MONEY_DESK)),
    tags=["fund"],
    operation_id="api_purchase",
    summary="What is paid of a hammer price",
)
async def show_purchase(round_id: FromPath[UUID], db: TheDb, actor: TheActor) -> PurchaseView:
    """Give what is owed for a round, what was applied, and what is missing."""
    async with db.reading() as tx:
        await require_part(tx, actor, await case_of_round(tx, round_id))
        return await purchase_view(tx, round_id)


@get(
    "/api/fund/rounds/{round_id:uuid}/taxes",
    opt=dict(roles(*MONEY_DESK)),
    tags=["fund"],
    operation_id="api_taxes",
    summary="Seller-side taxes of a sale",
)
async def show_taxes(round_id: FromPath[UUID], db: TheDb, actor: TheActor) -> TaxShown:
    """Give the tax office's assessment as it stands."""
    async with db.reading() as tx:
        await require_part(tx, actor, await case_of_round(tx, round_id))
        return await tax_shown(tx, round_id)


@get(
    "/api/fund/cases/{case_id:uuid}",
    opt=dict(roles(*MONEY_DESK)),
    tags=["fund"],
    operation_id="api_case_money",
    summary="Money of a case",
)
async def show_case_money(case_id: FromPath[UUID], db: TheDb, actor: TheActor) -> CaseMoney:
    """Give accounts, plans and disbursements of a case; what tells of single deposits is left out while a round runs."""
    async with db.reading() as tx:
        await require_part(tx, actor, case_id)
        shows = await shows_single(tx, case_id, sees=sees_single(actor))
        rows = await plan_store.plans_of_case(tx, case_id)
        return CaseMoney(
            accounts=list(await accounts_shown(tx, case_id, shows=shows)),
            plans=[await plan_store.plan_view(tx, row.plan_id) for row in rows],
            disbursements=await disbursements_of_case(tx, case_id),
        )


@get(
    "/api/fund/books",
    opt=dict(roles(Role.FINANCE, Role.SUPERVISOR)),
    tags=["fund"],
    operation_id="api_books",
    summary="Check the books",
)
async def show_books(db: TheDb) -> BooksReport:
    """Check every invariant of the books now."""
    return await check_books(db)


MONEY_QUERIES = (show_own_deposit, show_loan, show_loans, show_purchase, show_taxes, show_case_money, show_books)
