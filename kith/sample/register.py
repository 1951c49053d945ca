"""Lays invented helpers out as the county's helper register, with mistakes, and keeps the answers."""

from datetime import date, timedelta
from typing import Any

from kith.sample.grid import Grid
from kith.sample.people import COUNTY_NAME, TOWNSHIPS, Invented, People, village_code
from kith.sample.spelling import CellValue

SEED = 11
COUNT = 42
SHEET = "帮扶人登记表"
HEADINGS = (
    "编号",
    "姓名",
    "性别",
    "身份证号",
    "类型",
    "所属单位",
    "所在村",
    "联系电话",
    "可结对户数",
    "可服务时间",
    "特长",
    "方言",
    "未成年人从业查询日期",
    "接替人编号",
    "备注",
)
KINDS = (
    ("邻里", "neighbour", "{village}村民委员会"),
    ("志愿者", "volunteer", "{township}志愿服务队"),
    ("团儿女", "youth_league", "共青团{township}委员会"),
    ("兵儿子", "service_member", "{township}人民武装部"),
    ("致富带头人", "well_off_leader", "{township}商会"),
    ("包保干部", "department_contact", "{township}人民政府"),
)
MISTAKES = {
    3: ("身份证号", "id-checksum"),
    6: ("所在村", "village-unknown"),
    9: ("类型", "kind-unknown"),
    12: ("可结对户数", "capacity-invalid"),
    15: ("联系电话", "phone-invalid"),
    18: ("姓名", "name-missing"),
    21: ("身份证号", "duplicate-in-file"),
    24: ("所在村", "village-ambiguous"),
    27: ("可结对户数", "capacity-invalid"),
    30: ("未成年人从业查询日期", "date-invalid"),
    33: ("编号", "number-missing"),
}
LANGUAGES, SKILLS = ("", "普通话", "朝鲜语"), ("", "陪护、做饭", "电工", "辅导功课", "理发")
TIMES = ("周末", "随时", "每周一次", "每月两次")
LATEST_CLEARANCE = date(2026, 3, 20)


def register() -> tuple[list[Grid], dict[str, Any]]:
    """The register's sheet, and the answers that a reader must give."""
    people, grid = People(SEED), Grid(SHEET)
    grid.merge(0, 0, 0, len(HEADINGS) - 1)
    grid.put(0, 0, f"{COUNTY_NAME}2026年结对帮扶人登记表")
    problems: list[dict[str, Any]] = []
    helpers: list[dict[str, Any]] = []
    for column, heading in enumerate(HEADINGS):
        grid.put(1, column, heading)
    for at in range(COUNT):
        cells, answer = _helper(people, at, grid)
        for column, heading in enumerate(HEADINGS):
            grid.put(at + 2, column, cells[heading])
        if at in MISTAKES:
            heading, code = MISTAKES[at]
            problems.append({"sheet": SHEET, "row": at + 3, "column": heading, "code": code})
        else:
            helpers.append(answer)
    slots = sum(helper["capacity"] for helper in helpers)
    return [grid], {"problems": problems, "valid": len(helpers), "slots": slots, "helpers": helpers}


def _helper(people: People, at: int, grid: Grid) -> tuple[dict[str, CellValue], dict[str, Any]]:
    sex = "男女"[at % 2]
    person = people.person(sex, people.born(24 + (at * 7) % 40, LATEST_CLEARANCE))
    township = "青石镇" if at % 4 else list(TOWNSHIPS)[at // 4 % 3]
    village = TOWNSHIPS[township][at // 2 % 4]
    word, kind, unit = KINDS[at % len(KINDS)]
    if village == "新丰村":
        unit = "{township}" + unit.removeprefix("{township}")
    cleared_on = LATEST_CLEARANCE - timedelta(days=at * 9) if at % 3 != 1 else None
    successor = f"K{(at + 5) % COUNT + 1:03d}" if at % 5 == 0 else None
    answer = {
        "number": f"K{at + 1:03d}",
        "name": person.name,
        "kind": kind,
        "village_code": village_code(township, village),
        "capacity": at % 3 + 1,
        "cleared_on": cleared_on.isoformat() if cleared_on else None,
        "successor": successor,
    }
    cells = _cells(person, answer, people)
    cells |= {"类型": word, "所属单位": unit.format(township=township, village=village), "所在村": village}
    if at in MISTAKES:
        cells |= _mistake(*MISTAKES[at], grid)
    return cells, answer


def _cells(person: Invented, answer: dict[str, Any], people: People) -> dict[str, CellValue]:
    return {
        "编号": answer["number"],
        "姓名": person.name,
        "性别": person.sex,
        "身份证号": person.number,
        "联系电话": person.phone,
        "可结对户数": float(answer["capacity"]),
        "可服务时间": people.random.choice(TIMES),
        "特长": people.random.choice(SKILLS),
        "方言": people.random.choice(LANGUAGES),
        "未成年人从业查询日期": answer["cleared_on"] or "",
        "接替人编号": answer["successor"] or "",
        "备注": people.random.choice(("", "", "已核对")),
    }


def _mistake(heading: str, code: str, grid: Grid) -> dict[str, CellValue]:
    """The cells that a mistake changes."""
    wrong: dict[str, CellValue] = {
        "id-checksum": "990101198001019990",
        "village-unknown": "不存在的村",
        "kind-unknown": "亲戚",
        "capacity-invalid": -1.0,
        "phone-invalid": "1390000123",
        "name-missing": "",
        "duplicate-in-file": grid.cells[4, HEADINGS.index("身份证号")],
        "village-ambiguous": "新丰村",
        "date-invalid": "2026-02-30",
        "number-missing": "",
    }
    unit: dict[str, CellValue] = {"所属单位": "县志愿服务总队"} if code == "village-ambiguous" else {}
    return {heading: wrong[code]} | unit
