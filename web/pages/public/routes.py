"""What the site mounts of the public pages."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from web.pages.public.acts_page import show_acts
from web.pages.public.calendar_page import show_calendar
from web.pages.public.guards_page import give_guards, show_guards
from web.pages.public.journal_page import download_evidence, download_journal, show_availability, show_keys
from web.pages.public.loan_page import show_loan_calculator
from web.pages.public.lot_page import show_lot_page
from web.pages.public.lots_page import show_lots
from web.pages.public.open_data_page import OPEN_DATA
from web.pages.public.pictures_page import give_picture
from web.pages.public.platforms_page import show_platforms_page
from web.pages.public.privacy_page import show_privacy
from web.pages.public.room_json import poll_room
from web.pages.public.tax_page import show_tax_calculator
from web.pages.public.unanswered_page import show_unanswered
from web.pages.public.unclaimed_page import show_unclaimed
from web.pages.public.verify_document_page import show_verify_document
from web.pages.public.verify_draw_page import show_draw_secret, show_verify_draw

PUBLIC_PAGES: Sequence[ControllerRouterHandler] = (
    show_acts,
    show_privacy,
    show_guards,
    give_guards,
    show_lots,
    *OPEN_DATA,
    show_calendar,
    show_lot_page,
    give_picture,
    show_loan_calculator,
    show_tax_calculator,
    poll_room,
    download_journal,
    show_availability,
    download_evidence,
    show_keys,
    show_verify_document,
    show_verify_draw,
    show_draw_secret,
    show_unanswered,
    show_unclaimed,
    show_platforms_page,
)
