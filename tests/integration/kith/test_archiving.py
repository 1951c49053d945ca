"""Old months leave an outbox for the archive: whole, only when nobody needs them there, whenever the process dies."""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from chassis import outbox, outbox_partitions
from chassis.addresses import app_url
from chassis.archive import Archive, ArchiveMissing, whole_log
from chassis.decoding import decode
from chassis.outbox_partitions import Month
from chassis.settings import Settings
from kith.ops import archiving, reaching
from kith.ops.archiving import Outcome
from kith.ops.lacking import Lack, lacking
from kith.registry import CONSUMERS, listeners
from tests.support import dying_archiver
from tests.support.operating import Desk, as_owner

SOURCE = "pairing"
OTHERS = [name for name in listeners(SOURCE) if name != "notify"]
OLD = Month.of(datetime.now(UTC)).later(-20)


@pytest.fixture
def old_desk(desk: Desk) -> Iterator[Desk]:
    forget_months(desk.settings)
    yield desk
    forget_months(desk.settings)


def forget_months(settings: Settings) -> None:
    shutil.rmtree(settings.archive_folder, ignore_errors=True)
    with as_owner(settings, SOURCE) as owner:
        owner.exec_driver_sql("delete from outbox_archived")
        for month in outbox_partitions.held(owner):
            if month < Month.of(datetime.now(UTC)).later(-1):
                owner.exec_driver_sql(f"drop table {month.table}")


def grow_old(desk: Desk, months: int = 20) -> None:
    """As if all that lies in this month's partition had been said so many months ago."""
    with as_owner(desk.settings, SOURCE) as owner:
        owner.execute(
            sa.text("select make_outbox_partition((now() - make_interval(months => :months))::date)"),
            {"months": months},
        )
        for table in ("outbox", "outbox_unsent"):
            owner.execute(
                sa.text(
                    f"update {table} set created_at = created_at - make_interval(months => :months) "
                    "where created_at > now() - interval '2 days'"
                ),
                {"months": months},
            )


def others_heard(desk: Desk) -> None:
    """The other listeners have applied whatever was said."""
    with as_owner(desk.settings, SOURCE) as owner:
        streams = [row._asdict() for row in owner.execute(sa.text("select * from stream"))]
    for name in OTHERS:
        with as_owner(desk.settings, CONSUMERS[name].database_name) as owner:
            for stream in streams:
                owner.execute(
                    sa.text(
                        "insert into inbox_cursor (source, subject, epoch, sequence) values (:source, :subject, 1, :sequence) "
                        "on conflict (source, subject) do update set sequence = excluded.sequence"
                    ),
                    {"source": reaching.source_of(desk.settings, SOURCE), **stream},
                )


def said_and_heard(desk: Desk, *subjects: UUID, times: int = 3) -> list[str]:
    """Events that everybody applied; their bodies in the order of ids."""
    desk.inbox.receive(desk.say(*subjects, times=times))
    others_heard(desk)
    return held_bodies(desk)


def held_bodies(desk: Desk) -> list[str]:
    with desk.source.database.begin() as connection:
        return [body for _, body in outbox.log(connection, 0, 10_000)]


def archive(desk: Desk, **options: Any) -> list[Outcome]:
    by = reaching.operator(desk.settings)
    return archiving.archive(desk.settings, [SOURCE], by, datetime.now(UTC), **options)


def months(desk: Desk) -> list[Month]:
    with as_owner(desk.settings, SOURCE) as owner:
        return outbox_partitions.held(owner)


def archived(desk: Desk) -> list[str]:
    return list(Archive(desk.settings, SOURCE).entries())


def everything(desk: Desk) -> list[str]:
    return list(whole_log(Archive(desk.settings, SOURCE), SOURCE, desk.source.database.engine))


# --- a month leaves


def test_a_month_that_everybody_has_heard_leaves_the_outbox_for_the_archive(old_desk: Desk) -> None:
    bodies = said_and_heard(old_desk, uuid4(), uuid4())
    grow_old(old_desk)
    young = said_and_heard(old_desk, uuid4())[len(bodies) :]
    [outcome] = archive(old_desk)
    assert (outcome.state, outcome.month, outcome.events) == ("archived", str(OLD), 6)
    assert archived(old_desk) == bodies
    assert held_bodies(old_desk) == young
    assert OLD not in months(old_desk)
    assert everything(old_desk) == bodies + young
    with as_owner(old_desk.settings, SOURCE) as owner:
        kept = owner.execute(sa.text("select month, events, last_id from outbox_archived")).one()
        record = owner.execute(sa.text("select what, about from audit order by id desc limit 1")).one()
    assert (kept.month, kept.events) == (OLD.first_day, 6)
    assert tuple(record) == (archiving.ARCHIVED, str(OLD))


