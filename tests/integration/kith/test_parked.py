"""What cannot be applied: an operator sees it, has it tried again, or gives it up; nothing else moves."""

import getpass
import json
import threading
from random import Random
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from chassis import audit, inbox_upkeep
from chassis.clock import Clock
from chassis.inbox_upkeep import HELD, Held, NotHeld
from contracts.envelope import Envelope
from kith.ops import reaching
from kith.ops.reaching import in_transaction
from kith.registry import CONSUMERS
from tests.support.operating import Desk
from tests.support.waiting import eventually

REASON = "entered twice by mistake"
WHO = f"operator:{getpass.getuser()}"


def record_of(desk: Desk, event: UUID) -> list[tuple[str, str]]:
    rows = desk.rows(f"select actor_id, what from audit where about = '{event}' order by id")
    return [(row.actor_id, row.what) for row in rows]


def test_the_list_says_what_is_parked_why_and_how_much_waits_behind_it(desk: Desk) -> None:
    subject = uuid4()
    event = desk.park(subject, behind=3)
    [row] = desk.ops("parked", "list", "--json").json
    assert row["consumer"] == "notify"
    assert (row["source"], row["subject"]) == ("/kith/990101/pairing", str(subject))
    assert (row["event_id"], row["type"]) == (str(event.id), "pairing.helper_left.v1")
    assert (row["attempts"], row["error"], row["behind"]) == (7, "ValueError", 3)
    assert "body" not in row
    said = desk.ops("parked", "list")
    assert said.status == 0
    assert all(word in said.out for word in (str(event.id), str(subject), "notify", "ValueError", "3 behind"))
    assert max(map(len, said.out.splitlines())) <= 80


def test_the_list_is_of_one_consumer_if_asked_for(desk: Desk) -> None:
    desk.park(uuid4())
    assert len(desk.ops("parked", "list", "--consumer", "notify", "--json").json) == 1
    assert desk.ops("parked", "list", "--consumer", "measure", "--json").json == []


def test_what_is_still_tried_is_listed_only_if_asked_for(desk: Desk) -> None:
    failing, lacking = uuid4(), uuid4()
    desk.fails.add(str(failing))
    desk.lacks[str(lacking)] = str(uuid4())
    desk.inbox.receive(desk.say(failing, lacking))
    assert desk.ops("parked", "list", "--json").json == []
    found = desk.ops("parked", "list", "--retrying", "--json").json
    assert {row["state"] for row in found} == {"retry", "not_yet"}
    assert "lacks a fact" in desk.ops("parked", "list", "--retrying").out


def test_show_gives_the_envelope_the_error_and_what_was_done(desk: Desk) -> None:
    event = desk.park(uuid4())
    desk.ops("parked", "retry", str(event.id))
    [found] = desk.ops("parked", "show", str(event.id), "--json").json
    assert found["envelope"] == json.loads(event.model_dump_json(exclude_none=True))
    assert (found["error"], found["attempts"], found["behind"]) == ("ValueError", 7, 2)
    assert found["sent"]
    assert [(one["actor_id"], one["what"]) for one in found["done"]] == [(WHO, "ops.retry_event")]
    said = desk.ops("parked", "show", str(event.id)).out
    assert all(word in said for word in (str(event.id), "ValueError", f"retry_event by {WHO}"))


def test_a_retried_event_whose_cause_is_gone_is_applied_with_all_behind_it(desk: Desk) -> None:
    subject = uuid4()
    event = desk.park(subject, behind=2)
    assert desk.inbox.tick() == 0
    desk.fails.clear()
    assert desk.ops("parked", "retry", str(event.id)).status == 0
    assert desk.inbox.tick() == 3
    assert desk.states(subject) == []
    assert record_of(desk, event.id) == [(WHO, "ops.retry_event")]


def test_a_retried_event_that_fails_again_is_parked_again_at_once_and_its_tries_are_counted_on(desk: Desk) -> None:
    subject = uuid4()
    event = desk.park(subject)
    desk.ops("parked", "retry", str(event.id))
    desk.inbox.tick()
    [row] = desk.ops("parked", "list", "--json").json
    assert (row["event_id"], row["attempts"]) == (str(event.id), 8)
    assert desk.applied(subject) == []


