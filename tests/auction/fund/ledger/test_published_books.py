"""Published heads of the books: what a root proves, what it hides, and what is found when somebody rewrites behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.ledger import published, store
from auction.fund.ledger.books_file import BooksFile, books_file, check_books_file
from auction.fund.ledger.check_books import check_books
from auction.fund.ledger.entries import chain_of
from auction.fund.ledger.heads import (
    BooksHead,
    BooksRoot,
    books_root,
    check_proof,
    check_root,
    cover_leaf,
    head_leaf,
    prove_books,
    sign_books,
    stands_under,
)
from auction.fund.ledger.open_case_fund import open_case_fund
from auction.fund.ledger.post_entry import post_entry
from auction.fund.ledger.publish_heads import PUBLISH_HEADS, handle_publish_heads, plan_publication, publish_heads
from auction.kernel.clock import to_us
from auction.kernel.db import Database
from auction.kernel.house_key import HouseKey
from auction.kernel.ids import new_id
from auction.kernel.jobs import Job
from auction.kernel.merkle import root_of
from tests.auction.fund.ledger.test_post_entry import payout, receipt

KEY = HouseKey(b"\x05" * 32, "books")
KEYS = {KEY.key_id: KEY.public}
OTHER = HouseKey(b"\x06" * 32, "books")
JOB = Job(job_id=UUID(int=1), kind=PUBLISH_HEADS, payload=b"{}", attempts=1)


async def _published(db: Database, case_id: UUID, *fens: int) -> None:
    async with db.transaction() as tx:
        for number, fen in enumerate(fens):
            await post_entry(tx, receipt(case_id, fen, f"r:{number}:{fen}"))
        await publish_heads(tx, KEY)


async def _file(db: Database, case_id: UUID) -> BooksFile:
    async with db.reading() as tx:
        chain = chain_of(case_id)
        return books_file(case_id, await store.read_chain(tx, chain), await published.proof_of(tx, chain))


def _check(file: BooksFile, keys: dict[str, bytes] = KEYS, root: str = "") -> str:
    return check_books_file(msgspec.json.encode(file), keys, pinned_root=root).why


async def test_books_file_proves_itself_under_a_pinned_key_and_root(db: Database, case_id: UUID) -> None:
    """Entries, head, path and signature fit; what came after the publication is chained, and said not to be published yet."""
    await _published(db, case_id, 500, 700)
    await db.transact(lambda tx: post_entry(tx, payout(case_id, 100)))
    file = await _file(db, case_id)
    assert file.proof is not None

    found = check_books_file(msgspec.json.encode(file), KEYS, pinned_root=file.proof.published.root)

    assert (found.why, found.entries, found.published_through, found.publication) == ("", 3, 2, 1)


def _entry(file: BooksFile, at: int, **changes: Any) -> BooksFile:  # noqa: ANN401 - any field of an entry
    entries = list(file.entries)
    entries[at] = msgspec.structs.replace(entries[at], **changes)
    return msgspec.structs.replace(file, entries=tuple(entries))


def _proof(file: BooksFile, **changes: Any) -> BooksFile:  # noqa: ANN401 - any field of a proof
    assert file.proof is not None
    return msgspec.structs.replace(file, proof=msgspec.structs.replace(file.proof, **changes))


WRONG: dict[str, tuple[Callable[[BooksFile], BooksFile], str]] = {
    "amount": (
        lambda f: _entry(
            f, 0, postings=(msgspec.structs.replace(f.entries[0].postings[0], amount_fen=1), f.entries[0].postings[1])
        ),
        "entry 1: ",
    ),
    "digest": (lambda f: _entry(f, 1, digest="0" * 64), "entry 2: digest_matches"),
    "first entry left out": (lambda f: msgspec.structs.replace(f, entries=f.entries[1:]), "entry 2: chain_has_no_gap"),
    "last entry left out": (lambda f: msgspec.structs.replace(f, entries=f.entries[:1]), "entry 2 is not the one"),
    "no proof": (lambda f: msgspec.structs.replace(f, proof=None), "no publication"),
    "path": (lambda f: _proof(f, path=("0" * 64,)), "the published root: wrong_path"),
    "path no hex": (lambda f: _proof(f, path=("zz",)), "the published root: wrong_path"),
    "index": (lambda f: _proof(f, index=0), "the published root: wrong_path"),
    "format": (lambda f: msgspec.structs.replace(f, format="fapai-books-v0"), "the format"),
    "other case": (lambda f: msgspec.structs.replace(f, case_id=UUID(int=3)), "entry 1: digest_matches"),
}


@pytest.mark.parametrize("change", sorted(WRONG))
async def test_every_change_is_named(db: Database, case_id: UUID, change: str) -> None:
    """Whatever is changed in a file, the check says what does not fit."""
    await _published(db, case_id, 500, 700)
    change_file, why = WRONG[change]

    assert _check(change_file(await _file(db, case_id))).startswith(why)


async def test_books_rewritten_whole_do_not_verify(db: Database, case_id: UUID) -> None:
    """A consistent forgery under another key, or under another root than the pinned one, is refused."""
    await _published(db, case_id, 500)
    file = await _file(db, case_id)
    assert file.proof is not None
    head = file.proof.head
    forged_root = books_root(b"\0" * 32, [head])
    forged = prove_books(
        b"\0" * 32, [head], head.chain, sign_books(OTHER, forged_root, number=1, at_us=1, previous="0" * 64)
    )

    assert _check(msgspec.structs.replace(file, proof=forged)) == "the published root: unknown_key"
    assert _check(
        msgspec.structs.replace(file, proof=forged), {OTHER.key_id: OTHER.public}, file.proof.published.root
    ) == ("the published root is not the pinned one")
    assert check_books_file(b"{", KEYS).why.startswith("not a file of books")


@pytest.mark.parametrize("field", ["number", "at_us", "previous", "root", "signature"])
async def test_signature_covers_every_field(db: Database, case_id: UUID, field: str) -> None:
    """A root with another number, instant or predecessor is not what the house signed."""
    await _published(db, case_id, 500)
    async with db.reading() as tx:
        root = await published.last_root(tx)
    assert root is not None
    changed = {"number": 2, "at_us": root.at_us + 1, "previous": "1" * 64, "root": "1" * 64, "signature": "1" * 128}

    assert check_root(root, KEYS) == "good"
    assert check_root(msgspec.structs.replace(root, **{field: changed[field]}), KEYS) == "wrong_signature"


async def test_a_root_tells_nobody_what_moved(db: Database, case_id: UUID) -> None:
    """An hour in which nothing was booked has a root like any other, and equal heads give different leaves."""
    await _published(db, case_id, 500)
    await db.transact(lambda tx: publish_heads(tx, KEY))
    async with db.reading() as tx:
        roots = await published.newest_roots(tx)
        heads = await published.heads_of(tx, 2)

    assert [root.number for root in roots] == [2, 1]
    assert heads == []
    assert roots[0].previous == roots[1].root
    assert "leaves" not in type(roots[0]).__struct_fields__
    one, two = (BooksHead(chain="c", number=1, digest="d", nonce=nonce * 32) for nonce in ("01", "02"))
    assert books_root(b"\0" * 32, [one]) != books_root(b"\0" * 32, [two])


def _heads(many: int) -> list[BooksHead]:
    return [BooksHead(chain=f"case-{at}", number=1, digest="d", nonce=f"{at:064x}") for at in range(many)]


@pytest.mark.parametrize(("moved", "leaves"), [(1, 64), (62, 64), (63, 64), (64, 128), (127, 128), (128, 256)])
def test_a_proof_does_not_tell_how_many_chains_moved(moved: int, leaves: int) -> None:
    """Publications are filled up to the next size, the cover counted."""
    heads = _heads(moved)
    root = sign_books(KEY, books_root(b"\0" * 32, heads), number=1, at_us=1, previous="0" * 64)

    proof = prove_books(b"\0" * 32, heads, f"case-{moved - 1}", root)

    assert proof is not None
    assert proof.leaves == leaves
    assert check_proof(proof, KEYS) == "good"


def test_publication_from_before_the_filling_still_proves() -> None:
    """An older root over the cover and its heads alone stands, and leads to its heads."""
    heads, cover = _heads(2), b"\0" * 32
    older = root_of([cover_leaf(cover), *(head_leaf(head) for head in heads)]).hex()
    root = sign_books(KEY, older, number=1, at_us=1, previous="0" * 64)

    proof = prove_books(cover, heads, "case-1", root)

    assert stands_under(older, cover, heads)
    assert not stands_under(older, cover, heads[:1])
    assert proof is not None
    assert (proof.leaves, check_proof(proof, KEYS)) == (3, "good")


async def test_chains_stand_in_an_order_of_chance(db: Database, case_id: UUID) -> None:
    """Heads are ordered by their random bytes, not by name."""
    await _published(db, case_id, 500)
    async with db.transaction() as tx:
        for number in range(7):
            other = new_id()
            await open_case_fund(tx, case_id=other, account_number=f"1100 2200 3300 55{number:02}")
            await post_entry(tx, receipt(other, 500, f"r:{number}"))
        await publish_heads(tx, KEY)

    async with db.reading() as tx:
        heads = await published.heads_of(tx, 2)

    assert len(heads) == 7
    assert [head.nonce for head in heads] == sorted(head.nonce for head in heads)


async def test_publications_that_come_twice_or_together_are_one(db: Database, case_id: UUID) -> None:
    """The job that is repeated within its hour publishes nothing; it plans the next hour once."""
    await db.transact(lambda tx: post_entry(tx, receipt(case_id, 500)))
    await handle_publish_heads(db, KEY, JOB)
    await handle_publish_heads(db, KEY, JOB)
    await db.transact(plan_publication)

    async with db.reading() as tx:
        assert [root.number for root in await published.newest_roots(tx)] == [1]
        planned = await tx.session.execute(
            text("SELECT due_at FROM kernel.job WHERE kind = :kind AND state = 'waiting'"), {"kind": PUBLISH_HEADS}
        )
        due = planned.scalar_one()
        assert timedelta(0) < due - tx.now <= timedelta(hours=1)
        assert (due.minute, due.second, due.microsecond) == (0, 0, 0)
        assert to_us(due) % 3_600_000_000 == 0


@pytest.mark.parametrize(
    ("forgery", "invariant"),
    [
        ("UPDATE fund.published_books SET root = repeat('a', 64)", "published_root_matches"),
        ("UPDATE fund.published_books SET previous = repeat('a', 64)", "published_root_matches"),
        ("UPDATE fund.published_books_head SET nonce = decode(repeat('00', 32), 'hex')", "published_root_matches"),
        ("UPDATE fund.published_books_head SET digest = repeat('a', 64)", "published_head_stands"),
        ("UPDATE fund.entry SET digest = repeat('a', 64)", "published_head_stands"),
        ("DELETE FROM fund.published_books_head", "published_root_matches"),
        ("UPDATE fund.published_books SET signature = repeat('a', 128)", "published_root_matches"),
        ("UPDATE fund.published_books SET at = at - interval '1 hour'", "published_root_matches"),
    ],
)
async def test_check_books_finds_what_was_changed_behind_a_publication(
    db: Database, case_id: UUID, forgery: str, invariant: str
) -> None:
    """With the triggers dropped, a superuser's change is still found, and named."""
    await _published(db, case_id, 500)
    assert (await check_books(db)).straight
    async with db.transaction() as tx:
        await tx.session.execute(text("SET LOCAL session_replication_role = replica"))
        await tx.session.execute(text(forgery))

    assert invariant in {difference.invariant for difference in (await check_books(db)).differences}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE fund.published_books SET root = repeat('a', 64)",
        "DELETE FROM fund.published_books_head",
        "TRUNCATE fund.published_books_head",
        "INSERT INTO fund.published_books SELECT number + 2, at, cover, root, repeat('b', 64), key_id, signature FROM fund.published_books",
        "INSERT INTO fund.published_books SELECT number + 1, at, cover, previous, repeat('b', 64), key_id, signature FROM fund.published_books",
    ],
)
async def test_database_refuses_to_change_or_skip_a_publication(db: Database, case_id: UUID, statement: str) -> None:
    """Publications are append-only, and each stands upon the one before."""
    await _published(db, case_id, 500)

    with pytest.raises(DBAPIError):
        async with db.transaction() as tx:
            await tx.session.execute(text(statement))


