"""How a message leaves the house: one entry per channel, each through apprise."""

import logging
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Final

from chassis.settings import Settings
from services.notify.model import Letter

# at debug level apprise would write numbers and texts into the log (L4)
logging.getLogger("apprise").setLevel(logging.WARNING)

SCHEMES: Final = MappingProxyType({"http": "json", "https": "jsons", "json": "json", "jsons": "jsons"})
LEFT_OUT: Final = MappingProxyType({"version": "", "title": "", "attachments": "", "type": ""})


def by_webhook(settings: Settings, letter: Letter) -> bool:
    """Post to the SMS bridge `{"message", "to", "id"}`; whether it was accepted.

    The id, also in the header Idempotency-Key, is the same on every try, so that the bridge can drop a repetition.
    A redirect is not followed: the number goes to the address that the operator named and nowhere else.
    The plugin class is used itself; apprise's own entrance would load all its plugins first, for seconds.
    """
    from apprise.plugins.custom_json import NotifyJSON  # slow to load, and only the worker sends

    address = NotifyJSON.parse_url(webhook_address(settings))
    if not address:
        return False
    address["payload"] |= {**LEFT_OUT, "to": letter.to, "id": str(letter.message_id)}
    address["headers"] |= {"Idempotency-Key": str(letter.message_id), "User-Agent": "kith"}
    return bool(NotifyJSON(**address | {"redirect": False}).send(body=letter.words))


def webhook_address(settings: Settings) -> str:
    """The configured address in apprise's notation (`json://`, `jsons://`); empty if none is, or none that is known."""
    scheme, separator, rest = settings.webhook_url.partition("://")
    return f"{SCHEMES[scheme]}://{rest}" if separator and scheme in SCHEMES else ""


CHANNELS: Final = MappingProxyType({"webhook": (webhook_address, by_webhook)})
"""Code -> (is it set up, send)."""


def usable(settings: Settings, order: Sequence[str]) -> tuple[str, ...]:
    """Those channels of `order` that this installation has set up."""
    return tuple(code for code in order if CHANNELS[code][0](settings))


def deliver(settings: Settings, order: Sequence[str], letter: Letter) -> str | None:
    """Try the usable channels in order; the code of the one that accepted the letter, or None."""
    for code in usable(settings, order):
        send: Callable[[Settings, Letter], bool] = CHANNELS[code][1]
        if send(settings, letter):
            return code
    return None