def test_all_that_is_parked_can_be_retried_at_once(desk: Desk) -> None:
    subjects = [uuid4() for _ in range(5)]
    for subject in subjects:
        desk.park(subject, behind=0)
    desk.fails.clear()
    assert len(desk.ops("parked", "retry", "--all", "--json").json["notify"]) == 5
    assert desk.inbox.tick() == 5
    assert desk.ops("parked", "retry", "--all").out == "nothing is parked\n"


def test_a_skipped_event_leaves_a_tombstone_and_its_subject_goes_on(desk: Desk) -> None:
    subject = uuid4()
    event = desk.park(subject, behind=2)
    desk.fails.clear()
    said = desk.ops("parked", "skip", str(event.id), "--reason", f" {REASON} ")
    assert said.status == 0, said.err
    assert desk.inbox.tick() == 2
    assert desk.states(subject) == []
    assert str(event.id) not in desk.applied(subject)
    [grave] = desk.rows(f"select * from inbox_skipped where subject = '{subject}'")
    assert (grave.actor_id, grave.reason, grave.attempts, grave.error) == (WHO, REASON, 7, "ValueError")
    assert (grave.epoch, grave.sequence, str(grave.event_id)) == (1, 1, str(event.id))
    assert Envelope.model_validate_json(grave.body) == event
    assert record_of(desk, event.id) == [(WHO, "ops.skip_event")]
    [roles] = desk.rows(f"select roles from audit where about = '{event.id}'")
    assert roles.roles == "operator"
    [shown] = desk.ops("parked", "show", str(event.id), "--json").json
    assert (shown["state"], shown["reason"]) == ("skipped", REASON)


def test_the_record_holds_after_operators_wrote_into_it(desk: Desk) -> None:
    first, second = desk.park(uuid4()), desk.park(uuid4())
    desk.ops("parked", "retry", str(first.id))
    desk.ops("parked", "skip", str(second.id), "--reason", REASON)
    with desk.runtime.database.begin() as connection:
        rows, broken = audit.verify(connection)
    assert rows >= 2
    assert broken is None


def test_a_tombstone_stays(desk: Desk) -> None:
    event = desk.park(uuid4())
    desk.ops("parked", "skip", str(event.id), "--reason", REASON)
    for statement in ("delete from inbox_skipped", "update inbox_skipped set reason = 'other'"):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            desk.sql(statement)


def test_a_later_duplicate_of_a_skipped_event_is_dropped(desk: Desk) -> None:
    subject = uuid4()
    event = desk.park(subject, behind=0)
    desk.fails.clear()
    desk.ops("parked", "skip", str(event.id), "--reason", REASON)
    assert desk.inbox.receive([event]) == 0
    assert desk.inbox.receive(desk.say(subject)) == 1
    assert str(event.id) not in desk.applied(subject)


def test_after_a_rebuild_an_event_can_be_given_up_once_more(desk: Desk) -> None:
    subject = uuid4()
    event = desk.park(subject, behind=0)
    skip = ("parked", "skip", str(event.id), "--reason")
    assert desk.ops(*skip, "the first time").status == 0
    desk.sql(f"update inbox_cursor set sequence = 0 where subject = '{subject}'")
    desk.inbox.receive([event])
    assert desk.ops(*skip, "once more").status == 0
    assert [row.reason for row in desk.rows("select reason from inbox_skipped")] == ["the first time"]
    assert len(record_of(desk, event.id)) == 2


def test_what_waited_for_the_subject_of_a_skipped_event_is_looked_at_again(desk: Desk) -> None:
    poison, waits = uuid4(), uuid4()
    event = desk.park(poison, behind=0)
    desk.lacks[str(waits)] = str(poison)
    desk.inbox.receive(desk.say(waits))
    desk.lacks.clear()
    assert desk.inbox.tick() == 0
    desk.ops("parked", "skip", str(event.id), "--reason", REASON)
    assert desk.inbox.tick() == 1


def test_an_event_that_lacks_a_fact_which_will_never_come_can_be_skipped(desk: Desk) -> None:
    subject = uuid4()
    desk.lacks[str(subject)] = str(uuid4())
    first, second = desk.say(subject, times=2)
    desk.inbox.receive([first, second])
    desk.lacks.clear()
    assert desk.ops("parked", "skip", str(first.id), "--reason", REASON).status == 0
    assert desk.inbox.tick() == 1
    assert desk.applied(subject) == [str(second.id)]


