"""`kith ops gaps` finds what a consumer lacks, once it has lacked it for long enough, and nothing else."""

from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from chassis import inbox_gaps
from chassis.inbox_gaps import Tail
from tests.support.operating import Answer, Desk

OURS = ("--consumer", "notify")
SOURCE = "/kith/990101/pairing"


def gaps(desk: Desk, *arguments: str) -> Answer:
    return desk.ops("gaps", *OURS, *arguments)


def test_where_nothing_is_missing_it_says_so_with_status_zero(desk: Desk) -> None:
    desk.inbox.receive(desk.say(uuid4(), uuid4(), times=3))
    desk.grow_old()
    assert gaps(desk) == Answer(0, "no gaps\n", "")


def test_a_hole_is_named_by_subject_and_numbers(desk: Desk) -> None:
    subject = uuid4()
    events = desk.say(subject, times=6)
    desk.inbox.receive([events[0], events[3], events[5]])
    assert gaps(desk).status == 0
    desk.grow_old()
    found = gaps(desk, "--json")
    assert found.status == 1
    holes = [(hole["subject"], hole["first"], hole["last"]) for hole in found.json[0]["holes"]]
    assert holes == [(str(subject), 2, 3), (str(subject), 5, 5)]
    said = gaps(desk).out
    assert "#2 to #3 missing" in said
    assert "kith ops outbox resend" in " ".join(said.split())
    assert max(map(len, said.splitlines())) <= 80


def test_a_hole_is_as_old_as_the_longest_wait_behind_it(desk: Desk) -> None:
    _, second, third = desk.say(uuid4(), times=3)
    desk.inbox.receive([third])
    desk.grow_old()
    desk.inbox.receive([second])
    [hole] = gaps(desk, "--json").json[0]["holes"]
    assert (hole["first"], hole["last"]) == (1, 1)


def test_a_hole_after_a_new_epoch_began_is_in_that_epoch(desk: Desk) -> None:
    events = desk.say(uuid4(), times=3)
    desk.inbox.receive(events[:2])
    late = events[2].model_copy(update={"epoch": 2, "sequence": 3})
    desk.inbox.receive([late])
    desk.grow_old()
    [hole] = gaps(desk, "--json").json[0]["holes"]
    assert (hole["epoch"], hole["first"], hole["last"]) == (2, 1, 2)
    assert "#1 to #2 of epoch 2" in gaps(desk).out


def test_a_reaction_that_lacks_a_fact_is_named_with_what_it_waits_for(desk: Desk) -> None:
    subject, missing = uuid4(), uuid4()
    desk.lacks[str(subject)] = str(missing)
    desk.inbox.receive(desk.say(subject))
    assert gaps(desk).status == 0
    desk.grow_old()
    [lack] = gaps(desk, "--json").json[0]["lacking"]
    assert (lack["subject"], lack["waits_for"]) == (str(subject), str(missing))
    assert str(missing) in gaps(desk).out


def test_a_lost_end_of_a_stream_is_found_though_nothing_waits_for_it(desk: Desk) -> None:
    cut, never, whole = uuid4(), uuid4(), uuid4()
    desk.inbox.receive(desk.say(cut)[:1])
    desk.say(cut, times=2)
    desk.say(never)
    desk.inbox.receive(desk.say(whole, times=2))
    assert gaps(desk).status == 0
    desk.grow_old()
    [tails] = gaps(desk, "--json").json[0]["tails"]
    assert tails["subjects"] == 2
    found = {(one["subject"], one["after_sequence"], one["head"]) for one in tails["first"]}
    assert found == {(str(cut), 1, 3), (str(never), 0, 1)}
    assert "#2 to #3 never came" in gaps(desk).out


def test_what_is_not_sent_yet_is_no_lost_end(desk: Desk) -> None:
    desk.say(uuid4(), times=2)
    desk.grow_old()
    assert gaps(desk).status == 1
    with desk.source.database.begin() as connection:
        connection.execute(
            sa.text("insert into outbox_unsent select id, created_at from outbox where sequence = 2")
        )
    assert gaps(desk).status == 0


def test_what_waits_behind_a_parked_event_is_no_lost_end(desk: Desk) -> None:
    desk.park(uuid4(), behind=3)
    desk.grow_old()
    assert gaps(desk).status == 0


