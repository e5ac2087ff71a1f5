"""A device that keeps passkeys, made of the standard's own pieces; it does what it is told, also what no honest device does."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "http://localhost:8000"
HOST = "localhost"


def coded(content: bytes) -> str:
    """Write bytes as the standard does."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Read bytes that `coded` wrote."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Device:
    """One key pair with its counter."""

    def __init__(self, *, counts: bool = True) -> None:
        """Make the key pair; a device that does not count says zero."""
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = os.urandom(32)
        self.count = 0
        self.counts = counts
        self.origin, self.host = ORIGIN, HOST
        self.is_verified = True
        self.user = b""

    def create(self, options: dict[str, Any]) -> str:
        """Answer a registration."""
        self.user = decoded(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        length = struct.pack(">H", len(self.credential_id))
        attested = bytes(16) + length + self.credential_id + cbor2.dumps(public)
        data = self._data(attested=attested)
        response = {
            "clientDataJSON": coded(self._client("webauthn.create", options["challenge"])),
            "attestationObject": coded(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return self._credential(response)

    def get(self, options: dict[str, Any]) -> str:
        """Answer a sign-in, signed."""
        if self.counts:
            self.count += 1
        client, data = self._client("webauthn.get", options["challenge"]), self._data()
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": coded(client),
            "authenticatorData": coded(data),
            "signature": coded(signature),
            "userHandle": coded(self.user),
        }
        return self._credential(response)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _data(self, attested: bytes = b"") -> bytes:
        flags = 0x01 | (0x04 if self.is_verified else 0) | (0x40 if attested else 0)
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.count) + attested

    def _credential(self, response: dict[str, str]) -> str:
        return json.dumps(
            {
                "id": coded(self.credential_id),
                "rawId": coded(self.credential_id),
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )
