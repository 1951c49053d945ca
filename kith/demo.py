"""One demo account per role, so that trying Kith needs no set-up. Never made outside `kith up` and `kith story`."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from chassis.addresses import app_url
from chassis.clock import Clock
from chassis.database import Database
from chassis.keys import Keys
from chassis.settings import Settings
from contracts.actor import Role
from gateway.api import accounts


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
    database = Database(app_url(settings, "gateway"), pool_size=1)
    new = accounts.NewAccount(
        username=username, password=password, roles=frozenset({role}), area_code=area, subject_id=subject_id
    )
    accounts.ensure_account(database, Clock.of(settings), new)
    database.close()
    return SignIn(username, password, role, area)
