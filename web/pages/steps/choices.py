"""What may be chosen in a form: parties, assets, lots, rounds, papers and officers of the case, and the fixed lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from auction.kernel.actors import Role
from auction.sale.cases.documents import ISSUED_BY_STEP, KINDS, DocumentKind
from auction.sale.cases.parties import PartyRole
from auction.sale.desk import DocumentShown, PartyShown
from auction.sale.lots.lots import LotState
from auction.sale.rounds.rounds import RoundState
from auction.sale.views import RoundShown
from web.display import clock_time, day, figures
from web.labels import role_name
from web.pages import desk_words as words
from web.pages.case_file import LotFile
from web.pages.steps.fields import Option
from web.pages.steps.known import Known
from web.texts import _

Options = Callable[[Known], Sequence[Option]]


def fixed(table: Mapping[str, str]) -> Options:
    """Offer the names of a table."""
    return lambda known: [Option(value, _(text)) for value, text in table.items()]


def first_of(options: Options) -> Callable[[Known], str]:
    """Let the only thing that may be chosen stand there at first; of several none."""

    def default(known: Known) -> str:
        found = options(known)
        return found[0].value if len(found) == 1 else ""

    return default


# People --------------------------------------------------------------------------------------------------------------


def parties(*roles: PartyRole) -> Options:
    """Offer the parties of the case in one of these roles; all without any role."""

    def options(known: Known) -> list[Option]:
        return [_party(party) for party in known.file.page.parties if not roles or party.role in roles]

    return options


def _party(party: PartyShown) -> Option:
    return Option(str(party.party_id), party.masked, words.party_name(party.role))


def party_roles(known: Known) -> list[Option]:
    """Offer what somebody may be in the case; a buyer comes with the confirmation."""
    return [Option(role.value, words.party_name(role)) for role in PartyRole if role is not PartyRole.BUYER]


def officers(*roles: Role) -> Options:
    """Offer the officers with one of these roles."""

    def options(known: Known) -> list[Option]:
        return [
            Option(str(officer.person_id), officer.name, ", ".join(role_name(role) for role in sorted(officer.roles)))
            for officer in known.officers
            if not officer.roles.isdisjoint(roles)
        ]

    return options


# Things --------------------------------------------------------------------------------------------------------------


def assets(known: Known) -> list[Option]:
    """Offer the assets of the case."""
    return [
        Option(str(asset.asset_id), asset.title, words.name_in(words.ASSET_CLASSES, asset.asset_class.value))
        for asset in known.file.page.assets
    ]


def asset_at(known: Known, typed_id: str = "") -> UUID | None:
    """Give the asset that was typed or asked for, else the first; ``None`` if the case has none."""
    found = [asset.asset_id for asset in known.file.page.assets]
    wanted = typed_id or known.asked.get("asset_id", "")
    return next((asset_id for asset_id in found if str(asset_id) == wanted), found[0] if found else None)


def listable_assets(known: Known) -> list[Option]:
    """Offer the assets that have no lot, or whose lot may be listed anew."""
    again = (LotState.DRAFT, LotState.FAILED, LotState.DEFAULTED, LotState.SET_ASIDE)
    return [
        option
        for option in assets(known)
        if (lot := known.lot_of_asset(UUID(option.value))) is None or lot.lot.state in again
    ]


def seizures(known: Known) -> list[Option]:
    """Offer the seizures that have not ended."""
    return [
        Option(
            str(seizure.seizure_id),
            f"{words.name_in(words.SEIZURE_KINDS, seizure.kind)} {seizure.case_number}",
            _("{asset}，至{until}").format(asset=asset.title, until=day(seizure.ends_on)),
        )
        for asset in known.file.page.assets
        for seizure in asset.seizures
        if seizure.ends_on >= known.today
    ]


def lot_title(lot: LotFile) -> str:
    """Name a lot."""
    return _("拍品") if lot.terms is None else words.in_language(lot.terms.title_zh, lot.terms.title_en)


def lots(*states: LotState) -> Options:
    """Offer the lots in one of these states; all without any."""

    def options(known: Known) -> list[Option]:
        return [
            Option(str(lot.lot.lot_id), lot_title(lot), words.status_in(words.LOT_STATES, lot.lot.state.value).text)
            for lot in known.file.lots
            if not states or lot.lot.state in states
        ]

    return options


def rounds(*states: RoundState) -> Options:
    """Offer the rounds in one of these states."""

    def options(known: Known) -> list[Option]:
        return [_round(lot, shown) for lot, shown in known.rounds if shown.state in states]

    return options


def _round(lot: LotFile, shown: RoundShown) -> Option:
    opens = f"{day(shown.opens_at)} {clock_time(shown.opens_at)}"
    name = words.name_in(words.ROUND_KINDS, shown.kind)
    return Option(str(shown.round_id), f"{name} · {lot_title(lot)}", _("{opens} 开拍").format(opens=opens))


def round_of(known: Known, round_id: object) -> tuple[LotFile, RoundShown] | None:
    """Give a round of the case by what was typed."""
    return next((found for found in known.rounds if str(found[1].round_id) == str(round_id)), None)


def purchases(known: Known) -> list[Option]:
    """Offer the sales of the case."""
    return [
        Option(
            str(purchase.round_id),
            _("成交价 {price}").format(price=figures(purchase.hammer_price_fen)),
            words.status_in(words.PURCHASES, purchase.state).text,
        )
        for purchase in known.file.purchases
    ]


# Papers --------------------------------------------------------------------------------------------------------------


def document_kinds(known: Known) -> list[Option]:
    """Offer the kinds of documents that are issued by hand."""
    return [Option(kind.value, words.document_name(kind)) for kind in DocumentKind if kind not in ISSUED_BY_STEP]


def sealed_documents(*kinds: DocumentKind) -> Options:
    """Offer the documents of the case that bear the seal, of these kinds; of all kinds without any."""

    def options(known: Known) -> list[Option]:
        return [
            document_option(document)
            for document in known.file.page.documents
            if _is_sealed(document) and (not kinds or document.kind in kinds)
        ]

    return options


def _is_sealed(document: DocumentShown) -> bool:
    return KINDS[document.kind].needs_seal and not document.is_draft


def document_option(document: DocumentShown) -> Option:
    """Name a document by its title, kind and day."""
    kind = words.document_name(document.kind)
    return Option(str(document.document_id), document.title, f"{kind} · {day(document.issued_at)}")


def papers(known: Known) -> list[Option]:
    """Offer the fingerprints of the documents of the case."""
    return [
        Option(document.body_sha256, document.title, words.document_name(document.kind))
        for document in known.file.page.documents
    ]
