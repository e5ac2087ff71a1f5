"""Refusals of the session's use cases."""

from __future__ import annotations

from auction.kernel.errors import Conflict, Malformed, NotFound


class SessionUnknown(NotFound):
    """No session of this id was recorded."""

    code = "session_unknown"
    article = "house: a session is opened by its terms"
    zh = "该竞价场次不存在。"
    en = "There is no such bidding session."


class TermsDiffer(Conflict):
    """The session was recorded with other terms."""

    code = "session_terms_differ"
    article = "网拍 12, 13; house: published terms do not change"
    zh = "该场次已按不同的条款登记，条款公告后不得更改。"
    en = "The session is recorded with other terms; published terms do not change."


class LotHasSession(Conflict):
    """Another session of the lot is not over yet."""

    code = "lot_has_session"
    article = "house: one lot has one live session"
    zh = "该标的的上一竞价场次尚未结束。"
    en = "Another session of this lot is not over yet."


class AdmissionDiffers(Conflict):
    """The bidder code was admitted with other facts."""

    code = "admission_differs"
    article = "网拍 18, 19"
    zh = "该竞买代码已按不同信息登记。"
    en = "This bidder code is recorded with other facts."


class CodeNotAdmitted(Conflict):
    """The bidder code is not admitted to this session."""

    code = "code_not_admitted"
    article = "网拍 18"
    zh = "竞买号 {code} 未取得本场竞买资格。"
    en = "The code {code} is not admitted to this session."


class RuleSetUnknown(Malformed):
    """The terms name a rule set that was never published."""

    code = "rule_set_unknown"
    article = "house: sessions run by published rule sets"
    zh = "规则集 {name} 不存在。"
    en = "There is no rule set called {name}."


class GroundMalformed(Malformed):
    """The ground of a stop is no short code."""

    code = "stop_ground_malformed"
    article = "house: the ground is a short code, its text stands in the court's document"
    zh = "中止事由代码格式不正确。"
    en = "The ground of a stop is a short code of letters, digits and _ . : -"


class SessionOver(Conflict):
    """The session is closed or withdrawn."""

    code = "session_over"
    article = "网拍 20(2), 28"
    zh = "本场竞价已经结束或撤回。"
    en = "The session is closed or withdrawn."


class EntryUnknown(NotFound):
    """No such entry was committed, so there is no receipt."""

    code = "journal_entry_unknown"
    article = "house: bid-core rule 16, receipts are of committed entries"
    zh = "未找到该记录，无法出具回执。"
    en = "No such entry was committed; there is no receipt."
