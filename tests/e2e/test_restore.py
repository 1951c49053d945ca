"""A database that comes back from a real backup: told apart from what was lost, by all who listen."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.addresses import app_url
from chassis.fingerprint import DatabaseRestored
from chassis.settings import Settings
from contracts.actor import Role
from kith import demo, installing, seeding, starting
from kith.journey import steps
from kith.ops.measure import recomputed
from kith.ops.rebuilding import rebuild
from kith.ops.restoring import restored
from kith.ops.status import Watch
from kith.refusing import BadInput
from tests.support.dumps import dump, put_back
from tests.support.hosting import fresh, settings_for
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

TODAY = date(2026, 4, 15)


@dataclass
class County:
    """An installation that can be stopped and started."""

    settings: Settings

    @contextmanager
    def running(self) -> Iterator[Visitor]:
        """All services in this process, and an officer at the door; settled when left."""
        stop = threading.Event()
        with starting.one_process(self.settings, stop) as url:
            account = demo.account(self.settings, "county", Role.COUNTY_OFFICER, self.settings.county)
            officer = Visitor.enter(url, account.username, account.password, "survey")
            yield officer
            self.settle()
            officer.close()

    def settle(self) -> None:
        watch = Watch(self.settings)
        eventually(lambda: watch.status().settled, within=60, what="every event to be applied")
        watch.close()

    def rows(self, database: str, query: str, **values: object) -> list[Any]:
        engine = sa.create_engine(app_url(self.settings, database), poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.execute(sa.text("select set_config('kith.area', '990101', true)"))
            return list(connection.execute(sa.text(query), values))

    def cursors(self, consumer: str, subject: str) -> list[tuple[int, int]]:
        query = "select epoch, sequence from inbox_cursor where subject = :subject"
        return [
            tuple(row)
            for row in self.rows("gateway" if consumer == "measure" else consumer, query, subject=subject)
        ]


def install(database_server: str, namespace: str) -> County:
    settings = settings_for(database_server, fresh(f"{namespace}r"), TODAY, port=0)
    installing.install(settings)
    return County(settings)


@pytest.fixture(scope="module")
def county(database_server: str, namespace: str) -> County:
    return install(database_server, namespace)


def families(officer: Visitor) -> list[str]:
    return [row["household_id"] for row in officer.items("/v1/households")]


def answer(officer: Visitor, household: str, purpose: str, what: str) -> None:
    if what == "withdrawn":
        officer.post(f"/v1/households/{household}/consents/withdraw", {"purpose": purpose})
    else:
        officer.post(
            f"/v1/households/{household}/consents",
            {"purpose": purpose, "answer": what, "answered_on": TODAY.isoformat()},
        )


@dataclass
class Accident:
    """What was said before and after the backup of households was made, and what it brought back."""

    county: County
    withdrawn: str
    """The family that took its consent to messages back after the backup."""

    quiet: str
    """A family of which nothing was said after it."""


@pytest.fixture
def accident(database_server: str, namespace: str, tmp_path: Path) -> Accident:
    file, county = tmp_path / "households.dump", install(database_server, namespace)
    with county.running() as officer:
        steps.import_areas(officer, seeding.sample("areas.csv"))
        steps.import_survey(officer, seeding.sample("survey.xlsx"), TODAY.year)
        first, second, *_ = families(officer)
        answer(officer, first, "messages", "yes")
        county.settle()
        dump(county.settings, "households", file)
        answer(officer, first, "messages", "withdrawn")
    put_back(county.settings, "households", file)
    return Accident(county, first, second)


def heard(county: County, subject: str) -> dict[str, list[tuple[int, int]]]:
    return {name: county.cursors(name, subject) for name in ("pairing", "activities", "notify", "measure")}


def test_all_who_listen_follow_a_restored_source_into_its_new_epoch(accident: Accident) -> None:
    county = accident.county
    with pytest.raises(DatabaseRestored, match="kith ops restored households"), county.running():
        pass
    before = heard(county, accident.withdrawn)
    done = restored(county.settings, "households")
    assert (done.epoch, done.unknown) == (2, 0)
    assert done.lost == {"pairing": 1, "activities": 1, "notify": 1, "measure": 1}
    with county.running() as officer:
        answer(officer, accident.withdrawn, "messages", "no")
    (_, last), *_ = before["pairing"]
    for name, cursors in heard(county, accident.withdrawn).items():
        assert cursors == [(2, 2)], name
        query = "select subject, kept_sequence, applied_sequence from inbox_diverged"
        found = county.rows("gateway" if name == "measure" else name, query)
        assert [tuple(row) for row in found] == [(accident.withdrawn, last - 1, last)], name
    assert set(map(tuple, heard(county, accident.quiet).values())) == {((2, 1),)}
    measure_is_made_anew(county)


def measure_is_made_anew(county: County) -> None:
    """From the logs: it counts what the restored source holds, and no more what was lost."""
    withdrawals = "select count(*) from fact where kind = 'consent_withdrawn'"
    assert county.rows("gateway", withdrawals)[0][0] == 1
    rebuilt = rebuild(county.settings, "measure", empty=True)
    assert (rebuilt.waiting, rebuilt.applied) == (0, rebuilt.read)
    assert county.rows("gateway", withdrawals)[0][0] == 0
    assert county.rows("gateway", "select count(*) from inbox_diverged")[0][0] == 0
    assert not recomputed(county.settings).mismatches


def test_control_without_a_new_epoch_what_is_said_next_is_taken_for_a_repetition(accident: Accident) -> None:
    county = accident.county
    restored(county.settings, "households", nothing_lost=True)
    before = heard(county, accident.withdrawn)
    with county.running() as officer:
        answer(officer, accident.withdrawn, "messages", "yes")
    assert heard(county, accident.withdrawn) == before


def test_a_restored_listener_is_brought_up_to_date_from_the_logs(county: County, tmp_path: Path) -> None:
    file = tmp_path / "activities.dump"
    with county.running() as officer:
        steps.import_areas(officer, seeding.sample("areas.csv"))
        dump(county.settings, "activities", file)
        steps.import_survey(officer, seeding.sample("survey.xlsx"), TODAY.year)
        county.settle()
        query = "select source, subject, epoch, sequence from inbox_cursor order by 1, 2"
        whole = county.rows("activities", query)
    put_back(county.settings, "activities", file)
    assert county.rows("activities", query) != whole
    done = restored(county.settings, "activities")
    assert done.caught_up is not None
    assert done.caught_up.applied > 0
    assert county.rows("activities", query) == whole
    with county.running():
        pass


def test_a_database_that_was_never_restored_is_left_alone(county: County) -> None:
    with pytest.raises(BadInput, match="nothing to do"):
        restored(county.settings, "households")
    with pytest.raises(BadInput, match="nothing called"):
        restored(county.settings, "storks")


def test_an_emptied_measure_is_rebuilt_while_visits_go_on(county: County) -> None:
    with county.running() as officer:
        steps.import_areas(officer, seeding.sample("areas.csv"))
        steps.import_survey(officer, seeding.sample("survey.xlsx"), TODAY.year)
        county.settle()
        everyone, over, said = families(officer), threading.Event(), []

        def go_on() -> None:
            while not over.is_set():
                household = everyone[len(said) % len(everyone)]
                body = {"household_id": household, "visited_on": TODAY.isoformat(), "outcome": "all_well"}
                said.append(officer.post("/v1/visits", body, f"visit-{len(said)}"))

        visits = threading.Thread(target=go_on)
        visits.start()
        eventually(lambda: len(said) > 20, within=30, what="visits before")
        rebuilt = rebuild(county.settings, "measure", empty=True)
        reached = len(said)
        eventually(lambda: len(said) > reached + 20, within=30, what="visits after")
        over.set()
        visits.join()
    assert rebuilt.applied > 0
    assert county.rows("gateway", "select count(*) from fact where kind = 'visited'")[0][0] == len(said)
    assert not recomputed(county.settings).mismatches


def test_only_what_is_made_of_events_alone_may_be_emptied(county: County) -> None:
    with pytest.raises(BadInput, match="keeps data of its own"):
        rebuild(county.settings, "pairing", empty=True)
    with pytest.raises(BadInput, match="nobody called"):
        rebuild(county.settings, "storks")
