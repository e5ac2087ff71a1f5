"""What must be true after a random run, said by a simple model that shares no sum with the product.

The outside (`partners`) knows what was really paid, to whom and how often; the database says what the product believes. Both are read
here by plain SQL and plain arithmetic, and everything that differs is named.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import asyncpg
import msgspec

from auction.fund.channels.reconcile import reconcile_bank
from auction.fund.deposits.attempts import attempt_id_of
from auction.fund.deposits.send_refund import Payer
from auction.fund.gateway import BankLine, BankOrder
from auction.fund.ledger.check_books import check_books
from auction.kernel.db import Database
from tests.money.partners import HereOutside

MOST = 20
"""So many differences of one kind are named."""
WEATHER = (
    "OutcomeUnknown",
    "Unavailable",
    "connection is closed",
    "ConnectionDoesNotExist",
    "terminating connection",
    "the answer was lost",
    "Died",
)
"""What a job may fail with, and is tried again after."""


async def judge(db: Database, line: asyncpg.Connection, outside: HereOutside) -> list[str]:
    """Name everything that must not be, in a run that came to rest; an empty list: all is well."""
    found: list[str] = []
    books, at_bank = await check_books(db), await reconcile_bank(db, outside.bank)
    found += [f"books: {d.invariant} {d.where} {d.detail}" for d in (*books.differences, *at_bank.differences)[:MOST]]
    found += await _jobs(line)
    for name, sql in NEVER.items():
        rows = await line.fetch(sql)
        found += [f"{name}: {dict(row)}" for row in rows[:MOST]]
    found += list(_orders(outside, await _ours(line)))
    found += await _receipts(db, line, outside)
    found += await _cards(line, outside)
    found += await _plans(line)
    found += list(_lender(outside, await line.fetch("SELECT loan_id, drawn_fen, state FROM fund.loan")))
    return found


async def _jobs(line: asyncpg.Connection) -> list[str]:
    rows = await line.fetch("SELECT kind, state, last_error FROM kernel.job WHERE last_error IS NOT NULL")
    bad = [row for row in rows if not any(word in row["last_error"] for word in WEATHER)]
    late = await line.fetch("SELECT kind FROM kernel.job WHERE state = 'queued' OR state = 'failed'")
    return [f"job {row['kind']} failed: {row['last_error'][:300]}" for row in bad[:MOST]] + [
        f"job {row['kind']} never came to rest" for row in late[:MOST]
    ]


NEVER: dict[str, str] = {
    "entry does not sum to zero": (
        "SELECT entry_id, sum(amount_fen) FROM fund.posting GROUP BY 1 HAVING sum(amount_fen) <> 0"
    ),
    "account below zero": (
        "SELECT a.code, a.kind, sum(p.amount_fen) FROM fund.posting p JOIN fund.account a ON a.code = p.account_code "
        "WHERE a.kind NOT IN ('card_clearing', 'operator_card_clearing', 'operator_fees', 'operator_recovery', "
        "'operator_advance') GROUP BY 1, 2 HAVING sum(p.amount_fen) * CASE WHEN a.kind IN ('bank', 'authorised', 'set_off', "
        "'court_bank') THEN 1 ELSE -1 END < 0"
    ),
    "closed case off zero": (
        "SELECT a.code, sum(p.amount_fen) FROM fund.case_fund f JOIN fund.account a USING (case_id) "
        "JOIN fund.posting p ON p.account_code = a.code WHERE f.closed_at IS NOT NULL GROUP BY 1 HAVING sum(p.amount_fen) <> 0"
    ),
    "entry after the close": (
        "SELECT e.entry_id FROM fund.entry e JOIN fund.case_fund f USING (case_id) WHERE e.at > f.closed_at"
    ),
    "more applied than the price": (
        "SELECT p.round_id, p.state, p.hammer_price_fen, x.fen FROM fund.purchase p JOIN LATERAL ("
        " SELECT coalesce(-sum(s.amount_fen), 0) AS fen FROM fund.entry e JOIN fund.posting s USING (entry_id)"
        " WHERE e.subject_id = p.round_id AND s.account_code = 'case:' || p.case_id || '/proceeds') x ON true "
        "WHERE x.fen > p.hammer_price_fen OR x.fen < 0 OR (p.state = 'paid' AND x.fen <> p.hammer_price_fen) "
        "OR (p.state = 'open' AND x.fen = p.hammer_price_fen) OR (p.state = 'cancelled' AND x.fen <> 0 "
        # A distributed price goes back out of the shares that it fell from and of what a reversal had brought back to the proceeds before, in the entry of that
        # undoing; together they are the price.
        "AND x.fen <> (SELECT coalesce(sum(f.held_fen + f.paid_fen), 0) FROM fund.undoing u JOIN fund.fallen_share f USING (undoing_id)"
        " WHERE u.round_id = p.round_id AND u.kind = 'setting_aside') + (SELECT coalesce(sum(s.amount_fen), 0)"
        " FROM fund.undoing u JOIN fund.entry e ON e.subject_id = u.undoing_id JOIN fund.posting s USING (entry_id)"
        " WHERE u.round_id = p.round_id AND u.kind = 'setting_aside' AND s.amount_fen > 0"
        " AND s.account_code = 'case:' || p.case_id || '/proceeds'))"
    ),
    "deposit held, applied or kept without its money": (
        "SELECT d.deposit_id, d.state, d.amount_fen FROM fund.deposit d LEFT JOIN LATERAL ("
        " SELECT coalesce(-sum(s.amount_fen), 0) AS fen FROM fund.posting s"
        " WHERE s.account_code IN ('case:' || d.case_id || '/deposits/' || d.deposit_id,"
        "                          'case:' || d.case_id || '/authorised_owed/' || d.deposit_id)) x ON true "
        "WHERE d.state = 'held' AND d.backing <> 'none' AND x.fen < d.amount_fen OR d.state IN ('released', 'applied', 'forfeited') AND x.fen <> 0"
    ),
    "refund beyond its receipt": (
        "SELECT r.receipt_id, r.amount_fen, sum(f.amount_fen) FROM fund.refund f JOIN fund.receipt r USING (receipt_id) "
        "GROUP BY 1, 2 HAVING sum(f.amount_fen) > r.amount_fen"
    ),
    "refund beyond its card payment": (
        "SELECT r.payment_id, r.amount_fen, sum(f.amount_fen) FROM fund.refund f JOIN fund.card_payment r USING (payment_id) "
        "WHERE f.channel = 'card' GROUP BY 1, 2 HAVING sum(f.amount_fen) > r.amount_fen"
    ),
    "payouts beyond their line": (
        "SELECT l.line_id, l.share_fen, sum(d.amount_fen) FROM fund.disbursement d JOIN fund.plan_line l USING (line_id) "
        "WHERE d.state NOT IN ('voided', 'returned') GROUP BY 1, 2 HAVING sum(d.amount_fen) > l.share_fen + coalesce(("
        " SELECT sum(-s.amount_fen) FROM fund.entry e JOIN fund.posting s USING (entry_id)"
        " WHERE e.cause = 'escrow_released' AND s.account_code LIKE '%/' || l.line_id), 0)"
    ),
    "claim given more than it was owed": (
        "SELECT c.claim_id, c.kind, c.amount_fen, sum(x.fen) FROM fund.claim c JOIN LATERAL ("
        " SELECT l.share_fen + fund.judged_of_line(l.line_id) - coalesce(("
        "   SELECT sum(f.held_fen + f.paid_fen + f.set_off_fen) FROM fund.fallen_share f WHERE f.line_id = l.line_id), 0) AS fen"
        " FROM fund.plan_line l JOIN fund.plan p USING (plan_id) WHERE l.claim_id = c.claim_id AND p.state = 'settled') x ON true "
        "GROUP BY 1, 2, 3 HAVING sum(x.fen) > c.amount_fen"
    ),
    "signed by fewer than four": (
        "SELECT d.disbursement_id, d.state, count(s.*) FROM fund.disbursement d LEFT JOIN fund.disbursement_step s "
        "USING (disbursement_id) WHERE d.state IN ('ordered', 'paid', 'returned') GROUP BY 1, 2 "
        "HAVING count(DISTINCT s.person_id) <> 4 OR bool_or(s.person_id = d.payee_person_id)"
    ),
    "hold of a payout that is over": (
        "SELECT d.disbursement_id, d.state FROM fund.disbursement d LEFT JOIN fund.hold_end e USING (hold_id) "
        "WHERE (d.state IN ('prepared', 'approved', 'checked')) <> (e.hold_id IS NULL) "
        "OR (d.state = 'voided') <> (e.how = 'voided')"
    ),
    "plan off its money": (
        "SELECT p.plan_id, p.proceeds_fen + p.forfeited_fen, sum(l.share_fen) FROM fund.plan p JOIN fund.plan_line l USING (plan_id) "
        "GROUP BY 1, 2 HAVING sum(l.share_fen) <> p.proceeds_fen + p.forfeited_fen"
    ),
    "case off its bank": (
        # What came in for a case, less what left for it, is what lies at the bank for it: nothing is lost between accounts.
        "SELECT c.case_id, i.fen AS came, r.fen AS went_back, o.fen AS paid_out, b.fen AS lies FROM fund.case_fund c "
        "JOIN LATERAL (SELECT coalesce(sum(amount_fen), 0) AS fen FROM fund.receipt WHERE case_id = c.case_id AND state = 'attributed') i ON true "
        "JOIN LATERAL (SELECT coalesce(sum(amount_fen), 0) AS fen FROM fund.refund WHERE case_id = c.case_id AND channel = 'bank' AND state = 'done') r ON true "
        "JOIN LATERAL (SELECT coalesce(sum(amount_fen), 0) AS fen FROM fund.disbursement d WHERE case_id = c.case_id "
        "AND (state = 'paid' OR EXISTS (SELECT FROM fund.entry e WHERE e.idempotency_key = 'payout-returned-late:' || d.disbursement_id))) o ON true "
        "JOIN LATERAL (SELECT coalesce(sum(s.amount_fen), 0) AS fen FROM fund.posting s WHERE s.account_code = 'case:' || c.case_id || '/bank') b ON true "
        "WHERE i.fen - r.fen - o.fen <> b.fen"
    ),
}
"""Rows that must never be: one query each, over the stored postings, not over the stored balances."""


async def _ours(line: asyncpg.Connection) -> dict[str, Any]:
    rows = await line.fetch(
        "SELECT o.key, o.amount_fen, o.state, f.closed_at IS NOT NULL AS is_closed FROM ("
        " SELECT bank_key AS key, amount_fen, state, case_id FROM fund.disbursement"
        " WHERE state NOT IN ('prepared', 'approved', 'checked', 'voided') UNION ALL"
        " SELECT provider_key, amount_fen, state, case_id FROM fund.refund WHERE channel = 'bank' UNION ALL"
        " SELECT a.replaced_key, r.amount_fen, 'failed', r.case_id FROM fund.refund_attempt a JOIN fund.refund r USING (refund_id)"
        " WHERE r.channel = 'bank') o "
        "LEFT JOIN fund.case_fund f USING (case_id)"
    )
    return {row["key"]: row for row in rows}


def _orders(outside: HereOutside, ours: dict[str, Any]) -> Iterator[str]:
    """Every order at the bank is one of ours, with our amount and outcome, and left the bank at most once."""
    bank = outside.bank
    left = Counter(line.order_key for line in bank.lines if line.direction == "out")
    back = Counter(line.order_key for line in bank.lines if line.direction == "in" and line.order_key)
    for key, (order, seen) in bank.orders.items():
        row = ours.get(key)
        if row is None:
            yield f"the bank was given an order that is not ours: {key} {order.amount_fen}"
            continue
        if row["amount_fen"] != order.amount_fen:
            yield f"the bank was given {order.amount_fen} for {key}, ours says {row['amount_fen']}"
        if left[key] > 1 or back[key] > 1:
            yield f"paid {left[key]} times, returned {back[key]} times: {key}"
        ends = {"confirmed": {"paid", "done"}, "rejected": {"returned", "failed"}, "returned": {"returned", "failed"}}
        if row["is_closed"] and seen.state == "returned":
            ends["returned"] |= {"paid", "done"}  # it came back after the close: a receipt of nobody's
        if row["state"] not in ends.get(seen.state, {"ordered", "sent", "asked"}):
            yield f"the bank says {seen.state} of {key}, ours says {row['state']}"
    for key, row in ours.items():
        if key not in bank.orders and row["state"] not in ("asked", "ordered"):
            yield f"{key} is {row['state']} here, and the bank never had it"
    yield from _payers(bank.lines, [order for order, _ in bank.orders.values()])


def _payers(lines: list[BankLine], orders: list[BankOrder]) -> Iterator[str]:
    """Refunds go to the account that paid, and never more than it paid; by the bank's own statement."""
    paid_in: dict[tuple[str, str], int] = defaultdict(int)
    for line in lines:
        if line.direction == "in" and not line.order_key:
            paid_in[line.counter_account, line.counter_name] += line.amount_fen
    sent_back: dict[tuple[str, str], int] = defaultdict(int)
    returned = {line.order_key for line in lines if line.direction == "in" and line.order_key}
    carried = {line.order_key for line in lines if line.direction == "out"}
    for order in orders:
        if order.key.startswith("refund:") and order.key in carried - returned:
            sent_back[order.to_account, order.to_name] += order.amount_fen
    for payer, fen in sent_back.items():
        if fen > paid_in[payer]:
            yield f"{payer} was sent back {fen} and had paid {paid_in[payer]}"


