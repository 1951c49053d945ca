"""Lays the invented families out as a township's survey workbook, with mistakes, and keeps the answers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from kith.sample.families import Family, families
from kith.sample.grid import Grid, place
from kith.sample.people import COUNTY_CODE, Invented, People, village_code
from kith.sample.spelling import CellValue, Spelling

SEED = 7
TOWNSHIP = "青石镇"
UNKNOWN_SHEET, LATE_SHEET = "石桥大队", "补录"
FIELDS = (
    "serial",
    "no",
    "headname",
    "village",
    "name",
    "relation",
    "sex",
    "id",
    "birth",
    "nation",
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
    "c_pairing",
    "c_visits",
    "c_referral",
    "c_messages",
    "filled",
    "remark",
)
HEADINGS: dict[str, tuple[str, ...]] = {
    "serial": ("序号",),
    "no": ("户编号", "户号", "家庭编号"),
    "headname": ("户主", "户主姓名"),
    "village": ("所属村",),
    "name": ("姓 名", "家庭成员姓名"),
    "relation": ("与户主关系", "与户主\n关系"),
    "sex": ("性别",),
    "id": ("身份证号", "公民身份号码", "身份\n证号码"),
    "birth": ("出生日期", "出生年月日"),
    "nation": ("民族",),
    "hukou": ("户籍地", "户籍所在地"),
    "home": ("现居住地/地址", "现居住地址/详细地址"),
    "home_since": ("现居住地/居住起始", "现居住地址/何时起居住"),
    "phone": ("联系电话", "手机号", "电话"),
    "category": ("家庭类别", "关怀类别"),
    "health": ("健康/残疾", "健康（残疾）状况"),
    "away": ("外出务工/是否外出", "外出务工情况/是/否"),
    "place": ("外出务工/地点", "外出务工情况/外出地点"),
    "since": ("外出务工/起始", "外出务工情况/起始时间"),
    "back": ("外出务工/预计返乡", "外出务工情况/返乡时间"),
    "need": ("需求", "主要需求"),
    "c_pairing": ("同意事项/结对", "本人同意事项/结对帮扶"),
    "c_visits": ("同意事项/上门", "本人同意事项/上门探访"),
    "c_referral": ("同意事项/转介", "本人同意事项/转介服务"),
    "c_messages": ("同意事项/短信", "本人同意事项/短信通知"),
    "filled": ("填表日期", "调查日期"),
    "remark": ("备注",),
}
GROUPS = ("现居住地", "外出务工", "同意事项", "本人同意事项")
ANSWERS = (("√", "×"), ("是", "否"), ("同意", "不同意"), ("√", ""))
REMARKS = ("", "", "", "已核对", "待补照片", "电话为邻居代接")
NUMBER_STYLES = ("first", "each", "merged")

MISTAKES = {
    ("青石社区", 2): "id-missing",
    ("青石社区", 5): "phone-invalid",
    ("青石社区", 8): "birth-mismatch",
    ("青石社区", 11): "date-invalid:birth",
    (" 石桥村", 1): "id-as-number",
    (" 石桥村", 4): "id-as-number:text",
    (" 石桥村", 7): "category-unknown",
    (" 石桥村", 10): "name-missing",
    ("新丰村", 0): "age-category-conflict",
    ("新丰村", 4): "relation-missing-head",
    ("新丰村", 6): "id-checksum",
    ("新丰村", 9): "date-invalid:filled",
    ("杏花村", 2): "duplicate-in-file",
    ("杏花村", 1): "date-invalid:since",
    ("杏花村", 7): "duplicate-in-file",
    (LATE_SHEET, 1): "village-unknown",
    (LATE_SHEET, 4): "village-unknown",
}
SHEETS = {"青石社区": 14, " 石桥村": 12, "新丰村": 12, "杏花村": 10, UNKNOWN_SHEET: 3, LATE_SHEET: 9}


@dataclass(slots=True)
class Key:
    """What a reader must find, kept while the workbook is written."""

    problems: list[dict[str, Any]] = field(default_factory=list)
    valid: list[dict[str, Any]] = field(default_factory=list)
    invalid: list[dict[str, Any]] = field(default_factory=list)
    sheets: list[dict[str, Any]] = field(default_factory=list)
    rows_of_numbers: dict[str, dict[str, Any]] = field(default_factory=dict)
    persons: int = 0
    invalid_rows: set[tuple[str, int]] = field(default_factory=set)


class SheetInTheMaking:
    """Writes one sheet: title, header, families, totals, signature."""

    def __init__(self, name: str, at: int, people: People, spelling: Spelling, key: Key) -> None:
        self.grid, self.at, self.people, self.spelling, self.key = Grid(name), at, people, spelling, key
        self.fields = [name_ for name_ in FIELDS if name_ != "village" or name == LATE_SHEET]
        if at % 2:
            self.fields.remove("serial")
            self.fields.insert(2, self.fields.pop(self.fields.index("category")))
        self.headings = {name_: HEADINGS[name_][at % len(HEADINGS[name_])] for name_ in self.fields}
        self.column = {name_: column for column, name_ in enumerate(self.fields)}
        self.style = "each" if name == LATE_SHEET else NUMBER_STYLES[at % 3]
        self.row = 0

    def write(self, found: list[Family]) -> Grid:
        """The whole sheet with its families."""
        self._title()
        header_row = self.row + 1
        self._header()
        people_before = self.key.persons
        for number, family in enumerate(found):
            if number == 8:
                self._line("小 计", f"{number}户")
                self._header()
            self._family(number, family)
        self.row += 1
        people = self.key.persons - people_before
        self._line("合　计", f"{len(found)}户", f"{people}人")
        self._line("填表人（签字）：　　　　审核人（签字）：")
        self._line("备查", "无关的一行")
        self.key.sheets.append(
            {"sheet": self.grid.name, "header_row": header_row, "households": len(found), "people": people}
        )
        if self.grid.name == UNKNOWN_SHEET:
            self.key.problems.append(
                {
                    "sheet": self.grid.name,
                    "row": 1,
                    "column": "工作表名",
                    "cell": None,
                    "field": "sheet_name",
                    "code": "village-unknown",
                }
            )
        return self.grid

    def _title(self) -> None:
        self.grid.merge(0, 0, 0, len(self.fields) - 1)
        self._line(f"{TOWNSHIP}2026年生育关怀家庭调查表")
        if self.at % 3 == 0:
            self._line(f"填报单位：{self.grid.name}")
        self.row += self.at % 2

    def _header(self) -> None:
        open_group, began = "", 0
        for column, name in enumerate([*self.fields, ""]):
            heading = self.headings.get(name, "")
            group, _, sub = heading.partition("/")
            grouped = group.startswith(GROUPS)
            if group != open_group or not grouped:
                if open_group:
                    self.grid.merge(self.row, began, self.row, column - 1)
                open_group, began = (group, column) if grouped else ("", column)
                self.grid.put(self.row, column, group if grouped else heading)
            if grouped:
                self.grid.put(self.row + 1, column, sub)
            elif name:
                self.grid.merge(self.row, column, self.row + 1, column)
        self.row += 2

    def _line(self, *texts: str) -> None:
        for column, text in enumerate(texts):
            self.grid.put(self.row, column, text)
        self.row += 1

    def _family(self, number: int, family: Family) -> None:
        head, first = family.members[0].name, self.row
        mistake = (family.mistake or "").partition(":")
        before = len(self.key.problems)
        if mistake[0] == "relation-missing-head":
            del family.members[0]
        written = family.village if self.grid.name == LATE_SHEET else self.grid.name.strip()
        household_no: CellValue = float(number + 1) if self.at % 2 else f"{written[:2]}-{number + 1:03d}"
        if self.grid.name == LATE_SHEET:
            household_no = f"补{number + 1:03d}"
        for member in family.members:
            self._member(member, family, head, household_no, first)
        if self.style == "merged":
            for name in ("no", "headname", "filled"):
                self.grid.merge(first, self.column[name], self.row - 1, self.column[name])
        if mistake[0]:
            self._plant(mistake[0], mistake[2], family, first)
        self._answer(family, head, household_no, first, len(self.key.problems) == before)

    def _member(self, member: Invented, family: Family, head: str, household_no: CellValue, first: int) -> None:
        opening = self.row == first
        values: dict[str, CellValue] = {
            "serial": float(self.key.persons + 1),
            "name": self.spelling.name(member.name),
            "relation": member.relation,
            "sex": member.sex,
            "id": self.spelling.identity(member.number),
            "birth": self.spelling.date(member.born),
            "nation": "汉族",
            "hukou": member.hukou,
            "home": member.home if opening else "同上",
            "home_since": self._date_or_empty(member.home_since),
            "phone": self.spelling.phone(member.phone) if member.born.year < 2008 else "无",
            "health": member.health,
            "away": "是" if member.away else self.people.random.choice(("否", "")),
            "place": member.place,
            "since": self._date_or_empty(member.since),
            "back": member.back,
            "remark": self.people.random.choice(REMARKS),
        }
        if opening or self.style == "each":
            values |= {"no": household_no, "headname": head, "filled": self.spelling.date(family.surveyed)}
        if opening:
            values |= {"category": "、，,/"[self.at % 4].join(family.said), "need": family.need}
            values |= {"village": family.village}
            values |= {f"c_{purpose}": ANSWERS[self.at % 4][not yes] for purpose, yes in family.consents.items()}
        for name in self.fields:
            self.grid.put(self.row, self.column[name], values.get(name, ""))
        self.key.rows_of_numbers[member.number] = {"sheet": self.grid.name, "row": self.row + 1}
        self.key.persons += 1
        if self.grid.name == UNKNOWN_SHEET:
            self.key.invalid_rows.add((self.grid.name, self.row))
        self.row += 1

    def _date_or_empty(self, day: date | None) -> CellValue:
        return "" if day is None else self.spelling.date(day, month_suffices=True)

    def _plant(self, code: str, variant: str, family: Family, first: int) -> None:
        last = self.row - 1
        person = family.members[-1]
        row, name, value = {
            "id-missing": (last, "id", "—"),
            "id-as-number": (last, "id", "9.90101E+17" if variant else float(person.number[:17] + "0")),
            "id-checksum": (last, "id", person.number[:17] + ("0" if person.number[17] != "0" else "1")),
            "birth-mismatch": (last, "birth", f"{person.born + timedelta(days=3):%Y-%m-%d}"),
            "date-invalid": (
                first if variant == "filled" else last,
                variant,
                {"birth": "不详", "filled": "2026.2.30", "since": "2025年13月"}.get(variant, ""),
            ),
            "category-unknown": (first, "category", "光荣户、" + "、".join(family.said)),
            "phone-invalid": (last, "phone", "138OO000001"),
            "name-missing": (last, "name", " "),
            "age-category-conflict": (first, "category", "留守儿童、老年人"),
            "relation-missing-head": (first, "relation", family.members[0].relation),
            "village-unknown": (first, "village", "胜利大队"),
            "duplicate-in-file": (last, "id", self._earlier_number(code)),
        }[code]
        self.grid.cells[row, self.column[name]] = value
        problem: dict[str, Any] = {
            "sheet": self.grid.name,
            "row": row + 1,
            "column": "".join(self.headings[name].split()),
            "cell": place(row, self.column[name]),
            "field": name,
            "code": code,
        }
        if code == "duplicate-in-file":
            number = str(value)
            problem["first"] = self.key.rows_of_numbers[number]
            born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
            self.grid.cells[row, self.column["birth"]] = born
        self.key.problems.append(problem)
        self.key.invalid_rows.add((self.grid.name, row))

    def _earlier_number(self, code: str) -> str:
        """The number of somebody in the first family, who has no mistake; another one each time."""
        if code != "duplicate-in-file":
            return ""
        so_far: int = sum(problem["code"] == code for problem in self.key.problems)
        return list(self.key.rows_of_numbers)[so_far]

    def _answer(self, family: Family, head: str, household_no: CellValue, first: int, faultless: bool) -> None:
        number = f"{household_no:.0f}" if isinstance(household_no, float) else household_no
        row: dict[str, Any] = {"sheet": self.grid.name, "first_row": first + 1, "household_no": number}
        if not faultless or self.grid.name == UNKNOWN_SHEET:
            self.key.invalid.append(row)
            return
        village = family.village if self.grid.name == LATE_SHEET else self.grid.name.strip()
        self.key.valid.append(
            row
            | {
                "head": head,
                "village_code": village_code(TOWNSHIP, village),
                "members": len(family.members),
                "survey_date": family.surveyed.isoformat(),
                "declared": family.declared,
                "derivable": family.derivable,
                "consents": family.consents,
            }
        )


def survey() -> tuple[list[Grid], dict[str, Any]]:
    """The workbook's sheets, and the answers that a reader must give."""
    people = People(SEED)
    spelling, key = Spelling(people), Key()
    notes, totals = Grid("填表说明"), Grid("汇总")
    for row, text in enumerate(("填 表 说 明", "一、本表一人一行，户主在前。", "二、不同意不影响享受其他服务。")):
        notes.put(row, 0, text)
    grids = [notes]
    waiting = iter(families(people, sum(SHEETS.values())))
    for at, (name, count) in enumerate(SHEETS.items()):
        sheet = SheetInTheMaking(name, at, people, spelling, key)
        grids.append(sheet.write(list(_planted(name, count, waiting))))
    for row, counted in enumerate(key.sheets):
        for column, value in enumerate((counted["sheet"].strip(), counted["households"], counted["people"])):
            totals.put(row, column, value)
    return [*grids, totals], _answers(key, spelling)


