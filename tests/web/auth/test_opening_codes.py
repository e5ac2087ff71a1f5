"""Opening codes: whoever is on file opens his account with what the counter gave him, and nobody learns anything by it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import log2
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.kernel.actors import Actor, Role, RoleLacking
from auction.kernel.clock import MICROSECOND, local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import IdempotencyKeyReused, Refusal
from auction.kernel.ids import AccountId, PersonId
from auction.kernel.move_clock import move_clock
from auction.kernel.persons import PersonNameDiffers, record_new_person, record_person
from auction.kernel.sealing import Sealer
from auction.law.identity import IdentityNumberInvalid
from migrations.run import migrate
from web.auth import accounts, opening_codes, store
from web.auth import open_account as opening
from web.auth.issue_opening_code import IssueOpeningCode, OpeningCodeIssued, issue_opening_code
from web.auth.open_account import AccountOpened, OpenAccount, open_account
from web.auth.opening_codes import ALPHABET, LENGTH, VALID_FOR, OpeningCodeWrong, new_code, parse_code, written
from web.auth.passwords import Passwords
from web.auth.sample_accounts import sample_identity_number
from web.auth.throttle import FREE, TooManyAttempts
from web.auth.verify_identity import VerifyIdentity, verify_identity

TENANT, STRANGER, CLERK = 70, 71, 72
NAMES = {TENANT: "周租户", STRANGER: "吴生人", CLERK: "郑书记"}


@dataclass
class Counter:
    """An installation with a clerk, a tenant who is on file, and a stranger who is not."""

    db: Database
    passwords: Passwords
    clerk: Actor
    tenant: PersonId

    async def issue(self, who: int = TENANT, *, by: Actor | None = None, **changed: object) -> OpeningCodeIssued:
        """Hand a code to a person."""
        command = IssueOpeningCode(
            **{
                "command_id": uuid4(),
                "name": NAMES[who],
                "identity_number": sample_identity_number(who),
                "document": "resident_card",
                **changed,
            }  # type: ignore[arg-type]
        )
        return await issue_opening_code(self.db, by or self.clerk, command)

    async def code(self, who: int = TENANT) -> str:
        """Hand a code to a person; gives it."""
        code = (await self.issue(who)).code
        assert code is not None
        return code

    def wish(self, code: str, who: int = TENANT, **changed: object) -> OpenAccount:
        """Ask for an account with this code."""
        return OpenAccount(
            **{
                "command_id": uuid4(),
                "username": "zhou.zuhu",
                "password": "correct horse battery",
                "name": NAMES[who],
                "identity_number": sample_identity_number(who),
                "opening_code": code,
                **changed,
            }  # type: ignore[arg-type]
        )

    async def open(self, wish: OpenAccount) -> AccountOpened:
        """Open an account online."""
        return await open_account(self.db, wish, passwords=self.passwords)

    async def rows(self, statement: str) -> list[dict[str, object]]:
        """Read rows as the database has them."""
        async with self.db.reading() as tx:
            return [dict(row) for row in (await tx.session.execute(text(statement))).mappings()]

    async def now(self) -> datetime:
        """Business time."""
        async with self.db.reading() as tx:
            return tx.now


async def _counter(db: Database, passwords: Passwords) -> Counter:
    wish = OpenAccount(
        command_id=uuid4(),
        username="zheng.shuji",
        password="correct horse battery",
        name=NAMES[CLERK],
        identity_number=sample_identity_number(CLERK),
    )
    account_id = (await open_account(db, wish, passwords=passwords)).account_id

    async def record(tx: Transaction) -> PersonId:
        return await record_person(
            tx, kind="natural", name=NAMES[TENANT], identity_number=sample_identity_number(TENANT), masked="周**"
        )

    tenant = await db.transact(record)
    async with db.reading() as tx:
        account = await store.account_by_id(tx, account_id)
    assert account is not None
    clerk = Actor(
        account_id=AccountId(account_id), person_id=PersonId(account.person_id), roles=frozenset({Role.CLERK})
    )
    return Counter(db, passwords, clerk, tenant)


@pytest.fixture
async def counter(database: Database, passwords: Passwords) -> Counter:
    """The counter of a test installation."""
    return await _counter(database, passwords)


@pytest.fixture
async def production(empty_database_url: str, sealer: Sealer, passwords: Passwords) -> AsyncIterator[Counter]:
    """The counter of a production installation."""
    await migrate(empty_database_url, "production")
    db = Database(empty_database_url, sealer)
    try:
        yield await _counter(db, passwords)
    finally:
        await db.close()


def test_code_has_eighty_bits_and_no_confusable_signs() -> None:
    """A code is long enough not to be guessed, and nobody takes a zero for an O."""
    assert LENGTH * log2(len(set(ALPHABET))) >= 80
    assert not set("01IO") & set(ALPHABET)
    assert len({new_code() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "typed", ["abcd-efgh-jkmn-pqr2", " ABCD EFGH JKMN PQR2 ", "ＡＢＣＤ－ＥＦＧＨ－ＪＫＭＮ－ＰＱＲ２"]
)
def test_code_is_read_as_people_type_it(typed: str) -> None:
    """Small letters, blanks, hyphens and full-width signs are the same code; it is written in groups of four."""
    code = parse_code(typed)

    assert code == "ABCDEFGHJKMNPQR2"
    assert written(code) == "ABCD-EFGH-JKMN-PQR2"


def test_nothing_typed_is_no_code() -> None:
    """An empty field means that there is no code; anything else that is none is a wrong one."""
    assert parse_code("  - ") is None
    for wrong in ("ABCDEFGHJKMNPQR", "ABCDEFGHJKMNPQR22", "ABCDEFGHJKMNPQR0", "x" * 10_000):
        with pytest.raises(OpeningCodeWrong):
            parse_code(wrong)


async def test_person_on_file_opens_his_account_with_the_code(production: Counter) -> None:
    """In production a tenant of a case gets an account of the person on file, verified by the clerk's check."""
    with pytest.raises(accounts.OpeningNeedsCounter):
        await production.open(production.wish(""))

    opened = await production.open(production.wish(await production.code()))

    async with production.db.reading() as tx:
        account = await store.account_by_id(tx, opened.account_id)
        assert await store.roles_of(tx, opened.account_id) == accounts.SELF_SERVICE_ROLES
    assert account is not None
    assert (account.person_id, account.identity_verified_by) == (production.tenant, "counter")
    (check,) = await production.rows("SELECT account_id, document, checked_by FROM web.identity_check")
    assert check == {
        "account_id": opened.account_id,
        "document": "resident_card",
        "checked_by": production.clerk.account_id,
    }


