"""What the site mounts of the court's pages, and their entries in the main navigation."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from bidding.integrity.findings.acts import READERS
from valuation.listed_platforms.keep_register import KEEPERS
from web.navigation import Entry
from web.pages.court import (
    case_page,
    counter_page,
    findings_page,
    objections_page,
    officer_forms,
    panel_page,
    pictures_page,
    platforms_page,
    price_page,
    rooms_page,
    stalled_page,
    supervision_pages,
    visitors_page,
)
from web.texts import N_

COURT_PAGES: Sequence[ControllerRouterHandler] = (
    case_page.show_desk,
    case_page.show_case,
    stalled_page.show_stalled,
    stalled_page.take_reason,
    price_page.show_price,
    price_page.download_record,
    rooms_page.show_rooms,
    rooms_page.download_evidence,
    *findings_page.FINDING_PAGES,
    counter_page.show_counter,
    counter_page.verify,
    counter_page.show_code_form,
    counter_page.issue_code,
    platforms_page.show_register,
    platforms_page.enter,
    platforms_page.remove,
    panel_page.show_question,
    panel_page.vote,
    panel_page.close,
    officer_forms.show_document,
    officer_forms.seal,
    officer_forms.show_serve,
    officer_forms.record_service,
    officer_forms.show_lot_form,
    officer_forms.take_lot_step,
    visitors_page.show_visitors,
    visitors_page.take_visitors_step,
    pictures_page.show_pictures,
    pictures_page.take_picture_step,
    pictures_page.preview_picture,
    objections_page.show_objections,
    objections_page.show_objection,
    objections_page.take_objection_step,
    supervision_pages.show_audit,
    supervision_pages.show_law,
    supervision_pages.show_calendar,
)
COURT_ENTRIES: Sequence[Entry] = (
    Entry(N_("法院工作台"), "/court", frozenset(case_page.READERS)),
    Entry(N_("异议审查"), objections_page.PATH, frozenset(case_page.READERS)),
    Entry(N_("筛查发现"), "/court/findings", frozenset(READERS)),
    Entry(N_("身份核验"), counter_page.PATH, frozenset(counter_page.CLERKS)),
    Entry(N_("询价平台名单"), platforms_page.PATH, frozenset(KEEPERS)),
    Entry(N_("法律参数"), "/supervision/law", frozenset(supervision_pages.LAW_READERS)),
)
"""Entries of the main navigation."""
