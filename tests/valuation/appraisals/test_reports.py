"""What a report must hold, who may sign it, and each bad one refused with its code and article."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from auction.kernel.errors import Refusal
from valuation.appraisals.rules.reports import AppraisalReport, Licence, OnRegister, Signer, check_report

SIGNED = date(2027, 3, 20)
CHOSEN = OnRegister(
    licence_no="评备2019001",
    licence_from=date(2019, 1, 1),
    licence_until=date(2028, 1, 1),
    appraisers={
        number: Licence(valid_from=date(2020, 1, 1), valid_until=date(2028, 1, 1)) for number in ("A-1", "A-2", "A-3")
    },
)
REPORT = AppraisalReport(
    scope_sha256="5" * 64,
    agency_licence_no="评备2019001",
    signed_on=SIGNED,
    signers=(Signer(licence_no="A-1", licence_until=SIGNED), Signer(licence_no="A-2")),
    basics="测试路1号住宅一套及固定装修",
    methods=("comparison", "income"),
    standard="GB/T 50291-2015",
    value_fen=320_000_000,
    valid_until=date(2028, 3, 20),
    pdf_sha256="6" * 64,
)


def check(chosen: OnRegister = CHOSEN, **changes: Any) -> None:  # noqa: ANN401 - fields of a report
    """Check a changed report on 22 March."""
    check_report(
        msgspec.structs.replace(REPORT, **changes),
        scope_sha256="5" * 64,
        chosen=chosen,
        mandated_on=date(2027, 3, 1),
        today=date(2027, 3, 22),
    )


def test_lawful_report_passes_at_its_bounds() -> None:
    """A licence that ends on the day of signing, a validity of exactly a year and the largest value are lawful."""
    check()
    check(value_fen=10**14 - 1)
    check(value_fen=1)
    check(valid_until=date(2027, 3, 22))
    check(methods=("cost",), one_method_reason="准则规定仅可采用成本法")


@pytest.mark.parametrize(
    ("changes", "code", "article"),
    [
        ({"scope_sha256": "9" * 64}, "appraisal_other_asset", "参考价 20(2)"),
        ({"agency_licence_no": "评备2020002"}, "appraisal_other_agency", "参考价 20(3)"),
        (
            {"signers": (Signer(licence_no="A-1", licence_until=date(2027, 3, 19)), Signer(licence_no="A-2"))},
            "appraisal_licence_expired",
            "参考价 20(4); 资产评估法 27, 28",
        ),
        ({"signers": (Signer(licence_no="A-1"), Signer(licence_no="X-9"))}, "appraiser_unknown", "参考价 20(4)"),
        ({"signers": (Signer(licence_no="A-1"),)}, "appraisers_too_few", "资产评估法 27, 28"),
        ({"signers": (Signer(licence_no="A-1"),) * 2}, "appraisers_too_few", "资产评估法 27, 28"),
        ({"methods": ("cost",)}, "appraisal_one_method", "资产评估法 26"),
        ({"methods": ()}, "appraisal_report_incomplete", "参考价 17"),
        ({"basics": " "}, "appraisal_report_incomplete", "参考价 17"),
        ({"standard": ""}, "appraisal_report_incomplete", "参考价 17"),
        ({"pdf_sha256": "x"}, "appraisal_report_incomplete", "参考价 17"),
        ({"valid_until": date(2028, 3, 21)}, "appraisal_validity_unlawful", "参考价 27"),
        ({"valid_until": date(2027, 3, 21)}, "appraisal_validity_unlawful", "参考价 27"),
        ({"signed_on": date(2027, 2, 28)}, "appraisal_report_misdated", "参考价 17"),
        ({"signed_on": date(2027, 3, 23)}, "appraisal_report_misdated", "参考价 17"),
        ({"value_fen": 320_000_000 * 10**11}, "appraised_value_malformed", None),
        ({"value_fen": 10**14}, "appraised_value_malformed", None),
        ({"value_fen": 0}, "appraised_value_malformed", None),
    ],
)
def test_bad_report_is_refused(changes: dict[str, Any], code: str, article: str | None) -> None:
    """Each fault has its own code, and the article that it breaks."""
    with pytest.raises(Refusal) as refused:
        check(**changes)

    assert refused.value.code == code
    assert article in (None, refused.value.article)


@pytest.mark.parametrize(("until", "is_good"), [(date(2027, 3, 19), False), (SIGNED, True)])
def test_agencys_own_licence_is_good_on_the_day_of_signing(until: date, is_good: bool) -> None:
    """An agency whose licence ended the day before signs nothing."""
    chosen = msgspec.structs.replace(CHOSEN, licence_until=until)
    if is_good:
        check(chosen)
        return

    with pytest.raises(Refusal) as refused:
        check(chosen)
    assert refused.value.code == "appraisal_licence_expired"


def with_licence(valid_from: date | None, valid_until: date | None) -> OnRegister:
    """Give the register with these days for the second signer's licence."""
    licence = Licence(valid_from=valid_from, valid_until=valid_until)
    return msgspec.structs.replace(CHOSEN, appraisers={**CHOSEN.appraisers, "A-2": licence})


@pytest.mark.parametrize(
    ("valid_from", "valid_until", "is_good"),
    [
        (date(2020, 1, 1), date(2027, 3, 19), False),
        (date(2020, 1, 1), SIGNED, True),
        (date(2020, 1, 1), date(2027, 3, 21), True),
        (date(2027, 3, 19), date(2028, 1, 1), True),
        (SIGNED, date(2028, 1, 1), True),
        (date(2027, 3, 21), date(2028, 1, 1), False),
    ],
)
def test_appraisers_licence_on_the_register_holds_on_the_day_of_signing(
    valid_from: date, valid_until: date, is_good: bool
) -> None:
    """One that expired the day before, or begins the day after, signs nothing; the first and the last day count."""
    chosen = with_licence(valid_from, valid_until)
    if is_good:
        check(chosen)
        return

    with pytest.raises(Refusal) as refused:
        check(chosen)
    assert (refused.value.code, refused.value.article) == (
        "appraisal_licence_expired",
        "参考价 20(4); 资产评估法 27, 28",
    )


def test_earlier_end_of_register_and_proof_counts() -> None:
    """What the report says shortens what the register has, and lengthens nothing; what neither tells is refused."""
    signers = (Signer(licence_no="A-1"), Signer(licence_no="A-2", licence_until=date(2030, 1, 1)))
    with pytest.raises(Refusal) as longer:
        check(with_licence(None, date(2027, 3, 19)), signers=signers)
    check(with_licence(None, None), signers=signers)
    with pytest.raises(Refusal) as untold:
        check(with_licence(None, None))

    assert longer.value.code == "appraisal_licence_expired"
    assert (untold.value.code, untold.value.article) == (
        "appraiser_licence_untold",
        "参考价 20(4); 资产评估法 27, 28",
    )