async def _receipts(db: Database, line: asyncpg.Connection, outside: HereOutside) -> list[str]:
    """Every line of money that came in is one receipt of that amount, and its money stands in one entry."""
    rows = {row["external_id"]: row for row in await line.fetch("SELECT * FROM fund.receipt")}
    entries: dict[str, list[int]] = defaultdict(list)
    for row in await line.fetch(
        "SELECT e.idempotency_key, sum(p.amount_fen) AS fen FROM fund.entry e JOIN fund.posting p USING (entry_id) "
        "JOIN fund.account a ON a.code = p.account_code WHERE a.kind IN ('bank', 'court_bank') "
        "AND e.cause IN ('deposit_received', 'balance_received', 'loan_received', 'receipt_unattributed', "
        "'card_money_arrived', 'recovery_received') GROUP BY 1"
    ):
        entries[row["idempotency_key"].rpartition(":")[2]].append(row["fen"])
    found: list[str] = []
    for came in outside.bank.lines:
        row = rows.pop(came.line_id, None)
        if came.direction == "out" or (came.order_key and row is None):
            continue
        if row is None or row["amount_fen"] != came.amount_fen:
            found.append(
                f"money that came in is no receipt: {came.line_id} {came.amount_fen} {row and row['amount_fen']}"
            )
            continue
        async with db.reading() as tx:
            payer = msgspec.json.decode(tx.sealer.open(row["payer_sealed"]), type=Payer)
        if payer != Payer(account=came.counter_account, name=came.counter_name):
            found.append(f"receipt {came.line_id} names another payer")
        booked = entries[str(row["receipt_id"])]
        if booked.count(came.amount_fen) != 1:
            found.append(f"receipt {came.line_id} of {came.amount_fen} is booked as {booked}")
    return found[:MOST] + [f"a receipt without money: {key}" for key in list(rows)[:MOST]]


