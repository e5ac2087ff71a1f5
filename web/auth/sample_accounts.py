"""Sample accounts: made-up people, one or more for every role, with a published password.

Only in an installation stamped test or demo; the database refuses them elsewhere, and `web.wiring` refuses to
listen beyond loopback while they exist (security 1). Calling `make_sample_accounts` again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import AccountId, PersonId, named_id
from auction.kernel.move_clock import read_stamp
from auction.kernel.persons import record_person
from auction.kernel.stamp import require_pretending
from valuation.agencies.staff import staff_store
from valuation.agencies.staff.staff import Part
from web.auth import accounts, store
from web.auth.open_account import add_account, add_grant
from web.auth.passwords import Passwords
from web.auth.tables import AccountRow
from web.sample_agencies import sample_licence

SAMPLE_PASSWORD = "fapai-sample-2026"  # noqa: S105 - published on purpose; refused in production
"""The password of every sample account: shown on the sign-in page of a test or demo installation."""


SAMPLE_INSTITUTION = "lender-1"
"""The lender for which the sample officer acts: the sandbox's."""


class Sample(NamedTuple):
    """One made-up person."""

    username: str
    name: str
    roles: tuple[Role, ...]


SAMPLES: tuple[Sample, ...] = (
    Sample("judge1", "示例甲承办", (Role.CASE_HANDLER,)),
    Sample("assistant1", "示例乙助理", (Role.JUDGE_ASSISTANT,)),
    Sample("clerk1", "示例丙书记", (Role.CLERK,)),
    Sample("presiding1", "示例丁审判", (Role.PRESIDING_JUDGE, Role.PANEL_MEMBER)),
    Sample("panel1", "示例戊合议", (Role.PANEL_MEMBER,)),
    Sample("panel2", "示例己合议", (Role.PANEL_MEMBER,)),
    Sample("head1", "示例庚局长", (Role.BUREAU_HEAD,)),
    Sample("vice1", "示例辛副院", (Role.VICE_PRESIDENT,)),
    Sample("president1", "示例壬院长", (Role.PRESIDENT,)),
    Sample("technology1", "示例癸技术", (Role.JUDICIAL_TECHNOLOGY,)),
    Sample("finance1", "示例子财务", (Role.FINANCE,)),
    Sample("cashier1", "示例丑出纳", (Role.CASHIER,)),
    Sample("party1", "示例寅申请", (Role.PARTY,)),
    Sample("party2", "示例卯被执", (Role.PARTY,)),
    Sample("party3", "示例辰租客", (Role.PARTY, Role.BIDDER)),
    Sample("bidder1", "示例巳竞买", (Role.BIDDER,)),
    Sample("bidder2", "示例午竞买", (Role.BIDDER,)),
    Sample("bidder3", "示例未竞买", (Role.BIDDER,)),
    Sample("agency1", "示例申评估", (Role.AGENCY,)),
    Sample("agency2", "示例酉评估", (Role.AGENCY,)),
    Sample("lender1", "示例戌贷款", (Role.LENDER,)),
    Sample("supervisor1", "示例亥监督", (Role.SUPERVISOR,)),
    Sample("admin1", "示例东管理", (Role.ADMINISTRATOR,)),
    Sample("admin2", "示例西管理", (Role.ADMINISTRATOR,)),
    Sample("bidder4", "示例南竞买", (Role.BIDDER,)),
    Sample("bidder5", "示例北竞买", (Role.BIDDER,)),
    Sample("agency3", "示例中评估", (Role.AGENCY,)),
    Sample("appraiser1", "示例天估价", (Role.AGENCY,)),
    Sample("appraiser2", "示例地估价", (Role.AGENCY,)),
    Sample("appraiser3", "示例人估价", (Role.AGENCY,)),
    Sample("reviewer1", "示例春审查", (Role.PRESIDING_JUDGE, Role.PANEL_MEMBER)),
    Sample("reviewer2", "示例夏审查", (Role.PANEL_MEMBER,)),
    Sample("reviewer3", "示例秋审查", (Role.PANEL_MEMBER,)),
)
STAFF: Mapping[str, tuple[tuple[Part, str], ...]] = {
    "agency": (("manager", ""), ("appraiser", "A"), ("clerk", "")),
    "appraiser": (("appraiser", "B"),),
}
"""Parts of the sample people in their institutions, with the letter of the licence: two can sign a report together."""