def test_months_that_are_not_old_enough_stay(old_desk: Desk) -> None:
    said_and_heard(old_desk, uuid4())
    grow_old(old_desk, months=13)
    assert archive(old_desk) == []
    made = Month.of(datetime.now(UTC)).later(-13)
    assert archiving.due([made, made.later(-1)], datetime.now(UTC), 13) == [made.later(-1)]
    assert archiving.due([made, made.later(-1)], datetime.now(UTC), 12) == [made, made.later(-1)]


def test_a_dry_run_says_what_would_be_done_and_does_nothing(old_desk: Desk) -> None:
    bodies = said_and_heard(old_desk, uuid4())
    grow_old(old_desk)
    [outcome] = archive(old_desk, dry_run=True)
    assert (outcome.state, outcome.events) == ("due", 3)
    assert not old_desk.settings.archive_folder.exists()
    assert held_bodies(old_desk) == bodies


def test_the_command_prints_a_table_and_json_and_fails_when_a_month_is_refused(old_desk: Desk) -> None:
    answer = old_desk.ops("outbox", "archive")
    assert (answer.status, answer.out.strip()) == (
        0,
        "no outbox holds a month that ended more than 13 months ago",
    )
    old_desk.say(uuid4(), times=4)
    grow_old(old_desk)
    others_heard(old_desk)
    refused = old_desk.ops("outbox", "archive", "--service", SOURCE)
    assert refused.status == 1
    assert "notify lacks 4" in " ".join(refused.out.split())
    assert max(map(len, refused.out.splitlines())) <= 80
    found = old_desk.ops("outbox", "archive", "--json")
    assert found.status == 1
    assert found.json[0]["lacks"] == {"notify": {"behind": 4, "waiting": 0}}
    assert found.json[0]["state"] == "refused"


# --- a month stays while somebody needs it


def test_a_month_stays_while_a_listener_is_behind_in_it(old_desk: Desk) -> None:
    said_and_heard(old_desk, uuid4(), times=2)
    late = old_desk.say(uuid4(), times=3)
    grow_old(old_desk)
    others_heard(old_desk)
    [outcome] = archive(old_desk)
    assert (outcome.state, dict(outcome.lacks)) == ("refused", {"notify": Lack(3, 0)})
    assert OLD in months(old_desk)
    assert Archive(old_desk.settings, SOURCE).months() == []
    old_desk.inbox.receive(late)
    assert [outcome.state for outcome in archive(old_desk)] == ["archived"]


