"""What stands in the database, so that a test can say that nothing changed."""

from __future__ import annotations

from sqlalchemy import text

from auction.kernel.db import Database

SCHEMAS = ("kernel", "fund", "sale", "valuation", "bidding", "web", "public")
LIVELY = frozenset({"web.session", "web.sign_in_throttle", "public.pgqueuer_log", "public.pgqueuer_statistics"})
"""Tables that change by looking or by time alone."""
PICTURE = "SELECT '{name}' AS name, count(*) AS n, md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS d FROM {name} t"


async def picture(db: Database) -> dict[str, tuple[int, str]]:
    """Give for every table how many rows it has and a digest of them."""
    async with db.reading() as tx:
        found = await tx.session.execute(
            text(
                "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables "
                "WHERE table_type = 'BASE TABLE' AND table_schema = ANY(:schemas) ORDER BY 1"
            ),
            {"schemas": list(SCHEMAS)},
        )
        names = [row.name for row in found if row.name not in LIVELY]
        every = " UNION ALL ".join(
            PICTURE.format(name=name) for name in names
        )  # one question: asking costs more than reading
        rows = (await tx.session.execute(text(every))).all()
    shown = {str(row.name): (int(row.n), str(row.d)) for row in rows}
    assert len(shown) > 40, "the picture holds the whole database"
    return shown