async def make_sample_accounts(db: Database, *, passwords: Passwords) -> dict[str, Actor]:
    """Open all sample accounts that do not exist yet; gives the actor of each by its username.

    Raises `WrongInstallation` in production.
    """
    password_hash = await passwords.hash(SAMPLE_PASSWORD)

    async def work(tx: Transaction) -> dict[str, Actor]:
        require_pretending(await read_stamp(tx.session), "sample accounts")
        return {
            sample.username: await _open(tx, sample, number, password_hash) for number, sample in enumerate(SAMPLES)
        }

    return await db.transact(work)


def sample_identity_number(number: int) -> str:
    """Make a well-formed identity number of nobody: region 110101, born on 1 January 1900, serial 9xx."""
    body = f"11010119000101{900 + number:03d}"
    return body + _check_digit(body)


def _check_digit(body: str) -> str:
    """Compute the check digit of a resident identity number (GB 11643-1999, ISO 7064 MOD 11-2)."""
    remainder = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(body)) % 11
    return "10X98765432"[remainder]


async def _open(tx: Transaction, sample: Sample, number: int, password_hash: str) -> Actor:
    account_id = AccountId(named_id("sample account", sample.username))
    existing = await store.account_by_id(tx, account_id)
    if existing is None:
        person_id = await _record(tx, sample, number)
        await add_account(
            tx,
            AccountRow(
                account_id=account_id,
                person_id=person_id,
                username=sample.username,
                password_hash=password_hash,
                locale=None,
                is_sample=True,
                identity_verified_by="sample",
                state="open",
                opened_at=tx.now,
            ),
        )
        for role in sample.roles:
            await add_grant(tx, account_id, role, basis="sample", institution=_institution_of(sample, role))
    else:
        person_id = PersonId(existing.person_id)
    await _give_parts(tx, sample, account_id)
    institution = next(filter(None, (_institution_of(sample, role) for role in sample.roles)), None)
    return Actor(account_id=account_id, person_id=person_id, roles=frozenset(sample.roles), institution=institution)


def _institution_of(sample: Sample, role: Role) -> str | None:
    if role is Role.AGENCY:
        return str(named_id("sample agency", f"agency-{_number_of(sample)}"))
    return SAMPLE_INSTITUTION if role is Role.LENDER else None


def _number_of(sample: Sample) -> int:
    """Give the number of the sample institution for which a sample person acts."""
    return int(sample.username.lstrip("abcdefghijklmnopqrstuvwxyz"))


async def _give_parts(tx: Transaction, sample: Sample, account_id: AccountId) -> None:
    """Give a sample person of an institution his parts in it, unless they were given before."""
    institution = _institution_of(sample, Role.AGENCY) if Role.AGENCY in sample.roles else None
    if institution is None:
        return
    for part, letter in STAFF[sample.username.rstrip("0123456789")]:
        grant_id = named_id("sample staff", sample.username, part)
        if not await staff_store.was_named(tx, grant_id):
            licence = sample_licence(_number_of(sample), letter) if letter else ""
            named = staff_store.made(grant_id, UUID(institution), account_id, part, licence, tx)
            await staff_store.add_staff(tx, named, named_by=account_id)


async def _record(tx: Transaction, sample: Sample, number: int) -> PersonId:
    identity_number = accounts.check_identity_number(sample_identity_number(number))
    masked = accounts.mask_name(sample.name)
    return await record_person(tx, kind="natural", name=sample.name, identity_number=identity_number, masked=masked)


def sample_account_id(username: str) -> UUID:
    """Give the id that the sample account of this name always has."""
    return named_id("sample account", username)