def test_control_without_the_check_the_late_listener_can_never_catch_up(
    old_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = uuid4()
    first, *_ = old_desk.say(subject, times=3)
    old_desk.inbox.receive([first])
    grow_old(old_desk)
    others_heard(old_desk)
    assert len(missed(old_desk, subject)) == 2
    assert [outcome.state for outcome in archive(old_desk)] == ["refused"]
    assert len(missed(old_desk, subject)) == 2, "with the check it still can"
    monkeypatch.setattr(archiving, "_refusal", lambda *_: None)
    assert [outcome.state for outcome in archive(old_desk)] == ["archived"]
    assert missed(old_desk, subject) == []


def missed(desk: Desk, subject: UUID) -> list[str]:
    """What the source still tells the listener that asks it to say again what it lacks."""
    [cursor] = desk.rows(f"select epoch, sequence from inbox_cursor where subject = '{subject}'")
    with desk.source.database.begin() as connection:
        return outbox.stream(connection, str(subject), (cursor.epoch, cursor.sequence), 100)


def test_a_month_stays_while_an_event_of_it_is_parked_or_waits(old_desk: Desk) -> None:
    subject = uuid4()
    old_desk.park(subject, behind=2)
    others_heard(old_desk)
    grow_old(old_desk)
    [outcome] = archive(old_desk)
    assert dict(outcome.lacks) == {"notify": Lack(3, 3)}
    old_desk.sql(f"update inbox_cursor set sequence = 3 where subject = '{subject}'")
    [outcome] = archive(old_desk)
    assert dict(outcome.lacks) == {"notify": Lack(0, 3)}, "what the inbox keeps counts also behind its cursor"


def test_a_month_stays_while_an_event_of_it_was_never_confirmed_or_is_to_be_sent_anew(old_desk: Desk) -> None:
    subject = uuid4()
    old_desk.inbox.receive(old_desk.say(subject))
    old_desk.say(subject, sent=False)
    others_heard(old_desk)
    old_desk.sql(f"update inbox_cursor set sequence = 2 where subject = '{subject}'")
    grow_old(old_desk)
    [outcome] = archive(old_desk)
    assert (outcome.state, outcome.unsent) == ("refused", 1)
    old_desk.relay()
    assert [outcome.state for outcome in archive(old_desk)] == ["archived"]


def test_a_listener_that_nobody_ever_told_anything_is_behind_in_everything(old_desk: Desk) -> None:
    old_desk.say(uuid4(), uuid4(), times=2)
    grow_old(old_desk)
    [outcome] = archive(old_desk)
    assert outcome.lacks == {name: Lack(4, 0) for name in listeners(SOURCE)}


def test_the_walk_along_all_cursors_counts_what_a_look_at_each_event_counts(old_desk: Desk) -> None:
    drawn, source = random.Random(11), reaching.source_of(old_desk.settings, SOURCE)
    subjects = [f"{letter}{n}" for letter in "aZ_é中-" for n in range(20)]
    events, cursors = [], {}
    for subject in subjects:
        for epoch in range(1, drawn.randint(1, 3) + 1):
            first, count = drawn.randint(1, 5), drawn.randint(0, 6)
            events += [(subject, epoch, n) for n in range(first, first + count)]
        if drawn.random() < 0.8:
            cursors[subject] = (drawn.randint(1, 3), drawn.randint(0, 9))
    with as_owner(old_desk.settings, SOURCE) as owner:
        owner.execute(sa.text("select make_outbox_partition(:day)"), {"day": OLD.first_day})
        owner.execute(
            sa.text(
                "insert into outbox (event_id, subject, epoch, sequence, type, body, created_at) "
                "values (gen_random_uuid(), :subject, :epoch, :sequence, 't', '{}', :at)"
            ),
            [{"subject": s, "epoch": e, "sequence": n, "at": OLD.first_day} for s, e, n in events],
        )
    with as_owner(old_desk.settings, "notify") as owner:
        owner.execute(
            sa.text("insert into inbox_cursor values (:source, :subject, :epoch, :sequence)"),
            [{"source": source, "subject": s, "epoch": e, "sequence": n} for s, (e, n) in cursors.items()],
        )
    with as_owner(old_desk.settings, SOURCE) as owner:
        found = lacking(old_desk.settings, owner.engine, SOURCE, OLD)
    expected = sum((epoch, n) > cursors.get(subject, (0, 0)) for subject, epoch, n in events)
    assert found["notify"] == Lack(expected, 0)
    assert found[OTHERS[0]] == Lack(len(events), 0)


def test_two_cannot_archive_the_same_outbox_at_once(old_desk: Desk) -> None:
    with archiving._alone(old_desk.settings, SOURCE):
        answer = old_desk.ops("outbox", "archive", "--service", SOURCE)
    assert answer.status == 2
    assert "being archived already" in answer.err


# --- the file


def test_a_file_that_was_altered_keeps_the_month_in_the_outbox(old_desk: Desk) -> None:
    bodies = said_and_heard(old_desk, uuid4())
    grow_old(old_desk)
    kill_at(old_desk, "written")
    file = Archive(old_desk.settings, SOURCE).path(OLD)
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    [outcome] = archive(old_desk)
    assert (outcome.state, held_bodies(old_desk)) == ("refused", bodies)
    assert str(file) in outcome.why
    file.write_bytes(whole)
    assert [outcome.state for outcome in archive(old_desk)] == ["archived"]


def test_a_file_with_other_events_is_not_taken_for_the_months(old_desk: Desk) -> None:
    subject = uuid4()
    said_and_heard(old_desk, subject)
    grow_old(old_desk)
    kill_at(old_desk, "written")
    bodies = said_and_heard(old_desk, subject)
    grow_old(old_desk)
    [outcome] = archive(old_desk)
    assert (outcome.state, held_bodies(old_desk)) == ("refused", bodies)


@pytest.mark.parametrize("place", dying_archiver.PLACES)
def test_killed_anywhere_nothing_is_lost_and_the_next_run_ends_it(old_desk: Desk, place: str) -> None:
    bodies = said_and_heard(old_desk, uuid4(), uuid4(), times=4)
    grow_old(old_desk)
    kill_at(old_desk, place)
    assert held_bodies(old_desk) == bodies, "what is not whole in the archive and on record stays in the outbox"
    assert everything(old_desk) == bodies
    assert [outcome.state for outcome in archive(old_desk)] == ["archived"]
    assert archived(old_desk) == everything(old_desk) == bodies
    assert held_bodies(old_desk) == []


def kill_at(desk: Desk, place: str) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "tests.support.dying_archiver", place],
        env={**os.environ, **desk.settings.environment()},
        check=False,
    )
    assert process.returncode == -signal.SIGKILL


