"""Law L4 with real processes: names, numbers, addresses, remarks and notes are found nowhere outside of their seal."""

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from chassis.namespace import Namespace
from chassis.settings import Settings
from contracts.actor import Role
from kith import demo, installing, seeding, starting
from kith.journey import steps
from kith.journey.door import until, upload
from kith.ops.status import Watch
from kith.processes import Processes, free_port
from tests.support.canaries import Search, Wire, add_databases, add_folder, add_metrics
from tests.support.hosting import settings_for
from tests.support.households import head, member, number, survey
from tests.support.private_broker import PrivateBroker, installed_script
from tests.support.servers import broker_missing
from tests.support.visitor import Visitor
from tests.support.waiting import eventually
from tests.support.workbooks import xlsx

TODAY = date(2026, 4, 15)
FAMILY = {
    "name": "穆容千雪",
    "id": number(date(1951, 6, 7), 995),
    "phone": "13900007654",
    "home": "石桥村七组四十四号",
    "hukou": "榆树市弓棚镇九号",
    "health": "慢性肾病二期",
    "place": "东莞市厚街镇",
    "need": "透析接送上门",
    "remark": "儿子欠债多年未归",
}
WRONG = {"name": "欧阳霁月", "id": "99010119510607995", "phone": "电话在枕头下面"}
HELPER = {"name": "司徒听松", "id": number(date(1970, 3, 4), 993), "phone": "13900008765", "remark": "曾与邻居争地"}
NOTES = ("老人夜里独自哭泣想念女儿", "今日谈到离婚后的抚养费")
WORDS = [*FAMILY.values(), *WRONG.values(), *HELPER.values(), *NOTES]
REGISTER = ["编号", "姓名", "性别", "身份证号", "类型", "所属单位", "所在村", "联系电话", "可结对户数", "备注"]


def register() -> bytes:
    """One helper who can be taken in, and one who cannot."""
    one = ["K901", HELPER["name"], "女", HELPER["id"], "志愿者", "青石镇志愿服务队", "石桥村", HELPER["phone"], 2]
    two = ["K902", WRONG["name"], "女", WRONG["id"], "志愿者", "青石镇志愿服务队", "石桥村", WRONG["phone"], "两户"]
    return xlsx(帮扶人登记表=[["帮扶人登记表"], REGISTER, [*one, HELPER["remark"]], [*two, HELPER["remark"]]])


@dataclass
class Planted:
    """An installation full of canaries, and all that it said meanwhile."""

    settings: Settings
    wire: Wire
    said: Search
    logs: Path
    url: str
    counted: dict[str, int] = field(default_factory=dict)

    def search(self) -> Search:
        """Everything that is kept anywhere now, and what passed the broker until now."""
        found = Search(dict(self.said.kept))
        add_databases(found, self.settings)
        add_folder(found, "log", self.logs)
        add_folder(found, "upload", self.settings.files)
        add_metrics(found, self.url)
        for exchange, passed in self.wire.add_to(self.said).items():
            self.counted[exchange] = self.counted.get(exchange, 0) + passed
        return Search({**found.kept, **self.said.kept})


@pytest.fixture(scope="module")
def planted(
    database_server: str, namespace: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Planted, Search]]:
    if not installed_script():
        broker_missing()
    logs, uploads = tmp_path_factory.mktemp("log"), tmp_path_factory.mktemp("uploads")
    with PrivateBroker() as broker:
        more = {"mode": "broker", "broker_url": broker.url, "port": free_port(), "call_timeout": 2.0}
        settings = settings_for(database_server, f"{namespace}can", TODAY, **more)
        installing.install(settings)
        stop = threading.Event()
        with Processes(settings, stop, logs) as processes:
            starting.wait_until_ready(processes.url, stop)
            found = Planted(settings, Wire(broker, settings), Search(), logs, processes.url)
            account = demo.account(settings, "county", Role.COUNTY_OFFICER, settings.county)
            county = Visitor.enter(processes.url, account.username, account.password, "survey")
            watch = Watch(settings)
            plant(county, found, uploads)
            yield found, plant_note_while_away(county, found, processes.pid("serve-activities"), watch)
            watch.close()
            county.close()
            found.wire.close()


def plant(county: Visitor, found: Planted, uploads: Path) -> None:
    """A survey and a register with what is right and what is wrong; a file that is only checked; a note."""
    steps.import_areas(county, seeding.sample("areas.csv"))
    right, wrong = head(**FAMILY, away="是"), head(no="002", **WRONG, remark=FAMILY["remark"])
    for name, data in {"s": survey(right, member(filled="2026.4.2"), wrong), "h": register()}.items():
        (uploads / name).write_bytes(data)
    imported = steps.import_survey(county, uploads / "s", TODAY.year)
    assert (imported["households_stored"], imported["households_invalid"]) == (1, 1), imported
    helpers = steps.import_helpers(county, uploads / "h")
    assert (helpers["stored"], len(helpers["problems"]) > 0) == (1, True), helpers
    waiting = county.post(
        "/v1/survey-imports", {"file_id": upload(county, uploads / "s"), "round_year": TODAY.year}
    )
    until(lambda: county.survey_import(waiting["id"]), "checked")
    steps.match_round(county, found.settings.county)
    household = household_of(county)
    visited(county, household, NOTES[0], "note")
    for problem in (imported, helpers, *refusals(county, household)):
        found.said.add(
            "answers", problem.content if isinstance(problem, httpx.Response) else repr(problem).encode()
        )