def test_of_very_many_lost_ends_all_are_counted_and_the_first_are_named(desk: Desk) -> None:
    desk.say(*[uuid4() for _ in range(1200)])
    desk.grow_old()
    [tails] = gaps(desk, "--limit", "3", "--json").json[0]["tails"]
    assert (tails["subjects"], len(tails["first"])) == (1200, 3)
    assert "1197 more subjects" in gaps(desk, "--limit", "3").out


def test_what_is_looked_at_twice_is_no_lost_end_if_it_came_in_between(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    came, lost = desk.say(uuid4(), uuid4())
    desk.grow_old()
    walk = inbox_gaps.subjects_behind

    def slow_walk(*arguments: object) -> list[str]:
        behind = list(walk(*arguments))  # type: ignore[arg-type]
        desk.inbox.receive([came])
        return behind

    monkeypatch.setattr(inbox_gaps, "subjects_behind", lambda *arguments: iter(slow_walk(*arguments)))
    engines = desk.source.database.engine, desk.runtime.database.engine
    assert [tail.subject for tail in inbox_gaps.lost_tails(*engines, SOURCE, 1)] == [lost.subject]


def test_control_a_walk_that_never_looks_again_reports_what_has_come(desk: Desk) -> None:
    came, _ = desk.say(uuid4(), uuid4())
    desk.grow_old()
    with desk.source.database.begin() as there, desk.runtime.database.begin() as here:
        heads = [inbox_gaps.Head(*row) for row in there.execute(inbox_gaps.HEADS)]
        cursors = [inbox_gaps.Cursor(*row) for row in here.execute(inbox_gaps.CURSORS, {"source": SOURCE})]
    desk.inbox.receive([came])
    assert came.subject in set(inbox_gaps.subjects_behind(heads, cursors, 1))


def test_of_an_outbox_that_was_archived_the_lost_end_is_found_by_its_stream(desk: Desk) -> None:
    [event] = desk.say(uuid4())
    from tests.support.operating import as_owner

    with as_owner(desk.settings, "pairing") as owner:
        owner.exec_driver_sql("delete from outbox")
    engines = desk.source.database.engine, desk.runtime.database.engine
    assert list(inbox_gaps.lost_tails(*engines, SOURCE, 1)) == [Tail(SOURCE, event.subject, 0, 0, 1, 1, None)]


def diverge(desk: Desk, *subjects: UUID) -> None:
    for subject in subjects:
        desk.sql(
            "insert into inbox_diverged (source, subject, kept_epoch, kept_sequence, applied_epoch, applied_sequence)"
            f" values ('{SOURCE}', '{subject}', 1, 3, 1, 5)"
        )


def test_what_a_restored_source_no_longer_knows_is_named(desk: Desk) -> None:
    diverge(desk, uuid4())
    [found] = gaps(desk, "--json").json[0]["diverged"]
    assert (found["kept_sequence"], found["applied_sequence"]) == (3, 5)
    said = gaps(desk)
    assert said.status == 1
    assert "kith ops rebuild measure --empty" in " ".join(said.out.split())


def test_what_people_have_dealt_with_leaves_the_list_on_record(desk: Desk) -> None:
    first, second, third = uuid4(), uuid4(), uuid4()
    diverge(desk, first, second, third)
    settle = ("settle", "notify", "--json")
    assert desk.ops(*settle, "--subject", str(first)).json == {"consumer": "notify", "subjects": [str(first)]}
    assert gaps(desk).status == 1
    assert desk.ops(*settle, "--all").json["subjects"] == sorted([str(second), str(third)])
    assert gaps(desk).status == 0
    [entry] = desk.rows(f"select roles, what from audit where about = '{first}'")
    assert tuple(entry) == ("operator", "ops.settle_difference")
    for wrong in (("settle", "notify"), ("settle", "notify", "--subject", str(first)), ("settle", "x", "--all")):
        refused = desk.ops(*wrong)
        assert (refused.status, refused.err.count("\n")) == (2, 1)


def test_all_consumers_are_looked_at_unless_one_is_named(desk: Desk) -> None:
    found = desk.ops("gaps", "--json").json
    assert [one["consumer"] for one in found] == ["households", "pairing", "activities", "notify", "measure"]
    assert desk.ops("gaps", "--consumer", "nobody").status == 2