def _planted(sheet: str, count: int, waiting: Iterator[Family]) -> Iterator[Family]:
    for number in range(count):
        family = next(waiting)
        family.mistake = MISTAKES.get((sheet, number))
        family.village = ("杏花村", "新丰村", "石桥村")[number % 3]
        yield family


def _answers(key: Key, spelling: Spelling) -> dict[str, Any]:
    codes = [problem["code"] for problem in key.problems]
    order = list(SHEETS)
    invalid = len(key.invalid_rows)
    return {
        "key_version": 1,
        "workbook": "survey.xlsx",
        "seed": SEED,
        "county_code": COUNTY_CODE,
        "township_code": village_code(TOWNSHIP, "青石社区")[:9],
        "township": TOWNSHIP,
        "households": {
            "total": len(key.valid) + len(key.invalid),
            "valid": len(key.valid),
            "invalid": len(key.invalid),
        },
        "persons": {
            "total": key.persons,
            "valid": key.persons - invalid,
            "invalid": invalid,
            "in_valid_households": sum(household["members"] for household in key.valid),
        },
        "problem_counts": {code: codes.count(code) for code in dict.fromkeys(codes)},
        "harmless_counts": dict(sorted(spelling.counts.items())),
        "sheets": key.sheets,
        "problems": sorted(key.problems, key=lambda problem: order.index(problem["sheet"])),
        "valid_households": key.valid,
        "invalid_households": key.invalid,
    }