async def _cards(line: asyncpg.Connection, outside: HereOutside) -> list[str]:
    """Card money: what the provider took is booked once, what he gave back is ours and no more than was taken."""
    booked = {
        row["payment_id"]: row["fen"]
        for row in await line.fetch(
            "SELECT c.payment_id::text, sum(p.amount_fen) AS fen FROM fund.card_payment c JOIN fund.entry e "
            "ON e.idempotency_key = 'card:' || c.payment_id JOIN fund.posting p USING (entry_id) "
            "JOIN fund.account a ON a.code = p.account_code WHERE a.kind = 'card_clearing' GROUP BY 1"
        )
    }
    attempts = "SELECT refund_id, generate_series(1, attempt) AS number FROM fund.refund WHERE channel = 'card'"
    ours = {str(attempt_id_of(row["refund_id"], row["number"])) for row in await line.fetch(attempts)}
    back: dict[str, int] = defaultdict(int)
    seen: Counter[str] = Counter()
    for refund_id, refund in outside.cards.refunds.values():
        back[refund.payment_provider_id] += refund.amount_fen
        seen[refund_id] += 1
    found = [f"card refund {key} was made {times} times" for key, times in seen.items() if times > 1 or key not in ours]
    charged = Counter(payment.payment_id for payment in outside.cards.held.values())
    found += [f"card payment {key} was asked {times} times" for key, times in charged.items() if times > 1]
    for provider_id, payment in outside.cards.held.items():
        if booked.get(payment.payment_id, 0) != payment.received_fen:
            found.append(
                f"card payment {payment.payment_id}: took {payment.received_fen}, booked {booked.get(payment.payment_id, 0)}"
            )
        if back[provider_id] > payment.received_fen:
            found.append(
                f"card payment {payment.payment_id}: took {payment.received_fen}, gave back {back[provider_id]}"
            )
    return found[:MOST]


