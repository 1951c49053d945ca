"""One of everything, in one township, and a proper body for every operation: what the walks of the whole document need."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx

from chassis.ids import new_id
from contracts.actor import Role
from gateway.office.store import identities
from gateway.office.store.identities import Identity
from tests.integration.gateway.api.conftest import County
from tests.support.front_door import HERE, FrontDoor

NOT_OF_AN_AREA = {"code", "command", "rule_id"}
"""Path parameters that name nothing of anybody's area: an indicator, a command, a rule."""

FIELDS: dict[str, Any] = {
    "answered_on": "2026-04-15", "left_on": "2026-04-15", "visited_on": "2026-04-15", "year": 2026,
    "username": "over-there", "password": "long enough to sign in", "roles": ["auditor"], "code": "123456",
    "since": "2026-04-01T00:00:00Z",
    "valid_until": "2026-05-01",
}  # fmt: skip
"""Values that the shape alone does not tell."""

BODIES: dict[str, dict[str, Any]] = {
    "activities.activate_plan": {
        "lead_unit": "family_planning_office", "deadline": "2026-06-30", "budget_line": "1",
        "indicators": [{"code": "PAIR-01", "baseline": 0, "target": 1, "due": "2026-06-30"}],
    },
    "activities.revise_plan": {"title": "Another"},
    "gateway.link_identity": {"issuer": "https://id.example", "subject": "s2"},
    "gateway.create_partner_key": {"scopes": ["households.list_areas"], "valid_until": "2026-05-01"},
    "gateway.exempt_from_rule": {"reason": "tried out", "until": "2026-05-01", "area_code": HERE},
}  # fmt: skip
TOWN = Role.TOWNSHIP_OFFICER


