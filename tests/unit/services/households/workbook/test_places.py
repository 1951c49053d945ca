"""In which county a written place lies."""

import pytest

from services.households.workbook.places import county_key


@pytest.mark.parametrize(
    "place",
    [
        "本村",
        "白旗镇白旗村",
        "某某社区",
        "上营镇铁西社区3组",
        "舒兰市法特镇",
        "吉林省吉林市舒兰市上营镇",
        "红旗小区3号",
        "红旗街12号",
        "本县",
        "县医院家属楼",
        "白旗镇市场",
        "林海社区7组",
    ],
)
def test_a_place_without_a_county_of_its_own_is_here(place: str) -> None:
    assert county_key(place, "舒兰市") == "here"


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ("榆树市弓棚镇", "榆树市"),
        ("吉林省长春市榆树市五棵树镇", "吉林省/长春市/榆树市"),
        ("黑龙江省五常市拉林满族镇", "黑龙江省/五常市"),
        ("辽宁省沈阳市铁西区", "辽宁省/沈阳市/铁西区"),
        ("北京市大兴区", "北京市/大兴区"),
        ("广东省广州市天河区", "广东省/广州市/天河区"),
        ("内蒙古自治区兴安盟科尔沁右翼前旗", "内蒙古自治区/兴安盟/科尔沁右翼前旗"),
        ("永吉县北大湖镇", "永吉县"),
    ],
)
def test_another_countys_place_is_told_by_its_units(place: str, key: str) -> None:
    assert county_key(place, "舒兰市") == key


def test_nothing_written_is_not_known() -> None:
    assert county_key("", "舒兰市") is None
