"""A party opens what it committed to, after the commitments are closed and before the second source can be known."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, NotFound
from valuation.draw_v1.canonical import fingerprint_of
from valuation.draw_v1.draw import check_opening
from valuation.draw_v1.draw_chain import EntropyOpened
from valuation.draw_v1.draw_pool import instant
from valuation.draws.commit_entropy import EntropyLate, EntropyTaken, party_in_draw
from valuation.draws.committing import require_hex
from valuation.selections import store_of_draws
from valuation.selections.cases import CaseDesk
from valuation.selections.store_of_draws import EntropyRow


class OpenEntropy(Command, frozen=True, kw_only=True):
    """The number itself."""

    draw_id: UUID
    value: str


class EntropyEarly(Conflict):
    """Openings come after the commitments are closed, or a party could choose its own by another's."""

    code = "draw_entropy_early"
    article = "house: Draw v1, 4"
    zh = "{since} 后方可揭示，以免他人依您的随机数另作选择。"
    en = "Openings begin after {since}, so that nobody can choose by what you opened."


class EntropyNotCommitted(NotFound):
    """The party has committed to nothing."""

    code = "draw_entropy_not_committed"
    article = "house: Draw v1, 4"
    zh = "您未提交承诺，没有可以揭示的内容。"
    en = "You committed to nothing; there is nothing to open."


class EntropyOpenedBefore(Conflict):
    """The party has opened its number."""

    code = "draw_entropy_opened_before"
    article = "house: Draw v1, 4"
    zh = "您已揭示。"
    en = "You have opened your number before."


async def open_entropy(db: Database, actor: Actor, command: OpenEntropy, *, case_desk: CaseDesk) -> EntropyTaken:
    """Keep and chain a party's opening, once; one that does not match changes nothing.

    Raises: `NoPartyOfCase`, `DrawNotFrozen`, `EntropyNotCommitted`, `EntropyEarly`, `EntropyLate`, `CommitmentWrong`.
    """
    require_role(actor, Role.PARTY)
    require_hex(command.value)

    async def work(tx: Transaction) -> EntropyTaken:
        made, party = await party_in_draw(tx, actor, command.draw_id, case_desk)
        at = await store_of_draws.chain_time(tx)
        row = _own(await store_of_draws.entropy_of(tx, made.draw_id), party)
        if at <= made.times.commit_by:
            raise EntropyEarly(since=made.times.commit_by.isoformat())
        if at > made.times.reveal_by:
            raise EntropyLate(until=made.times.reveal_by.isoformat())
        check_opening(made.id, party, secret=command.value, committed=row.commitment)
        opened = EntropyOpened(draw_id=made.id, party=party, value=command.value, at=instant(at))
        await store_of_draws.open_entropy(tx, made.draw_id, party, command.value, at)
        await store_of_draws.append(tx, "entropy", made.draw_id, fingerprint_of(opened), at)
        return EntropyTaken(party=party, at=at)

    return await db.carry_out(actor, command, work, EntropyTaken)


def _own(rows: list[EntropyRow], party: str) -> EntropyRow:
    row = next((row for row in rows if row.party == party), None)
    if row is None:
        raise EntropyNotCommitted
    if row.value is not None:
        raise EntropyOpenedBefore
    return row