@dataclass(frozen=True)
class Told:
    """One operation of the document."""

    path: str
    method: str
    told: dict[str, Any]
    schemas: dict[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        return str(self.told["operationId"])

    @property
    def open(self) -> bool:
        return self.told.get("security") == []

    def for_(self, role: Role) -> bool:
        """Whether somebody with this role may ask at all."""
        return role in self.told.get("x-roles", list(Role))

    @property
    def parameters(self) -> set[str]:
        return {one["name"] for one in self.told["parameters"] if one["in"] == "path"}

    @property
    def shape(self) -> dict[str, Any]:
        content = self.told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        return self.resolved(content)

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.schemas[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
        return found

    def body(self, things: dict[str, str]) -> dict[str, Any] | None:
        """A body that its shape lets through, naming things that are there."""
        if self.method == "get":
            return None
        needed = {name: self._value(name, things) for name in self.shape.get("required", ())}
        return {**needed, **BODIES.get(self.id, {})}

    def _value(self, name: str, things: dict[str, str]) -> Any:
        if name in things or name.endswith("_account_id"):
            return things.get(name, things["account_id"])
        return FIELDS.get(name) or example(self.resolved(self.shape["properties"][name]), self)

    def at(self, things: dict[str, str]) -> str:
        """The address with things in it."""
        path = self.path
        for name in self.parameters:
            path = path.replace(f"{{{name}}}", thing(name, self.path, things))
        return path

    def asking(self) -> dict[str, Any]:
        """What a read has to be asked with."""
        needed = [one for one in self.told["parameters"] if one["in"] == "query" and one.get("required")]
        return {one["name"]: FIELDS.get(one["name"]) or example(one["schema"], self) for one in needed}


def thing(name: str, path: str, things: dict[str, str]) -> str:
    """The thing that a path's parameter names; KeyError for one that nobody has made here."""
    if name == "import_id":
        return things["survey-import" if "survey" in path else "helper-import"]
    named = {"code": "PAIR-01", "command": "activities.draft_plan", "rule_id": "ADM-01"}
    return named.get(name) or things[name]


def example(schema: dict[str, Any], of: Told) -> Any:
    """Something of this shape."""
    if kinds := schema.get("anyOf"):
        return example(of.resolved(kinds[0]), of)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    formats = {"date": "2026-04-15", "date-time": datetime.now(UTC).isoformat(), "uuid": str(UUID(int=9))}
    plain = {"string": "x" * max(12, int(schema.get("minLength", 0))), "boolean": True, "object": {}}
    if schema.get("type") == "integer":
        return schema.get("minimum", 1)
    if schema.get("type") == "array":
        return [example(of.resolved(schema["items"]), of)]
    return formats.get(str(schema.get("format"))) or plain[schema["type"]]


def walked(door: FrontDoor) -> Iterator[Told]:
    """Every operation that is served."""
    with door.anybody() as http:
        document = http.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            yield Told(path, method, told, document["components"]["schemas"])


def made(http: httpx.Client, path: str, key: str = "id", **body: Any) -> str:
    """The id of what this command makes."""
    answer = http.post(path, json=body)
    assert answer.status_code < 300, (path, answer.text)
    return str(answer.json()[key])


def everything(door: FrontDoor, county: County) -> dict[str, str]:
    """One thing of each kind in the township HERE, or of somebody's there; by the name that paths give its id."""
    town = door.somebody_else(TOWN, area=HERE)
    household, helper = county.match["household_id"], county.match["helper_id"]
    family = made(town, "/v1/family-accounts", household_id=household, area_code=county.match["area_code"])
    other_name, other = door.account(TOWN, area=HERE)
    days = {"first_day": "2026-04-15", "last_day": "2026-04-20"}
    found = {
        "household_id": household,
        "helper_id": helper,
        "match_id": county.match["match_id"],
        "plan_id": county.plan,
        "round_id": county.round,
        "survey-import": county.survey_import,
        "helper-import": county.helper_import,
        "account_id": family,
        "visit_id": made(town, "/v1/visits", household_id=household, visited_on="2026-04-15", outcome="all_well"),
        "card_id": made(town, f"/v1/family-accounts/{family}/cards", "card_id"),
        "delegation_id": made(
            town, "/v1/delegations", to_account_id=str(other), roles=[TOWN], area_code=HERE, **days
        ),
        "session_id": town.get("/v1/sessions").json()["items"][0]["session_id"],
        "emergency_id": made(
            town,
            "/v1/emergencies",
            "emergency_id",
            reason="danger_to_life",
            account="Somebody lies there",
            opened_area=HERE,
        ),
        "other": other_name,
    }
    return found | of_operators(door, str(other)) | kept(door, town)


def of_operators(door: FrontDoor, account: str) -> dict[str, str]:
    """What operators and county officers made for the township."""
    operator = door.somebody_else(Role.OPERATOR, area=HERE)
    partner = str(door.account(Role.PARTNER, area=HERE)[1])
    privileged = {"username": "privileged", "password": "long enough to sign in", "roles": ["operator"]}
    identity = Identity(new_id(), UUID(account), "https://id.example", "s1", datetime.now(UTC))
    with door.database.begin() as connection:
        assert identities.add(connection, identity)
    exempted = {"reason": "tried out", "until": "2026-05-01", "area_code": HERE, "entity_id": str(UUID(int=77))}
    return {
        "approval_id": made(operator, "/v1/accounts", "approval_id", **privileged, area_code=HERE),
        "identity_id": str(identity.id),
        "key_id": made(
            operator, "/v1/partner-keys", "key_id", account_id=partner, scopes=["households.list_areas"],
            area_code=HERE, valid_until=FIELDS["valid_until"],
        ),
        "exemption_id": made(door.person(Role.COUNTY_OFFICER), "/v1/rules/ADM-03/exemptions", **exempted),
    }  # fmt: skip


def kept(door: FrontDoor, town: httpx.Client) -> dict[str, str]:
    """What the gateway keeps of somebody's: a verdict, a command that was taken in, a notice."""
    body = {"carrier": "happy_family", "area_code": HERE, "year": 2044, "title": "A plan"}
    verdict = town.post("/v1/plans", json=body).headers["Kith-Decision"]
    door.switchboard.away.add("households")
    answered = {"purpose": "visits", "answer": "yes", "answered_on": "2026-04-15"}
    taken = town.post(f"/v1/households/{UUID(int=5)}/consents", json=answered)
    door.switchboard.away.clear()
    officer = door.person(Role.COUNTY_OFFICER)
    notices = officer.get("/v1/notices").json()["items"]
    return {
        "verdict_id": verdict,
        "intake_id": str(taken.json()["intake_id"]),
        "notice_id": str(notices[0]["notice_id"] if notices else UUID(int=6)),
    }
