"""Open a virtual sub-account for a registration: whatever is paid to its number belongs to that registration."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.fund.deposits import store
from auction.fund.deposits.deposits import DepositUnknown
from auction.fund.deposits.tables import DepositRow, RouteRow, VirtualAccountRow
from auction.fund.gateway import Bank, SubAccountAsked
from auction.fund.ledger.open_case_fund import account_route
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.jobs import Job, enqueue

ASK_VIRTUAL_ACCOUNT = "fund.ask_virtual_account"


class OpenVirtualAccount(Command, frozen=True, kw_only=True):
    """Open a sub-account for this deposit (and for the balance, if its bidder buys)."""

    deposit_id: UUID


class VirtualAccountAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that asks the bank for a sub-account."""

    deposit_id: UUID


class VirtualAccountView(msgspec.Struct, frozen=True, kw_only=True):
    """Where to pay; ``number`` is there once the bank has answered."""

    deposit_id: UUID
    amount_fen: int
    reference: str
    number: str | None


async def open_virtual_account(db: Database, actor: Actor, command: OpenVirtualAccount) -> VirtualAccountView:
    """Ask for a sub-account; the page reads `virtual_account_view` until the bank has answered.

    Raises `DepositUnknown` (also when it is another bidder's).
    """
    require_role(actor, Role.BIDDER)

    async def work(tx: Transaction) -> VirtualAccountView:
        await tx.about_case(await store.case_of_deposit(tx, command.deposit_id))
        deposit = await store.deposit_row(tx, command.deposit_id)
        if deposit.person_id != actor.person_id:
            raise DepositUnknown(deposit_id=command.deposit_id)
        if await store.virtual_account_of(tx, deposit.deposit_id) is None:
            row = VirtualAccountRow(
                virtual_account_id=named_id("virtual account", str(deposit.deposit_id)),
                deposit_id=deposit.deposit_id,
                bank_key=f"virtual-account:{deposit.deposit_id}",
                state="asked",
                asked_at=tx.now,
            )
            await store.add(tx, row)
            await enqueue(tx, ASK_VIRTUAL_ACCOUNT, VirtualAccountAsked(deposit_id=deposit.deposit_id))
        return await virtual_account_view(tx, deposit.deposit_id)

    return await db.carry_out(actor, command, work, VirtualAccountView)


async def virtual_account_view(tx: Transaction, deposit_id: UUID) -> VirtualAccountView:
    """Show where a deposit is paid to. Raises `DepositUnknown`."""
    deposit = await tx.session.get(DepositRow, deposit_id)
    if deposit is None:
        raise DepositUnknown(deposit_id=deposit_id)
    row = await store.virtual_account_of(tx, deposit_id)
    sealed = None if row is None else row.number_sealed
    return VirtualAccountView(
        deposit_id=deposit_id,
        amount_fen=deposit.amount_fen,
        reference=deposit.reference,
        number=None if sealed is None else tx.sealer.open(sealed),
    )


async def handle_ask_virtual_account(db: Database, bank: Bank, job: Job) -> None:
    """Ask the bank for the sub-account, under the stored key, and note its number."""
    deposit_id = job.decode(VirtualAccountAsked).deposit_id
    async with db.reading() as tx:
        deposit = await tx.session.get(DepositRow, deposit_id)
        if deposit is None:
            return
    number = await bank.open_sub_account(
        SubAccountAsked(request_id=f"virtual-account:{deposit_id}", purpose="registration", reference=deposit.reference)
    )

    async def note(tx: Transaction) -> None:
        await tx.about_case(deposit.case_id)
        row = await store.virtual_account_of(tx, deposit_id)
        if row is None or row.state == "open":
            return
        row.state, row.number_sealed, row.opened_at = "open", tx.sealer.seal(number), tx.now
        await tx.session.flush()
        route = RouteRow(
            route=account_route(tx, number),
            kind="deposit",
            subject_id=deposit_id,
            case_id=deposit.case_id,
            opened_at=tx.now,
        )
        await store.add(tx, route)

    await db.transact(note)
