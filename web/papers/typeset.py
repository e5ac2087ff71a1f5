"""Set a paper: PDF/A-2a with tags (PDF/UA-1), fonts in the file, the same bytes from the same paper on every machine.

1. Nothing but the packaged fonts and the template beside this file goes in: no font of the machine, no network, no clock.
2. The file's date is the paper's own. A character that the fonts lack stands as its code point, ``〔U+20BB7〕``: an archive
   file may not hold a sign that nobody can see.
3. A paper has at most `BYTES_MOST` as JSON. At most `AT_ONCE` are set at once, in threads of their own, so that nothing else of the site waits
   for them; equal ones are set once; beyond `WAITING` nobody waits (`PapersBusy`). The last `KEPT` are kept.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import cache, lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec
import typst

from auction.kernel.errors import Conflict, InvariantViolated, Malformed, SettingInvalid
from web.papers.paper import Paper

FONTS_PACKAGE: Final = "pylopdf_fonts_zh_cn"
FAMILIES: Final = frozenset({"Noto Sans SC", "Noto Serif SC"})
FOLDER: Final = Path(__file__).parent
TEMPLATE: Final = "paper"
STANDARDS: Final[Sequence[typst.PDFStandard]] = ("a-2a", "ua-1")
BYTES_MOST: Final = 4_000_000
LACKING_MOST: Final = 200
"""Most different characters of one paper that the fonts may lack."""
KEPT: Final = 32
WAITING: Final = 16
AT_ONCE: Final = 2
_LACKING = re.compile(r'the text `"(.+?)"` could not be displayed')
_QUOTED = re.compile(r"\\u\{([0-9a-f]+)\}")
_CONTROL = re.compile(r"\\(?:u(00[01][0-9a-f])|.)")
"""Escapes of JSON; those of control characters have a group."""
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="paper")
_under_way: dict[tuple[str, bytes, int], Future[bytes]] = {}


class PaperTooLarge(Malformed):
    """The record is too large for one paper; its JSON holds all of it."""

    code = "paper_too_large"
    article = "house: limits of a paper"
    zh = "记录过大，不能生成一份 PDF；请使用 JSON 记录。"
    en = "The record is too large for one PDF; its JSON holds all of it."


class PapersBusy(Conflict):
    """Too many papers are being set."""

    code = "papers_busy"
    article = "house: limits of a paper"
    zh = "正在生成的 PDF 过多，请稍后再试；JSON 记录随时可取。"
    en = "Too many PDFs are being made; try again in a moment. The JSON record is there at any time."


async def typeset(paper: Paper) -> bytes:
    """Give the PDF of a paper. Raises `PaperTooLarge`, `PapersBusy`, and `SettingInvalid` where the fonts are not installed."""
    return await set_content(TEMPLATE, msgspec.json.encode(paper), at=paper.at)


async def set_content(template: str, content: bytes, *, at: datetime) -> bytes:
    """Give the PDF of what was encoded, by the template of this name. Raises what `typeset` raises."""
    if len(content) > BYTES_MOST:
        raise PaperTooLarge
    key = (template, content, int(at.timestamp()))
    setting = _under_way.get(key)
    if setting is None:
        if len(_under_way) >= WAITING:
            raise PapersBusy
        setting = _under_way[key] = _threads.submit(_set, *key)
        setting.add_done_callback(lambda _: _under_way.pop(key, None))
    return await asyncio.shield(asyncio.wrap_future(setting))  # one reader who leaves takes nobody else's paper away


@lru_cache(maxsize=KEPT)
def _set(template: str, content: bytes, at_s: int) -> bytes:
    """Set what ``content`` says; what the fonts lack is found by setting (rule 2)."""
    text = _CONTROL.sub(_control_spelt_out, content.decode())
    for _ in range(LACKING_MOST):
        try:
            return _compile(template, text, at_s)
        except typst.TypstError as fault:
            before, text = text, _spelt_out(text, fault)
            if text == before:
                raise InvariantViolated(f"a paper could not be set: {fault.message}") from fault
    raise PaperTooLarge


def _spelt_out(text: str, fault: typst.TypstError) -> str:
    """Give the JSON with what the fault could not show as code points; unchanged where it is about something else."""
    found = _LACKING.search(f"{fault.message} {fault}")
    said = "" if found is None else _QUOTED.sub(lambda one: chr(int(one.group(1), 16)), found.group(1))
    for character in said:
        text = text.replace(character, f"〔U+{ord(character):04X}〕")
    return text


def _control_spelt_out(one: re.Match[str]) -> str:
    return f"〔U+{one.group(1).upper()}〕" if one.group(1) else one.group()


def _compile(template: str, text: str, at_s: int) -> bytes:
    compiler = typst.Compiler(
        (FOLDER / f"{template}.typ").read_bytes(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"paper": text},
    )
    made = compiler.compile(format="pdf", pdf_standards=list(STANDARDS), timestamp=at_s)
    assert isinstance(made, bytes), "a PDF is one file"
    return made


def versions() -> tuple[str, str]:
    """Give the versions of the typesetter and of the fonts that papers are set by here."""
    return f"typst {version('typst')}", f"pylopdf-fonts-zh-cn {version('pylopdf-fonts-zh-cn')}"


@cache
def _fonts() -> typst.Fonts:
    """Find the packaged fonts; raises `SettingInvalid` naming what to install."""
    found = find_spec(FONTS_PACKAGE)
    folders = [] if found is None else [Path(one) for one in found.submodule_search_locations or ()]
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
    if not set(fonts.families()) >= FAMILIES:
        raise SettingInvalid(
            name="pylopdf-fonts-zh-cn",
            reason="the fonts of papers are not installed; install requirements/run.txt / 缺少纸件字体，请安装 requirements/run.txt",
        )
    return fonts
