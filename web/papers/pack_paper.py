"""The evidence pack as a paper for the file: its eight parts in short; tape and controls by fingerprint, for they are files. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from auction.kernel.clock import SHANGHAI
from auction.kernel.sentences import Locale
from bidding.integrity.evidence.pack import BothTexts, EvidencePack
from bidding.integrity.findings.acts import RESTS
from bidding.integrity.findings.findings import Finding
from bidding.integrity.links.kinds import key_kinds
from bidding.integrity.screens.sentences import seen
from web.display import figures
from web.papers.paper import Both, Column, Line, Pairs, Paper, Section, Table, Words

DECLARED = {
    "agent": Both("已申报的委托代理", "Declared agent"),
    "joint": Both("已申报的共同竞买", "Declared joint bidding"),
    "first_refusal": Both("优先购买权人", "Holder of a right of first refusal"),
    "applicant": Both("申请执行人", "Applicant for enforcement"),
    "debtor": Both("被执行人", "Judgment debtor"),
}
LOOKS = {
    "finding": Both("查看发现", "Finding"),
    "roster": Both("查看名册", "Roster"),
    "pack": Both("证据包", "Evidence pack"),
}


def pack_paper(pack: EvidencePack, digest: str, *, issuer: str) -> Paper:
    """Give the paper of a pack whose file has this fingerprint."""
    makers: Sequence[Callable[[EvidencePack], Section]] = (
        *(_tape, _roster, _links, _conduct, _harm, _history, _counter, _access),
    )
    return Paper(
        issuer=issuer,
        title=Both("筛查发现证据包", "Evidence pack of a finding"),
        number=str(pack.pack_id),
        at=pack.made_at,
        sections=(_about(pack, digest), *(make(pack) for make in makers)),
        foot=Both(
            f"本纸件由签名文件生成，核验以签名文件为准：fapai verify-pack（文件 SHA-256：{digest}）。发现只是线索，不能证明串通。",
            f"Made from the signed file, which is what verifies: fapai verify-pack (SHA-256 {digest}). A finding is a lead, no proof.",
        ),
    )


def _about(pack: EvidencePack, digest: str) -> Section:
    lines = (
        _line("发现", "Finding", str(pack.finding_id), is_code=True),
        _line("制作时间", "Made", _at(pack.made_at)),
        _line("制作账户", "Made by account", str(pack.made_by), is_code=True),
        _line("签名密钥", "Signed with", pack.key_id, is_code=True),
        _line("文件指纹", "Fingerprint of the file", digest, is_code=True),
        *(_line("未收入的拍次", "Round not held", name, is_code=True) for name in pack.not_held),
    )
    return Section(heading=Both("概况", "About this pack"), blocks=(Pairs(lines=lines),))


def _tape(pack: EvidencePack) -> Section:
    rows = tuple((tape.round_id, str(tape.session_id), str(len(tape.lines))) for tape in pack.parts.tape)
    columns = (
        _column("拍次", "Round", 4, is_code=True),
        _column("竞价现场", "Session", 4, is_code=True),
        _number("行数", "Lines"),
    )
    marks = Pairs(
        lines=tuple(
            _line("部分指纹", f"Part {name}", digest, is_code=True)
            for name, digest in sorted(pack.fingerprints.items())
        )
    )
    return _section("一、竞价日志及其链", "1. Tape with its chain", Table(columns=columns, rows=rows), marks)


def _roster(pack: EvidencePack) -> Section:
    rows = tuple(
        (
            entry.code,
            roster.names.get(entry.code, ""),
            entry.party[:16],
            str(roster.record.bids_of[entry.code]),
            _yuan(roster.record.highest.get(entry.code)),
        )
        for roster in pack.parts.roster
        for entry in roster.record.codes
    )
    columns = (
        _column("竞买代码", "Code", 2, is_code=True),
        _column("姓名（法官开启后）", "Name (once opened)", 3),
        _column("竞买人标记", "Party token", 3, is_code=True),
        _number("出价次数", "Bids"),
        _number("最高出价（元）", "Highest (yuan)"),
    )
    opened = tuple(
        _line("名册开启", "Roster opened", f"{_at(one.opened.at)} {one.opened.reason}")
        for one in pack.parts.roster
        if one.opened is not None
    )
    agencies = tuple(
        _line("评估机构标记", "Token of the appraisal agency", one.record.agency[:16], is_code=True)
        for one in pack.parts.roster
        if one.record.agency
    )
    blocks = (Pairs(lines=opened + agencies),) if opened or agencies else ()
    return _section("二、名册（按标记）", "2. Roster by token", Table(columns=columns, rows=rows), *blocks)


def _links(pack: EvidencePack) -> Section:
    rows = tuple(
        (
            f"{link.parties[0][:12]} – {link.parties[1][:12]}",
            "；".join([*(_kind(name) for name in link.declared), *(["法院认定 / decided"] if link.is_decided else [])]),
            "；".join(f"{_kind(key.kind)} ×{key.popularity}（{key.weight:.1f}）" for key in link.keys),
            f"{link.weight:.1f}",
        )
        for link in pack.parts.links
    )
    columns = (
        _column("双方标记", "Parties", 3, is_code=True),
        _column("已申报或者法院认定", "Declared or decided", 2),
        _column("共用事项、共用人数、强度", "Shared, by how many, weight", 4),
        _number("合计", "Weight"),
    )
    return _section("三、关联", "3. Links", Table(columns=columns, rows=rows))


def _conduct(pack: EvidencePack) -> Section:
    blocks: list[Pairs | Table | Words] = []
    for one in pack.parts.conduct:
        controls = one.finding.controls
        blocks.append(Words(text=_both(one.title)))
        blocks.append(Words(text=Both(_seen(one.finding, "zh"), _seen(one.finding, "en"))))
        p_value = "" if controls.p_value is None else f"{controls.p_value:.2g}"
        again = one.why_not_again or "可离线重算 / recomputed off line"
        lines = (
            _line("强度（负十进对数）", "Strength (−log10)", f"{one.finding.strength:.2f}"),
            _line("对照", "Matched controls", f"{controls.matched_on_zh} / {controls.matched_on_en}, {controls.count}"),
            _line("概率值", "p", p_value),
            _line("重算", "Recomputed", again),
        )
        blocks.append(Pairs(lines=lines))
        blocks.append(Words(text=_both(one.proves_not)))
    return Section(heading=Both("四、行为与对照", "4. Conduct with matched controls"), blocks=tuple(blocks))


def _harm(pack: EvidencePack) -> Section:
    rows = tuple(
        (
            harm.round_id,
            _yuan(harm.hammer_fen),
            _yuan(harm.expected_fen),
            "" if harm.low_fen is None else f"{_yuan(harm.low_fen)} – {_yuan(harm.high_fen)}",
            "；".join(f"{_yuan(one.reserve_fen)} → {_yuan(one.hammer_fen)}" for one in harm.earlier),
        )
        for harm in pack.parts.harm
    )
    columns = (
        _column("拍次", "Round", 3, is_code=True),
        _number("成交价", "Hammer"),
        _number("预计", "Expected"),
        _column("九成区间", "Nine in ten", 2),
        _column("此前拍次", "Earlier rounds", 2),
    )
    return _section("五、损害（区间）", "5. Harm, with its interval", Table(columns=columns, rows=rows))


def _history(pack: EvidencePack) -> Section:
    rows = tuple(
        (
            earlier.screen,
            f"{earlier.strength:.2f}",
            earlier.label,
            "；".join(f"{word.number}. {_act(word.act)} {_at(word.at)} {word.reason}" for word in earlier.words),
        )
        for earlier in pack.parts.history.findings
    )
    columns = (
        _column("筛查", "Screen", 2, is_code=True),
        _number("强度", "Strength"),
        _column("状态", "State", 1),
        _column("法院的处理", "Words of the court", 5),
    )
    return _section("六、历史（含已排除的）", "6. History, cleared ones included", Table(columns=columns, rows=rows))


def _counter(pack: EvidencePack) -> Section:
    counter = pack.parts.counter
    innocent = tuple(Words(text=_both(one)) for one in counter.innocent)
    declared = Table(
        columns=(
            _column("竞买代码", "Code", 2, is_code=True),
            _column("已申报或者法定的关系", "Declared or given by law", 5),
        ),
        rows=tuple((one.code, _named(DECLARED, one.what)) for one in counter.declared),
    )
    answers = Table(
        columns=(
            _column("竞买代码", "Code", 1, is_code=True),
            _column("法院的问题", "Question", 4),
            _column("竞买人的说明", "Answer", 4),
        ),
        rows=tuple((one.code, one.question, one.answer or "未答复 / none") for one in counter.answers),
    )
    return _section("七、相反的证据", "7. Counter-evidence", *innocent, declared, answers)


def _access(pack: EvidencePack) -> Section:
    rows = tuple((_at(one.at), _named(LOOKS, one.what), str(one.account_id)) for one in pack.parts.access)
    columns = (
        _column("时间", "Time", 3),
        _column("事项", "What", 2),
        _column("账户", "Account", 4, is_code=True),
    )
    return _section("八、查阅记录", "8. Who saw what, when", Table(columns=columns, rows=rows))


def _section(zh: str, en: str, *blocks: Pairs | Table | Words) -> Section:
    return Section(heading=Both(zh, en), blocks=blocks)


def _line(zh: str, en: str, value: str, *, is_code: bool = False) -> Line:
    return Line(label=Both(zh, en), value=value, is_code=is_code)


def _column(zh: str, en: str, share: int, *, is_code: bool = False) -> Column:
    return Column(label=Both(zh, en), share=share, is_code=is_code)


def _number(zh: str, en: str) -> Column:
    return Column(label=Both(zh, en), is_number=True)


def _both(text: BothTexts) -> Both:
    return Both(text.zh, text.en)


def _seen(finding: Finding, locale: Locale) -> str:
    """Say what the finding saw; the bare facts where its screen is not published any more, or says it otherwise now."""
    try:
        return seen(finding, locale)
    except KeyError:
        return "; ".join(f"{name} {value}" for name, value in finding.facts.items())


def _at(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def _yuan(fen: int | None) -> str:
    return "" if fen is None else figures(fen)


def _named(table: dict[str, Both], key: str) -> str:
    named = table.get(key)
    return key if named is None else f"{named.zh} / {named.en}"


def _kind(name: str) -> str:
    kind = key_kinds().get(name)
    return name if kind is None else kind.title["zh"]


def _act(act: str) -> str:
    found = next((rests for name, rests in RESTS.items() if name == act), None)
    return act if found is None else found.said.zh
