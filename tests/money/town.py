"""Where a random run takes place: a few cases at a time, their people, and one picture of a case as it stands.

The sale is not here: what it holds of rounds and registrations stands in a schema of our own (``play``), written in the same
transactions in which the sale would call the fund.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import text

from auction.fund.case_file import note_party
from auction.fund.ledger.open_case_fund import open_case_fund
from auction.fund.loans.store import record_product
from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import AccountId, PersonId, named_id, new_id
from auction.kernel.persons import record_person
from tests.auction.fund.loans.application import PRODUCT

PLAY = """
DROP SCHEMA IF EXISTS play CASCADE;
CREATE SCHEMA play;
CREATE TABLE play.file (
  number bigserial PRIMARY KEY, case_id uuid UNIQUE NOT NULL, account text NOT NULL, is_over boolean NOT NULL DEFAULT false
);
CREATE TABLE play.party (
  number bigserial PRIMARY KEY, case_id uuid NOT NULL, party_id uuid NOT NULL, person_id uuid NOT NULL, role text NOT NULL,
  name text NOT NULL
);
CREATE INDEX ON play.party (case_id);
CREATE TABLE play.round (
  number bigserial PRIMARY KEY, round_id uuid UNIQUE NOT NULL, case_id uuid NOT NULL, lot_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'open'
);
CREATE INDEX ON play.round (case_id);
CREATE TABLE play.bidder (
  number bigserial PRIMARY KEY, registration_id uuid NOT NULL, deposit_id uuid UNIQUE NOT NULL, case_id uuid NOT NULL,
  round_id uuid NOT NULL, person_id uuid NOT NULL, name text NOT NULL, has_left boolean NOT NULL DEFAULT false
);
CREATE INDEX ON play.bidder (case_id);
GRANT USAGE ON SCHEMA play TO fapai_application;
GRANT ALL ON ALL TABLES IN SCHEMA play TO fapai_application;
GRANT ALL ON ALL SEQUENCES IN SCHEMA play TO fapai_application;
"""

PICTURE = """
SELECT json_build_object(
 'case_id', f.case_id, 'account', f.account, 'is_closed', c.closed_at IS NOT NULL, 'now', kernel.now_at(),
 'parties', coalesce((SELECT json_agg(x ORDER BY x.number) FROM play.party x WHERE x.case_id = f.case_id), '[]'),
 'rounds', coalesce((SELECT json_agg(x ORDER BY x.number) FROM play.round x WHERE x.case_id = f.case_id), '[]'),
 'bidders', coalesce((SELECT json_agg(json_build_object(
    'number', b.number, 'registration_id', b.registration_id, 'deposit_id', b.deposit_id, 'round_id', b.round_id,
    'person_id', b.person_id, 'name', b.name, 'has_left', b.has_left, 'state', d.state, 'amount_fen', d.amount_fen,
    'reference', d.reference, 'sub_account', v.number_sealed IS NOT NULL) ORDER BY b.number)
   FROM play.bidder b JOIN fund.deposit d USING (deposit_id) LEFT JOIN fund.virtual_account v USING (deposit_id)
   WHERE b.case_id = f.case_id), '[]'),
 'purchases', coalesce((SELECT json_agg(json_build_object(
    'round_id', p.round_id, 'lot_id', p.lot_id, 'deposit_id', p.deposit_id, 'person_id', p.person_id, 'state', p.state,
    'price_fen', p.hammer_price_fen, 'reference', p.reference, 'tax', t.state,
    'set_off', EXISTS (SELECT FROM fund.set_off s WHERE s.round_id = p.round_id),
    'applied_fen', (SELECT coalesce(-sum(s.amount_fen), 0) FROM fund.entry e JOIN fund.posting s USING (entry_id)
       WHERE e.case_id = f.case_id AND e.subject_id = p.round_id AND s.account_code = 'case:' || f.case_id || '/proceeds'))
    ORDER BY p.opened_at)
   FROM fund.purchase p LEFT JOIN fund.tax_assessment t USING (round_id) WHERE p.case_id = f.case_id), '[]'),
 'loans', coalesce((SELECT json_agg(json_build_object('loan_id', l.loan_id, 'round_id', l.round_id, 'state', l.state,
    'registration_id', l.registration_id, 'person_id', l.person_id, 'approved_fen', l.approved_fen,
    'committed_fen', l.committed_fen) ORDER BY l.applied_at, l.loan_id) FROM fund.loan l WHERE l.case_id = f.case_id), '[]'),
 'claims', coalesce((SELECT json_agg(json_build_object('claim_id', k.claim_id, 'person_id', k.person_id, 'kind', k.kind,
    'amount_fen', k.amount_fen) ORDER BY k.recorded_at, k.claim_id)
   FROM fund.claim k WHERE k.case_id = f.case_id AND k.state = 'recorded'), '[]'),
 'plans', coalesce((SELECT json_agg(json_build_object('plan_id', p.plan_id, 'state', p.state, 'document_id', p.document_id,
    'addressees', (SELECT json_agg(a ORDER BY a.party_id) FROM fund.plan_addressee a WHERE a.plan_id = p.plan_id),
    'lines', (SELECT json_agg(json_build_object('line_id', l.line_id, 'number', l.number, 'kind', l.kind,
        'share_fen', l.share_fen, 'payee_person_id', l.payee_person_id, 'left_fen', coalesce((
          SELECT b.side * b.balance_fen - b.held_fen FROM fund.balance b JOIN fund.account a ON a.code = b.account_code
          WHERE a.case_id = f.case_id AND a.subject_id = l.line_id
            AND a.kind IN ('costs_payable', 'taxes_payable', 'claims_payable', 'surplus_payable')), 0)) ORDER BY l.number)
       FROM fund.plan_line l WHERE l.plan_id = p.plan_id),
    'objections', coalesce((SELECT json_agg(json_build_object('objection_id', o.objection_id, 'line_id', o.line_id,
        'party_id', o.party_id, 'state', o.state, 'disputed_fen', o.disputed_fen, 'escrow_fen', coalesce((
          SELECT b.side * b.balance_fen FROM fund.balance b
          WHERE b.account_code = 'case:' || f.case_id || '/escrow/' || o.objection_id), 0)) ORDER BY o.raised_at, o.objection_id)
       FROM fund.plan_objection o WHERE o.plan_id = p.plan_id), '[]')) ORDER BY p.number)
   FROM fund.plan p WHERE p.case_id = f.case_id AND p.state <> 'replaced'), '[]'),
 'payees', coalesce((SELECT json_agg(json_build_object('payee_account_id', y.payee_account_id, 'person_id', y.person_id,
    'state', y.state) ORDER BY y.recorded_at, y.payee_account_id) FROM fund.payee_account y WHERE y.case_id = f.case_id), '[]'),
 'payouts', coalesce((SELECT json_agg(json_build_object('disbursement_id', d.disbursement_id, 'state', d.state,
    'signed_sha256', s.signed_sha256) ORDER BY d.prepared_at, d.disbursement_id)
   FROM fund.disbursement d JOIN fund.disbursement_step s ON s.disbursement_id = d.disbursement_id AND s.number = 1
   WHERE d.case_id = f.case_id AND d.state IN ('prepared', 'approved', 'checked')), '[]'),
 'held', coalesce((SELECT json_object_agg(t.kind, t.fen) FROM (
    SELECT a.kind, sum(b.side * b.balance_fen) AS fen FROM fund.account a JOIN fund.balance b ON b.account_code = a.code
    WHERE a.case_id = f.case_id GROUP BY 1) t WHERE t.fen <> 0), '{}')
)::text FROM play.file f JOIN fund.case_fund c USING (case_id) WHERE f.case_id = $1
"""


class Party(msgspec.Struct):
    """A party of the file."""

    party_id: UUID
    person_id: UUID
    role: str
    name: str


class Round(msgspec.Struct):
    """A round of a lot."""

    round_id: UUID
    lot_id: UUID
    state: str


class Bidder(msgspec.Struct):
    """A registration with its deposit."""

    number: int
    registration_id: UUID
    deposit_id: UUID
    round_id: UUID
    person_id: UUID
    name: str
    has_left: bool
    state: str
    amount_fen: int
    reference: str
    sub_account: bool

    @property
    def actor(self) -> Actor:
        """The bidder himself."""
        return actor_of(self.person_id, Role.BIDDER)

    @property
    def account(self) -> str:
        """His account at his own bank: nobody else's."""
        return f"6222{self.number:010d}"