async def test_proof_of_every_chain_that_moved_leads_to_the_root(db: Database, case_id: UUID) -> None:
    """Every head behind a root has its path; a chain that did not move has none in that publication."""
    await _published(db, case_id, 500)
    async with db.reading() as tx:
        root, heads = await published.last_root(tx), await published.heads_of(tx, 1)
        cover = await tx.session.scalar(text("SELECT cover FROM fund.published_books"))
        assert await published.proof_of(tx, "house") is None
    assert root is not None

    proofs = [prove_books(bytes(cover), heads, head.chain, root) for head in heads]
    assert [check_proof(proof, KEYS) for proof in proofs if proof is not None] == ["good"] * len(heads)
    assert prove_books(bytes(cover), heads, "house", root) is None


async def test_kept_root_leads_to_the_newest_by_its_followers(db: Database, case_id: UUID) -> None:
    """Who kept an older root follows the roots to the file's; a gap, a forged one or one that is not there is named."""
    await _published(db, case_id, 500)
    async with db.reading() as tx:
        kept = await published.last_root(tx)
    assert kept is not None
    await db.transact(lambda tx: publish_heads(tx, KEY))
    async with db.transaction() as tx:
        await post_entry(tx, receipt(case_id, 700, "r:later"))
        await publish_heads(tx, KEY)
    raw = msgspec.json.encode(await _file(db, case_id))
    async with db.reading() as tx:
        roots = await published.roots_from(tx, kept.number, limit=10)
    forged = sign_books(OTHER, roots[1].root, number=2, at_us=roots[1].at_us, previous=kept.root)

    def why(given: tuple[BooksRoot, ...], root: str = kept.root) -> str:
        return check_books_file(raw, KEYS, pinned_root=root, roots=given).why

    assert [root.number for root in roots] == [1, 2, 3]
    assert why(roots) == ""
    assert why(()) == "the published root is not the pinned one"
    assert why((roots[0], roots[2])) == "root 2 does not stand upon the one before"
    assert why((roots[0], forged, roots[2])) == "root 2 does not stand upon the one before"
    assert why(roots, "0" * 64) == "the roots do not hold the pinned one before the file's"
