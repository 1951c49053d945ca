"""The form of a partner's key: a mark, a prefix by which it is found, and 256 random bits that nobody keeps."""

import re
import secrets

from chassis.keys import Keys
from chassis.sealing import BlindIndex

MARK = "kithp_"
PREFIX_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
PREFIX_LENGTH = 12
SECRET_BYTES = 32
FORM = re.compile(rf"({MARK}[a-z2-7]{{{PREFIX_LENGTH}}})_[A-Za-z0-9_-]{{43}}")


def new_key() -> tuple[str, str]:
    """(prefix, key) that nobody has yet."""
    prefix = MARK + "".join(secrets.choice(PREFIX_LETTERS) for _ in range(PREFIX_LENGTH))
    return prefix, f"{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"


def prefix_of(key: str) -> str | None:
    """The prefix of what has the form of a key."""
    found = FORM.fullmatch(key)
    return found[1] if found else None


def digest_of(keys: Keys, key: str) -> bytes:
    """What is kept of a key: its keyed hash."""
    return BlindIndex(keys.key("partner-key")).of(key)
