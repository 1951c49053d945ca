"""No operation goes without a word: it is served as it was listed, or its sunset has passed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from chassis.clock import Clock
from chassis.settings import Settings
from contracts.messages import Deprecated
from gateway.api import deprecating
from gateway.api.app import operations
from gateway.api.openapi import document
from gateway.api.operation import Operation
from kith import documenting

LIST = Path(__file__).parents[2] / "docs" / documenting.OPERATIONS
NOTICE = timedelta(days=180)
OLD = Deprecated(date(2026, 1, 1), date(2026, 7, 1), "/v1/plans")


def gone(listed: str, served: tuple[Operation, ...], today: date) -> Iterator[str]:
    """Listed operations that are served no longer, or elsewhere, though their sunset has not passed."""
    now = {one.id: (one.method, one.path) for one in served}
    for line in listed.splitlines()[1:]:
        name, method, path, sunset = line.split("\t")
        over = bool(sunset) and date.fromisoformat(sunset) <= today
        if now.get(name) != (method, path) and not over:
            yield name


def hasty(served: tuple[Operation, ...]) -> Iterator[str]:
    """Operations that would go sooner than the policy says."""
    for one in served:
        if one.deprecated and one.deprecated.sunset - one.deprecated.since < NOTICE:
            yield one.id


@pytest.fixture
def today() -> date:
    return Clock.of(Settings()).today()


def test_every_listed_operation_is_served_until_its_sunset(today: date) -> None:
    assert list(gone(LIST.read_text(), operations(), today)) == []


def test_control_an_operation_that_was_removed_or_moved_is_found(today: date) -> None:
    listed = documenting.operations_list("")
    without = tuple(one for one in operations() if one.id != "activities.list_plans")
    assert list(gone(listed, without, today)) == ["activities.list_plans"]
    moved = tuple(replace(one, path="/v1/me2") if one.id == "session.me" else one for one in operations())
    assert list(gone(listed, moved, today)) == ["session.me"]


def test_what_was_listed_stays_listed_until_somebody_takes_it_out() -> None:
    before = "operation\tmethod\tpath\tsunset\nold.thing\tGET\t/v1/old\t2026-07-01\n"
    listed = documenting.operations_list(before)
    assert "old.thing\tGET\t/v1/old\t2026-07-01" in listed
    assert list(gone(before, operations(), date(2026, 6, 30))) == ["old.thing"]
    assert list(gone(before, operations(), date(2026, 7, 1))) == []


def test_nothing_goes_sooner_than_180_days_after_it_was_said() -> None:
    assert list(hasty(operations())) == []
    one = replace(operations()[0], deprecated=replace(OLD, sunset=date(2026, 2, 1)))
    assert list(hasty((one,))) == [one.id]


def test_what_is_deprecated_says_so_on_every_answer_and_in_the_document() -> None:
    assert deprecating.headers(OLD) == {
        "Deprecation": "@1767225600",
        "Sunset": "Wed, 01 Jul 2026 00:00:00 GMT",
        "Link": '</v1/plans>; rel="successor-version"',
    }
    (one,) = (replace(one, deprecated=OLD) for one in operations() if one.id == "session.me")
    told = document([one], "1")["paths"]["/v1/me"]["get"]
    assert told["deprecated"] is True
    assert {"Deprecation", "Sunset", "Link"} <= told["responses"]["200"]["headers"].keys()
