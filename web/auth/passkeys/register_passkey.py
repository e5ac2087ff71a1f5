"""Register a passkey of one's own account, and remove one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import webauthn
from webauthn.helpers import parse_client_data_json, parse_registration_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from auction.kernel.actors import Actor
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from web.auth import store as accounts
from web.auth.factors import factor_store, recovery_codes
from web.auth.factors.check_code import note_act
from web.auth.factors.fresh import require_fresh_factor
from web.auth.passkeys import store
from web.auth.passkeys.passkeys import (
    ANSWER_MOST,
    ANSWERED_WITHIN,
    MOST,
    SITE_NAME,
    PasskeyMissing,
    PasskeysFull,
    PasskeyWrong,
    RelyingParty,
    check_name,
    new_challenge,
)
from web.auth.passwords import Passwords
from web.auth.sign_in import Credentials, Origin, forget_attempts, prove_password
from web.auth.tables import PasskeyRow
from web.visit import SessionHash


class PasskeyRegistered(NamedTuple):
    """The recovery codes, if these are the account's first (shown now and never again), and the other sessions that ended."""

    recovery_codes: Sequence[str]
    ended: Sequence[SessionHash]


async def begin_registration(
    db: Database,
    actor: Actor,
    credentials: Credentials,
    session: SessionHash,
    *,
    passwords: Passwords,
    origin: Origin,
    party: RelyingParty,
    now: datetime,
) -> str:
    """Make a challenge for a new passkey and give the options of its ceremony as JSON.

    Raises `SignInWrong`, `TooManyAttempts`, `SecondFactorStale` (an account with a factor proves it first), `PasskeysFull`.
    """
    proven = await prove_password(db, credentials, passwords=passwords, origin=origin, now=now)
    account_id, challenge = proven.account.account_id, new_challenge()

    async def work(tx: Transaction) -> list[bytes]:
        await forget_attempts(tx, proven)
        if await factor_store.has_factor(tx, account_id):
            require_fresh_factor(actor)
        held = await store.standing(tx, account_id)
        if len(held) >= MOST:
            raise PasskeysFull(most=MOST)
        await store.add_challenge(tx, challenge, "register", account_id=account_id, bound_to=session, now=now)
        return [row.credential_id for row in held]

    held = await db.transact(work)
    options = webauthn.generate_registration_options(
        rp_id=party.host,
        rp_name=SITE_NAME,
        user_id=account_id.bytes,
        user_name=credentials.username,
        challenge=challenge,
        timeout=int(ANSWERED_WITHIN.total_seconds() * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in held],
    )
    return webauthn.options_to_json(options)


async def finish_registration(
    db: Database, account_id: UUID, session: SessionHash, answer: str, name: str, *, party: RelyingParty, now: datetime
) -> PasskeyRegistered:
    """Store the passkey, end every other session, and make recovery codes where there are none.

    The challenge is used up first, whatever becomes of the answer. Raises `PasskeyNameNeeded` (the challenge stays), `PasskeyWrong`,
    `PasskeysFull`.
    """
    name = check_name(name)
    challenge = challenge_of(answer)
    is_open = await db.transact(
        lambda tx: store.use_challenge(tx, challenge, "register", account_id=account_id, bound_to=session, now=now)
    )
    if not is_open:
        raise PasskeyWrong
    verified = _verified(answer, challenge, party)

    async def work(tx: Transaction) -> PasskeyRegistered:
        await tx.lock(f"web.factors:{account_id}")
        await _add(tx, account_id, verified, name, now)
        codes: Sequence[str] = ()
        if await factor_store.count_recovery_codes(tx, account_id) == 0:
            codes = recovery_codes.new_codes()
            hashes = [recovery_codes.hash_of(tx.sealer, account_id, code) for code in codes]
            await factor_store.replace_recovery_codes(tx, account_id, hashes, now)
        await factor_store.note_proven(tx, session, now)
        await note_act(tx, account_id, "RegisterPasskey", now)
        return PasskeyRegistered(codes, await accounts.end_sessions_of(tx, account_id, now, but=session))

    return await db.transact(work)


async def remove_passkey(
    db: Database,
    actor: Actor,
    passkey_id: UUID,
    credentials: Credentials,
    *,
    passwords: Passwords,
    origin: Origin,
    now: datetime,
) -> None:
    """End a passkey of one's own; with the last second factor the recovery codes end.

    Raises `SignInWrong`, `TooManyAttempts`, `SecondFactorStale`, `PasskeyMissing`.
    """
    proven = await prove_password(db, credentials, passwords=passwords, origin=origin, now=now)
    account_id = proven.account.account_id

    async def work(tx: Transaction) -> None:
        await tx.lock(f"web.factors:{account_id}")
        await forget_attempts(tx, proven)
        require_fresh_factor(actor)
        held = {row.passkey_id: row for row in await store.standing(tx, account_id)}
        if passkey_id not in held:
            raise PasskeyMissing
        held[passkey_id].ended_at = now
        await tx.session.flush()
        if not await factor_store.has_factor(tx, account_id):
            await factor_store.replace_recovery_codes(tx, account_id, (), now)
        await note_act(tx, account_id, "RemovePasskey", now)

    await db.transact(work)


def challenge_of(answer: str) -> bytes:
    """Read to which challenge an answer is (`PasskeyWrong` where it has not the form of one); nothing is believed by it."""
    if len(answer) > ANSWER_MOST:
        raise PasskeyWrong
    try:
        return parse_client_data_json(parse_registration_credential_json(answer).response.client_data_json).challenge
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError):
        raise PasskeyWrong from None


def _verified(answer: str, challenge: bytes, party: RelyingParty) -> VerifiedRegistration:
    try:
        return webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise PasskeyWrong from None


async def _add(tx: Transaction, account_id: UUID, verified: VerifiedRegistration, name: str, now: datetime) -> None:
    """Store a passkey, unless there are too many or the device has one of this id for somebody (`PasskeyWrong`)."""
    if len(await store.standing(tx, account_id)) >= MOST:
        raise PasskeysFull(most=MOST)
    if await store.is_taken(tx, verified.credential_id):
        raise PasskeyWrong
    row: dict[str, Any] = {
        "passkey_id": new_id(),
        "account_id": account_id,
        "credential_id": verified.credential_id,
        "public_key": verified.credential_public_key,
        "sign_count": verified.sign_count,
        "name": name,
        "made_at": now,
        "used_at": None,
        "suspected_at": None,
        "ended_at": None,
    }
    tx.session.add(PasskeyRow(**row))
    await tx.session.flush()
