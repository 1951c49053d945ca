"""One thing, one name: what is the id of a thing is called `<thing>_id` wherever it is answered, as in the path."""

import re
from collections.abc import Iterator
from typing import Any

from gateway.api.app import described

OF_ANY_THING = {"Created"}
"""The one answer that may say `id`: it speaks for whatever was made."""

SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def answered(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(shape, field) of all that is answered."""
    for name, schema in document["components"]["schemas"].items():
        for field in schema.get("properties", {}):
            yield name, field


def bare_ids(document: dict[str, Any]) -> list[str]:
    """Shapes that call their own id just `id`."""
    return [name for name, field in answered(document) if field == "id" and name not in OF_ANY_THING]


def test_no_answer_calls_its_own_id_just_id() -> None:
    assert bare_ids(described()) == []


def test_control_a_row_with_a_bare_id_is_found() -> None:
    document = described()
    document["components"]["schemas"]["OddRow"] = {"properties": {"id": {}, "match_id": {}}}
    assert bare_ids(document) == ["OddRow"]


def test_every_id_in_a_path_is_a_field_of_some_answer() -> None:
    """Who reads an answer finds there, under the same name, what the next path wants."""
    document = described()
    fields = {field for _, field in answered(document)}
    wanted = {name for path in document["paths"] for name in re.findall(r"{(\w+)}", path)}
    assert {name for name in wanted if name.endswith("_id")} <= fields


def test_names_are_words_with_underscores() -> None:
    assert [field for _, field in answered(described()) if not SNAKE.fullmatch(field)] == []
