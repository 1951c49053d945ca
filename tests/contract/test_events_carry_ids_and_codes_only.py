"""Law L4 over every event schema: closed, no personal field names, no free text."""

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from contracts.catalogue import EVENTS
from contracts.messages import Event, event

FORBIDDEN = (
    "name", "phone", "mobile", "address", "birth", "note", "remark", "text", "comment", "title", "email", "card",
    "health", "disease", "diagnosis", "pregnan", "fertil", "id_number", "identity", "latitude", "longitude", "photo",
)  # fmt: skip
ALLOWED_FORMATS = {"uuid", "date", "date-time"}


def leaks(kind: type[Event]) -> list[str]:
    """Where an event's schema could carry something about a person, or text that nobody chose beforehand."""
    schema = kind.model_json_schema()
    definitions = schema.get("$defs", {})
    found = [] if schema.get("additionalProperties") is False else ["open schema"]
    for field, part in schema["properties"].items():
        found += [f"{field}: named like personal data" for word in FORBIDDEN if word in field]
        found += [f"{field}: free text" for leaf in _leaves(part, definitions) if _is_free_text(leaf)]
    return found


def _leaves(part: dict[str, Any], definitions: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "$ref" in part:
        yield from _leaves(definitions[part["$ref"].rsplit("/", 1)[1]], definitions)
    elif "anyOf" in part:
        for option in part["anyOf"]:
            yield from _leaves(option, definitions)
    elif part.get("type") == "array":
        yield from _leaves(part["items"], definitions)
    elif part.get("type") == "object":
        yield {"type": "string"}  # an open object is as bad as text
    else:
        yield part


def _is_free_text(leaf: dict[str, Any]) -> bool:
    if leaf.get("type") in ("integer", "boolean", "null"):
        return False
    closed = "enum" in leaf or "const" in leaf or leaf.get("format") in ALLOWED_FORMATS
    pattern = leaf.get("pattern", "")
    return not closed and not (pattern.startswith("^[") and pattern.endswith("$") and " " not in pattern)


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_an_event_has_no_room_for_a_name_a_number_or_a_sentence(name: str) -> None:
    assert leaks(EVENTS[name]) == []


def test_control_an_event_with_a_name_or_a_note_is_found() -> None:
    @event("control.leaky.v1", subject="household_id")
    class Leaky(Event):
        """Breaks the law."""

        household_id: uuid.UUID
        person_name: str
        note: str | None
        why: str
        on: date

    found = leaks(Leaky)
    assert any(item.startswith("person_name: named") for item in found)
    assert any(item == "why: free text" for item in found)
    assert not any(item.startswith(("household_id", "on")) for item in found)
