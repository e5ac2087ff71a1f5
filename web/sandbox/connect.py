"""Builds every sandbox from the settings, and says what clients need to reach them."""

from __future__ import annotations

from collections.abc import Mapping

from litestar.types import ASGIApp

from web.sandbox.bank import ledger
from web.sandbox.bank.server import Customer, bank_app
from web.sandbox.beacon.server import SCHEMA as BEACON_SCHEMA
from web.sandbox.beacon.server import Relay, beacon_app
from web.sandbox.book import Book
from web.sandbox.companies.server import COMPANIES, companies_app
from web.sandbox.companies.server import SCHEMA as COMPANIES_SCHEMA
from web.sandbox.desk import HOUSE, Desk
from web.sandbox.identity.server import SCHEMA as IDENTITY_SCHEMA
from web.sandbox.identity.server import identity_app
from web.sandbox.inquiry import mandates
from web.sandbox.inquiry.server import platform_app
from web.sandbox.lender import loans
from web.sandbox.lender.server import lender_app
from web.sandbox.lists.server import SCHEMA as LISTS_SCHEMA
from web.sandbox.lists.server import lists_app
from web.sandbox.messages.server import SCHEMA as MESSAGES_SCHEMA
from web.sandbox.messages.server import messages_app
from web.sandbox.questions import SCHEMA as QUESTION_SCHEMA
from web.sandbox.registry.server import REGISTRY, registry_app
from web.sandbox.scanner.server import SCHEMA as SCANNER_SCHEMA
from web.sandbox.scanner.server import scanner_app
from web.sandbox.seal.server import SCHEMA as SEAL_SCHEMA
from web.sandbox.seal.server import seal_app
from web.sandbox.settings import Secrets, Settings
from web.sandbox.stripe.server import SCHEMA as STRIPE_SCHEMA
from web.sandbox.stripe.server import stripe_app
from web.sandbox.tax.server import SCHEMA as TAX_SCHEMA
from web.sandbox.tax.server import tax_app
from web.sandbox.vehicles.server import VEHICLES, vehicles_app

Connections = dict[str, dict[str, str]]
"""By server name: what a client must know."""

LENDER = "lender-1"
BEACON = "beacon"
LENDER_AT_BANK = "lender-1-at-bank"
"""Name of the secret by which the bank knows the lender."""
OPERATOR = "operator"
OPERATOR_AT_BANK = "operator-at-bank"
"""Name of the secret by which the bank knows the operator of the platform, who advances deposits paid by card."""
REGISTER_APPS = {"registry": registry_app, "vehicles": vehicles_app, "companies": companies_app}
REGISTER_TITLES = {register.key: register.title for register in (REGISTRY, VEHICLES, COMPANIES)}
REGISTER_SCHEMAS = {"companies": COMPANIES_SCHEMA}
PLAIN_APPS = {
    "tax": (tax_app, TAX_SCHEMA, {}),
    "seal": (seal_app, SEAL_SCHEMA, {}),
    "scanner": (scanner_app, SCANNER_SCHEMA, {"title": "沙箱文件安全检查"}),
    "messages": (messages_app, MESSAGES_SCHEMA, {"title": "沙箱邮件短信平台"}),
    "identity": (identity_app, IDENTITY_SCHEMA, {"title": "沙箱实名核验平台"}),
}
"""Servers that need no more than a desk."""
LIST_TITLES = {"lists-1": "全国法院名单库（沙箱）", "lists-2": "公共信用信息中心（沙箱）"}
OPERATOR_ACCOUNT = Customer("6222026006000377", "示范拍卖平台运营有限公司")
LENDER_ACCOUNT = Customer("6222026006000188", "示范商业银行法拍贷中心")


