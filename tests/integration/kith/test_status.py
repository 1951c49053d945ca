"""`kith ops status`: what was given up counts as settled, and a million rows do not slow it."""

import uuid

import sqlalchemy as sa

from chassis.clock import Clock
from kith.ops import status as room
from kith.ops.status import Status, Watch
from tests.support.operating import Desk, as_owner


def watched(desk: Desk) -> Status:
    watch = Watch(desk.settings)
    try:
        return watch.status()
    finally:
        watch.close()


def of_notify(desk: Desk) -> dict[str, object]:
    found = desk.ops("status", "--json").json
    [consumer] = [one for one in found["consumers"] if one["name"] == "notify"]
    return dict(consumer)


def test_it_says_what_waits_since_when_and_what_is_missing(desk: Desk) -> None:
    desk.park(uuid.uuid4(), behind=1)
    _, late = desk.say(uuid.uuid4(), times=2)
    desk.inbox.receive([late])
    desk.grow_old(minutes=125)
    found = of_notify(desk)
    assert found["waiting"] == {"parked": 1, "ahead": 2}
    assert found["gaps"] == 1
    assert 7500 <= float(str(found["oldest_waiting_seconds"])) < 7600
    said = desk.ops("status").out
    assert "2 h 5 min" in said
    assert max(map(len, said.splitlines())) <= 80


def test_it_says_how_long_the_oldest_event_waits_for_the_relay_and_in_which_epoch_its_source_is(desk: Desk) -> None:
    desk.say(uuid.uuid4(), times=2, sent=False)
    [source] = [one for one in desk.ops("status", "--json").json["sources"] if one["name"] == "pairing"]
    assert (source["recorded"], source["unsent"], source["epoch"]) == (2, 2, 1)
    assert 0 <= source["oldest_unsent_seconds"] < 60


def test_what_was_skipped_counts_as_settled(desk: Desk) -> None:
    event = desk.park(uuid.uuid4(), behind=2)
    before = watched(desk)
    desk.fails.clear()
    desk.ops("parked", "skip", str(event.id), "--reason", "entered twice")
    desk.inbox.tick()
    after = watched(desk)
    assert (before.applied, before.skipped, before.parked) == (0, 0, 1)
    assert (after.applied, after.skipped, after.parked) == (2, 1, 0)
    assert after.expected == 3 * 4
    heard_by_one = Status(after.sources[:0], after.consumers, {})
    assert heard_by_one.settled


def test_in_a_new_epoch_only_what_was_said_in_it_is_expected(desk: Desk) -> None:
    subject = uuid.uuid4()
    desk.inbox.receive(desk.say(subject, times=3))
    with as_owner(desk.settings, "pairing") as owner:
        owner.exec_driver_sql("update epoch set number = 2")
        owner.exec_driver_sql("delete from stream")
    try:
        assert (watched(desk).recorded, watched(desk).applied) == (0, 0)
        desk.inbox.receive(desk.say(subject, times=2))
        assert (watched(desk).recorded, watched(desk).applied) == (2, 2)
    finally:
        with as_owner(desk.settings, "pairing") as owner:
            owner.exec_driver_sql("update epoch set number = 1")


def test_no_question_about_a_source_reads_the_whole_outbox(desk: Desk) -> None:
    now = Clock.of(desk.settings).now()
    with as_owner(desk.settings, "pairing") as owner:
        owner.execute(
            sa.text("""
                insert into outbox (event_id, subject, epoch, sequence, type, body, created_at)
                select gen_random_uuid(), 's' || n % 100, 1, n, 'pairing.helper_left.v1', '{}', :now
                from generate_series(1, 20000) as n
            """),
            {"now": now},
        )
        owner.exec_driver_sql("analyze outbox")
    with desk.source.database.begin() as connection:
        plan = "\n".join(connection.scalars(sa.text(f"explain {room.SAID.text}")))
    assert f"Seq Scan on outbox_y{now:%Y}m{now:%m}" not in plan, plan
