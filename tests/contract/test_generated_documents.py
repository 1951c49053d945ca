"""What `make docs` wrote is what the declarations say today."""

from pathlib import Path

import yaml

from contracts.catalogue import EVENTS
from kith import documenting

DOCS = Path(__file__).parents[2] / "docs"


def test_the_committed_pages_are_up_to_date() -> None:
    assert documenting.write(DOCS, check=True) == 0


def test_control_a_page_that_was_edited_by_hand_is_found(tmp_path: Path) -> None:
    documenting.write(tmp_path, check=False)
    (tmp_path / "events.md").write_text("by hand")
    assert documenting.write(tmp_path, check=True) == 1


def test_asyncapi_has_a_channel_for_every_event_and_all_references_resolve() -> None:
    document = yaml.safe_load((DOCS / "asyncapi.yaml").read_text())
    assert document["asyncapi"] == "3.0.0"
    assert {channel["address"] for channel in document["channels"].values()} == set(EVENTS)
    for reference in _references(document):
        found = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]


def _references(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [reference for value in node.values() for reference in _references(value)]
    if isinstance(node, list):
        return [reference for value in node for reference in _references(value)]
    return []