@pytest.mark.parametrize("which", ["one behind it", "an applied one", "an unknown one"])
def test_only_what_is_held_can_be_skipped_or_retried(desk: Desk, which: str) -> None:
    subject, other = uuid4(), uuid4()
    desk.park(subject, behind=1)
    applied = desk.say(other)
    desk.inbox.receive(applied)
    [behind] = desk.rows("select cast(body as jsonb) ->> 'id' as id from inbox_waiting where state = 'ahead'")
    event = {"one behind it": behind.id, "an applied one": str(applied[0].id), "an unknown one": str(uuid4())}[
        which
    ]
    for arguments in (("skip", event, "--reason", REASON), ("retry", event)):
        refused = desk.ops("parked", *arguments)
        assert (refused.status, refused.err.count("\n")) == (2, 1)
    assert desk.rows("select 1 from inbox_skipped") == []


def test_an_event_that_is_not_the_next_of_its_subject_is_not_skipped(desk: Desk) -> None:
    subject = uuid4()
    event = desk.park(subject, behind=0)
    desk.sql(f"update inbox_waiting set sequence = 2 where subject = '{subject}'")
    refused = desk.ops("parked", "skip", str(event.id), "--reason", REASON)
    assert (refused.status, refused.err.count("\n")) == (2, 1)
    assert "not the next" in refused.err
    assert desk.states(subject) == ["parked"]


def test_where_a_restored_source_begins_anew_is_not_skipped(desk: Desk) -> None:
    subject = uuid4()
    event = desk.park(subject, behind=0)
    desk.sql(
        f"update inbox_waiting set body = replace(body, 'helper_left', 'stream_restored') where subject = '{subject}'"
    )
    refused = desk.ops("parked", "skip", str(event.id), "--reason", REASON)
    assert (refused.status, refused.err.count("\n")) == (2, 1)
    assert "begins anew" in refused.err
    assert desk.states(subject) == ["parked"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("parked", "skip", str(uuid4()), "--reason", "  "),
        ("parked", "skip", str(uuid4())),
        ("parked", "skip", "no-id", "--reason", REASON),
        ("parked", "retry"),
        ("parked", "retry", str(uuid4()), "--all"),
        ("parked", "show", str(uuid4())),
        ("parked", "list", "--consumer", "nobody"),
        ("parked", "list", "--limit", "0"),
    ],
)
def test_wrong_input_is_one_line_and_status_two(desk: Desk, arguments: tuple[str, ...]) -> None:
    refused = desk.ops(*arguments)
    assert refused.status == 2
    assert refused.err.startswith("kith: ")
    assert refused.err.count("\n") == 1


# --- while the inbox runs


def gone_on_without(desk: Desk, event: UUID) -> bool:
    """The control arm: deletes the row and leaves the cursor where it was."""
    desk.sql(f"delete from inbox_waiting where cast(body as jsonb) ->> 'id' = '{event}'")
    return True


def test_control_a_skip_that_only_deletes_the_row_leaves_a_hole_that_gaps_finds(desk: Desk) -> None:
    subject = uuid4()
    event = desk.park(subject, behind=2)
    desk.fails.clear()
    gone_on_without(desk, event.id)
    assert desk.inbox.tick() == 0
    found = desk.ops("gaps", "--consumer", "notify", "--patience", "0", "--json")
    assert found.status == 1
    [hole] = found.json[0]["holes"]
    assert (hole["subject"], hole["first"], hole["last"]) == (str(subject), 1, 1)


def test_after_a_real_skip_there_is_no_hole(desk: Desk) -> None:
    event = desk.park(uuid4(), behind=2)
    desk.fails.clear()
    desk.ops("parked", "skip", str(event.id), "--reason", REASON)
    desk.inbox.tick()
    assert desk.ops("gaps", "--consumer", "notify", "--patience", "0").status == 0


