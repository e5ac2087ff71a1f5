"""An appraisal report: what must stand in it, who may sign it, and the court's check list.

1. A report states basics, method, standard, result and validity (参考价 17).
2. It values the things that the mandate names: it repeats the fingerprint of the scope (20(2)).
3. The agency that was chosen signs it (20(3)), and at least two appraisers of its register; its licence and theirs are good
   on the day of signing (20(4); 资产评估法 27, 28).
4. It uses at least two methods, or says why the standards allow one only (资产评估法 26).
5. It is valid for at most a year from the day of signing, and still valid when it comes (27).
6. Its value is at least one fen and below 10^14 fen.
7. The court's check list has five points; any of them leads to an order to explain or correct (20).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Literal, get_args

import msgspec

from auction.kernel.errors import Malformed, Unlawful
from auction.kernel.money import BOUND_FEN
from auction.kernel.sentences import Said
from auction.law.parameters import LAW
from auction.law.periods import add_months
from valuation.appraisals.rules.terms import TEXT_LIMIT

Approach = Literal["comparison", "income", "cost", "residual", "benchmark_land_price", "other"]
CheckPoint = Literal["basics_wrong", "scope_wrong", "agency_differs", "appraiser_differs", "other"]
"""The five points of 参考价 20."""
CHECK_POINTS: tuple[CheckPoint, ...] = get_args(CheckPoint)
METHODS_MIN = 2
"""资产评估法 26."""
APPRAISERS_MOST = 20

_SHA256 = re.compile(r"[0-9a-f]{64}")


class ReportIncomplete(Malformed):
    """The report lacks something that the law wants in it."""

    code = "appraisal_report_incomplete"
    article = "参考价 17"
    zh = "评估报告内容不完整：{missing}。"
    en = "The report is incomplete: {missing}."


class ReportOnOtherAsset(Unlawful):
    """The report values another thing than the mandate names."""

    code = "appraisal_other_asset"
    article = "参考价 20(2)"
    zh = "评估报告所载财产范围与委托不符。"
    en = "The report values other things than the mandate names."


class ReportOfOtherAgency(Unlawful):
    """The seal on the report is not that of the chosen agency."""

    code = "appraisal_other_agency"
    article = "参考价 20(3)"
    zh = "报告上签章的评估机构（{given}）不是选定的评估机构（{chosen}）。"
    en = "The report bears the seal of {given}, not that of the chosen agency {chosen}."


class AppraiserUnknown(Unlawful):
    """Somebody signed who is not among the agency's licensed appraisers."""

    code = "appraiser_unknown"
    article = "参考价 20(4)"
    zh = "署名评估人员的执业资格（{licence}）未在该机构登记。"
    en = "The licence {licence} of a signing appraiser is not registered with this agency."


class LicenceExpired(Unlawful):
    """The licence of the agency, or of an appraiser, was not valid on the day of signing."""

    code = "appraisal_licence_expired"
    article = "参考价 20(4); 资产评估法 27, 28"
    zh = "执业资格（{licence}）在签署日 {signed_on} 无效。"
    en = "The licence {licence} was not valid on the day of signing, {signed_on}."


class LicenceUntold(Unlawful):
    """Neither the register nor the report says until when an appraiser's licence holds."""

    code = "appraiser_licence_untold"
    article = "参考价 20(4); 资产评估法 27, 28"
    zh = "名册和报告均未载明署名评估人员执业资格（{licence}）的有效期。"
    en = "Neither register nor report says until when the licence {licence} of a signing appraiser holds."


class TooFewAppraisers(Unlawful):
    """Fewer appraisers signed than the law wants."""

    code = "appraisers_too_few"
    article = "资产评估法 27, 28"
    zh = "评估报告应当由至少{least}名评估人员签署，现为{given}名。"
    en = "At least {least} appraisers sign a report; {given} did."


class OneMethodUnexplained(Unlawful):
    """Only one method was used, and nothing says why."""

    code = "appraisal_one_method"
    article = "资产评估法 26"
    zh = "应当选用两种以上评估方法；仅用一种的，应当说明准则依据。"
    en = "Two methods are used at least; with one only, the report says which standard allows it."


class ReportMisdated(Malformed):
    """The report bears a day before its mandate, or one to come."""

    code = "appraisal_report_misdated"
    article = "参考价 17"
    zh = "评估报告的签署日期 {signed_on} 有误。"
    en = "The report cannot have been signed on {signed_on}."


class ReportValidityUnlawful(Unlawful):
    """The validity is over already, or longer than a year."""

    code = "appraisal_validity_unlawful"
    article = "参考价 27"
    zh = "评估结果有效期至 {until}，不在法定范围内（最长至 {latest}）。"
    en = "The result is said to be valid until {until}, which is not lawful (at most until {latest})."


