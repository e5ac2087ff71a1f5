"""Compare the books with the card provider and the bank, every night; report each difference and repair none.

1. Card: every payment of the provider's in the period is ours, in the state and with the amount that we booked (what was
   received, which may be a part of what was held); and every payment of ours that should be there is there. When the provider
   knows none of ours at all, the comparison says so once and stops: a wrong account is more likely than a thousand losses.
2. Bank: what the books say lies at the bank is what the statement closes at, line by line taken.
3. Card balance: what the provider holds is what the books say that he holds for the cases and owes the operator, less refunds that he has
   taken and not confirmed. A difference is looked at again before it rings, for a payment may come between two questions.
4. Books: the list of `check_books`.
5. A report is stored for good; a difference rings until a later run finds none.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import select, text

from auction.fund.channels.poll_bank import poll_bank
from auction.fund.deposits.store import clear_alarm, raise_alarm
from auction.fund.deposits.tables import CardPaymentRow
from auction.fund.gateway import Bank, CardGateway, CardPayment
from auction.fund.ledger.check_books import check_books
from auction.fund.ledger.stored import Difference
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import named_id, new_id

LOOK_BACK = timedelta(days=3)
"""A provider repeats his events for three days; a payment that is still open after that is looked at by reading it."""
GRACE = timedelta(minutes=10)
"""A payment younger than this may still be on its way between two answers."""
PAGE = 100
MAX_PAGES = 200
LOOKS = 3
"""So often the provider's balance is compared before a difference rings."""
DIFFERENCE = "books_differ"


class ReconciliationReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one comparison looked at and what differs."""

    run_id: UUID
    channel: str
    compared: int
    differences: tuple[Difference, ...]
    at: datetime


async def last_reports(tx: Transaction, *, limit: int = 120) -> tuple[ReconciliationReport, ...]:
    """Give the newest comparisons, the newest first: thirty nights of four channels."""
    rows = await tx.session.execute(
        text(
            "SELECT run_id, channel, compared, report, at FROM fund.reconciliation ORDER BY at DESC, channel LIMIT :limit"
        ),
        {"limit": limit},
    )
    return tuple(
        ReconciliationReport(
            run_id=row.run_id,
            channel=row.channel,
            compared=row.compared,
            differences=msgspec.convert(row.report, tuple[Difference, ...]),
            at=row.at,
        )
        for row in rows
    )


async def reconcile(db: Database, *, cards: CardGateway, bank: Bank) -> list[ReconciliationReport]:
    """Compare cards, the provider's balance, bank and books, store the four reports, and give them. Repairs nothing."""
    reports = [
        await reconcile_cards(db, cards),
        await reconcile_card_balance(db, cards),
        await reconcile_bank(db, bank),
    ]
    books = await check_books(db)
    reports.append(await _report(db, "books", books.entries, list(books.differences)))
    return reports


async def reconcile_cards(db: Database, cards: CardGateway) -> ReconciliationReport:
    """Compare the provider's payments of the last days with ours (rule 1)."""
    async with db.reading() as tx:
        since, until = tx.now - LOOK_BACK, tx.now - GRACE
        found = await tx.session.execute(select(CardPaymentRow).where(CardPaymentRow.asked_at >= since))
        ours = {row.provider_id: row for row in found.scalars() if row.provider_id is not None}
        lost = await tx.session.execute(
            select(CardPaymentRow.payment_id).where(
                CardPaymentRow.provider_id.is_(None), CardPaymentRow.asked_at < until, CardPaymentRow.state == "asked"
            )
        )
        unanswered = list(lost.scalars())
    theirs = {payment.provider_id: payment for payment in await _all_payments(cards, since)}
    if ours and not ours.keys() & theirs.keys():
        nothing = Difference(invariant="card_account_is_ours", where="card", detail="the provider knows none of ours")
        return await _report(db, "card", len(ours), [nothing])
    differences = [
        Difference(invariant="card_payment_answered", where=str(payment_id), detail="never answered")
        for payment_id in unanswered
    ]
    differences += [
        Difference(invariant="card_payment_is_ours", where=provider_id, detail=str(theirs[provider_id].amount_fen))
        for provider_id in sorted(theirs.keys() - ours.keys())
        if theirs[provider_id].received_fen
    ]
    for provider_id, row in sorted(ours.items()):
        differences += _card_differences(row, theirs.get(provider_id))
    return await _report(db, "card", len(ours), differences)


async def _all_payments(cards: CardGateway, since: datetime) -> list[CardPayment]:
    payments: list[CardPayment] = []
    after: str | None = None
    for _ in range(MAX_PAGES):
        page = await cards.payments(since=since, after=after, limit=PAGE)
        payments += page.payments
        after = page.next_after
        if after is None:
            break
    return payments


