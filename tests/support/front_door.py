"""A whole installation behind its front door: real services in this process, a real HTTP server, people with tokens."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from uuid import UUID

import httpx
import sqlalchemy as sa

from chassis.addresses import app_url
from chassis.database import Database
from chassis.execution import Call, Reply
from chassis.hosts.inprocess import InProcessHost
from chassis.rpc import ServiceAway
from chassis.rpc_asyncio import InProcessServices
from chassis.settings import Settings
from contracts.actor import Role
from contracts.gateway import CreateAccount
from contracts.refusals import Refusal
from gateway.api.rates import Allowance, Rates
from gateway.office.running import create_account
from gateway.serving import GatewayThread
from kith.installing import install
from kith.registry import CONSUMERS

PASSWORD = "long enough to sign in"
COUNTY, HERE, THERE = "990101", "990101101", "990101102"
OF_SOMEBODY = {Role.FAMILY_MEMBER, Role.HELPER}
UNLIMITED = Allowance("1000000/minute", ("1000000/minute",), "1000000/minute")


class Switchboard(InProcessServices):
    """Services of which some can be cut off, or made to break; remembers what got through."""

    def __init__(self, executors: dict[str, Any]) -> None:
        super().__init__(executors)
        self.away: set[str] = set()
        self.answers: dict[str, Refusal] = {}
        """Idempotency key -> what is answered instead."""
        self.passed: list[Call] = []

    async def call(self, service: str, call: Call) -> Reply:
        if service in self.away:
            raise ServiceAway(service)
        if refusal := self.answers.get(call.idempotency_key or ""):
            return Reply.refused(refusal)
        reply = await super().call(service, call)
        if call.idempotency_key is not None:
            self.passed.append(call)
        return reply

    def carried_out(self) -> list[str]:
        """Idempotency keys of the commands that were carried out, in order."""
        return [str(call.idempotency_key) for call in self.passed]


class FrontDoor:
    """What tests do at a door."""

    def __init__(self, settings: Settings, url: str, switchboard: Switchboard) -> None:
        self.settings = settings
        self.url = url
        self.switchboard = switchboard
        self.database = Database(app_url(settings, "gateway"), pool_size=2)
        self._numbers = count()
        self._tokens: dict[tuple[object, ...], str] = {}

    def anybody(self) -> httpx.Client:
        """Somebody who is not signed in."""
        return httpx.Client(base_url=self.url, timeout=30, trust_env=False)

    def account(self, *roles: Role, area: str = COUNTY, subject_id: UUID | None = None) -> tuple[str, UUID]:
        """(user name, id) of a new account."""
        name = f"person{next(self._numbers)}"
        if OF_SOMEBODY & set(roles):
            subject_id = subject_id or UUID(int=7)
        new = CreateAccount(
            username=name, password=PASSWORD, roles=frozenset(roles), area_code=area, subject_id=subject_id
        )
        return name, create_account(self.settings, new)

    def token(self, username: str) -> str:
        """A session's token."""
        with self.anybody() as http:
            answer = http.post("/v1/session", json={"username": username, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    def person(
        self, *roles: Role, area: str = COUNTY, purpose: str | None = None, subject_id: UUID | None = None
    ) -> httpx.Client:
        """Somebody with these roles who is signed in; the same person each time, to be quick."""
        who = (frozenset(roles), area, subject_id)
        if who not in self._tokens:
            self._tokens[who] = self.token(self.account(*roles, area=area, subject_id=subject_id)[0])
        return self.signed_in(self._tokens[who], purpose)

    def somebody_else(self, *roles: Role, area: str = COUNTY) -> httpx.Client:
        """Somebody with these roles who was never here before."""
        return self.signed_in(self.token(self.account(*roles, area=area)[0]))

    def signed_in(self, token: str, purpose: str | None = None) -> httpx.Client:
        """Whoever the token is of."""
        http = self.anybody()
        http.headers["Authorization"] = f"Bearer {token}"
        if purpose:
            http.headers["Kith-Purpose"] = purpose
        return http

    def rows(self, statement: str, **values: object) -> list[Any]:
        """What stands in the gateway's database, seen by its own role within the county."""
        with self.database.begin() as connection:
            connection.execute(
                sa.text("select set_config('kith.area', :area, true)"), {"area": self.settings.county}
            )
            return list(connection.execute(sa.text(statement), values))

    def change(self, statement: str, **values: object) -> None:
        """Something done to the gateway's database."""
        with self.database.begin() as connection:
            connection.execute(sa.text(statement), values)


@contextmanager
def open_door(settings: Settings, allowance: Allowance = UNLIMITED) -> Iterator[FrontDoor]:
    """An installation with all services and its front door, on any free port."""
    install(settings)
    host = InProcessHost(tuple(CONSUMERS.values()), settings)
    switchboard = Switchboard(dict(host.executors))
    gateway = GatewayThread(settings, lambda: switchboard, rates=Rates(allowance))
    host.start()
    gateway.start()
    door = FrontDoor(settings, gateway.url, switchboard)
    try:
        yield door
    finally:
        gateway.stop()
        host.stop()
        door.database.close()