async def test_person_who_is_not_on_file_gets_a_code_alike(production: Counter) -> None:
    """The clerk does not learn who is on file: a stranger's code is issued and works in the same way."""
    opened = await production.open(production.wish(await production.code(STRANGER), STRANGER))

    async with production.db.reading() as tx:
        account = await store.account_by_id(tx, opened.account_id)
    assert account is not None
    assert account.identity_verified_by == "counter"


async def test_issuing_records_nobody(counter: Counter) -> None:
    """A slip of the clerk's pen puts no wrong name on file: with a new code all is well."""
    await counter.issue(STRANGER, name="吴生仁")

    await counter.open(counter.wish(await counter.code(STRANGER), STRANGER))


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"name": "周祖户"}, PersonNameDiffers),
        ({"name": "周"}, accounts.NameMalformed),
        ({"identity_number": "110101190001019500"}, IdentityNumberInvalid),
        ({"name": NAMES[CLERK], "identity_number": sample_identity_number(CLERK)}, accounts.PersonHasAccount),
    ],
)
async def test_code_is_not_issued(counter: Counter, changed: dict[str, Any], refusal: type[Refusal]) -> None:
    """Another name than the one on file, a wrong number, somebody with an account, the clerk himself: no code."""
    with pytest.raises(refusal):
        await counter.issue(**changed)

    assert await counter.rows("SELECT 1 FROM web.opening_code") == []


@pytest.mark.parametrize(("days", "valid"), [(-1, False), (0, True), (1, True)])
async def test_expired_document_gives_no_code(counter: Counter, days: int, valid: bool) -> None:
    """A document proves until the end of its last day."""
    last: date = local_day(await counter.now()) + timedelta(days=days)
    if valid:
        assert (await counter.issue(valid_until=last)).code
        return
    with pytest.raises(accounts.IdentityDocumentExpired):
        await counter.issue(valid_until=last)