def skip(desk: Desk, event: UUID) -> bool:
    by, at = reaching.operator(desk.settings), Clock.of(desk.settings).now()
    try:
        in_transaction(
            desk.settings,
            CONSUMERS["notify"],
            lambda connection: inbox_upkeep.skip(connection, event, REASON, by, at),
        )
    except NotHeld:
        return False
    return True


def skip_without_looking_again(desk: Desk, event: UUID) -> bool:
    """The control arm: what was read before the lock is believed after it."""
    by, at = reaching.operator(desk.settings), Clock.of(desk.settings).now()

    def do(connection: sa.Connection) -> None:
        found = inbox_upkeep.find(connection, event)
        assert found
        grave = inbox_upkeep._tombstone(found, REASON, by, at)
        connection.execute(inbox_upkeep.TOMBSTONE, vars(grave))
        inbox_upkeep._move_past(connection, found)

    in_transaction(desk.settings, CONSUMERS["notify"], do)
    return True


def skipped_while_it_is_being_applied(desk: Desk, how: object) -> tuple[int, int]:
    """(applied, skipped) of one event that an operator skips just while the inbox is applying it."""
    subject = uuid4()
    event = desk.park(subject, behind=0)
    desk.fails.clear()
    desk.ops("parked", "retry", str(event.id))
    desk.listener.stops_at = str(subject)
    applying = threading.Thread(target=desk.inbox.tick)
    skipping = threading.Thread(target=how, args=(desk, event.id))  # type: ignore[arg-type]
    applying.start()
    assert desk.listener.entered.wait(10)
    skipping.start()
    waiting = (
        "select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    )
    eventually(lambda: desk.rows(waiting)[0].n, within=10, what="the skip to wait for the inbox")
    desk.listener.go_on.set()
    applying.join(10)
    skipping.join(10)
    return len(desk.applied(subject)), len(desk.rows(f"select 1 from inbox_skipped where subject = '{subject}'"))


def test_an_event_that_is_just_being_applied_is_not_skipped_as_well(desk: Desk) -> None:
    assert skipped_while_it_is_being_applied(desk, skip) == (1, 0)


def test_control_a_skip_that_does_not_look_again_under_the_lock_skips_what_was_applied(desk: Desk) -> None:
    assert skipped_while_it_is_being_applied(desk, skip_without_looking_again) == (1, 1)


def operate(desk: Desk, stop: threading.Event, trouble: list[BaseException]) -> None:
    """An operator in a hurry: retries and skips whatever is held, again and again."""
    random = Random(3)
    by, at = reaching.operator(desk.settings), Clock.of(desk.settings).now()

    def retry(connection: sa.Connection, events: list[Held]) -> None:
        inbox_upkeep.retry(connection, events, by, at)

    try:
        while not stop.is_set():
            found = in_transaction(
                desk.settings, CONSUMERS["notify"], lambda connection: inbox_upkeep.held(connection, HELD, 50)
            )
            random.shuffle(found)
            for event in found[:2]:
                skip(desk, UUID(event.event_id))
            in_transaction(desk.settings, CONSUMERS["notify"], lambda connection: retry(connection, found[2:]))  # noqa: B023
    except BaseException as error:
        trouble.append(error)


def test_while_operators_retry_and_skip_a_running_inbox_loses_and_doubles_nothing(desk: Desk) -> None:
    subjects = [uuid4() for _ in range(10)]
    events = desk.say(*subjects, times=20)
    coming = events + events[::4]
    Random(5).shuffle(coming)
    desk.listener.chance = 0.3
    stop, trouble = threading.Event(), list[BaseException]()
    operator = threading.Thread(target=operate, args=(desk, stop, trouble))
    operator.start()
    for start in range(0, len(coming), 7):
        desk.inbox.receive(coming[start : start + 7])
        desk.inbox.tick()
    desk.listener.chance = 0.0
    stop.set()
    operator.join(20)
    assert trouble == []
    desk.make_due()
    while desk.inbox.tick():
        desk.make_due()
    given_up = {str(row.event_id) for row in desk.rows("select event_id from inbox_skipped")}
    assert given_up
    assert desk.rows("select 1 from inbox_waiting") == []
    for subject in subjects:
        said = [str(event.id) for event in events if event.subject == str(subject)]
        assert desk.applied(subject) == [event for event in said if event not in given_up]
