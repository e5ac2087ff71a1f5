"""What people read of findings: strength, acts, kinds of looks, declared relations."""

from __future__ import annotations

from auction.kernel.clock import from_us
from auction.kernel.errors import Refusal
from bidding.integrity.findings.acts import RESTS, Word
from bidding.integrity.findings.findings import Controls, Finding
from bidding.integrity.links.kinds import key_kinds
from bidding.integrity.screens.catalogue import Screen, catalogue
from bidding.integrity.screens.sentences import seen
from web.display import clock_time_ms, day
from web.pages import desk_words
from web.texts import N_, _, current_locale

LABELS: dict[str, desk_words.Named] = {
    "open": desk_words.Named(N_("待处理"), "warn"),
    "cleared": desk_words.Named(N_("已排除"), "good"),
    "acted_on": desk_words.Named(N_("已处理"), "live"),
}
SIGNS: dict[str, str] = {
    "down": N_("指向压低价格"),
    "up": N_("指向抬高价格"),
    "stall": N_("指向拖延执行"),
    "either": N_("方向不定"),
}
MOMENTS: dict[str, str] = {"live": N_("竞价过程中"), "close": N_("竞价结束时"), "nightly": N_("夜间跨拍品")}
LOOKS: dict[str, str] = {"finding": N_("查看发现"), "roster": N_("查看名册"), "pack": N_("证据包")}
DECLARED: dict[str, str] = {
    "agent": N_("已申报的委托代理"),
    "joint": N_("已申报的共同竞买"),
    "first_refusal": N_("优先购买权人"),
    "applicant": N_("申请执行人"),
    "debtor": N_("被执行人"),
}
NOT_AGAIN: dict[str, str] = {
    "controls_not_kept": N_("未留存当时的对照数据，不能离线重算"),
    "rounds_not_held": N_("所涉拍次未全部结束，不能离线重算"),
    "other_version": N_("筛查方法已更新版本，不能离线重算"),
    "no_such_screen": N_("该筛查须对照全部拍次，不能仅凭本包重算"),
    "not_found_again": N_("按包内记录重算未得出这一发现"),
    "other_numbers": N_("按包内记录重算，数值不同"),
}
_STRENGTHS = ((5.0, N_("很强")), (3.0, N_("较强")), (2.0, N_("中等")), (0.0, N_("较弱")))


def screen_of(finding: Finding) -> Screen | None:
    """Give the published entry of a finding's screen; ``None`` for one that is no longer published."""
    return catalogue().get(finding.screen)


def title_of(finding: Finding) -> str:
    """Name a finding by its screen."""
    return screen_title(finding.screen)


def screen_title(name: str) -> str:
    """Name a screen; one that is no longer published by its bare name."""
    screen = catalogue().get(name)
    return name if screen is None else screen.title[current_locale()]


def seen_of(finding: Finding) -> str:
    """Say what a finding saw; the bare facts where its sentence does not fit them any more."""
    try:
        return seen(finding, current_locale())
    except (KeyError, ValueError, Refusal):
        return "; ".join(f"{name} {value}" for name, value in finding.facts.items())


def strength_of(strength: float) -> str:
    """Say a strength in one word."""
    return _(next(word for least, word in _STRENGTHS if strength >= least))


def odds_of(finding: Finding) -> str:
    """Say what a strength means: of one round, how often as much is seen in honest trade; across lots, how many as strong are chance."""
    count = f"{max(1, round(10 ** min(finding.strength, 9.0))):,}"
    if finding.moment == "nightly":
        return _("全市场比较校正后，同样强的发现中约每{count}项有一项出于偶然；这不是串通的概率").format(count=count)
    return _("正常交易中约每{count}次出现一次；这不是串通的概率").format(count=count)


def controls_of(controls: Controls) -> str:
    """Say what a finding was compared with."""
    on = controls.matched_on_zh if current_locale() == "zh" else controls.matched_on_en
    return _("{on}，共{count}次").format(on=on, count=f"{controls.count:,}")


def act_of(act: Word) -> str:
    """Name a word of the court."""
    rests = RESTS.get(act)
    return act if rests is None else rests.said.in_words(current_locale())


def at_us(at_us: int) -> str:
    """Give an instant of a tape, to the millisecond."""
    at = from_us(at_us)
    return f"{day(at)} {clock_time_ms(at)}"


def kind_of(name: str) -> str:
    """Name a kind of shared key."""
    kind = key_kinds().get(name)
    return name if kind is None else kind.title[current_locale()]
