"""Papers: the same bytes from the same record, archive files that hold what a reader compares by hand."""

from __future__ import annotations

import asyncio
import hashlib
import io
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pypdf
import pytest

from auction.kernel.errors import SettingInvalid
from tests.valuation.draw_v1.made_draws import make_draw, sample_pool
from valuation.draw_v1.draw_chain import head_of
from valuation.draw_v1.draw_pool import pool_sha256
from valuation.draw_v1.transcript import read_transcript
from web.papers import typeset as typesetting
from web.papers.draw_paper import draw_paper
from web.papers.paper import Both, Column, Line, Pairs, Paper, Section, Table
from web.papers.typeset import BYTES_MOST, PapersBusy, PaperTooLarge, typeset

ROOT = Path(__file__).parents[3]
AT = datetime(2026, 9, 17, 1, 0, 5, tzinfo=UTC)


def text_of(pdf: bytes) -> str:
    """Give all text of a PDF in its order."""
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def statement(name: str, *, rows: int = 3) -> Paper:
    """Make a small paper of another kind."""
    return Paper(
        issuer="示例市第一法院",
        title=Both("案款明细", "Statement"),
        number="s-1",
        at=AT,
        sections=(
            Section(
                heading=Both("收支", "Entries"),
                blocks=(
                    Pairs(lines=(Line(label=Both("户名", "Name"), value=name),)),
                    Table(
                        columns=(
                            Column(label=Both("日期", "Day")),
                            Column(label=Both("金额", "Amount"), is_number=True),
                        ),
                        rows=tuple((f"2026-09-{n:02d}", "¥1,234.50") for n in range(1, rows + 1)),
                    ),
                ),
            ),
        ),
        foot=Both("示例", "Sample"),
    )


@pytest.mark.parametrize("kind", ["drand", "secret"])
async def test_paper_of_a_draw_holds_what_is_compared(kind: str) -> None:
    """Number, seed, whole ranking, openings and fingerprints stand on the paper, to the letter and in one piece."""
    made = make_draw(sample_pool(count=25, **({} if kind == "drand" else {"beacon_round": None})))  # type: ignore[arg-type] # one of the two
    transcript = read_transcript(made.transcript)
    text = text_of(await typeset(draw_paper(made.transcript)))
    whole = "".join(text.split())
    names = {member.id: member.name for member in transcript.pool.members}

    for said in (
        transcript.pool.draw_id,
        transcript.seed,
        pool_sha256(transcript.pool),
        head_of(transcript.chain[-1]),
        transcript.key_id,
        hashlib.sha256(made.transcript).hexdigest(),
    ):
        assert said in text
    assert transcript.signature in whole
    ranking = [whole.index(f"{rank}{names[one]}") for rank, one in enumerate(transcript.order, start=1)]
    assert ranking == sorted(ranking)
    assert whole.count("选定picked") == len(transcript.picks)
    assert all(one.name in text for one in transcript.pool.excluded)


async def test_paper_is_an_archive_file_with_its_own_date() -> None:
    """The file says that it is PDF/A-2a and PDF/UA-1, holds its fonts, and bears the date of the draw, not of its making."""
    made = make_draw(sample_pool())
    pdf = pypdf.PdfReader(io.BytesIO(await typeset(draw_paper(made.transcript))))
    about = pdf.xmp_metadata
    assert about is not None
    fonts = [
        font["/DescendantFonts"][0]["/FontDescriptor"].keys()
        for page in pdf.pages
        for font in (one.get_object() for one in page["/Resources"]["/Font"].values())  # type: ignore[index] # a page's own
    ]

    assert (about.pdfaid_part, about.pdfaid_conformance) == ("2", "A")
    assert pdf.metadata is not None
    assert pdf.metadata.creation_date == datetime.fromisoformat(read_transcript(made.transcript).drawn_at).replace(
        microsecond=0
    )
    assert pdf.metadata.author == made.pool.court
    assert fonts
    assert all("/FontFile3" in one for one in fonts)


async def test_same_record_gives_the_same_bytes_in_another_process() -> None:
    """Whoever sets the paper of a record, and when, gets the same file."""
    script = (
        "import asyncio, hashlib; from tests.web.papers.test_papers import statement; from web.papers.typeset import typeset; "
        "print(hashlib.sha256(asyncio.run(typeset(statement('示例甲')))).hexdigest())"
    )
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", script, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(60):
        found, _ = await child.communicate()
    here = await typeset(statement("示例甲"))
    typesetting._set.cache_clear()

    assert await typeset(statement("示例甲")) == here
    assert found.decode().strip() == hashlib.sha256(here).hexdigest()
    assert await typeset(statement("示例乙")) != here


async def test_signs_without_a_glyph_stand_as_their_code_points() -> None:
    """A name with rare characters makes an archive file all the same, and says which signs they are."""
    text = text_of(await typeset(statement("示例𠮷田𪚥有限公司")))

    assert "示例〔U+20BB7〕田〔U+2A6A5〕有限公司" in "".join(text.split())


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ('#panic("x")', '#panic("x")'),
        ("= 标题 *粗* $x$ @a <b> \\ ` // /* */", "=标题*粗*$x$@a<b>\\`///**/"),
        ("#sys.inputs", "#sys.inputs"),
        ("a\u0000b", "a〔U+0000〕b"),
    ],
)
async def test_what_people_typed_is_text_and_nothing_else(given: str, shown: str) -> None:
    """Markup in a name is shown as it was typed; it is never carried out."""
    text = text_of(await typeset(statement(given)))

    assert shown in "".join(text.split())


async def test_paper_that_is_too_large_is_refused() -> None:
    """A record beyond the limit is told to be one; nothing is cut."""
    with pytest.raises(PaperTooLarge):
        await typeset(statement("x" * BYTES_MOST))


async def test_missing_fonts_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the packaged fonts no paper is set with others in silence: the error says what to install."""
    monkeypatch.setattr(typesetting, "FONTS_PACKAGE", "no_such_fonts")
    typesetting._fonts.cache_clear()
    typesetting._set.cache_clear()
    try:
        with pytest.raises(SettingInvalid, match="pylopdf-fonts-zh-cn"):
            await typeset(statement("示例甲"))
    finally:
        typesetting._fonts.cache_clear()


async def test_equal_papers_are_set_once_and_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers of one paper wait for one setting, also when the first of them leaves; who comes beyond the limit is told at once."""
    may_end, calls = threading.Event(), []

    def slow(template: str, content: bytes, at_s: int) -> bytes:
        calls.append(content)
        may_end.wait(30)
        return b"%PDF " + content[-4:]

    monkeypatch.setattr(typesetting, "_set", slow)
    one = statement("甲")
    leaving = asyncio.create_task(typeset(one))
    staying = asyncio.create_task(typeset(one))
    others = [asyncio.create_task(typeset(statement(f"乙{n}"))) for n in range(typesetting.WAITING - 1)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(PapersBusy):
        await typeset(statement("丙"))
    may_end.set()

    assert (await staying).startswith(b"%PDF")
    assert len(await asyncio.gather(*others)) == typesetting.WAITING - 1
    assert len(calls) == typesetting.WAITING
    assert leaving.cancelled()