def _card_differences(row: CardPaymentRow, seen: CardPayment | None) -> list[Difference]:
    """Compare one payment; ``None``: the provider does not list it."""
    where = str(row.payment_id)
    if seen is None:
        return [Difference(invariant="card_payment_at_provider", where=where, detail="not listed")]
    booked = row.taken_fen if row.state == "succeeded" else 0
    checks = {
        "card_payment_state": (row.state, seen.state),
        "card_payment_received": (booked, seen.received_fen),
        "card_payment_disputed": (row.disputed_fen, seen.disputed_fen),
    }
    return [
        Difference(invariant=name, where=where, detail=f"here {here}, there {there}")
        for name, (here, there) in checks.items()
        if here != there
    ]


async def reconcile_card_balance(db: Database, cards: CardGateway) -> ReconciliationReport:
    """Compare what the provider holds with the accounts that say so (rule 3)."""
    cases, differences = 0, list[Difference]()
    for _ in range(LOOKS):
        cases, differences = await _look_at_balance(db, cards)
        if not differences:
            break
    return await _report(db, "card_balance", cases, differences)


async def _look_at_balance(db: Database, cards: CardGateway) -> tuple[int, list[Difference]]:
    """Compare once; give how many cases have card money in the books, and what differs."""
    held = (await cards.balance()).held_fen
    async with db.reading() as tx:
        row = (await tx.session.execute(text(_AT_PROVIDER))).one()
    booked, on_its_way = int(row.booked_fen), int(row.on_its_way_fen)
    if booked - on_its_way == held:
        return row.cases, []
    detail = f"books {booked}, refunds on their way {on_its_way}, provider {held}"
    return row.cases, [Difference(invariant="card_balance_equals_books", where="card", detail=detail)]


_AT_PROVIDER = """
SELECT (SELECT coalesce(sum(b.balance_fen), 0) FROM fund.balance b JOIN fund.account a ON a.code = b.account_code
         WHERE a.kind IN ('card_clearing', 'operator_card_clearing')) AS booked_fen,
       (SELECT coalesce(sum(amount_fen), 0) FROM fund.refund
         WHERE channel = 'card' AND state = 'sent' AND provider_id IS NOT NULL) AS on_its_way_fen,
       (SELECT count(*) FROM fund.account WHERE kind = 'card_clearing') AS cases
"""


async def reconcile_bank(db: Database, bank: Bank) -> ReconciliationReport:
    """Take what is new, then compare the closing balance with what the books say lies at the bank (rule 2).

    Lines of our own orders that the bank has not confirmed to us yet are in the statement before they are in the books;
    what came back after its case was closed is a receipt, and so in both.
    """
    await poll_bank(db, bank)
    async with db.reading() as tx:
        row = (await tx.session.execute(text(_AT_BANK))).one()
    differences = []
    if row.booked_fen + row.on_its_way_fen != row.closing_fen:
        detail = f"books {row.booked_fen}, on their way {row.on_its_way_fen}, statement {row.closing_fen}"
        differences.append(Difference(invariant="bank_balance_equals_books", where="bank", detail=detail))
    return await _report(db, "bank", row.lines, differences)


_AT_BANK = """
SELECT (SELECT coalesce(sum(b.balance_fen), 0) FROM fund.balance b JOIN fund.account a ON a.code = b.account_code
         WHERE a.kind IN ('bank', 'court_bank')) AS booked_fen,
       (SELECT coalesce(sum(CASE WHEN l.direction = 'out' AND o.state IN ('ordered', 'asked', 'sent') THEN -l.amount_fen
                                 WHEN l.direction = 'in' AND o.state NOT IN ('returned', 'failed') THEN l.amount_fen
                            END), 0)
          FROM fund.bank_line l
          JOIN (SELECT bank_key AS key, state FROM fund.disbursement
                UNION ALL SELECT provider_key, state FROM fund.refund) o ON o.key = l.order_key
         WHERE NOT EXISTS (SELECT FROM fund.receipt r WHERE r.source = 'bank' AND r.external_id = l.line_id)) AS on_its_way_fen,
       coalesce((SELECT balance_fen FROM fund.bank_line ORDER BY sequence DESC LIMIT 1), 0) AS closing_fen,
       (SELECT count(*) FROM fund.bank_line) AS lines
"""


async def _report(db: Database, channel: str, compared: int, differences: list[Difference]) -> ReconciliationReport:
    async def work(tx: Transaction) -> ReconciliationReport:
        report = ReconciliationReport(
            run_id=new_id(), channel=channel, compared=compared, differences=tuple(differences), at=tx.now
        )
        await tx.session.execute(
            text(
                "INSERT INTO fund.reconciliation (run_id, channel, compared, differences, report, at) "
                "VALUES (:run_id, :channel, :compared, :count, CAST(:report AS jsonb), :now)"
            ),
            {
                "run_id": report.run_id,
                "channel": channel,
                "compared": compared,
                "count": len(differences),
                "report": msgspec.json.encode(report.differences).decode(),
                "now": tx.now,
            },
        )
        subject = named_id("reconciliation", channel)
        if differences:
            await raise_alarm(tx, DIFFERENCE, subject, case_id=None, detail=f"{channel}: {len(differences)}")
        else:
            await clear_alarm(tx, DIFFERENCE, subject)
        return report

    return await db.transact(work)