async def test_only_a_clerk_issues(counter: Counter) -> None:
    """Whoever is no clerk has no counter, whatever else he is."""
    others = frozenset(Role) - {Role.CLERK}
    someone = Actor(account_id=AccountId(uuid4()), person_id=PersonId(uuid4()), roles=others)

    with pytest.raises(RoleLacking):
        await counter.issue(by=someone)


@pytest.mark.parametrize(("beside", "works"), [(-MICROSECOND, True), (0 * MICROSECOND, False), (MICROSECOND, False)])
async def test_code_ends_at_its_last_instant(counter: Counter, beside: timedelta, works: bool) -> None:
    """A code works up to, and not at, the instant that was named to the clerk."""
    issued = await counter.issue()
    assert issued.code is not None
    (row,) = await counter.rows("SELECT issued_at, valid_until FROM web.opening_code")
    assert row == {"issued_at": issued.valid_until - VALID_FOR, "valid_until": issued.valid_until}
    await move_clock(counter.db, to=issued.valid_until + beside, freeze=True)

    if works:
        await counter.open(counter.wish(issued.code))
        return
    with pytest.raises(OpeningCodeWrong):
        await counter.open(counter.wish(issued.code))
    await counter.open(counter.wish(await counter.code()))


async def test_new_code_ends_the_earlier_ones(counter: Counter) -> None:
    """Of all codes of a person only the last works, and those of others stay."""
    first, others = await counter.code(), await counter.code(STRANGER)
    second = await counter.code()

    with pytest.raises(OpeningCodeWrong):
        await counter.open(counter.wish(first))
    await counter.open(counter.wish(second))
    await counter.open(counter.wish(others, STRANGER, username="wu.sheng"))


async def test_whatever_is_wrong_is_told_with_one_sentence(counter: Counter) -> None:
    """A wrong, foreign, used or ended code, for somebody on file or not, with account or not: one and the same answer."""
    tenants, strangers, ended = await counter.code(), await counter.code(STRANGER), await counter.code(STRANGER)
    strangers, ended = ended, strangers
    wrong = written(new_code())
    tried = [
        *(counter.wish(wrong, who, username="some.one") for who in (TENANT, STRANGER, CLERK)),
        counter.wish(wrong, identity_number=sample_identity_number(79), username="some.one"),
        counter.wish("too short", username="some.one"),
        counter.wish(strangers, TENANT, username="some.one"),
        counter.wish(tenants, STRANGER, username="some.one"),
        counter.wish(tenants, CLERK, username="some.one"),
        counter.wish(tenants, name="周祖户", username="some.one"),
        counter.wish(ended, STRANGER, username="some.one"),
    ]
    heard = [await _refusal(counter, wish) for wish in tried]
    await counter.open(counter.wish(tenants))
    heard.append(await _refusal(counter, counter.wish(tenants, username="some.one")))

    assert set(heard) == {("opening_code_wrong", "{}", OpeningCodeWrong.zh)}


async def _refusal(counter: Counter, wish: OpenAccount) -> tuple[str, str, str]:
    with pytest.raises(Refusal) as refused:
        await counter.open(wish)
    return refused.value.code, json.dumps(refused.value.facts), refused.value.sentence("zh")


async def test_taken_username_asks_about_nobody(counter: Counter) -> None:
    """Whoever asks under a name that is taken hears only that, on file or not, with or without a code."""
    for who in (TENANT, STRANGER, CLERK):
        for code in ("", written(new_code()), await counter.code() if who == TENANT else ""):
            with pytest.raises(accounts.UsernameTaken):
                await counter.open(counter.wish(code, who, username="zheng.shuji"))


