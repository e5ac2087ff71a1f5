"""Documents as papers of the court: every kind sets, drafts say so, the same content gives the same bytes, old templates stay."""

from __future__ import annotations

import hashlib
import io
import os
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pypdf
import pytest

from auction.kernel.ids import named_id
from auction.sale.cases.documents import KINDS, DocumentKind, fingerprint_of
from auction.sale.cases.views import DocumentFile
from web.papers import typeset as typesetting
from web.papers.court_paper import TEMPLATE, Amount, CourtPaper, Signer, amounts_in, court_paper, in_chinese, mark_of
from web.papers.typeset import set_content

ISSUED = datetime(2026, 11, 23, 1, 0, 5, tzinfo=UTC)
SEALED = datetime(2026, 11, 23, 17, 30, 0, tzinfo=UTC)
BODY = (
    "申请执行人示例甲与被执行人示例乙借款合同纠纷一案，本院依法裁定如下：\n"
    "一、成交价 ¥3,280,000.00，买受人已付清；税费 ¥10.05 由双方依法各自负担。\n二、本裁定送达后即发生法律效力。"
)
SIGNERS = (
    Signer(office="审判长", name="示例法官甲"),
    Signer(office="审判员", name="示例法官乙"),
    Signer(office="书记员", name=""),
)
EDITIONS = {
    "court-1": "3c293a416c87dce8e8613bbded00c9e49014ef1b6de15bdbeba66009a7e93e2b",
    "court-2": "a12f16fe5b2ed1b541ce8d61eb2cb90c1b22fd8301a0933805bad6c8e8971484",
}
"""Published templates by fingerprint. Kept papers are set again by theirs: one that needs a change becomes a new edition."""


def paper(kind: DocumentKind, *, is_sealed: bool = True, body: str = BODY) -> CourtPaper:
    """Make the paper of a made-up document."""
    has_mark = is_sealed and KINDS[kind].needs_seal
    document = DocumentFile(
        document_id=named_id("document", kind.value),
        case_id=named_id("case"),
        kind=kind,
        title=f"（2026）京0105执1号{KINDS[kind].zh}",
        body=body,
        body_sha256=fingerprint_of(body),
        needs_seal=KINDS[kind].needs_seal,
        issued_at=ISSUED,
        seal_ref="SEAL-2026-000123" if has_mark else None,
        sealed_at=SEALED if has_mark else None,
        seal_asked_at=None,
        seal_refusal=None,
    )
    return court_paper(
        document,
        court="示例市第一人民法院",
        case_number="（2026）京0105执1号",
        account="88001002000000000042",
        signers=SIGNERS,
        site_url="https://fapai.example/",
    )


async def set_paper(given: CourtPaper) -> bytes:
    """Set it by the present template."""
    return await set_content(TEMPLATE, msgspec.json.encode(given), at=given.at)


def text_of(pdf: bytes) -> str:
    """Give all text of a PDF without its spaces."""
    return "".join("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.mark.parametrize("kind", list(DocumentKind))
async def test_each_kind_is_a_paper_of_the_court(kind: DocumentKind) -> None:
    """Court, kind, number, whole text, who signs, the day in Chinese, fingerprint and address stand on it; sealed ones are no drafts."""
    given = paper(kind)
    made = await set_paper(given)
    text = text_of(made)
    if os.environ.get("FAPAI_SCREENSHOTS"):
        Path(os.environ["FAPAI_SCREENSHOTS"], f"paper-{kind.value}.pdf").write_bytes(made)

    said = (
        "示例市第一人民法院",
        KINDS[kind].zh,
        "（2026）京0105执1号",
        *BODY.split(),
        "审判长",
        given.dated,
        given.body_sha256,
        "88001002000000000042",
    )
    assert [one for one in (*said, given.address, "人民币叁佰贰拾捌万元整") if one not in text] == []
    assert "草稿" not in text
    assert ("SEAL-2026-000123" in text) is KINDS[kind].needs_seal


async def test_unsealed_paper_says_that_it_is_a_draft() -> None:
    """Each page of a draft says so, and no mark stands on it."""
    made = await set_paper(paper(DocumentKind.SALE_RULING, is_sealed=False, body=BODY * 30))
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages]
    if os.environ.get("FAPAI_SCREENSHOTS"):
        Path(os.environ["FAPAI_SCREENSHOTS"], "paper-draft.pdf").write_bytes(made)

    assert len(pages) > 1
    assert all("草稿" in page for page in pages)
    assert "电子印章" not in "".join(pages)


async def test_paper_is_the_same_to_the_byte_and_an_archive_file() -> None:
    """The same content gives the same bytes when nothing is remembered; it bears the markers of PDF/A-2a and PDF/UA-1."""
    given = paper(DocumentKind.SALE_RULING)
    first = await set_paper(given)
    typesetting._set.cache_clear()
    again = await set_paper(given)
    metadata = pypdf.PdfReader(io.BytesIO(first)).root_object["/Metadata"].get_object()
    assert isinstance(metadata, pypdf.generic.StreamObject)
    said = metadata.get_data().decode()

    assert first == again
    assert "<pdfaid:part>2</pdfaid:part>" in said
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in said
    assert "<pdfuaid:part>1</pdfuaid:part>" in said


def test_published_templates_stay_as_they_are() -> None:
    """Every edition is there with its fingerprint, and none without."""
    found = {one.stem: hashlib.sha256(one.read_bytes()).hexdigest() for one in typesetting.FOLDER.glob("court-*.typ")}

    assert found == EDITIONS
    assert TEMPLATE in EDITIONS


async def test_text_cannot_become_markup() -> None:
    """What reads like the typesetter's own language is printed, never carried out."""
    text = text_of(await set_paper(paper(DocumentKind.OTHER, body='#panic("x") *粗* $1$ #include "paper.typ" \\')))

    assert '#panic("x")*粗*$1$#include"paper.typ"\\' in text


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 11, 23), "二〇二六年十一月二十三日"),
        (date(2030, 1, 1), "二〇三〇年一月一日"),
        (date(2027, 10, 10), "二〇二七年十月十日"),
        (date(2027, 12, 31), "二〇二七年十二月三十一日"),
        (date(2027, 2, 20), "二〇二七年二月二十日"),
    ],
)
def test_day_in_chinese(day: date, said: str) -> None:
    """Days are written as rulings are dated."""
    assert in_chinese(day) == said


def test_paper_is_dated_by_its_seal_in_beijing() -> None:
    """Sealed half past one on the 24th in Beijing; its draft is of the 23rd."""
    assert paper(DocumentKind.SALE_RULING).dated == "二〇二六年十一月二十四日"
    assert paper(DocumentKind.SALE_RULING, is_sealed=False).dated == "二〇二六年十一月二十三日"


def test_amounts_stand_once_each_in_capitals() -> None:
    """Each different amount once, to the fen; what is no amount is left alone."""
    found = amounts_in("¥1,000.00、¥1,000.00、¥0.05，¥12，¥1.234，共¥20.10。")

    assert found == (
        Amount(figures="¥1,000.00", capitals="人民币壹仟元整"),
        Amount(figures="¥0.05", capitals="人民币伍分"),
        Amount(figures="¥20.10", capitals="人民币贰拾元壹角整"),
    )


def test_mark_is_a_square_of_modules() -> None:
    """The code has the finder pattern in three corners, and another address another code."""
    mark = mark_of("https://fapai.example/verify/1")

    assert len({len(row) for row in mark} | {len(mark)}) == 1
    assert mark[0][:7] == mark[0][-7:] == mark[-1][:7] == (True,) * 7
    assert mark != mark_of("https://fapai.example/verify/2")