def test_control_dropping_before_the_file_is_whole_would_lose_the_month(
    old_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies = said_and_heard(old_desk, uuid4())
    grow_old(old_desk)

    def drop_first(archive: Archive, engine: sa.Engine, month: Month) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"drop table {month.table}")
        raise KeyboardInterrupt

    monkeypatch.setattr(archiving, "_written", drop_first)
    with pytest.raises(KeyboardInterrupt):
        archive(old_desk)
    assert everything(old_desk) != bodies


# --- the whole log


def test_a_listener_made_anew_from_archive_and_outbox_gets_everything_in_order(old_desk: Desk) -> None:
    subjects = [uuid4() for _ in range(5)]
    for _ in range(3):
        said_and_heard(old_desk, *subjects, times=2)
        grow_old(old_desk, months=20)
        said_and_heard(old_desk, *subjects, times=1)
        grow_old(old_desk, months=17)
    said_and_heard(old_desk, *subjects, times=2)
    order = {str(subject): old_desk.applied(subject) for subject in subjects}
    assert {len(ids) for ids in order.values()} == {11}
    assert [outcome.state for outcome in archive(old_desk)] == ["archived"] * 2
    old_desk.sql("delete from seen")
    with as_owner(old_desk.settings, "notify") as owner:
        owner.exec_driver_sql("delete from inbox_cursor")
    for body in everything(old_desk):
        old_desk.inbox.receive([decode(body)])
    assert {str(subject): old_desk.applied(subject) for subject in subjects} == order
    assert old_desk.rows("select 1 from inbox_waiting") == []


def test_a_month_archived_while_the_log_is_read_is_read_all_the_same(old_desk: Desk) -> None:
    bodies = said_and_heard(old_desk, uuid4(), times=5)
    grow_old(old_desk)
    young = said_and_heard(old_desk, uuid4(), times=5)[5:]
    reading = whole_log(Archive(old_desk.settings, SOURCE), SOURCE, old_desk.source.database.engine)
    assert [outcome.state for outcome in archive(old_desk)] == ["archived"]
    assert set(reading) == {*bodies, *young}


def test_a_month_archived_between_two_pages_of_the_outbox_is_read_all_the_same(
    old_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.archive.PAGE", 2)
    bodies = said_and_heard(old_desk, uuid4(), times=5)
    grow_old(old_desk)
    reading = whole_log(Archive(old_desk.settings, SOURCE), SOURCE, old_desk.source.database.engine)
    found = [next(reading)]
    assert [outcome.state for outcome in archive(old_desk)] == ["archived"]
    found += reading
    assert Counter(found).keys() == Counter(bodies).keys()


def test_a_log_with_a_month_that_is_not_here_is_not_read_as_if_it_were_whole(
    old_desk: Desk, tmp_path: Path
) -> None:
    said_and_heard(old_desk, uuid4())
    grow_old(old_desk)
    archive(old_desk)
    shutil.move(old_desk.settings.archive_folder, tmp_path / "elsewhere")
    with pytest.raises(ArchiveMissing, match="KITH_ARCHIVE"):
        everything(old_desk)
    answer = old_desk.ops("rebuild", "notify")
    assert answer.status == 2
    assert "set KITH_ARCHIVE" in answer.err


def test_the_services_own_role_reads_the_whole_log(old_desk: Desk) -> None:
    bodies = said_and_heard(old_desk, uuid4())
    grow_old(old_desk)
    archive(old_desk)
    engine = sa.create_engine(app_url(old_desk.settings, SOURCE))
    assert list(whole_log(Archive(old_desk.settings, SOURCE), SOURCE, engine)) == bodies
    engine.dispose()
