"""`kith ops outbox`: what services said, newest first, and saying it again, which no consumer hears twice."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.support.operating import Desk

A_DAY = timedelta(days=1)


def unsent(desk: Desk) -> list[tuple[str, int]]:
    found = desk.ops("outbox", "list", "--service", "pairing", "--unsent", "--json").json
    return [(row["subject"], row["sequence"]) for row in found]


def test_events_are_listed_newest_first_and_not_more_than_asked_for(desk: Desk) -> None:
    first, second = uuid4(), uuid4()
    desk.say(first, times=3)
    desk.say(second, sent=False)
    found = desk.ops("outbox", "list", "--limit", "3", "--json").json
    assert [(row["subject"], row["sequence"]) for row in found] == [
        (str(second), 1),
        (str(first), 3),
        (str(first), 2),
    ]
    assert [row["sent"] for row in found] == [False, True, True]
    said = desk.ops("outbox", "list", "--limit", "3").out
    assert "not yet" in said
    assert "--limit" in said
    assert max(map(len, said.splitlines())) <= 80


def test_the_list_is_of_a_service_a_subject_a_time_or_what_is_unsent(desk: Desk) -> None:
    subject = uuid4()
    desk.say(subject, uuid4(), times=2)
    assert len(desk.ops("outbox", "list", "--json").json) == 4
    assert len(desk.ops("outbox", "list", "--subject", str(subject), "--json").json) == 2
    assert desk.ops("outbox", "list", "--service", "households", "--json").json == []
    assert desk.ops("outbox", "list", "--unsent").out == "no such events\n"
    tomorrow = (datetime.now(UTC) + A_DAY).date().isoformat()
    assert desk.ops("outbox", "list", "--since", tomorrow, "--json").json == []


def test_events_of_a_subject_are_sent_anew_and_nobody_applies_them_twice(desk: Desk) -> None:
    subject, other = uuid4(), uuid4()
    events = desk.say(subject, other, times=2)
    desk.inbox.receive(events)
    assert desk.ops("outbox", "resend", "--service", "pairing", "--subject", str(subject), "--json").json == {
        "service": "pairing",
        "events": 2,
    }
    assert unsent(desk) == [(str(subject), 2), (str(subject), 1)]
    assert desk.inbox.receive(desk.relay()) == 0
    assert len(desk.applied(subject)) == 2
    with desk.source.database.begin() as connection:
        [entry] = connection.exec_driver_sql(f"select roles, what, outcome from audit where about = '{subject}'")
    assert tuple(entry) == ("operator", "ops.resend_events", "2 events")


def test_what_was_lost_on_its_way_is_applied_after_it_was_sent_anew(desk: Desk) -> None:
    subject = uuid4()
    _, *rest = desk.say(subject, times=3)
    desk.inbox.receive(rest)
    assert desk.ops("outbox", "resend", "--service", "pairing", "--subject", str(subject)).status == 0
    assert desk.inbox.receive(desk.relay()) == 3
    desk.grow_old()
    assert desk.ops("gaps", "--consumer", "notify").status == 0


def test_one_event_is_sent_anew(desk: Desk) -> None:
    [first, _] = desk.say(uuid4(), times=2)
    desk.ops("outbox", "resend", "--service", "pairing", "--event", str(first.id))
    assert unsent(desk) == [(first.subject, 1)]


def test_a_time_is_sent_anew(desk: Desk) -> None:
    subject = uuid4()
    desk.say(subject)
    now = datetime.now(UTC)
    resend = ("outbox", "resend", "--service", "pairing")
    before = desk.ops(*resend, "--since", (now - 2 * A_DAY).isoformat(), "--until", (now - A_DAY).isoformat())
    assert before.out.startswith("pairing: 0 to be sent anew\n")
    around = desk.ops(*resend, "--since", (now - A_DAY).isoformat(), "--until", (now + A_DAY).isoformat())
    assert around.out == "pairing: 1 to be sent anew\n"
    assert unsent(desk) == [(str(subject), 1)]


@pytest.mark.parametrize(
    "arguments",
    [
        ("resend", "--service", "pairing"),
        ("resend", "--subject", "x"),
        ("resend", "--service", "measure", "--subject", "x"),
        ("resend", "--service", "pairing", "--subject", "x", "--event", str(uuid4())),
        ("resend", "--service", "pairing", "--since", "2026-04-15"),
        ("resend", "--service", "pairing", "--since", "2026-04-16", "--until", "2026-04-15"),
        ("resend", "--service", "pairing", "--event", "no-id"),
        ("list", "--since", "yesterday"),
        ("list", "--service", "nobody"),
    ],
)
def test_wrong_input_is_one_line_and_status_two_and_nothing_is_sent(desk: Desk, arguments: tuple[str, ...]) -> None:
    desk.say(uuid4())
    refused = desk.ops("outbox", *arguments)
    assert (refused.status, refused.err.count("\n")) == (2, 1)
    assert unsent(desk) == []
