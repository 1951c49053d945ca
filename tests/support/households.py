"""Builders for households: an installation with its areas, who acts there, and small surveys."""

import threading
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from chassis.worker import Worker
from contracts.actor import Actor, Purpose, Role
from contracts.households import (
    CheckSurvey,
    CommitSurvey,
    GetHousehold,
    GetSurveyImport,
    ImportAreas,
    ListHouseholds,
)
from kith.sample import AREAS
from kith.sample.people import check_character
from services.households.tables import metadata
from tests.support.service_calls import Speaker, answered, created
from tests.support.workbooks import xlsx

TODAY = date(2026, 4, 15)
COUNTY, TOWNSHIP, OTHER_TOWNSHIP = "990101", "990101101", "990101102"
VILLAGE, NEXT_VILLAGE = "990101101202", "990101101203"
VILLAGE_NAMES = {VILLAGE: "石桥村", NEXT_VILLAGE: "新丰村"}
TITLE = "青石镇2026年生育关怀家庭调查表"
TOP = [
    "户编号",
    "户主",
    "姓名",
    "与户主关系",
    "性别",
    "民族",
    "身份证号",
    "出生日期",
    "户籍地",
    "现居住地",
    "-",
    "联系电话",
    "家庭类别",
    "健康/残疾",
    "外出务工",
    "-",
    "-",
    "-",
    "需求",
    "同意事项",
    "-",
    "-",
    "-",
    "填表日期",
    "备注",
]
SUB = [
    "-",
    "-",
    "-",
    "-",
    "-",
    "-",
    "-",
    "-",
    "-",
    "地址",
    "居住起始",
    "-",
    "-",
    "-",
    "是否外出",
    "地点",
    "起始",
    "预计返乡",
    "-",
    "结对",
    "上门",
    "转介",
    "短信",
    "-",
    "-",
]
FIELDS = [
    "no",
    "headname",
    "name",
    "relation",
    "sex",
    "nation",
    "id",
    "birth",
    "hukou",
    "home",
    "home_since",
    "phone",
    "category",
    "health",
    "away",
    "place",
    "since",
    "back",
    "need",
    "pairing",
    "visits",
    "referral",
    "messages",
    "filled",
    "remark",
]
HEADER = [["" if text == "-" else text for text in row] for row in (TOP, SUB)]


def number(born: date, sequence: int = 999) -> str:
    """A valid identity number that nobody holds; an odd sequence is a man's."""
    digits = f"{COUNTY}{born:%Y%m%d}{sequence:03d}"
    return digits + check_character(digits)


MAN, WOMAN = number(date(1980, 1, 1)), number(date(1982, 2, 2), 998)


def line(**cells: Any) -> list[Any]:
    return [cells.get(name, "") for name in FIELDS]


def head(**cells: Any) -> list[Any]:
    """A man of 46 who lives here, with everything that a complete file needs."""
    told = {
        "no": "001", "name": "王一", "relation": "户主", "id": MAN, "hukou": "本村", "home": "本村", "phone": "13800001234",
        "category": "计生家庭", "filled": "2026.4.1", "pairing": "是", "messages": "是",
    }  # fmt: skip
    return line(**told | cells)


def member(**cells: Any) -> list[Any]:
    """His wife."""
    told = {"name": "李二", "relation": "妻", "id": WOMAN, "hukou": "本村", "home": "本村"}
    return line(**told | cells)


def survey(*rows: Sequence[Any], sheet: str = "石桥村", title: str = TITLE) -> bytes:
    return xlsx(**{sheet: [[title], *HEADER, *rows]})


def officer(area: str = TOWNSHIP, role: Role = Role.TOWNSHIP_OFFICER) -> Actor:
    return Actor(id=f"officer@{area}", roles=frozenset({role}), area=area, purpose=Purpose.SURVEY)


def county_officer(area: str = COUNTY) -> Actor:
    return officer(area, Role.COUNTY_OFFICER)


def family(household_id: UUID, area: str = VILLAGE) -> Actor:
    return Actor(
        id=f"family-{household_id}",
        roles=frozenset({Role.FAMILY_MEMBER}),
        area=area,
        purpose=Purpose.OWN_DATA,
        subject_id=household_id,
    )


def helper(helper_id: UUID, area: str = TOWNSHIP) -> Actor:
    return Actor(id=f"helper-{helper_id}", roles=frozenset({Role.HELPER}), area=area, subject_id=helper_id)


class Office(Speaker):
    """Works with the households service as an officer does."""

    def upload(self, data: bytes) -> UUID:
        return self.runtime.files.write([data], limit=10**8)

    def work(self) -> None:
        """Let the worker do what is due."""
        worker = Worker(self.runtime, threading.Event())
        while worker.run_one():
            pass

    def import_areas(self, areas: Path = AREAS, county: str = COUNTY) -> dict[str, Any]:
        told = self.do(county_officer(county), ImportAreas(file_id=self.upload(areas.read_bytes())))
        return answered(told)

    def check(self, data: bytes, actor: Actor | None = None, year: int = 2026) -> UUID:
        actor = actor or officer()
        import_id = created(self.do(actor, CheckSurvey(file_id=self.upload(data), round_year=year)))
        self.work()
        return import_id

    def import_survey(self, data: bytes, actor: Actor | None = None, year: int = 2026) -> dict[str, Any]:
        """Check and commit; where the import stands then."""
        actor = actor or officer()
        import_id = self.check(data, actor, year)
        answered(self.do(actor, CommitSurvey(import_id=import_id)))
        self.work()
        return self.stand(import_id, actor)

    def stand(self, import_id: UUID, actor: Actor | None = None) -> dict[str, Any]:
        return answered(self.ask(actor or officer(), GetSurveyImport(import_id=import_id)))

    def households(self, actor: Actor | None = None, **filters: Any) -> list[dict[str, Any]]:
        page = answered(self.ask(actor or officer(), ListHouseholds(limit=500, **filters)))
        items: list[dict[str, Any]] = page["items"]
        return items

    def only_household(self) -> UUID:
        (row,) = self.households()
        return UUID(row["household_id"])

    def file(self, household_id: UUID, actor: Actor | None = None) -> dict[str, Any]:
        return answered(self.ask(actor or officer(), GetHousehold(household_id=household_id)))

    def events_told(self) -> int:
        (row,) = self.rows("select count(*) as n from outbox")
        return int(row["n"])

    def everything_about_families(self) -> dict[str, list[str]]:
        """Every row of the service's own tables but the imports', as text."""
        return {
            name: sorted(row["t"] for row in self.rows(f'select t::text as t from "{name}" t'))
            for name in metadata.tables
            if name != "survey_import"
        }
