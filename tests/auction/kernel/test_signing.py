"""Signatures of partner calls and of documents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from auction.kernel import signing

KEY = signing.CallKey("bank", b"a secret of the court's bank")
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
NONCE = "nonce-0123456789ab"
BUSINESS_AT = datetime(2027, 3, 1, 8, 30, tzinfo=UTC)


def key_of(key_id: str) -> signing.CallKey | None:
    """Know one partner."""
    return KEY if key_id == "bank" else None


def signed(**changes: object) -> dict[str, str]:
    """Sign one sample call."""
    call: dict[str, object] = {"method": "POST", "path": "/v1/lines?after=3", "body": b"{}", "now": NOW, "nonce": NONCE}
    return signing.sign_call(KEY, **(call | changes))  # type: ignore[arg-type]  # sample values of mixed types


def checked(headers: dict[str, str], **changes: object) -> signing.SignedCall:
    """Check the same call."""
    call: dict[str, object] = {"method": "POST", "path": "/v1/lines?after=3", "body": b"{}", "now": NOW}
    return signing.check_call(key_of, headers=headers, **(call | changes))  # type: ignore[arg-type]  # as above


def test_signed_call_verifies_and_tells_who_and_when() -> None:
    """A call signed here verifies there, with its key, nonce and business time."""
    call = checked(signed(business_at=BUSINESS_AT))

    assert signing.SignedCall("bank", NONCE, NOW, BUSINESS_AT) == call


@pytest.mark.parametrize(
    "change",
    [{"method": "GET"}, {"path": "/v1/lines?after=4"}, {"path": "/v1/lines"}, {"body": b"{ }"}],
)
def test_any_changed_part_is_refused(change: dict[str, object]) -> None:
    """Method, path, query and body are all covered."""
    with pytest.raises(signing.SignatureWrong):
        checked(signed(), **change)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (signing.TIME_HEADER, str(int(NOW.timestamp()) + 1)),
        (signing.NONCE_HEADER, NONCE + "x"),
        (signing.BUSINESS_TIME_HEADER, BUSINESS_AT.isoformat()),
        (signing.KEY_HEADER, "nobody"),
        (signing.SIGNATURE_HEADER, "v1=" + "0" * 64),
    ],
)
def test_any_changed_header_is_refused(name: str, value: str) -> None:
    """Time, nonce, business time and key id are all covered."""
    with pytest.raises(signing.SignatureWrong):
        checked(signed() | {name: value})


@pytest.mark.parametrize(
    "name", [signing.KEY_HEADER, signing.TIME_HEADER, signing.NONCE_HEADER, signing.SIGNATURE_HEADER]
)
def test_absent_header_is_named(name: str) -> None:
    """A missing header is malformed, not wrong."""
    headers = signed()
    del headers[name]

    with pytest.raises(signing.SignatureMissing) as refusal:
        checked(headers)
    assert name == refusal.value.facts["header"]


@pytest.mark.parametrize(("away_s", "fine"), [(299, True), (300, True), (301, False)])
@pytest.mark.parametrize("direction", [1, -1])
def test_tolerance_is_300_seconds_either_way(away_s: int, direction: int, fine: bool) -> None:
    """A call 300 s away is taken, one 301 s away is not."""
    headers = signed(now=NOW + direction * timedelta(seconds=away_s))
    if fine:
        checked(headers)
        return
    with pytest.raises(signing.SignatureOutOfTime):
        checked(headers)


def test_nonce_is_good_once() -> None:
    """The second use of a nonce is a replay, and is remembered as long as the time would still pass."""
    seen: set[tuple[str, str]] = set()

    def remember(call: signing.SignedCall) -> bool:
        known = (call.key_id, call.nonce) in seen
        seen.add((call.key_id, call.nonce))
        return not known

    def verify() -> signing.SignedCall:
        return signing.verify_call(
            key_of, remember, method="POST", path="/v1/lines?after=3", body=b"{}", headers=signed(), now=NOW
        )

    call = verify()

    assert call.forget_after > NOW + timedelta(seconds=signing.TOLERANCE_S)
    with pytest.raises(signing.SignatureReplayed):
        verify()


def test_document_verifies_only_unchanged() -> None:
    """A signed document verifies with the public key, and no longer after any change."""
    key = signing.DocumentKey(b"7" * 32)
    content = {"结果": 128_000_000, "rows": [{"b": 1, "a": None}]}
    sha256, signature = signing.fingerprint(content), key.sign(content)

    signing.check_document(dict(reversed(content.items())), sha256=sha256, signature=signature, public_key=key.public)
    changed = content | {"结果": 128_000_001}
    for bad, bad_hash in ((changed, sha256), (changed, signing.fingerprint(changed))):
        with pytest.raises(signing.DocumentSignatureWrong):
            signing.check_document(bad, sha256=bad_hash, signature=signature, public_key=key.public)
    with pytest.raises(signing.DocumentSignatureWrong):
        signing.check_document(content, sha256=sha256, signature="no base64", public_key=key.public)


def test_document_with_a_float_is_refused() -> None:
    """A float in an outside document fails its check instead of being rounded."""
    key = signing.DocumentKey(b"7" * 32)

    with pytest.raises(signing.DocumentSignatureWrong):
        signing.check_document({"a": 1.5}, sha256="", signature="", public_key=key.public)


def test_repr_hides_secrets() -> None:
    """Neither key shows its secret in a log."""
    assert "secret" not in repr(KEY).replace("bank", "")
    assert "777" not in repr(signing.DocumentKey(b"7" * 32))
