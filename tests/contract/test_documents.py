"""What the documents point at is there: links, headings, paths, and the tests that security claims rest on."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = (
    ".ci", "chassis", "contracts", "deploy", "docs", "gateway", "kith", "requirements", "services", "tests",
)  # fmt: skip
PAGES = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not any(part.startswith(".") or part == "build" for part in path.relative_to(ROOT).parts[:-1])
)

FENCE = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
QUOTED = re.compile(r"`([^`\n]+)`")
PATH = re.compile(
    rf"(?:{'|'.join(map(re.escape, ROOMS))})(?:/[\w.*<>-]+)+/?|[A-Z][\w-]*\.md|Makefile|pyproject\.toml"
)
ABROAD = re.compile(r"[a-z][a-z0-9+.-]*:")
STATES = ("held", "partly", "later")
MADE_HERE = "deploy/secrets/"
"""What an installation makes for itself and nobody commits."""


def prose(text: str) -> str:
    """The page without its code blocks."""
    return FENCE.sub("", text)


def slug(heading: str) -> str:
    """How a heading is linked to."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def headings(page: Path) -> set[str]:
    return {slug(line.lstrip("#")) for line in prose(page.read_text()).splitlines() if line.startswith("#")}


def broken_links(page: Path, text: str) -> Iterator[str]:
    """Relative links that lead nowhere."""
    for target in LINK.findall(prose(text)):
        if ABROAD.match(target):
            continue
        file, _, heading = target.partition("#")
        found = (page.parent / file).resolve() if file else page
        if not found.exists() or (heading and heading not in headings(found)):
            yield target


def missing_paths(text: str) -> Iterator[str]:
    """Quoted words that look like paths of the house and are none; `<service>` and `*` stand for any name."""
    for quoted in QUOTED.findall(prose(text)):
        if not PATH.fullmatch(quoted) or quoted.startswith(MADE_HERE):
            continue
        if not any(ROOT.glob(re.sub(r"<\w+>", "*", quoted).rstrip("/"))):
            yield quoted


def security_rows(text: str) -> dict[int, tuple[str, str]]:
    """Point -> (state, what shows it), from the table of SECURITY.md."""
    rows = re.findall(r"^\| (\d+) \|[^|]*\| (\w+) \|([^|]*)\|$", text, re.MULTILINE)
    return {int(number): (state, shown) for number, state, shown in rows}


def unshown(rows: dict[int, tuple[str, str]]) -> list[int]:
    """Points that are said to hold, in part or whole, without naming a test; or whose state is no state."""
    return [
        number
        for number, (state, shown) in rows.items()
        if state not in STATES or (state != "later" and "`tests/" not in shown)
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    assert list(broken_links(page, page.read_text())) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    assert list(missing_paths(page.read_text())) == []


def test_the_standing_pages_are_among_those_looked_at() -> None:
    names = {str(page.relative_to(ROOT)) for page in PAGES}
    assert {"ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/glossary.md"} <= names


def test_every_security_point_has_a_state_and_what_holds_names_its_test() -> None:
    rows = security_rows((ROOT / "SECURITY.md").read_text())
    assert sorted(rows) == list(range(1, 38))
    assert unshown(rows) == []


def test_control_dead_links_and_paths_are_found() -> None:
    page = ROOT / "ARCHITECTURE.md"
    text = "[a](CONTRIBUTING.md) [b](nowhere.md) [c](#no-such-heading) [d](https://example.org/x)"
    assert list(broken_links(page, text)) == ["nowhere.md", "#no-such-heading"]
    quoted = "`chassis/inbox.py` `chassis/outbux.py` `services/<service>/store` `services/<name>/nothing.py` `a/b`"
    assert list(missing_paths(quoted)) == ["chassis/outbux.py", "services/<name>/nothing.py"]
    assert list(missing_paths("```\n`chassis/outbux.py`\n```\n")) == []


def test_control_a_claim_without_a_test_is_found() -> None:
    rows = security_rows(
        "| 1 | a | held | `tests/x.py` |\n| 2 | b | held | we are careful |\n| 3 | c | fine | x |\n"
    )
    assert unshown(rows) == [2, 3]
