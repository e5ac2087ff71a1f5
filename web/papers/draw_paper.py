"""The transcript of a draw as a paper: everything that a party compares by hand, from the signed file and nothing else.

It proves nothing by itself: what is signed and chained is the JSON, whose fingerprint stands on the paper.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from auction.kernel.clock import SHANGHAI
from valuation.draw_v1.draw import BeaconOpened
from valuation.draw_v1.draw_chain import head_of
from valuation.draw_v1.draw_pool import BeaconRound, Pool, from_instant, pool_sha256
from valuation.draw_v1.transcript import Transcript, read_transcript
from web.pages import draw_words
from web.papers.paper import Both, Column, Line, Pairs, Paper, Section, Table, Words

TITLE = Both("摇号记录", "Transcript of a draw")
ENTRIES = {
    "pool": "冻结名单 pool",
    "entropy": "当事人随机数 entropy",
    "draw": "摇号结果 draw",
    "failure": "摇号失败 failure",
    "restart": "重新摇号命令 restart",
    "withdrawal": "随委托评估撤回 withdrawal",
}


def draw_paper(given: bytes) -> Paper:
    """Make the paper of a stored transcript; raises what `read_transcript` raises."""
    transcript = read_transcript(given)
    pool = transcript.pool
    return Paper(
        issuer=pool.court,
        title=TITLE,
        number=pool.draw_id,
        at=from_instant(transcript.drawn_at),
        sections=(
            _what(transcript),
            _outcome(transcript),
            _members(transcript),
            _excluded(transcript),
            _openings(transcript),
            _chain(transcript, given),
        ),
        foot=Both(
            "本件由已签名的摇号记录（JSON）生成，内容以该记录为准。核验方法：保存公布的公钥和链首，"
            "用命令 fapai verify-draw 或者网页 /verify-draw 重新计算；规则见 valuation/DRAW.md（Draw v1）。",
            "Made from the signed transcript (JSON), which alone counts. To check it, keep the published keys and a published "
            "head, and compute the draw again by fapai verify-draw or on the page /verify-draw; rules: valuation/DRAW.md (Draw v1).",
        ),
    )


def _said(at: str | datetime) -> str:
    moment = from_instant(at) if isinstance(at, str) else at
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S +08:00")


def _line(zh: str, en: str, value: str, *, is_code: bool = False) -> Line:
    return Line(label=Both(zh, en), value=value, is_code=is_code)


def _code(zh: str, en: str, value: str) -> Line:
    return _line(zh, en, value, is_code=True)


def _what(transcript: Transcript) -> Section:
    pool = transcript.pool
    restart = pool.restart_of
    ordered = (
        () if restart is None else (_line("重新进行的命令", "Ordered anew", f"{restart.court} {restart.order_no}"),)
    )
    return Section(
        heading=Both("案件与时间", "Case and times"),
        blocks=(
            Pairs(
                lines=(
                    _code("摇号编号", "Draw", pool.draw_id),
                    _code("委托编号", "Mandate", pool.mandate),
                    _line("案号", "Case", pool.case_no),
                    _line("财产", "Asset", pool.asset),
                    _line("名单子库", "List used", f"{_profession(pool)} · {pool.sub_list.used}"),
                    _line(
                        "申请、摇号部门",
                        "Requested, drawn by",
                        f"{_office(pool.requested_by)} · {_office(pool.drawn_by)}",
                    ),
                    *ordered,
                    _line("名单冻结并公布", "Pool frozen", _said(pool.frozen_at)),
                    _line("当事人承诺截止", "Commitments until", _said(pool.commit_by)),
                    _line("当事人揭示截止", "Openings until", _said(pool.reveal_by)),
                    _line("告知的摇号时间", "Time told", _said(pool.draw_at)),
                    _line("实际摇号", "Drawn", _said(transcript.drawn_at)),
                )
            ),
        ),
    )


def _profession(pool: Pool) -> str:
    return draw_words.PROFESSIONS.get(pool.sub_list.profession, pool.sub_list.profession)


def _office(key: str) -> str:
    return draw_words.OFFICES.get(key, key)


def _outcome(transcript: Transcript) -> Section:
    by_id = {member.id: member for member in transcript.pool.members}
    rows = tuple(
        (str(rank), by_id[one].name, by_id[one].licence_no, "选定 picked" if one in transcript.picks else "")
        for rank, one in enumerate(transcript.order, start=1)
    )
    columns = (
        Column(label=Both("顺位", "Rank"), is_number=True),
        Column(label=Both("机构", "Institution"), share=5),
        Column(label=Both("证号", "Licence"), share=3),
        Column(label=Both("结果", "Outcome"), share=2),
    )
    return Section(
        heading=Both("结果", "Outcome"),
        blocks=(
            Pairs(lines=(_code("种子", "Seed", transcript.seed),)),
            Table(columns=columns, rows=rows),
            Words(
                text=Both(
                    "选定机构按顺位受委托；更换时依此顺序递补，不再摇号（参考价 16、19、23）。",
                    "The picked ones are mandated in their rank; who replaces one is the next, and nothing is drawn again.",
                )
            ),
        ),
    )


def _members(transcript: Transcript) -> Section:
    rows = tuple((member.id, member.name, member.licence_no) for member in transcript.pool.members)
    columns = (
        Column(label=Both("编号", "Id"), share=5, is_code=True),
        Column(label=Both("机构", "Institution"), share=5),
        Column(label=Both("证号", "Licence"), share=3),
    )
    return Section(
        heading=Both(f"入选机构 {len(rows)} 家", f"Pool of {len(rows)}"), blocks=(Table(columns=columns, rows=rows),)
    )


def _excluded(transcript: Transcript) -> Section:
    rows = tuple(
        (one.name, draw_words.REASONS.get(one.reason, one.reason), one.article, one.detail)
        for one in transcript.pool.excluded
    )
    columns = (
        Column(label=Both("机构", "Institution"), share=4),
        Column(label=Both("理由", "Reason"), share=3),
        Column(label=Both("依据", "Article"), share=3),
        Column(label=Both("事实", "Fact"), share=4),
    )
    none = Both("没有排除任何机构", "Nobody was excluded")
    return Section(
        heading=Both(f"排除机构 {len(rows)} 家", f"Excluded: {len(rows)}"),
        blocks=(Table(columns=columns, rows=rows, none=none),),
    )


def _openings(transcript: Transcript) -> Section:
    pool, openings = transcript.pool, transcript.openings
    rows = [
        (f"{_office(pool.drawn_by)} court", pool.court_commitment, openings.court_secret),
        _second(transcript),
        *((f"当事人 {one.party}", one.commitment, one.value or "未揭示 silent") for one in openings.entropy),
    ]
    columns = (
        Column(label=Both("来源", "Source"), share=3),
        Column(label=Both("承诺", "Commitment"), share=5, is_code=True),
        Column(label=Both("揭示", "Opened"), share=5, is_code=True),
    )
    return Section(
        heading=Both("承诺与揭示", "Commitments and openings"), blocks=(Table(columns=columns, rows=tuple(rows)),)
    )


def _second(transcript: Transcript) -> tuple[str, str, str]:
    named, opened = transcript.pool.second, transcript.openings.second
    if isinstance(named, BeaconRound) or isinstance(opened, BeaconOpened):
        round_ = str(named.round) if isinstance(named, BeaconRound) else ""
        signature = opened.signature if isinstance(opened, BeaconOpened) else ""
        return f"公共随机信标 drand {round_}", f"round {round_}", signature
    return f"{_office(named.office)} second", named.commitment, opened.value


def _chain(transcript: Transcript, given: bytes) -> Section:
    own = [entry for entry in transcript.chain if entry.draw_id == transcript.pool.draw_id]
    rows = tuple((str(entry.n), ENTRIES[entry.kind], _said(entry.at), entry.sha256) for entry in own)
    columns = (
        Column(label=Both("序号", "No."), is_number=True),
        Column(label=Both("内容", "Record"), share=3),
        Column(label=Both("时间", "Time"), share=3),
        Column(label=Both("指纹", "SHA-256"), share=5, is_code=True),
    )
    lines = (
        _code("名单指纹", "Pool SHA-256", pool_sha256(transcript.pool)),
        _code("摇号时链首", "Head at the draw", head_of(transcript.chain[-1])),
        _code("公钥编号", "Key", transcript.key_id),
        _code("签名", "Signature (Ed25519)", transcript.signature),
        _code("记录（JSON）指纹", "Transcript SHA-256", hashlib.sha256(given).hexdigest()),
    )
    return Section(
        heading=Both("指纹与公布链", "Fingerprints and chain"),
        blocks=(Pairs(lines=lines), Table(columns=columns, rows=rows)),
    )
