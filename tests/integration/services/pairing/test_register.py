"""The helper register comes in: everything wrong is named, the valid are stored once, nothing personal leaks."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from stdnum.cn import ric

import services.pairing
from chassis.sealing import SealBroken
from chassis.surroundings import PeerAway
from chassis.work import transact
from chassis.worker import Worker
from contracts.actor import Actor, Purpose, Role
from contracts.area import AreaLevel
from contracts.households import AreaPage, AreaView, ListAreas
from contracts.messages import Query, View
from contracts.pairing import (
    CheckHelpers,
    CommitHelpers,
    GetHelperContact,
    GetHelperImport,
    HelperRegistered,
    ListHelpers,
)
from services.pairing.queries import get_helper_contact
from services.pairing.service import SERVICE
from tests.support.hosting import settings_for
from tests.support.pairing_place import TODAY, work_off
from tests.support.service_calls import Speaker, answered, created, hosted, refused
from tests.support.workbooks import Known, known_registers, xlsx

REGISTERS = known_registers()
EXPECTED = {"helpers-1": (147, 247, 15)}
SMALL_PAGE = 100
numbers = itertools.count()


@dataclass
class Areas:
    """The households service as far as it is asked here; `away` to be out of reach."""

    known: Known
    away: bool = False

    def ask(self, query: Query, actor: Actor, traceparent: str | None) -> View:
        assert isinstance(query, ListAreas)
        assert actor.is_system
        if self.away:
            raise PeerAway("away")
        rows = sorted(self.known.areas, key=lambda area: area["code"])
        start = int(query.cursor or 0)
        views = [
            AreaView(
                code=row["code"],
                name=row["name"],
                level=AreaLevel(row["level"]),
                parent_code=row["parent_code"] or None,
            )
            for row in rows[start : start + SMALL_PAGE]
        ]
        more = start + SMALL_PAGE < len(rows)
        return AreaPage(items=tuple(views), next_cursor=str(start + SMALL_PAGE) if more else None)


@dataclass
class Office:
    """One county whose register is known, with an officer."""

    name: str
    known: Known
    areas: Areas
    speaker: Speaker

    @property
    def county(self) -> str:
        return self.known.county.code

    def officer(self, area: str | None = None) -> Actor:
        role = Role.COUNTY_OFFICER if area is None else Role.TOWNSHIP_OFFICER
        return Actor(id=f"officer@{area}", roles=frozenset({role}), area=area or self.county)

    def upload(self, data: bytes | None = None) -> UUID:
        return self.speaker.runtime.files.write([data or self.known.workbook.read_bytes()], limit=10**8)

    def check(self, data: bytes | None = None, officer: Actor | None = None) -> UUID:
        import_id = created(self.speaker.do(officer or self.officer(), CheckHelpers(file_id=self.upload(data))))
        work_off(self.speaker.runtime)
        return import_id

    def commit(self, import_id: UUID, officer: Actor | None = None) -> dict[str, Any]:
        answered(self.speaker.do(officer or self.officer(), CommitHelpers(import_id=import_id)))
        work_off(self.speaker.runtime)
        return self.look(import_id, officer)

    def look(self, import_id: UUID, officer: Actor | None = None) -> dict[str, Any]:
        return answered(self.speaker.ask(officer or self.officer(), GetHelperImport(import_id=import_id)))

    def stored(self) -> int:
        return int(self.speaker.rows("select count(*) as n from helper")[0]["n"])


@pytest.fixture(params=REGISTERS)
def office(request: pytest.FixtureRequest, database_server: str, namespace: str) -> Iterator[Office]:
    known = REGISTERS[request.param]
    areas = Areas(known)
    settings = settings_for(
        database_server,
        f"{namespace}reg{next(numbers)}",
        TODAY,
        county=known.county.code,
    )
    with hosted(SERVICE, str(services.pairing.__file__), settings, areas) as runtime:
        yield Office(request.param, known, areas, Speaker(runtime))


def test_checking_finds_what_is_known_to_be_wrong_and_stores_nobody(office: Office) -> None:
    found = office.look(office.check())
    answers = office.known.answers
    assert (found["state"], found["valid"], found["slots"]) == ("checked", answers["valid"], answers["slots"])
    told = [{key: problem[key] for key in ("sheet", "row", "column", "code")} for problem in found["problems"]]
    assert sorted(told, key=str) == sorted(answers["problems"], key=str)
    if office.name in EXPECTED:
        assert (found["valid"], found["slots"], len(found["problems"])) == EXPECTED[office.name]
    assert all(problem["fix_zh"] and problem["fix_en"] for problem in found["problems"])
    assert office.stored() == 0
    assert office.speaker.said(HelperRegistered) == []


def test_committing_stores_the_valid_once_and_again_changes_nothing(office: Office) -> None:
    first = office.commit(office.check())
    valid = office.known.answers["valid"]
    assert (first["state"], first["stored"], first["unchanged"]) == ("committed", valid, 0)
    said = office.speaker.said(HelperRegistered)
    numbers = [helper["number"] for helper in office.known.answers["helpers"]]
    assert [event.helper_number for event in said] == numbers
    before = office.speaker.rows("select * from helper order by id")
    second = office.commit(office.check())
    assert (second["stored"], second["unchanged"]) == (0, valid)
    assert office.speaker.rows("select * from helper order by id") == before
    assert len(office.speaker.said(HelperRegistered)) == valid


def test_no_name_number_or_phone_lies_readable_anywhere(office: Office) -> None:
    office.commit(office.check())
    everything = office.speaker.everything_kept()
    control = office.speaker.rows("select id, number from helper")
    assert all(row["number"] in everything for row in control)
    for helper in office.known.answers["helpers"]:
        assert helper["name"] not in everything
    row = office.speaker.rows("select id from helper where sealed_phone is not null limit 1")[0]
    phone = contact_of(office, row["id"])["phone"]
    assert phone
    assert phone not in everything


def contact_of(office: Office, helper_id: UUID) -> dict[str, Any]:
    notify = Actor.system("notify", office.county).model_copy(update={"purpose": Purpose.MESSAGES})
    return answered(office.speaker.ask(notify, GetHelperContact(helper_id=helper_id)))


def test_only_services_learn_a_phone_and_only_for_messages(office: Office) -> None:
    office.commit(office.check())
    helper_id = office.speaker.rows("select id from helper limit 1")[0]["id"]
    query = GetHelperContact(helper_id=helper_id)
    assert refused(office.speaker.ask(office.officer(), query)) == (403, "role-missing")
    purposeless = Actor.system("notify", office.county)
    assert refused(office.speaker.ask(purposeless, query)) == (403, "purpose-missing")


def test_a_phone_moved_to_another_helper_does_not_open_and_without_key_there_is_none(office: Office) -> None:
    office.commit(office.check())
    one, other = office.speaker.rows("select id, key_id from helper where sealed_phone is not null limit 2")
    office.speaker.rows(
        "update helper set sealed_phone = (select sealed_phone from helper where id = :other) where id = :one"
        " returning id",
        one=one["id"],
        other=other["id"],
    )
    notify = Actor.system("notify", office.county).model_copy(update={"purpose": Purpose.MESSAGES})
    with pytest.raises(SealBroken):
        transact(
            office.speaker.runtime,
            notify,
            lambda work: get_helper_contact(work, GetHelperContact(helper_id=one["id"])),
        )
    office.speaker.rows("delete from helper_key where id = :id returning id", id=other["key_id"])
    assert contact_of(office, other["id"]) == {"allowed": False, "phone": None, "language": "zh"}


def test_what_is_no_register_is_refused_with_its_code(office: Office) -> None:
    assert office.look(office.check(b"not a workbook"))["refused_code"] == "workbook-not-xlsx"
    assert "Excel" in office.look(office.check(b"not a workbook"))["refused_fix_en"]
    unknown = office.check(xlsx(a=[["甲", "乙"], ["1", "2"]]))
    assert (office.look(unknown)["state"], office.look(unknown)["refused_code"]) == ("refused", "header-unknown")
    assert refused(office.speaker.do(office.officer(), CommitHelpers(import_id=unknown))) == (
        409,
        "import-not-checked",
    )


def test_an_officer_registers_helpers_of_their_own_area_and_the_others_are_named(office: Office) -> None:
    helpers = office.known.answers["helpers"]
    mine = sorted(helper["village_code"] for helper in helpers)[0]
    officer = office.officer(mine)
    found = office.commit(office.check(officer=officer), officer)
    stored = [row["number"] for row in office.speaker.rows("select number from helper order by number")]
    assert stored == sorted(helper["number"] for helper in helpers if helper["village_code"].startswith(mine))
    outside = [problem for problem in found["problems"] if problem["code"] == "village-outside"]
    assert len(outside) == len(helpers) - len(stored) > 0
    assert {problem["column"] for problem in outside} == {"所在村"}
    assert len({problem["cell"] for problem in outside}) == len(outside)
    rows = [problem["row"] for problem in found["problems"]]
    assert rows == sorted(rows)


def an_identity_number(sequence: str) -> str:
    told = f"22028319900101{sequence}"
    return told + str(ric.calc_check_digit(f"{told}0"))


def test_a_number_that_no_event_may_carry_is_a_problem_of_its_row(office: Office) -> None:
    village = next(area["name"] for area in office.known.areas if area["level"] == "village")
    head = ["编号", "姓名", "身份证号", "类型", "所属单位", "所在村", "可结对户数"]
    good = ["K1", "甲", an_identity_number("999"), "志愿者", "协会", village, 1]
    bad = ["帮1", "乙", an_identity_number("998"), "志愿者", "协会", village, 1]
    found = office.look(office.check(xlsx(a=[head, good, bad])))
    assert (found["state"], found["valid"]) == ("checked", 1)
    assert [(each["cell"], each["code"]) for each in found["problems"]] == [("A3", "number-invalid")]


def test_another_area_sees_neither_the_import_nor_the_helpers(office: Office) -> None:
    import_id = office.check()
    office.commit(import_id)
    township = office.known.answers["helpers"][0]["village_code"][:9]
    stranger = office.officer(f"{office.county}998")
    assert refused(office.speaker.ask(stranger, GetHelperImport(import_id=import_id))) == (404, "not-found")
    assert answered(office.speaker.ask(stranger, ListHelpers()))["items"] == []
    mine = answered(office.speaker.ask(office.officer(township), ListHelpers(limit=500)))["items"]
    assert {helper["area_code"][:9] for helper in mine} == {township}


def test_the_register_is_read_page_by_page(office: Office) -> None:
    office.commit(office.check())
    numbers, cursor = [], None
    while True:
        page = answered(office.speaker.ask(office.officer(), ListHelpers(limit=10, cursor=cursor)))
        assert len(page["items"]) <= 10
        numbers += [helper["number"] for helper in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert numbers == sorted(helper["number"] for helper in office.known.answers["helpers"])


def test_while_the_households_service_is_away_the_check_waits_and_is_not_lost(office: Office) -> None:
    office.areas.away = True
    import_id = created(office.speaker.do(office.officer(), CheckHelpers(file_id=office.upload())))
    worker = Worker(office.speaker.runtime, Event())
    assert worker.run_one()
    assert office.look(import_id)["state"] == "reading"
    assert office.speaker.rows("select state, attempts from job") == [{"state": "queued", "attempts": 0}]
    office.areas.away = False
    office.speaker.rows("update job set run_at = now() returning id")
    work_off(office.speaker.runtime)
    assert office.look(import_id)["state"] == "checked"
