"""Completeness of an archive, categories in public words, masks, and which villages an importer has."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from contracts.area import AreaLevel, AreaScope
from services.households.model import CareCategory, HouseholdFacts, PersonFacts, Relation, Sex
from services.households.queries.masking import masked_name, masked_number
from services.households.store import AreaRow
from services.households.usecases.archive import missing_in
from services.households.usecases.classifying import classify, in_public, union
from services.households.usecases.reading import villages_of
from services.households.workbook import SurveyHousehold, SurveyPerson

TODAY = date(2026, 4, 15)
FACTS = PersonFacts(relation=Relation.HEAD, born=date(1980, 1, 1), sex=Sex.MALE)
HEAD = SurveyPerson(
    row=5,
    name="王一",
    relation=Relation.HEAD,
    sex=Sex.MALE,
    nation="汉",
    identity_number="990101198001019991",
    phone="13800001234",
    hukou="本村",
    home="本村",
    health="",
    away_place="",
    facts=FACTS,
)
HOUSE = SurveyHousehold(
    sheet="石桥村",
    first_row=5,
    household_no="001",
    head="王一",
    village_code="990101101202",
    survey_date=TODAY,
    declared=(),
    derivable=(),
    consents={},
    needs=(),
    persons=(HEAD,),
    invalid_rows=frozenset(),
)


def lacking(*persons: SurveyPerson) -> tuple[str, ...]:
    return missing_in(replace(HOUSE, persons=persons), {CareCategory.GIRL}, TODAY)


def test_a_file_with_everything_lacks_nothing() -> None:
    assert lacking(HEAD) == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": ""}, "name"),
        ({"sex": None}, "sex"),
        ({"identity_number": None}, "id-number"),
        ({"facts": replace(FACTS, born=None), "phone": None}, "birth"),
        ({"relation": Relation.OTHER}, "relation"),
        ({"hukou": ""}, "hukou"),
        ({"home": ""}, "home"),
        ({"phone": None}, "phone"),
    ],
)
def test_what_is_missing_of_a_person_is_named(changes: dict[str, Any], code: str) -> None:
    assert code in lacking(replace(HEAD, **changes))


def test_a_childs_phone_is_no_adults_phone() -> None:
    child = replace(HEAD, relation=Relation.CHILD, facts=replace(FACTS, born=date(2015, 1, 1)))
    assert lacking(replace(HEAD, phone=None), child) == ("phone",)


def test_category_and_survey_date_are_asked_of_the_household() -> None:
    assert missing_in(replace(HOUSE, survey_date=None), (), TODAY) == ("category", "survey-date")


def test_the_loss_of_a_child_is_spoken_of_as_restricted() -> None:
    assert in_public([CareCategory.LOST_ONLY_CHILD, CareCategory.ELDERLY]) == ("elderly", "restricted")


def test_every_category_has_a_public_word() -> None:
    assert len(in_public(list(CareCategory))) == len(CareCategory)


def test_declared_and_derived_are_told_once_in_a_fixed_order() -> None:
    assert union(["restricted", "elderly"], ["elderly", "girl"]) == ("girl", "elderly", "restricted")


def test_a_classification_says_when_it_will_change() -> None:
    now = classify(HouseholdFacts((replace(FACTS, born=date(1966, 5, 20)),)), TODAY)
    assert (now.derived, now.has_minor, now.next_change_on) == ((), False, date(2026, 5, 20))


@pytest.mark.parametrize(("name", "masked"), [("李四", "李**"), ("欧阳修远", "欧**"), ("", "**")])
def test_a_masked_name_shows_one_character_and_no_length(name: str, masked: str) -> None:
    assert masked_name(name) == masked


def test_a_masked_number_hides_birth_and_sequence() -> None:
    assert masked_number("990101198001019991") == "990*************91"
    assert masked_number("") == ""


AREAS = [
    AreaRow("990101", "禾源县", AreaLevel.COUNTY, None),
    AreaRow("990101101", "青石镇", AreaLevel.TOWNSHIP, "990101"),
    AreaRow("990101101201", "石桥 村", AreaLevel.VILLAGE, "990101101"),
    AreaRow("990101101202", "新丰村", AreaLevel.VILLAGE, "990101101"),
    AreaRow("990101101203", "新丰村", AreaLevel.VILLAGE, "990101101"),
    AreaRow("990101102", "柳湾镇", AreaLevel.TOWNSHIP, "990101"),
    AreaRow("990101102201", "新丰村", AreaLevel.VILLAGE, "990101102"),
]


def test_a_village_is_found_in_its_township_and_a_shared_name_is_nobodys() -> None:
    of = villages_of(AREAS, AreaScope("990101"))
    assert of("青石镇") == {"石桥村": "990101101201"}
    assert of("柳湾镇") == {"新丰村": "990101102201"}
    assert of("别处镇") is None


def test_an_importer_has_only_the_villages_of_their_own_area() -> None:
    of = villages_of(AREAS, AreaScope("990101101202"))
    assert of("青石镇") == {"新丰村": "990101101202"}
    assert of("柳湾镇") is None
