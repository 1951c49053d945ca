"""Every list, whatever its cursor was altered to: refused, or another place of one's own list; never a fault, never others' rows."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.actor import Role
from tests.integration.gateway.api.conftest import County
from tests.support.front_door import COUNTY, HERE, THERE, FrontDoor

GARBAGE = [
    "x", "0", "-1", "'", "%", "' or 1=1 --", "%00", "\u202e", "…", "null", "{}", "990101", "990101102", "🜁" * 50,
    "x" * 200, str(UUID(int=0)), str(UUID(int=2**128 - 1)), ":", "a:b", f":{UUID(int=0)}", f"zzzz:{UUID(int=1)}",
    "990101101001/household:00", "990101102/x:0", "../../etc/passwd",
]  # fmt: skip
REFUSED = ["", "x" * 201, "a\x00b", "a\nb"]
OF_TOWNS = set(Role) - {Role.SYSTEM, Role.PARTNER}


def lists(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(path, what is told) of every operation that takes a cursor."""
    for path, methods in document["paths"].items():
        told = methods.get("get")
        if told and any(one["name"] == "cursor" for one in told["parameters"]):
            yield path.replace("{code}", "PAIR-01"), told


@pytest.fixture(scope="module")
def document(door: FrontDoor) -> dict[str, Any]:
    with door.anybody() as http:
        found: dict[str, Any] = http.get("/openapi.json").json()
    return found


def reader(door: FrontDoor, told: dict[str, Any], area: str) -> httpx.Client:
    """Somebody of this area who may ask for the list."""
    roles = sorted(OF_TOWNS & set(map(Role, told.get("x-roles", [Role.TOWNSHIP_OFFICER]))))
    purpose = "own_data" if roles[0] is Role.FAMILY_MEMBER else "oversight"
    return door.person(roles[0], area=area, purpose=purpose)


def pages(http: httpx.Client, path: str) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        answer = http.get(path, params={"limit": 1} | ({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, (path, answer.text)
        page: dict[str, Any] = answer.json()
        yield page
        cursor = page["next_cursor"]
        if cursor is None:
            return


def altered(cursor: str) -> Iterator[str]:
    """A true cursor with each of a few places changed, cut, or with something put to it."""
    for place in {0, len(cursor) // 2, len(cursor) - 1}:
        for letter in "0az:'%":
            yield cursor[:place] + letter + cursor[place + 1 :]
    yield cursor[:-1]
    yield cursor + "0"
    yield cursor[::-1]
    yield cursor.upper()


def test_every_list_is_walked(document: dict[str, Any]) -> None:
    assert len(list(lists(document))) >= 12


def test_garbage_is_refused_or_leads_nowhere_and_is_never_a_fault(
    door: FrontDoor, county: County, document: dict[str, Any]
) -> None:
    for path, told in lists(document):
        with reader(door, told, COUNTY) as http:
            for cursor in GARBAGE:
                assert http.get(path, params={"cursor": cursor}).status_code in (200, 422), (path, cursor)
            for cursor in REFUSED:
                answer = http.get(path, params={"cursor": cursor})
                assert answer.status_code == 422, (path, cursor)
                assert answer.json()["code"] == "not-json" or "/cursor" in answer.json()["pointers"]


def walked(door: FrontDoor, told: dict[str, Any], path: str) -> set[str]:
    """All that somebody from elsewhere is shown with cursors of this township's list, true and altered."""
    with reader(door, told, HERE) as mine:
        cursors = [page["next_cursor"] for page, _ in zip(pages(mine, path), range(3), strict=False)]
    shown: set[str] = set()
    with reader(door, told, THERE) as stranger:
        for cursor in filter(None, cursors):
            for tried in (cursor, *altered(cursor)):
                answer = stranger.get(path, params={"cursor": tried})
                assert answer.status_code in (200, 422), (path, tried, answer.text)
                items = answer.json().get("items", [])
                shown |= {json.dumps(item, sort_keys=True) for item in items}
    return shown


def test_a_cursor_of_elsewhere_shows_nothing_of_elsewhere(
    door: FrontDoor, county: County, document: dict[str, Any]
) -> None:
    for path, told in lists(document):
        assert not [row for row in walked(door, told, path) if f'"area_code": "{HERE}' in row], path


def test_control_a_cursor_is_what_the_walk_follows(
    door: FrontDoor, county: County, document: dict[str, Any]
) -> None:
    """From the same township the walk does see its rows: it is the area that hides them."""
    told = document["paths"]["/v1/households"]["get"]
    with reader(door, told, HERE) as mine:
        found = [
            page["items"][0]["household_id"]
            for page, _ in zip(pages(mine, "/v1/households"), range(3), strict=False)
        ]
    assert len(set(found)) == 3


def test_no_filter_takes_just_any_word(document: dict[str, Any]) -> None:
    """An unknown word is refused rather than answered with an empty list."""
    free = [
        (path, one["name"])
        for path, methods in document["paths"].items()
        for told in methods.values()
        for one in told["parameters"]
        if one["in"] == "query" and loose(one["schema"], document["components"]["schemas"])
    ]
    assert free == []
    assert loose({"type": "string"}, {})


def loose(schema: dict[str, Any], schemas: dict[str, Any]) -> bool:
    if "$ref" in schema:
        return loose(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    bound = {"enum", "const", "format", "pattern", "maxLength"}
    return schema.get("type") == "string" and not bound & schema.keys()


@pytest.mark.parametrize("path", ["/v1/matches?state=gone", "/v1/messages?state=x", "/v1/plans?year=1"])
def test_an_unknown_word_is_refused(door: FrontDoor, path: str) -> None:
    with door.person(Role.COUNTY_OFFICER) as http:
        assert http.get(path).status_code == 422
