"""One demo account per role, so that trying Kith needs no set-up. Never made outside `kith up` and `kith story`."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from chassis.keys import Keys
from chassis.settings import Settings
from contracts.actor import Role
from contracts.gateway import CreateAccount
from gateway.office import running


@dataclass(frozen=True)
class SignIn:
    """Who can be signed in as."""

    username: str
    password: str
    role: Role
    area: str


def password_of(settings: Settings, username: str) -> str:
    """A password that only this installation's secret gives: it can be printed again at every start."""
    digest = hmac.new(Keys.of(settings).key("demo"), username.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode().lower()


def account(settings: Settings, username: str, role: Role, area: str, subject_id: UUID | None = None) -> SignIn:
    """The account, made if it is missing."""
    password = password_of(settings, username)
    new = CreateAccount(
        username=username, password=password, roles=frozenset({role}), area_code=area, subject_id=subject_id
    )
    running.ensure_account(settings, new)
    return SignIn(username, password, role, area)
