"""What proves who somebody is: codes, cards and second factors. Made at random, kept sealed or as a keyed hash."""

import hmac
import io
import os
import secrets
from datetime import datetime
from uuid import UUID

import segno
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from chassis.keys import Keys
from chassis.sealing import BlindIndex, FieldSealer

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nobody has to tell O from 0 or I and L from 1."""

MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
CARD_MARK = "KITH:"
CODE_LENGTH, RECOVERY_LENGTH, CARD_LENGTH, PIN_LENGTH = 8, 10, 32, 6
RECOVERY_CODES = 10
STEP_SECONDS, DIGITS, SECRET_BYTES = 30, 6, 20
DRIFT = (0, -1, 1)
ISSUER = "Kith"


def random_code(length: int) -> str:
    """Letters and digits of 5 random bits each."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def random_pin() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**PIN_LENGTH):0{PIN_LENGTH}d}"


def as_meant(said: str) -> str:
    """A code as somebody copied it, in the form in which it was made."""
    return said.upper().translate(MISREAD)


def new_factor_secret() -> bytes:
    """160 random bits, as RFC 4226 asks for."""
    return os.urandom(SECRET_BYTES)


def enrolment_uri(secret: bytes, username: str) -> str:
    """What an authenticator reads: the otpauth URI of an account."""
    return _totp(secret).get_provisioning_uri(username, ISSUER)


def qr(text: str) -> str:
    """The text as a QR code in SVG, made here."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", scale=4, xmldecl=False, svgns=True)
    return out.getvalue().decode()


def time_step(secret: bytes, code: str, now: datetime) -> int | None:
    """The step (RFC 6238) whose code this is: the one of `now`, or the one before or after; None if it is of no such step."""
    totp, current = _totp(secret), int(now.timestamp()) // STEP_SECONDS
    steps = [current + drift for drift in DRIFT]
    return next(
        (step for step in steps if hmac.compare_digest(totp.generate(step * STEP_SECONDS), code.encode())), None
    )


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 - what authenticators speak


class Proofs:
    """Seals and hashes with the installation's keys, each for one use."""

    def __init__(self, keys: Keys) -> None:
        self._factors = FieldSealer(keys.key("second-factor"))
        self._digests = {use: BlindIndex(keys.key(f"{use}-code")) for use in ("recovery", "one-time", "card")}

    def seal(self, secret: bytes, account_id: UUID) -> bytes:
        """A second factor's secret, bound to its account."""
        return self._factors.seal(secret.hex(), _place(account_id))

    def open(self, sealed: bytes, account_id: UUID) -> bytes:
        """The secret; SealBroken if it is another account's."""
        return bytes.fromhex(self._factors.open(sealed, _place(account_id)))

    def recovery(self, account_id: UUID, code: str) -> bytes:
        """What is kept of a recovery code."""
        return self._digests["recovery"].of(f"{account_id}:{as_meant(code)}")

    def one_time(self, account_id: UUID, code: str) -> bytes:
        """What is kept of a one-time code."""
        return self._digests["one-time"].of(f"{account_id}:{as_meant(code)}")

    def card(self, secret: str) -> bytes:
        """What is kept of a card's secret, with or without the mark before it."""
        return self._digests["card"].of(as_meant(secret.upper().removeprefix(CARD_MARK)))


def _place(account_id: UUID) -> str:
    return f"second_factor.secret:{account_id}"
