"""Two languages, one of them asked for."""

import pytest

from gateway.api.language import negotiated, told


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        (None, "en"), ("", "en"), ("zh", "zh"), ("zh-Hans-CN", "zh"), ("ZH", "zh"), ("fr, zh;q=0.3", "zh"),
        ("en;q=0.4, zh;q=0.5", "zh"), ("zh;q=0", "en"), ("zh;q=2", "en"), ("zh;q=x", "en"), ("zhuang", "en"), ("*", "en"),
        ("fr," * 30 + "zh", "en"),
    ],
)  # fmt: skip
def test_the_language_that_is_asked_for_most_is_spoken(asked: str | None, language: str) -> None:
    assert negotiated(asked) == language


def test_pairs_are_told_in_one_language_at_every_depth() -> None:
    pair = {"title_en": "A", "title_zh": "甲", "code": "x"}
    assert told([{"in": (pair,)}], "zh") == [{"in": [{"title": "甲", "code": "x"}]}]


def test_a_word_without_its_counterpart_stays_as_it_is() -> None:
    assert told({"title_en": "A", "when_zh": 1}, "zh") == {"title_en": "A", "when_zh": 1}


def test_what_was_not_put_into_chinese_is_told_in_english() -> None:
    assert told({"title_en": "A", "title_zh": ""}, "zh") == {"title": "A"}
