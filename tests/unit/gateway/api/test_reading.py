"""What is read is proper, bounded JSON, whatever was sent."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.refusals import Refused
from gateway.api.reading import DEEPEST, parsed

fit = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=20,
)  # fmt: skip


@given(st.dictionaries(st.text("xyz"), fit))
def test_proper_json_is_read_as_it_is(body: dict[str, Any]) -> None:
    assert parsed(json.dumps(body).encode()) == body


@given(st.binary() | st.text().map(str.encode))
def test_anything_else_is_refused_and_nothing_worse(raw: bytes) -> None:
    try:
        assert isinstance(parsed(raw), dict)
    except Refused as refused:
        assert refused.refusal.status == 422


@given(st.integers(1, 200), st.sampled_from(['{"a":', "["]))
def test_depth_is_bounded_exactly(depth: int, opening: str) -> None:
    closing = "}" if opening.startswith("{") else "]"
    raw = f'{{"top": {opening * depth}1{closing * depth}}}'.encode()
    if depth < DEEPEST:
        assert parsed(raw)
        return
    with pytest.raises(Refused) as caught:
        parsed(raw)
    assert caught.value.refusal.code == "too-deep"