def household_of(county: Visitor) -> str:
    return str(county.get("/v1/households", limit=1)["items"][0]["household_id"])


def visited(county: Visitor, household: str, note: str, key: str) -> httpx.Response:
    body = {"household_id": household, "visited_on": TODAY.isoformat(), "outcome": "all_well", "note": note}
    return county.try_post("/v1/visits", body, key)


def refusals(county: Visitor, household: str) -> list[httpx.Response]:
    """Canaries where they do not belong: every answer says no without repeating them."""
    name, phone = FAMILY["name"], FAMILY["phone"]
    consents = f"/v1/households/{household}/consents"
    told = [
        county.try_post(consents, {"purpose": name, "answer": phone, "answered_on": FAMILY["home"]}),
        county.try_post(f"/v1/households/{name}/consents", {}),
        county.try_post("/v1/plans", {"carrier": name, "area_code": phone, "year": name, "title": name * 100}),
        county.try_post("/v1/survey-imports", {"file_id": name, "round_year": phone}),
        county.http.get("/v1/households", params={"cursor": name, "limit": phone}),
        county.http.get(f"/v1/{name}"),
        county.http.post("/v1/session", json={"username": name, "password": phone}),
        visited(county, household, NOTES[1] + "\0", "nul"),
    ]
    assert all(400 <= answer.status_code < 500 for answer in told), [answer.status_code for answer in told]
    return told


def plant_note_while_away(county: Visitor, found: Planted, pid: int, watch: Watch) -> Search:
    """A visit with a note is taken in while its service hangs; what is kept then, and what is kept afterwards."""
    os.kill(pid, signal.SIGSTOP)
    try:
        kept = visited(county, household_of(county), NOTES[1], "intake")
        assert kept.status_code == 202, kept.text
        during = found.search()
    finally:
        os.kill(pid, signal.SIGCONT)
    where = kept.headers["location"]
    eventually(lambda: county.get(where)["state"] == "delivered", within=30, what="the note to be delivered")
    eventually(lambda: watch.status().settled, within=30, what="events to settle")
    after = found.search()
    return Search({**{f"{where} (before)": what for where, what in during.kept.items()}, **after.kept})


def test_no_canary_is_found_anywhere(planted: tuple[Planted, Search]) -> None:
    found, kept = planted
    assert kept.finds(WORDS) == set()
    names = Namespace(found.settings.namespace)
    assert found.counted[names.events_exchange] > 10, "events were listened to"
    assert found.counted[names.rpc_exchange] > 20, "calls were listened to"


def test_what_was_searched_is_what_there_is(planted: tuple[Planted, Search]) -> None:
    _, kept = planted
    places = {where.split(" ", 1)[0] for where in kept.kept}
    assert places >= {"database", "log", "upload", "metrics", "broker", "answers"}
    assert any(where.startswith("database gateway.intake") for where in kept.kept)
    assert {"log gateway.log", "log serve-households.log", "log work-households.log"} <= set(kept.kept)
    assert all(kept.kept[where].strip() for where in ("database households.person", "database pairing.helper"))


def test_control_a_canary_in_an_event_a_row_a_log_or_a_file_is_found(planted: tuple[Planted, Search]) -> None:
    found, _ = planted
    name, phone = FAMILY["name"], FAMILY["phone"]
    found.wire.publish(Namespace(found.settings.namespace).events_exchange, name.encode())
    (found.logs / "gateway.log").open("a").write(f'{{"event": "{phone}"}}\n')
    found.settings.files.mkdir(exist_ok=True)
    (found.settings.files / "plain").write_bytes(name.encode("utf-16-le"))
    change(found, "households", "update survey_import set refused_code = :word", phone)
    change(found, "activities", "update visit set note_sealed = convert_to(:word, 'UTF8')", NOTES[0])
    told = found.search().finds(WORDS)
    exchange = Namespace(found.settings.namespace).events_exchange
    assert told == {
        (name, f"broker {exchange}"),
        (phone, "log gateway.log"),
        (name, "upload file"),
        (phone, "database households.survey_import"),
        (NOTES[0], "database activities.visit"),
    }


def change(found: Planted, service: str, statement: str, word: Any) -> None:
    server = sa.make_url(found.settings.database_url.get_secret_value())
    engine = sa.create_engine(server.set(database=Namespace(found.settings.namespace).database(service)))
    with engine.begin() as admin:
        admin.execute(sa.text(statement), {"word": word})
    engine.dispose()
