"""Builders for notify: events about helpers and pairs, the owners of contacts, and a strict SMS bridge on loopback."""

import json
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from chassis import access
from chassis.execution import Call, Reply, parse
from chassis.ids import new_id
from contracts.activities import VisitReported
from contracts.actor import Actor, Role
from contracts.catalogue import QUERIES
from contracts.codes import (
    ConsentPurpose,
    DeclineReason,
    EndReason,
    HelperKindCode,
    LeaveReason,
    Side,
    VisitChannel,
    VisitOutcome,
)
from contracts.households import ConsentWithdrawn, ContactView, GetHouseholdContact
from contracts.messages import Event
from contracts.pairing import (
    GetHelperContact,
    HelperAccepted,
    HelperLeft,
    HelperRegistered,
    MatchActivated,
    MatchDeclined,
    MatchEnded,
    MatchProposed,
)
from contracts.refusals import NOT_FOUND
from services.notify.catalogue import RULES

TODAY = date(2026, 4, 15)
COUNTY, TOWNSHIP, OTHER_TOWNSHIP = "220283", "220283105", "220283106"
VILLAGE, OTHER_VILLAGE = "220283105001", "220283106001"


@dataclass(frozen=True)
class Helper:
    """A helper, and what pairing says of them."""

    area_code: str = VILLAGE
    id: UUID = field(default_factory=new_id)

    def signed_in(self, area: str = TOWNSHIP) -> Actor:
        return Actor(id=f"helper-{self.id}", roles=frozenset({Role.HELPER}), area=area, subject_id=self.id)

    def registered(self) -> HelperRegistered:
        return HelperRegistered(
            helper_id=self.id,
            helper_number=f"H-{self.id.hex[-6:]}",
            kind=HelperKindCode.NEIGHBOUR,
            area_code=self.area_code,
            capacity=1,
            registered_on=TODAY,
        )

    def left(self) -> HelperLeft:
        return HelperLeft(helper_id=self.id, area_code=self.area_code, left_on=TODAY, reason=LeaveReason.NOT_SAID)


@dataclass(frozen=True)
class Pair:
    """A household and its helper, and what happens between them."""

    area_code: str = VILLAGE
    household_id: UUID = field(default_factory=new_id)
    helper_id: UUID = field(default_factory=new_id)
    match_id: UUID = field(default_factory=new_id)

    @property
    def _ids(self) -> dict[str, Any]:
        return {
            "match_id": self.match_id,
            "household_id": self.household_id,
            "helper_id": self.helper_id,
            "area_code": self.area_code,
        }

    def member_signed_in(self) -> Actor:
        return Actor(
            id=f"member-{self.household_id}",
            roles=frozenset({Role.FAMILY_MEMBER}),
            area=self.area_code,
            subject_id=self.household_id,
        )

    def proposed(self) -> MatchProposed:
        return MatchProposed(**self._ids, helper_kind=HelperKindCode.NEIGHBOUR, proposed_on=TODAY, replaces=None)

    def accepted(self) -> HelperAccepted:
        return HelperAccepted(**self._ids, accepted_on=TODAY)

    def declined(self) -> MatchDeclined:
        return MatchDeclined(**self._ids, declined_on=TODAY, by=Side.HELPER, reason=DeclineReason.NOT_SAID)

    def activated(self) -> MatchActivated:
        return MatchActivated(
            **self._ids, helper_kind=HelperKindCode.NEIGHBOUR, started_on=TODAY, rhythm=None, replaces=None
        )

    def ended(self, *, was_active: bool = True) -> MatchEnded:
        return MatchEnded(**self._ids, ended_on=TODAY, was_active=was_active, reason=EndReason.NO_LONGER_WISHED)

    def visited(self, outcome: VisitOutcome = VisitOutcome.NEEDS_HELP) -> VisitReported:
        return VisitReported(
            visit_id=new_id(),
            household_id=self.household_id,
            match_id=self.match_id,
            area_code=self.area_code,
            visited_on=TODAY,
            reported_on=TODAY,
            channel=VisitChannel.IN_PERSON,
            outcome=outcome,
        )

    def withdrawal(self, purpose: ConsentPurpose = ConsentPurpose.MESSAGES) -> ConsentWithdrawn:
        return ConsentWithdrawn(
            household_id=self.household_id, area_code=self.area_code, purpose=purpose, withdrawn_on=TODAY
        )


def one_of_each() -> list[Event]:
    """An event for every rule of the catalogue."""
    helper, pair = Helper(), Pair()
    return [
        helper.registered(),
        helper.left(),
        pair.proposed(),
        pair.accepted(),
        pair.declined(),
        pair.activated(),
        pair.ended(),
        pair.visited(),
    ]


class Owners:
    """Households and pairing as far as contacts go: they check who asks and why, like the real ones."""

    def __init__(self) -> None:
        self.contacts: dict[UUID, ContactView] = {}
        self.asked: Counter[UUID] = Counter()

    def knows(self, id: UUID, phone: str | None, *, allowed: bool = True, language: str = "zh") -> None:
        self.contacts[id] = ContactView(allowed=allowed, phone=phone, language=language)

    def execute(self, call: Call) -> Reply:
        """Stands where another service's executor stands."""
        kind = QUERIES[call.name]
        query = parse(kind, call.body)
        if refusal := access.refuse(query, call.actor):
            return Reply.refused(refusal)
        assert isinstance(query, GetHouseholdContact | GetHelperContact)
        id = query.household_id if isinstance(query, GetHouseholdContact) else query.helper_id
        self.asked[id] += 1
        contact = self.contacts.get(id)
        return Reply(answer=contact.model_dump(mode="json")) if contact else Reply.refused(NOT_FOUND)


NUMBER = re.compile(r"\+?[0-9]{8,15}")
TEXTS = {text for rule in RULES for text in (rule.text.en, rule.text.zh)}


def why_wrong(path: str, headers: dict[str, str], body: bytes) -> str | None:
    """Why a strict bridge refuses a request, or None."""
    try:
        told = json.loads(body)
    except ValueError:
        return "not JSON"
    if path != "/sms":
        return "path"
    if headers.get("content-type") != "application/json":
        return "content type"
    if not isinstance(told, dict) or set(told) != {"to", "message", "id"}:
        return "fields"
    if not NUMBER.fullmatch(str(told["to"])):
        return "number"
    if told["message"] not in TEXTS:
        return "text"
    return None if told["id"] and told["id"] == headers.get("idempotency-key") else "id"


class Bridge:
    """A real HTTP server on loopback that takes messages; it refuses wrong ones and drops repeated ids."""

    def __init__(self) -> None:
        self.taken: dict[str, dict[str, str]] = {}
        self.repeated: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.down = False
        self.calls = 0
        bridge = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status = bridge._take(self.path, headers, body)
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet: what comes in holds numbers."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/sms"

    def _take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        self.calls += 1
        if self.down:
            return 503
        if reason := why_wrong(path, headers, body):
            self.wrong.append(reason)
            return 422
        told = json.loads(body)
        if told["id"] in self.taken:
            self.repeated[told["id"]] += 1
        else:
            self.taken[told["id"]] = told
        return 202

    def to(self, number: str) -> list[str]:
        """What was said to a number."""
        return [told["message"] for told in self.taken.values() if told["to"] == number]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