async def test_busy_moment_tells_nothing_of_a_person(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """When openings are busy, somebody on file and a stranger hear the same: nobody probes while nothing is opened."""

    async def busy(_password: str) -> str:
        raise accounts.OpeningsBusy

    monkeypatch.setattr(counter.passwords, "hash_opening", busy)

    for who in (TENANT, STRANGER, CLERK):
        with pytest.raises(accounts.OpeningsBusy):
            await counter.open(counter.wish("", who))


async def test_refusal_without_a_code_is_the_same_for_everybody_on_file(counter: Counter) -> None:
    """A party, somebody with an account, the right name and a wrong one: the same answer."""
    tried = [counter.wish("", who, name=name) for who in (TENANT, CLERK) for name in (NAMES[who], "别的人")]

    assert len({await _refusal(counter, wish) for wish in tried}) == 1


async def test_code_is_used_once_by_two_at_once(counter: Counter) -> None:
    """Two forms with one code at the same moment open one account."""
    code = await counter.code()
    wishes = [counter.wish(code, username=name) for name in ("zhou.yi", "zhou.er")]

    answers = await asyncio.gather(*map(counter.open, wishes), return_exceptions=True)

    assert sorted(type(answer).__name__ for answer in answers) == ["AccountOpened", "OpeningCodeWrong"]
    (used,) = await counter.rows("SELECT count(*) AS accounts FROM web.account WHERE username LIKE 'zhou%'")
    assert used == {"accounts": 1}


async def test_opening_that_comes_twice_gives_its_first_answer(counter: Counter) -> None:
    """The same form twice, one after the other or at once, opens one account; with other content it is refused."""
    wish = counter.wish(await counter.code())

    first, second = await asyncio.gather(counter.open(wish), counter.open(wish))

    assert first == second == await counter.open(wish)
    with pytest.raises(IdempotencyKeyReused):
        await counter.open(counter.wish(wish.opening_code, command_id=wish.command_id, name="周祖户"))


async def test_code_is_shown_once(counter: Counter) -> None:
    """A repeated issue says that there is a code and until when, not which; the code that was shown still works."""
    command_id = uuid4()
    first = await counter.issue(command_id=command_id)
    second = await counter.issue(command_id=command_id)

    assert first.code is not None
    assert second == OpeningCodeIssued(code=None, valid_until=first.valid_until)
    assert len(await counter.rows("SELECT 1 FROM web.opening_code")) == 1
    await counter.open(counter.wish(first.code))


async def test_opening_that_dies_half_way_leaves_the_code(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stops after the code was used up and before the commit leaves no account, and the same form works then."""
    wish = counter.wish(await counter.code())

    async def dies(*_args: object, **_named: object) -> None:
        raise ConnectionAbortedError

    with monkeypatch.context() as broken:
        broken.setattr(opening, "add_grant", dies)
        with pytest.raises(ConnectionAbortedError):
            await counter.open(wish)
    assert await counter.rows("SELECT 1 FROM web.opening_code WHERE used_at IS NOT NULL") == []
    assert await counter.rows("SELECT 1 FROM web.identity_check") == []

    await counter.open(wish)


async def test_nothing_of_person_or_code_is_stored(counter: Counter) -> None:
    """Codes, commands and audit hold neither code, name nor number, nor a plain hash of them."""
    code = await counter.code()
    await counter.open(counter.wish(code))

    tables = ("web.opening_code", "web.identity_check", "kernel.command", "kernel.audit_entry")
    stored = "".join([str(await counter.rows(f"SELECT * FROM {table}")) for table in tables])
    for secret in (code, code.replace("-", ""), NAMES[TENANT], sample_identity_number(TENANT)):
        assert secret not in stored
    assert {row["action"] for row in await counter.rows("SELECT action FROM kernel.audit_entry")} >= {
        "IssueOpeningCode",
        "OpenAccount",
    }


async def test_refused_codes_of_a_clerk_are_slowed_down(counter: Counter) -> None:
    """A clerk who tries numbers must wait; codes that are issued do not count."""
    for _ in range(FREE["counter"] - 1):
        with pytest.raises(accounts.PersonHasAccount):
            await counter.issue(CLERK)
    for _ in range(3):
        await counter.issue()

    with pytest.raises(accounts.PersonHasAccount):
        await counter.issue(CLERK)
    with pytest.raises(TooManyAttempts):
        await counter.issue()


async def test_database_itself_keeps_a_code_for_its_person(counter: Counter) -> None:
    """Past all code, a code is not used by another's account, not twice, not late, and never comes back."""
    await counter.issue()
    for change, fault in (
        (f"used_at = issued_at, used_by = '{counter.clerk.account_id}'", "opening_code_of_another"),
        ("used_at = valid_until, used_by = NULL", "used_by_somebody"),
        ("valid_until = valid_until + interval '1 day'", "opening_code_spent"),
        ("code_hash = repeat('0', 64)", "opening_code_spent"),
    ):
        with pytest.raises(DBAPIError, match=fault):
            async with counter.db.transaction() as tx:
                await tx.session.execute(text(f"UPDATE web.opening_code SET {change}"))
    await counter.issue()
    with pytest.raises(DBAPIError, match="opening_code_spent"):
        async with counter.db.transaction() as tx:
            await tx.session.execute(text("UPDATE web.opening_code SET ended_at = NULL WHERE ended_at IS NOT NULL"))
    with pytest.raises(DBAPIError, match="append_only"):
        async with counter.db.transaction() as tx:
            await tx.session.execute(text("DELETE FROM web.opening_code"))


async def test_database_refuses_a_late_use(counter: Counter) -> None:
    """The table holds the end of a code too."""
    await counter.issue()
    insert = (
        "INSERT INTO web.opening_code SELECT gen_random_uuid(), repeat('a', 64), identity_commitment, document, "
        "checked_by, checker_person_id, issued_at, valid_until, NULL, NULL, NULL FROM web.opening_code"
    )
    for used_at in ("issued_at - interval '1 microsecond'", "valid_until"):
        with pytest.raises(DBAPIError, match="used_in_time"):
            async with counter.db.transaction() as tx:
                await tx.session.execute(
                    text(insert.replace("NULL, NULL, NULL", f"NULL, {used_at}, :other")),
                    {"other": counter.clerk.account_id},
                )


async def test_verifying_again_adds_nothing(counter: Counter) -> None:
    """An account opened with a code needs no second check at the counter."""
    await counter.open(counter.wish(await counter.code()))
    command = VerifyIdentity(
        command_id=uuid4(),
        username="zhou.zuhu",
        name=NAMES[TENANT],
        identity_number=sample_identity_number(TENANT),
        document="resident_card",
    )

    await verify_identity(counter.db, counter.clerk, command)

    assert len(await counter.rows("SELECT 1 FROM web.identity_check")) == 1


async def test_new_person_is_recorded_by_one_only(counter: Counter) -> None:
    """Whoever is put on file while somebody opens an account in his name keeps it: the opening finds him on file."""

    async def record(tx: Transaction) -> UUID | None:
        return await record_new_person(
            tx, kind="natural", name="冒名者", identity_number=sample_identity_number(TENANT), masked="冒**"
        )

    assert await counter.db.transact(record) is None


async def test_account_is_opened_over_the_api(counter: Counter, site: httpx.AsyncClient) -> None:
    """A program opens an account with a code, hears what is wrong by its code, and no more."""
    headers = {"accept": "application/json"}
    code = await counter.code()

    def body(given: str) -> dict[str, object]:
        wish = counter.wish(given, username="zhou.api")
        return {**{name: getattr(wish, name) for name in wish.__struct_fields__}, "command_id": str(wish.command_id)}

    answers = [
        await site.post("/api/open-account", json=body(given), headers=headers)
        for given in ("", written(new_code()), code, code)
    ]

    assert [answer.status_code for answer in answers] == [409, 409, 200, 409]
    assert [answer.json().get("code") for answer in answers] == [
        "opening_needs_counter",
        "opening_code_wrong",
        None,
        "username_taken",
    ]
    assert set(answers[2].json()) == {"account_id", "username"}


async def test_page_keeps_what_was_typed_but_secrets(counter: Counter, site: httpx.AsyncClient) -> None:
    """A refused form comes back with name, number and username; password and code are typed again."""
    page = await site.get("/open-account")
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    wrong = written(new_code())
    form = {
        "csrf_token": token,
        "command_id": str(uuid4()),
        "username": "zhou.zuhu",
        "password": "correct horse battery",
        "name": NAMES[TENANT],
        "identity_number": sample_identity_number(TENANT),
    }

    needs = await site.post("/open-account", data=form)
    refused = await site.post("/open-account", data={**form, "opening_code": wrong})
    opened = await site.post("/open-account", data={**form, "opening_code": (await counter.code()).lower()})

    assert accounts.OpeningNeedsCounter.zh in needs.text
    assert OpeningCodeWrong.zh in refused.text
    for kept in ("zhou.zuhu", NAMES[TENANT], sample_identity_number(TENANT)):
        assert kept in needs.text
        assert kept in refused.text
    assert wrong not in refused.text
    assert "correct horse battery" not in needs.text + refused.text
    assert (opened.status_code, opened.headers["location"]) == (303, "/sign-in?opened=1")


def test_hours_of_a_code_are_named_exactly() -> None:
    """The pages name the hours of a code as a whole number."""
    assert timedelta(hours=opening_codes.VALID_HOURS) == VALID_FOR
