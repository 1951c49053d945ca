"""The page at /explorer: three files of our own, a policy without exceptions, words in both languages, every operation."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gateway.api import explorer
from tests.support.front_door import FrontDoor

SCRIPT = (explorer.ASSETS / "explorer.js").read_text()
PAGE = (explorer.ASSETS / "explorer.html").read_text()
STYLE = (explorer.ASSETS / "explorer.css").read_text()
UNSAFE = (
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "eval(",
    "Function(",
    "localStorage",
    "sessionStorage",
)


class Reader(HTMLParser):
    """What a page would do that a policy forbids, what it asks for, and which of its fields have no name."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.asked: list[str] = []
        self.fields: set[str] = set()
        self.labelled: set[str] = set()
        self.words: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.inline += [name for name in told if name.startswith("on") or name == "style"]
        self.inline += [tag] if tag == "style" or (tag == "script" and "src" not in told) else []
        self.asked += [str(told[name]) for name in ("src", "href", "action") if name in told]
        if tag in ("input", "select", "textarea"):
            self.fields.add(str(told.get("id")))
        if tag == "label":
            self.labelled.add(str(told.get("for")))
        self.words |= {str(told["data-word"])} if "data-word" in told else set()


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


@pytest.mark.parametrize("asset", explorer.FILES, ids=lambda asset: asset.path)
def test_each_file_comes_under_a_policy_without_exceptions(door: FrontDoor, asset: explorer.Asset) -> None:
    with door.anybody() as http:
        answer = http.get(asset.path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(asset.media_type)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_nothing_of_the_page_breaks_its_own_policy() -> None:
    assert read(PAGE).inline == []
    assert all(where.startswith(("/", "#")) and not where.startswith("//") for where in read(PAGE).asked)
    assert not [word for word in UNSAFE if word in SCRIPT]
    assert not re.search(r"https?://|url\(|@import", SCRIPT + STYLE + PAGE)


def test_control_what_the_policy_forbids_is_found() -> None:
    odd = read('<p style="x" onclick="y"><script>z</script><img src="//elsewhere/x"><style></style>')
    assert odd.inline == ["style", "onclick", "script", "style"]
    assert odd.asked == ["//elsewhere/x"]


def test_every_field_has_a_name() -> None:
    assert read(PAGE).fields <= read(PAGE).labelled


def test_every_word_stands_in_both_languages() -> None:
    words = SCRIPT[SCRIPT.index("const WORDS") : SCRIPT.index("const TAGS")]
    english, chinese = (set(re.findall(r"(\w+): ", part)) - {"en", "zh"} for part in words.split("  zh: {"))
    assert english == chinese
    assert read(PAGE).words | set(re.findall(r'word\("(\w+)"\)', SCRIPT)) <= english


def test_every_room_of_the_document_has_a_name_in_chinese(door: FrontDoor) -> None:
    tags = SCRIPT[SCRIPT.index("const TAGS") : SCRIPT.index("const TOLD")]
    with door.anybody() as http:
        paths = http.get("/openapi.json").json()["paths"]
    used = {tag for methods in paths.values() for told in methods.values() for tag in told["tags"]}
    assert used <= set(re.findall(r"(\w+): \"", tags))


def test_the_list_of_operations_leads_to_it(door: FrontDoor) -> None:
    with door.anybody() as http:
        assert 'href="/explorer"' in http.get("/").text


def test_the_files_are_part_of_the_package() -> None:
    assert {one.file for one in explorer.FILES} == {path.name for path in Path(explorer.ASSETS).iterdir()}