class Purchase(msgspec.Struct):
    """What a winner owes."""

    round_id: UUID
    lot_id: UUID
    deposit_id: UUID
    person_id: UUID
    state: str
    price_fen: int
    reference: str
    tax: str | None
    set_off: bool
    applied_fen: int


class Loan(msgspec.Struct):
    """A loan."""

    loan_id: UUID
    round_id: UUID
    state: str
    registration_id: UUID
    person_id: UUID
    approved_fen: int | None
    committed_fen: int | None


class Claim(msgspec.Struct):
    """A recorded claim."""

    claim_id: UUID
    person_id: UUID
    kind: str
    amount_fen: int


class Addressee(msgspec.Struct):
    """On whom a plan is served."""

    party_id: UUID
    person_id: UUID
    served_on: date | None
    window_ends_on: date | None


class Line(msgspec.Struct):
    """A line of a plan; ``left_fen`` is what can still be paid of it."""

    line_id: UUID
    number: int
    kind: str
    share_fen: int
    payee_person_id: UUID
    left_fen: int


class Objection(msgspec.Struct):
    """An objection."""

    objection_id: UUID
    line_id: UUID
    party_id: UUID
    state: str
    disputed_fen: int
    escrow_fen: int


class Plan(msgspec.Struct):
    """A plan that stands."""

    plan_id: UUID
    state: str
    document_id: UUID
    addressees: list[Addressee]
    lines: list[Line]
    objections: list[Objection]