def build_apps(settings: Settings, secrets: Secrets, urls: Mapping[str, str]) -> tuple[dict[str, ASGIApp], Connections]:
    """Build the apps that have a port, and the connections of all."""
    control = secrets.get("control")
    apps: dict[str, ASGIApp] = {}
    connections: Connections = {"control": {"secret": control}}
    if "stripe" in urls:
        apps["stripe"], connections["stripe"] = _stripe(settings, secrets, urls["stripe"], control)
    if "bank" in urls:
        desk = _desk(
            settings, secrets, "bank", ledger.SCHEMA, callers={LENDER: LENDER_AT_BANK, OPERATOR: OPERATOR_AT_BANK}
        )
        apps["bank"] = bank_app(
            desk, customers={LENDER: LENDER_ACCOUNT, OPERATOR: OPERATOR_ACCOUNT}, control_secret=control
        )
        connections["bank"] = {**_connection(secrets, desk, urls["bank"]), "main_account": ledger.MAIN_ACCOUNT}
        operator = {"key_id": OPERATOR, "secret": secrets.get(OPERATOR_AT_BANK), "title": OPERATOR_ACCOUNT.name}
        connections[OPERATOR] = {**connections["bank"], **operator}
    if LENDER in urls and "bank" in urls:
        desk = _desk(settings, secrets, LENDER, loans.SCHEMA)
        at_bank = secrets.call_key(LENDER_AT_BANK, key_id=LENDER)
        apps[LENDER] = lender_app(
            desk,
            bank_url=urls["bank"],
            bank_key=at_bank,
            pays_from=LENDER_ACCOUNT.account,
            control_secret=control,
        )
        account = {"account": LENDER_ACCOUNT.account, "account_name": LENDER_ACCOUNT.name, "title": LENDER_ACCOUNT.name}
        connections[LENDER] = {**_connection(secrets, desk, urls[LENDER]), **account}
    for name, (build_one, schema, more) in PLAIN_APPS.items():
        if name in urls:
            desk = _desk(settings, secrets, name, schema)
            apps[name] = build_one(desk, control_secret=control)
            connections[name] = {**_connection(secrets, desk, urls[name]), **more}
    for name, build in REGISTER_APPS.items():
        if name in urls:
            desk = _desk(settings, secrets, name, REGISTER_SCHEMAS.get(name, QUESTION_SCHEMA))
            apps[name] = build(desk, control_secret=control)
            connections[name] = {**_connection(secrets, desk, urls[name]), "title": REGISTER_TITLES[name]}
    for name, title in LIST_TITLES.items():
        if name in urls:
            desk = _desk(settings, secrets, name, LISTS_SCHEMA)
            apps[name] = lists_app(desk, control_secret=control)
            connections[name] = {**_connection(secrets, desk, urls[name]), "title": title}
    if BEACON in urls:
        relay = Relay(Book(settings.folder / "beacon.sqlite", BEACON_SCHEMA), secrets.get(BEACON))
        apps[BEACON] = beacon_app(relay, control_secret=control)
        connections[BEACON] = {"url": urls[BEACON], "beacon_public_key": relay.chain.public_key}
    for name in settings.platforms:
        desk = _desk(settings, secrets, name, mandates.SCHEMA)
        apps[name] = platform_app(desk, control_secret=control)
        connections[name] = {**_connection(secrets, desk, urls[name]), "title": platform_name(name)}
    return apps, connections


def platform_name(name: str) -> str:
    """Name a platform in Chinese, as its report's letter head has it."""
    return f"沙箱网络询价平台{name.removeprefix('platform-')}号"


def _stripe(settings: Settings, secrets: Secrets, url: str, control: str) -> tuple[ASGIApp, dict[str, str]]:
    secret_key = secrets.get("stripe", prefix="sk_test_sandbox")
    webhook_secret = secrets.get("stripe-webhook", prefix="whsec_")
    app = stripe_app(
        Book(settings.folder / "stripe.sqlite", STRIPE_SCHEMA),
        public_url=url,
        secret_key=secret_key,
        webhook_url=settings.callback_url("stripe"),
        webhook_secret=webhook_secret,
        control_secret=control,
    )
    return app, {"url": url, "secret_key": secret_key, "webhook_secret": webhook_secret}


def _desk(
    settings: Settings, secrets: Secrets, name: str, schema: str, *, callers: Mapping[str, str] | None = None
) -> Desk:
    """Give a desk that the house may call, and further callers by key id to the name of their secret."""
    keys = {HOUSE: secrets.call_key(name, key_id=HOUSE)}
    for key_id, secret_name in (callers or {}).items():
        keys[key_id] = secrets.call_key(secret_name, key_id=key_id)
    return Desk(
        name=name,
        book=Book(settings.folder / f"{name}.sqlite", schema),
        caller_keys=keys,
        callback_key=secrets.call_key(name, key_id=name),
        callback_url=settings.callback_url(name),
        document_key=secrets.document_key(name),
    )


def _connection(secrets: Secrets, desk: Desk, url: str) -> dict[str, str]:
    return {
        "url": url,
        "key_id": HOUSE,
        "callback_key_id": desk.name,
        "secret": secrets.get(desk.name),
        "public_key": desk.document_key.public.hex(),
    }
