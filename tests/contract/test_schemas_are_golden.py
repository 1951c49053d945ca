"""The schemas under docs/schemas are what others build on: they only ever gain fields."""

from pathlib import Path
from typing import Any

import pytest

from contracts.catalogue import EVENTS
from kith import documenting

GOLDEN = Path(__file__).parents[2] / "docs" / "schemas"


def breaks(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What a consumer of the old schema would stumble over."""
    lost = [f"{field} is gone" for field in old["properties"] if field not in new["properties"]]
    changed = [
        f"{field} changed"
        for field, part in old["properties"].items()
        if field in new["properties"] and part != new["properties"][field]
    ]
    return lost + changed


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_the_schema_of_an_event_is_the_committed_one(name: str) -> None:
    committed = (GOLDEN / f"{name}.json").read_text()
    assert documenting.schema_of(EVENTS[name]) == committed


def test_control_a_lost_or_changed_field_is_a_break_and_a_new_one_is_not() -> None:
    old = {"properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}
    assert breaks(old, {"properties": {"a": {"type": "integer"}}}) == ["b is gone"]
    assert breaks(old, {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}}) == ["a changed"]
    assert breaks(old, {"properties": {**old["properties"], "c": {}}}) == []
