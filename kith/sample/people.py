"""Invents people: names put together at random, numbers that nobody holds."""

import random
from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

COUNTY_CODE, COUNTY_NAME = "990101", "禾源县"
TOWNSHIPS = {
    "青石镇": ("青石社区", "石桥村", "新丰村", "杏花村"),
    "柳湾镇": ("柳湾社区", "河东村", "渡口村", "双槐村"),
    "白鹭乡": ("白鹭村", "新丰村", "西岭村", "竹园村"),
}
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN = {
    "男": ("建国", "志强", "海涛", "文军", "立新", "宏伟", "思远", "浩然", "福生", "永发", "学文", "铭"),
    "女": ("桂芝", "秀英", "淑华", "晓红", "海燕", "春梅", "雨桐", "佳诺", "艳", "玉珍", "敏", "欣怡"),
}
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"


@dataclass(slots=True, kw_only=True)
class Invented:
    """One invented person, as the form asks about them."""

    name: str
    sex: str
    born: date
    number: str
    phone: str
    relation: str = "户主"
    hukou: str = "本村"
    home: str = "本村"
    home_since: date | None = None
    away: bool = False
    place: str = ""
    since: date | None = None
    back: str = ""
    health: str = "健康"


class People:
    """A source of people that gives the same ones every time."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - sameness is wanted here, not secrecy
        self._sequences: dict[date, dict[bool, int]] = defaultdict(lambda: {True: 999, False: 998})
        self._phones = 0

    def person(self, sex: str, born: date, relation: str = "户主") -> Invented:
        """Somebody new."""
        name = self.random.choice(SURNAMES) + self.random.choice(GIVEN[sex])
        return Invented(
            name=name, sex=sex, born=born, number=self._number(sex, born), phone=self._phone(), relation=relation
        )

    def born(self, age: int, on: date) -> date:
        """A birth date that makes somebody `age` on a day, and for some days around it."""
        earlier = self.random.random() < 0.5
        month = self.random.randint(1, on.month - 1) if earlier else self.random.randint(on.month + 1, 12)
        year = on.year - age - (not earlier)
        return date(year, month, self.random.randint(1, monthrange(year, month)[1] - 1))

    def _number(self, sex: str, born: date) -> str:
        man = sex == "男"
        sequence = self._sequences[born][man]
        self._sequences[born][man] -= 2
        digits = f"{COUNTY_CODE}{born:%Y%m%d}{sequence:03d}"
        return digits + check_character(digits)

    def _phone(self) -> str:
        self._phones += 1
        return f"1{self.random.choice('35789')}{self.random.randint(0, 9)}0000{self._phones:04d}"


def check_character(digits: str) -> str:
    """The check character of GB 11643 (ISO 7064 MOD 11-2), by its table of weights."""
    return CHECK_CHARACTERS[sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=True)) % 11]


def area_rows() -> list[tuple[str, str, str, str]]:
    """The invented county's areas: code, name, level, parent."""
    rows = [(COUNTY_CODE, COUNTY_NAME, "county", "")]
    for at, (township, villages) in enumerate(TOWNSHIPS.items(), start=101):
        code = f"{COUNTY_CODE}{at}"
        rows.append((code, township, "township", COUNTY_CODE))
        rows += [(village_code(township, name), name, "village", code) for name in villages]
    return rows


def village_code(township: str, village: str) -> str:
    """The invented code of a village."""
    at = list(TOWNSHIPS).index(township) + 101
    return f"{COUNTY_CODE}{at}{TOWNSHIPS[township].index(village) + 201}"
