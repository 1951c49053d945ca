"""Invents families of every kind that the programme knows; what follows from the facts is stated, not computed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from kith.sample.people import Invented, People

LONG_AGO, LATELY = date(2024, 6, 20), date(2026, 1, 12)
ELSEWHERE = ("浙江省嘉兴市平湖市", "北京市大兴区", "长春", "广东省东莞市")
FROM_AFAR = ("榆树市弓棚镇", "吉林省吉林市永吉县口前镇", "辽宁省沈阳市铁西区")
WISHES = ("陪同就医", "购药", "家政服务", "精神慰藉", "课后看护", "农忙帮工", "取暖柴草", "就业信息")


@dataclass(slots=True)
class Family:
    """One invented household: what it says, what follows, and which mistake is planted in it."""

    members: list[Invented]
    said: list[str]
    declared: list[str]
    derivable: list[str]
    surveyed: date
    consents: dict[str, bool] = field(default_factory=dict)
    need: str = ""
    mistake: str | None = None
    village: str = ""


def _leave(person: Invented, since: date | None, place: str, back: str = "") -> Invented:
    person.away, person.since, person.place, person.back = True, since, place, back
    return person


def young_couple(people: People, on: date) -> Family:
    """Parents and a child at home."""
    members = [
        people.person("男", people.born(36, on)),
        people.person("女", people.born(34, on), "妻子"),
        people.person("女", people.born(8, on), "长女"),
    ]
    return Family(members, ["计生家庭", "女孩户"], ["family_planning", "girl"], [], on)


def elders_alone(people: People, on: date) -> Family:
    """Two elders, no children listed."""
    members = [people.person("男", people.born(72, on)), people.person("女", people.born(69, on), "妻")]
    return Family(members, ["空巢老人", "老年人"], ["elderly", "empty_nest"], ["elderly", "empty_nest"], on)


def elders_left_behind(people: People, on: date) -> Family:
    """Two elders; their grown son has been away for long, without a day of return."""
    family = elders_alone(people, on)
    son = people.person("男", people.born(41, on), "儿子")
    family.members.append(_leave(son, LONG_AGO, people.random.choice(ELSEWHERE), "不返"))
    family.said.append("留守老人")
    family.declared = ["elderly", "empty_nest", "left_behind_elder"]
    family.derivable = ["elderly", "empty_nest", "left_behind_elder"]
    return family


def elder_whose_child_returns(people: People, on: date) -> Family:
    """An elder whose daughter has been away for long and is expected back."""
    daughter = people.person("女", people.born(38, on), "女儿")
    members = [
        people.person("女", people.born(66, on)),
        _leave(daughter, LONG_AGO, people.random.choice(ELSEWHERE), "春节"),
    ]
    said = ["阶段性空巢", "低保户"]
    return Family(members, said, ["hardship", "temporarily_empty_nest"], ["elderly", "left_behind_elder"], on)


def elder_lately_alone(people: People, on: date) -> Family:
    """An elder whose only listed son left some weeks ago."""
    son = people.person("男", people.born(33, on), "长子")
    members = [people.person("男", people.born(61, on)), _leave(son, LATELY, people.random.choice(ELSEWHERE))]
    return Family(members, ["老年户"], ["elderly"], ["elderly", "empty_nest"], on)


def child_left_behind(people: People, on: date) -> Family:
    """Both parents long away; the child stays with the grandfather."""
    place = people.random.choice(ELSEWHERE)
    members = [
        _leave(people.person("男", people.born(37, on)), LONG_AGO, place, "年底"),
        _leave(people.person("女", people.born(35, on), "配偶"), LONG_AGO, place, "年底"),
        people.person("男", people.born(9, on), "长子"),
        people.person("男", people.born(67, on), "父亲"),
    ]
    derivable = ["elderly", "left_behind_child", "left_behind_elder"]
    return Family(members, ["留守儿童", "留守老人"], ["left_behind_child", "left_behind_elder"], derivable, on)


def grandchild_left_behind(people: People, on: date) -> Family:
    """Grandparents with a grandchild whose parents are long away."""
    members = [
        people.person("女", people.born(63, on)),
        people.person("男", people.born(64, on), "丈夫"),
        _leave(people.person("男", people.born(39, on), "儿子"), LONG_AGO, "大连"),
        _leave(people.person("女", people.born(38, on), "儿媳"), LONG_AGO, "大连"),
        people.person("女", people.born(11, on), "孙女"),
    ]
    derivable = ["elderly", "left_behind_child", "left_behind_elder"]
    return Family(members, ["留守儿童", "困难户"], ["hardship", "left_behind_child"], derivable, on)


def wife_left_behind(people: People, on: date) -> Family:
    """The husband works away; wife and son are at home."""
    members = [
        people.person("女", people.born(40, on)),
        _leave(people.person("男", people.born(42, on), "夫"), LONG_AGO, people.random.choice(ELSEWHERE)),
        people.person("男", people.born(15, on), "子"),
    ]
    return Family(members, ["留守妇女"], ["left_behind_woman"], [], on)


def newcomers(people: People, on: date) -> Family:
    """Registered in another county, living here for years."""
    return _moved(people, on, date(2022, 9, 3), ["migrant"])


def latest_newcomers(people: People, on: date) -> Family:
    """Registered in another county, here for some weeks only."""
    return _moved(people, on, date(2026, 1, 30), [])


def _moved(people: People, on: date, since: date, derivable: list[str]) -> Family:
    members = [
        people.person("男", people.born(30, on)),
        people.person("女", people.born(29, on), "妻"),
        people.person("男", people.born(3, on), "儿子"),
    ]
    hukou = people.random.choice(FROM_AFAR)
    for member in members:
        member.hukou, member.home_since = hukou, since
    return Family(members, ["流动人口"], ["migrant"], derivable, on)


def three_generations(people: People, on: date) -> Family:
    """Elders with their grown child at home."""
    members = [
        people.person("男", people.born(45, on)),
        people.person("女", people.born(71, on), "母亲"),
        people.person("女", people.born(16, on), "女"),
    ]
    return Family(members, ["独生子女户"], ["family_planning"], ["elderly"], on)


def bereaved(people: People, on: date) -> Family:
    """Elders who lost their only child: only ever said."""
    family = elders_alone(people, on)
    family.said, family.declared = ["失独家庭"], ["lost_only_child"]
    return family


def with_disabled_child(people: People, on: date) -> Family:
    """Parents of a grown only child with a disability."""
    members = [
        people.person("女", people.born(55, on)),
        people.person("男", people.born(57, on), "配偶"),
        people.person("男", people.born(27, on), "长子"),
    ]
    members[2].health = "肢体三级残疾"
    return Family(members, ["独生子女伤残"], ["disabled_only_child"], [], on)


def almost_elderly(people: People, on: date) -> Family:
    """Sixty only the day after the survey."""
    born = date(on.year - 60, on.month, on.day + 1)
    return Family([people.person("男", born)], ["低保"], ["hardship"], [], on)


def elderly_today(people: People, on: date) -> Family:
    """Sixty on the very day of the survey."""
    born = date(on.year - 60, on.month, on.day)
    return Family([people.person("女", born)], [], [], ["elderly", "empty_nest"], on)


KINDS: tuple[Callable[[People, date], Family], ...] = (
    elders_left_behind,
    young_couple,
    child_left_behind,
    elders_alone,
    newcomers,
    elder_whose_child_returns,
    wife_left_behind,
    grandchild_left_behind,
    three_generations,
    elder_lately_alone,
    bereaved,
    with_disabled_child,
    latest_newcomers,
    almost_elderly,
    elderly_today,
)


def families(people: People, count: int) -> list[Family]:
    """So many families, every kind in turn, surveyed in March and April 2026."""
    invented = []
    for at in range(count):
        on = date(2026, 3 + at % 2, 1 + at % 14)
        family = KINDS[at % len(KINDS)](people, on)
        family.consents = {
            "pairing": people.random.random() < 0.8,
            "visits": people.random.random() < 0.85,
            "referral": people.random.random() < 0.6,
            "messages": people.random.random() < 0.6,
        }
        family.need = "、".join(people.random.sample(WISHES, people.random.randint(0, 2)))
        invented.append(family)
    return invented
