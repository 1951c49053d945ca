"""The six carriers stand as requirement A1 names them."""

from contracts.codes import Carrier, UnitKind
from services.activities.catalogue import PROGRAMMES

A1 = {
    Carrier.ARMY_CIVILIAN: (
        "军民共建",
        "family_planning_association",
        "village_association comprehensive_governance",
    ),
    Carrier.NEIGHBOUR_KINSHIP: (
        "结邻里亲",
        "family_planning_association",
        "village_association comprehensive_governance",
    ),
    Carrier.CARING_FOR_GIRLS: ("关爱女孩", "family_planning_office", "health_centre police_station"),
    Carrier.HEALTHY_BIRTH: ("优生优育", "family_planning_office", "village_station"),
    Carrier.HAPPY_FAMILY: ("幸福家庭", "family_planning_office", "radio_station"),
    Carrier.LEFT_BEHIND_CARE: ("三留关爱", "family_planning_association", "village_association"),
}


def test_each_carrier_has_the_name_lead_unit_and_implementing_units_of_the_requirement() -> None:
    found = {one.carrier: (one.name_zh, str(one.lead_unit), " ".join(one.implementing_units)) for one in PROGRAMMES}
    assert found == A1


def test_every_carrier_of_the_vocabulary_is_preset_exactly_once() -> None:
    assert sorted(one.carrier for one in PROGRAMMES) == sorted(Carrier)


def test_the_strands_that_the_requirement_names_are_there() -> None:
    strands = {one.carrier: [strand.name_zh for strand in one.strands] for one in PROGRAMMES}
    assert strands[Carrier.ARMY_CIVILIAN] == ["结国策亲戚·暖孤独之心", "携手同行", "双管双助"]
    assert len(strands[Carrier.HAPPY_FAMILY]) == 5
    assert len(strands[Carrier.LEFT_BEHIND_CARE]) == 3


def test_names_are_given_in_both_languages() -> None:
    strands = [strand for one in PROGRAMMES for strand in one.strands]
    names = [(one.name_en, one.name_zh) for one in PROGRAMMES] + [(one.name_en, one.name_zh) for one in strands]
    assert all(english.isascii() and english and not chinese.isascii() for english, chinese in names)


def test_the_police_lead_no_carrier() -> None:
    assert UnitKind.POLICE_STATION not in {one.lead_unit for one in PROGRAMMES}
