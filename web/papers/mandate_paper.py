"""The letter of a mandate (评估委托书) as a paper: what the agency is asked, of which thing, where it is, and by when.

It names no party and no other agency (V24), and repeats the fingerprint of the scope that the report repeats.
"""

from __future__ import annotations

from datetime import date, datetime

from auction.kernel.clock import SHANGHAI, local_day
from auction.law.parameters import LAW
from valuation.appraisals.rules.case_file import Mandate
from valuation.appraisals.rules.terms import Scope, Terms, scope_fingerprint
from web.pages import appraisal_words, desk_words
from web.papers.paper import Both, Line, Pairs, Paper, Section, Words

TITLE = Both("评估委托书", "Mandate of an appraisal")


def mandate_paper(mandate: Mandate, terms: Terms, *, court: str, case_number: str) -> Paper:
    """Make the letter of a mandate as it was sent."""
    return Paper(
        issuer=court,
        title=TITLE,
        number=str(mandate.mandate_id),
        at=mandate.mandated_at,
        sections=(_mandate(mandate, case_number), _asked(terms), _thing(terms.scope), _duties(mandate)),
        foot=Both(
            "本件由评估委托的记录生成；报告应当载明同一委托范围指纹，与委托不符的报告不予接收（参考价 20(2)）。",
            "Made from the record of the mandate. The report repeats the fingerprint of the scope; one that differs is not taken.",
        ),
    )


def _line(zh: str, en: str, value: str, *, is_code: bool = False) -> Line:
    return Line(label=Both(zh, en), value=value or "—", is_code=is_code)


def _day(on: date) -> str:
    return on.isoformat()


def _said(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S +08:00")


def _mandate(mandate: Mandate, case_number: str) -> Section:
    lines = (
        _line("案号", "Case", case_number),
        _line("受托机构", "Institution", mandate.agency_name),
        _line("机构备案（证书）号", "Licence", mandate.licence_no),
        _line("委托顺位", "Turn", str(mandate.ordinal)),
        _line("委托时间", "Mandated", _said(mandate.mandated_at)),
        _line("答复期限（最后一日）", "Answer by", _day(mandate.answer_by)),
    )
    return Section(heading=Both("委托", "Mandate"), blocks=(Pairs(lines=lines),))


def _asked(terms: Terms) -> Section:
    lines = (
        _line("评估目的", "Purpose", terms.purpose),
        _line("价值类型", "Value type", desk_words.zh_of(appraisal_words.VALUE_TYPES, terms.value_type)),
        _line("价值时点", "Value date", _day(terms.value_date)),
    )
    return Section(heading=Both("评估要求", "What is asked"), blocks=(Pairs(lines=lines),))


def _thing(scope: Scope) -> Section:
    area = "" if scope.area_cm2 is None else f"{appraisal_words.square_metres(scope.area_cm2)} m²"
    fixtures = "；".join(f"{number}. {fixture}" for number, fixture in enumerate(scope.fixtures, start=1))
    lines = (
        _line("财产种类", "Class", desk_words.zh_of(desk_words.ASSET_CLASSES, scope.asset_class)),
        _line("财产范围", "Scope", scope.description),
        _line("财产坐落（所在地）", "Place", scope.place),
        _line("面积", "Area", area),
        _line("权证号", "Registry number", scope.registry_number),
        _line("附属物", "Fixtures", fixtures or "无 none"),
        _line("租赁", "Lease", scope.lease if scope.with_lease else "不带租 without a lease"),
        _line("委托范围指纹", "Fingerprint of the scope", scope_fingerprint(scope), is_code=True),
    )
    return Section(heading=Both("财产范围", "The thing"), blocks=(Pairs(lines=lines),))


def _duties(mandate: Mandate) -> Section:
    """Say by when and by whom it is reported, in the figures of the law on the day of the mandate. Source: 参考价 19; 资产评估法 27, 28."""
    on, is_reissue = local_day(mandate.mandated_at), mandate.reissues is not None
    days = LAW.days(f"reference_price.appraisal{'_reissue' if is_reissue else ''}_days", on=on)
    ask = LAW.days("reference_price.appraisal_ask_before_end_days", on=on)
    times = LAW.count("reference_price.appraisal_extension_times", on=on)
    more = LAW.days("reference_price.appraisal_extension_days", on=on)
    least = LAW.count("reference_price.appraisers_min", on=on)
    text = Both(
        f"自收到委托书及材料之次日起{days}日内出具评估报告（参考价 {'19(4)' if is_reissue else '19(1)'}）；需要延长的，于届满{ask}日前"
        f"书面申请，至多{times}次、每次不超过{more}日（参考价 19(2)）。报告由至少{least}名执业资格有效的评估师署名，并各以本人账户确认"
        "（资产评估法 27、28）。",
        f"The report comes within {days} days after mandate and file arrived; more time is asked in writing {ask} days before the end, "
        f"at most {times} times for {more} days. At least {least} appraisers sign, with licences that hold, each from his own account.",
    )
    return Section(heading=Both("须知", "Duties"), blocks=(Words(text=text),))
