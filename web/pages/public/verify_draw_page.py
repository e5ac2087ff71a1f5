"""Two pages that work in the visitor's own browser, without asking the site: verify a draw, and make a secret for one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from litestar import get
from litestar.params import FromQuery
from litestar.response import Template

from auction.kernel.errors import Refusal
from auction.kernel.sentences import Said
from valuation.draw_v1 import beacon, canonical, draw, draw_chain, draw_pool, transcript_check
from web.auth.guards import PUBLIC
from web.display import cited
from web.pages import draw_words
from web.rendering import page
from web.texts import N_, _, current_locale

REFUSALS: Final[tuple[type[Refusal], ...]] = (
    canonical.RecordTooLarge,
    canonical.RecordNotCanonical,
    draw_pool.DrawRecordMisshapen,
    draw_pool.PoolMemberTwice,
    draw_pool.PoolUnsorted,
    draw_pool.PoolTimesOutOfOrder,
    draw_pool.PicksNotLawful,
    draw_pool.PoolTooSmall,
    draw_pool.PoolWidenedWithoutNeed,
    draw_pool.SecondNotIndependent,
    draw_pool.PoolBeaconUnknown,
    transcript_check.ChainBroken,
    transcript_check.PoolNotInChain,
    transcript_check.DrawNotInChain,
    transcript_check.EntropyNotAsPublished,
    draw.EntropyNamesWrong,
    draw.CommitmentWrong,
    draw.OpeningOfOtherKind,
    transcript_check.SeedDiffers,
    transcript_check.OrderDiffers,
    transcript_check.PicksDiffer,
    transcript_check.DrawnTooEarly,
    transcript_check.HeadUnreadable,
    transcript_check.ContinuationUnreadable,
    transcript_check.HeadBeforePool,
    transcript_check.HeadAfterChain,
    transcript_check.HeadNotOfChain,
    draw_chain.DrawKeysUnreadable,
    draw_chain.DrawKeyUnknown,
    draw_chain.DrawSignatureWrong,
    beacon.BeaconSignatureWrong,
)
"""What the browser's verifier can find, by the same codes as the command."""
CODED: Final[Mapping[str, str]] = {**draw_words.PROFESSIONS, **draw_words.OFFICES, **draw_words.REASONS}
"""Names that people read for the codes in a record."""
LONGEST_ID: Final = 100
SIGNED: Final[Mapping[str, Said]] = {"transcript": transcript_check.TRANSCRIPT, "head": draw_chain.HEAD}
FILES: Final = (
    ("transcript", N_("摇号记录"), N_("摇号公开页面下载的 JSON 文件")),
    ("keys", N_("公钥"), N_("早前从 /api/draw-keys 保存的文件")),
    ("head", N_("链首"), N_("早前从 /api/draw-head 保存的文件；在摇号之前保存的，证明力最强")),
    ("chain", N_("链的后续部分（可选）"), N_("仅当保存的链首晚于摇号时需要")),
)
"""Field, name and hint of each file that the page takes."""


def sentences() -> dict[str, dict[str, str]]:
    """Give sentence and article of each code in the language of this request; facts stand in braces."""
    locale = current_locale()
    return {
        refusal.code: {
            "sentence": refusal.zh if locale == "zh" else refusal.en,
            "article": cited(refusal.article) or refusal.article,
        }
        for refusal in REFUSALS
    }


@get("/verify-draw", opt=dict(PUBLIC), include_in_schema=False, sync_to_thread=False)
def show_verify_draw() -> Template:
    """Show the page that verifies a draw."""
    locale = current_locale()
    return page(
        "public/verify_draw.html",
        files=FILES,
        sentences=sentences(),
        names={code: _(name) for code, name in CODED.items()},
        signed={name: said.in_words(locale) for name, said in SIGNED.items()},
    )


@get("/draw-secret", opt=dict(PUBLIC), include_in_schema=False, sync_to_thread=False)
def show_draw_secret(draw: FromQuery[str] = "", name: FromQuery[str] = "") -> Template:
    """Show the page that makes a secret and its commitment; a link may fill in the draw and the name."""
    return page("public/draw_secret.html", draw=draw[:LONGEST_ID], name=name[:LONGEST_ID])