class Payee(msgspec.Struct):
    """A payee's account."""

    payee_account_id: UUID
    person_id: UUID
    state: str


class Payout(msgspec.Struct):
    """A disbursement that waits for a signature."""

    disbursement_id: UUID
    state: str
    signed_sha256: str


class Case(msgspec.Struct):
    """One case at one instant; whoever acts on it may be late."""

    case_id: UUID
    account: str
    is_closed: bool
    now: datetime
    parties: list[Party]
    rounds: list[Round]
    bidders: list[Bidder]
    purchases: list[Purchase]
    loans: list[Loan]
    claims: list[Claim]
    plans: list[Plan]
    payees: list[Payee]
    payouts: list[Payout]
    held: dict[str, int]

    def party(self, role: str) -> Party:
        """The first party of a role."""
        return next(party for party in self.parties if party.role == role)

    def bidder(self, deposit_id: UUID) -> Bidder:
        """The bidder of a deposit."""
        return next(bidder for bidder in self.bidders if bidder.deposit_id == deposit_id)


def actor_of(person_id: UUID, *roles: Role) -> Actor:
    """A person in these parts; always under the same account."""
    account_id = AccountId(named_id("account", str(person_id)))
    return Actor(account_id=account_id, person_id=PersonId(person_id), roles=frozenset(roles))


@dataclass(frozen=True)
class Cast:
    """The officers, and those who bid."""

    handler: Actor
    clerk: Actor
    head: Actor
    finance: Actor
    cashier: Actor
    people: tuple[tuple[UUID, str], ...]


PARTIES = (
    ("applicant", "示范申请人"),
    ("judgment_debtor", "示范被执行人"),
    ("mortgagee", "示范抵押权人"),
    ("third_party", "示范税务局"),
    ("third_party", "示范其他债权人"),
)
_OFFICERS = (Role.CASE_HANDLER, Role.CLERK, Role.BUREAU_HEAD, Role.FINANCE, Role.CASHIER)
BIDDERS = 12


async def person(db: Database, name: str, number: str) -> UUID:
    """Put a made-up person on record."""
    return await db.transact(
        lambda tx: record_person(tx, kind="natural", name=name, identity_number=f"made-up-{number}", masked=name[0])
    )


async def build_town(db: Database, owner: asyncpg.Connection) -> None:
    """Make what every run needs: our own schema, people, a lender's product."""
    await owner.execute(PLAY)
    await db.transact(lambda tx: record_product(tx, PRODUCT))


async def gather_cast(db: Database) -> Cast:
    """Give the officers and the bidders; they are put on record by whoever asks first."""
    officers = [actor_of(await person(db, "示范法官", f"officer-{role}"), role) for role in _OFFICERS]
    people = [(await person(db, f"示范竞买人{n}", f"bidder-{n}"), f"示范竞买人{n}") for n in range(BIDDERS)]
    handler, clerk, head, finance, cashier = officers
    return Cast(handler, clerk, head, finance, cashier, tuple(people))


async def open_case(db: Database) -> UUID:
    """Open a case with its fund and its parties."""
    case_id = new_id()

    async def work(tx: Transaction) -> None:
        await tx.about_case(case_id)
        found = await tx.session.execute(text("SELECT nextval('play.file_number_seq')"))
        number = int(found.scalar_one())
        account = f"88001002{case_id.int % 10**12:012d}"  # by the case: a further run over the same database counts files anew
        await open_case_fund(tx, case_id=case_id, account_number=account)
        await tx.session.execute(
            text("INSERT INTO play.file (number, case_id, account) VALUES (:number, :case_id, :account)"),
            {"number": number, "case_id": case_id, "account": account},
        )
        for place, (role, name) in enumerate(PARTIES):
            await _add_party(tx, case_id, role, name, f"{number}-{place}")

    await db.transact(work)
    return case_id


async def _add_party(tx: Transaction, case_id: UUID, role: str, name: str, number: str) -> None:
    person_id = await record_person(
        tx, kind="natural", name=name, identity_number=f"made-up-party-{number}", masked=name[0]
    )
    party_id = new_id()
    await note_party(tx, case_id=case_id, party_id=party_id, person_id=person_id, role=role)
    await tx.session.execute(
        text(
            "INSERT INTO play.party (case_id, party_id, person_id, role, name) VALUES (:case_id, :party_id, :person_id, :role, :name)"
        ),
        {"case_id": case_id, "party_id": party_id, "person_id": person_id, "role": role, "name": name},
    )


async def look_at(line: asyncpg.Connection, case_id: UUID) -> Case:
    """Take the picture of a case."""
    found: Any = await line.fetchval(PICTURE, case_id)
    return msgspec.json.decode(found, type=Case)