async def _plans(line: asyncpg.Connection) -> list[str]:
    """Every plan once more: rank by rank in full, then in proportion by largest remainder, then nothing."""
    rows = await line.fetch(
        "SELECT p.plan_id, p.proceeds_fen + p.forfeited_fen AS money, l.rank, l.number, l.owed_fen, l.share_fen, l.claim_id "
        "FROM fund.plan p JOIN fund.plan_line l USING (plan_id) ORDER BY 1, l.rank, l.number"
    )
    plans: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        plans[row["plan_id"]].append(row)
    found: list[str] = []
    for plan_id, lines in plans.items():
        expected = shares_of(lines[0]["money"], lines)
        actual = [row["share_fen"] for row in lines]
        if expected != actual:
            found.append(f"plan {plan_id} gives {actual}, not {expected}")
    return found[:MOST]


def shares_of(money: int, lines: list[Any]) -> list[int]:
    """Share money over lines in the order of their ranks, in fractions first and to the fen at the end."""
    shares: list[int] = []
    for rank in sorted({row["rank"] for row in lines}):
        owed = [row["owed_fen"] if row["claim_id"] is not None else money for row in lines if row["rank"] == rank]
        if sum(owed) <= money:
            given = owed
        else:
            exact = [Fraction(money * one, sum(owed)) for one in owed]
            given = [part.numerator // part.denominator for part in exact]
            by_rest = sorted(range(len(owed)), key=lambda n, e=exact, g=given: (g[n] - e[n], n))  # type: ignore[misc]  # bound early
            for n in by_rest[: money - sum(given)]:
                given[n] += 1
        shares += given
        money -= sum(given)
    return shares


def _lender(outside: HereOutside, loans: list[Any]) -> Iterator[str]:
    """A draw was asked once for each loan and amount, and no more than was asked arrived as that loan's."""
    known = {str(row["loan_id"]): row for row in loans}
    for key, asked in outside.lender.drawn.items():
        loan_id = key.split(":")[1]
        if loan_id not in known:
            yield f"the lender paid for a loan that is not ours: {key} {asked.amount_fen}"
