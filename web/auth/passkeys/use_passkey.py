"""Sign in with a passkey, and prove it again for a step that asks for it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import webauthn
from webauthn.helpers import parse_authentication_credential_json, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

from auction.kernel.db import Database, Transaction
from web.auth import store as accounts
from web.auth.count_attempt import count_attempt, take_back_attempt
from web.auth.factors import factor_store
from web.auth.factors.check_code import note_act
from web.auth.passkeys import store
from web.auth.passkeys.passkeys import (
    ANSWER_MOST,
    ANSWERED_WITHIN,
    PasskeyMissing,
    PasskeyWrong,
    Purpose,
    RelyingParty,
    has_gone_back,
    new_challenge,
)
from web.auth.sessions import new_token
from web.auth.sign_in import Origin, Proven, SignedIn, open_session
from web.auth.tables import PasskeyRow
from web.visit import SessionHash


async def begin_sign_in(db: Database, browser: bytes, *, origin: Origin, party: RelyingParty, now: datetime) -> str:
    """Make a challenge for whoever this browser's user is, and give the options of its ceremony as JSON.

    Nobody is named: the device itself knows whose passkeys it has. Raises `TooManyAttempts` (counted per address).
    """
    await count_attempt(db, "passkey", origin.address, now=now)
    return await _begin(db, "sign_in", None, browser, (), party, now)


async def finish_sign_in(
    db: Database,
    browser: bytes,
    answer: str,
    *,
    origin: Origin,
    party: RelyingParty,
    now: datetime,
    replaces: SessionHash | None = None,
) -> SignedIn:
    """Check the answer and open a session that has proven its second factor (passkeys rule 1).

    The challenge is used up first; counter and session are one transaction. Raises `PasskeyWrong`.
    """
    challenge, credential_id = _named(answer)
    await _use(db, challenge, "sign_in", None, browser, now)
    token = new_token()

    async def work(tx: Transaction) -> SignedIn | None:
        row = await _checked(tx, credential_id, answer, challenge, party, now)
        account = None if row is None else await accounts.account_by_id(tx, row.account_id)
        if account is None or account.state != "open":
            return None
        await open_session(tx, Proven(account, ()), token, origin, replaces, now, proven_at=now)
        return SignedIn(token, account.account_id, account.username, account.locale)

    signed_in = await db.transact(work)
    if signed_in is None:
        raise PasskeyWrong
    await take_back_attempt(db, "passkey", origin.address)
    return signed_in


async def begin_proof(
    db: Database, account_id: UUID, session: SessionHash, *, party: RelyingParty, now: datetime
) -> str:
    """Make a challenge for a passkey of this account and give the options as JSON. Raises `PasskeyMissing`."""
    async with db.reading() as tx:
        held = [row.credential_id for row in await store.standing(tx, account_id) if row.suspected_at is None]
    if not held:
        raise PasskeyMissing
    return await _begin(db, "prove", account_id, session, held, party, now)


async def prove_again(
    db: Database, account_id: UUID, session: SessionHash, answer: str, *, party: RelyingParty, now: datetime
) -> None:
    """Note for this session that a passkey of its account was used just now. Raises `PasskeyWrong`."""
    challenge, credential_id = _named(answer)
    await _use(db, challenge, "prove", account_id, session, now)

    async def work(tx: Transaction) -> bool:
        row = await _checked(tx, credential_id, answer, challenge, party, now, of=account_id)
        if row is None:
            return False
        await factor_store.note_proven(tx, session, now)
        return True

    if not await db.transact(work):
        raise PasskeyWrong


async def _begin(
    db: Database,
    purpose: Purpose,
    account_id: UUID | None,
    bound_to: bytes,
    allowed: list[bytes] | tuple[bytes, ...],
    party: RelyingParty,
    now: datetime,
) -> str:
    challenge = new_challenge()
    await db.transact(
        lambda tx: store.add_challenge(tx, challenge, purpose, account_id=account_id, bound_to=bound_to, now=now)
    )
    options = webauthn.generate_authentication_options(
        rp_id=party.host,
        challenge=challenge,
        timeout=int(ANSWERED_WITHIN.total_seconds() * 1000),
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in allowed],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def _named(answer: str) -> tuple[bytes, bytes]:
    """Read to which challenge an answer is, and of which credential; nothing is believed by it. Raises `PasskeyWrong`."""
    if len(answer) > ANSWER_MOST:
        raise PasskeyWrong
    try:
        credential = parse_authentication_credential_json(answer)
        return parse_client_data_json(credential.response.client_data_json).challenge, credential.raw_id
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError):
        raise PasskeyWrong from None


async def _use(
    db: Database, challenge: bytes, purpose: Purpose, account_id: UUID | None, bound_to: bytes, now: datetime
) -> None:
    """Use the challenge up, in a transaction of its own, so that a wrong answer has used it too (rule 2)."""
    is_open = await db.transact(
        lambda tx: store.use_challenge(tx, challenge, purpose, account_id=account_id, bound_to=bound_to, now=now)
    )
    if not is_open:
        raise PasskeyWrong


async def _checked(
    tx: Transaction,
    credential_id: bytes,
    answer: str,
    challenge: bytes,
    party: RelyingParty,
    now: datetime,
    *,
    of: UUID | None = None,
) -> PasskeyRow | None:
    """Give the passkey whose answer is right, with its counter noted; ``None``: it is not.

    A right signature whose counter went back marks the passkey as suspected, so the caller lets the transaction stand (rule 3).
    """
    row = await store.by_credential(tx, credential_id)
    if row is None or (of is not None and row.account_id != of):
        return None
    try:
        verified = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=0,  # compared below, where it is told from a wrong signature
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return None
    if has_gone_back(before=row.sign_count, now=verified.new_sign_count):
        row.suspected_at = now
        await note_act(tx, row.account_id, "SuspectPasskey", now)
        return None
    row.sign_count, row.used_at = verified.new_sign_count, now
    return row