class AppraisedValueMalformed(Malformed):
    """The value is nothing, or beyond the technical bound."""

    code = "appraised_value_malformed"
    article = "参考价 17; house: money is an integer number of fen below 10^14"
    zh = "评估价值“{given}”无效，应为一分以上、技术上限以下的整数分。"
    en = "The appraised value {given} is not valid: whole fen, at least one, below the technical bound."


class Signer(msgspec.Struct, frozen=True, kw_only=True):
    """An appraiser who signed, by his licence; ``licence_until`` is its last good day as the attached proof says."""

    licence_no: str
    licence_until: date | None = None


class Licence(msgspec.Struct, frozen=True, kw_only=True):
    """From when until when an appraiser's licence holds, both days included; ``None``: the register does not say."""

    valid_from: date | None
    valid_until: date | None


class OnRegister(msgspec.Struct, frozen=True, kw_only=True):
    """The chosen agency as the register has it: its licence, and its appraisers' by their numbers."""

    licence_no: str
    licence_from: date
    licence_until: date
    appraisers: Mapping[str, Licence]


class AppraisalReport(msgspec.Struct, frozen=True, kw_only=True):
    """The structured figures of a report; the signed PDF is known by its fingerprint."""

    scope_sha256: str
    agency_licence_no: str
    """The licence under which the report was sealed."""
    signed_on: date
    signers: tuple[Signer, ...]
    basics: str
    methods: tuple[Approach, ...]
    one_method_reason: str = ""
    standard: str
    value_fen: int
    valid_until: date
    pdf_sha256: str


def check_report(
    report: AppraisalReport,
    *,
    scope_sha256: str,
    chosen: OnRegister,
    mandated_on: date,
    today: date,
) -> None:
    """Refuse a report that breaks rules 1 to 6, each by its own code and article."""
    _check_content(report)
    if not 0 < report.value_fen < BOUND_FEN:
        raise AppraisedValueMalformed(given=report.value_fen)
    if report.scope_sha256 != scope_sha256:
        raise ReportOnOtherAsset
    if report.agency_licence_no != chosen.licence_no:
        raise ReportOfOtherAgency(given=report.agency_licence_no, chosen=chosen.licence_no)
    if not mandated_on <= report.signed_on <= today:
        raise ReportMisdated(signed_on=report.signed_on.isoformat())
    check_signatures(report, chosen)
    latest = add_months(report.signed_on, LAW.months("reference_price.validity_max_months", on=report.signed_on))
    if not today <= report.valid_until <= latest:
        raise ReportValidityUnlawful(until=report.valid_until.isoformat(), latest=latest.isoformat())


def check_signatures(report: AppraisalReport, chosen: OnRegister) -> None:
    """Refuse signatures that break rule 3."""
    if not chosen.licence_from <= report.signed_on <= chosen.licence_until:
        raise LicenceExpired(licence=chosen.licence_no, signed_on=report.signed_on.isoformat())
    least = LAW.count("reference_price.appraisers_min", on=report.signed_on)
    given = len({signer.licence_no for signer in report.signers})
    if given < least:
        raise TooFewAppraisers(least=least, given=given)
    for signer in report.signers:
        licence = chosen.appraisers.get(signer.licence_no)
        if licence is None:
            raise AppraiserUnknown(licence=signer.licence_no)
        check_licence(signer, licence, signed_on=report.signed_on)


def check_licence(signer: Signer, licence: Licence, *, signed_on: date) -> None:
    """Refuse a signer whose licence did not hold on the day of signing, by the register or by his own proof.

    What neither tells is no "yes". Raises `LicenceExpired`, `LicenceUntold`. Source: 参考价 20(4); 资产评估法 27, 28.
    """
    ends = [until for until in (licence.valid_until, signer.licence_until) if until is not None]
    if not ends:
        raise LicenceUntold(licence=signer.licence_no)
    if min(ends) < signed_on or (licence.valid_from is not None and signed_on < licence.valid_from):
        raise LicenceExpired(licence=signer.licence_no, signed_on=signed_on.isoformat())


def _check_content(report: AppraisalReport) -> None:
    texts = {
        Said("财产基本情况", "the basics of the thing"): report.basics,
        Said("评估标准", "the standard"): report.standard,
    }
    for said, text in texts.items():
        if not text.strip() or len(text) > TEXT_LIMIT:
            raise ReportIncomplete(missing=said)
    if not _SHA256.fullmatch(report.pdf_sha256):
        raise ReportIncomplete(missing=Said("签章报告的指纹", "the fingerprint of the signed report"))
    if not report.methods:
        raise ReportIncomplete(missing=Said("评估方法", "the method"))
    if len(report.signers) > APPRAISERS_MOST:
        raise ReportIncomplete(missing=Said("署名人员", "who signed"))
    if len(set(report.methods)) < METHODS_MIN and not report.one_method_reason.strip():
        raise OneMethodUnexplained
