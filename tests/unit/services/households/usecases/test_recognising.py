"""A household is known by its head, else by a member; who is listed elsewhere keeps it out."""

from datetime import date
from uuid import UUID

from services.households.model import HouseholdFacts, PersonFacts, Relation
from services.households.store import Personal, Registered
from services.households.usecases.recognising import Listed, Member, recognise
from services.households.workbook import SurveyHousehold

VILLAGE, NEXT_VILLAGE = "990101101202", "990101101203"
ONE, TWO = UUID(int=1), UUID(int=2)


def someone(number: str, relation: Relation = Relation.HEAD, row: int = 5) -> Member:
    facts = PersonFacts(relation=relation, born=date(1980, 1, 1))
    personal = Personal(name="王一", id_number=number, phone=None, details={}, facts=facts)
    return Member(row, relation, personal, number.encode(), b"")


def house(*members: Member, village: str = VILLAGE) -> Listed:
    said = SurveyHousehold(
        sheet="石桥村",
        first_row=5,
        household_no="001",
        head="王一",
        village_code=village,
        survey_date=None,
        declared=(),
        derivable=(),
        consents={},
        needs=(),
        persons=(),
        invalid_rows=frozenset(),
    )
    assert said.facts == HouseholdFacts(())
    return Listed(said, village, members, b"")


def at(household_id: UUID, village: str = VILLAGE) -> Registered:
    return Registered(household_id, village)


def wife(number: str, row: int = 6) -> Member:
    return someone(number, Relation.SPOUSE, row)


def test_a_household_nobody_of_which_is_on_file_is_new() -> None:
    recognised, problems = recognise([house(someone("a"), wife("b"))], {})
    assert [item.household_id for item in recognised] == [None]
    assert problems == []


def test_a_household_is_known_by_its_head() -> None:
    recognised, _ = recognise([house(someone("a"), wife("b"))], {b"a": at(ONE)})
    assert [item.household_id for item in recognised] == [ONE]


def test_a_household_with_a_new_head_is_known_by_another_member() -> None:
    recognised, _ = recognise([house(someone("new"), wife("b"))], {b"b": at(ONE)})
    assert [item.household_id for item in recognised] == [ONE]


def test_the_head_decides_before_a_member_that_comes_earlier_in_the_file() -> None:
    first, second = house(someone("new"), wife("b")), house(someone("a"))
    recognised, problems = recognise([first, second], {b"a": at(ONE), b"b": at(ONE)})
    assert [(item.listed, item.household_id) for item in recognised] == [(second, ONE)]
    assert [problem.row for problem in problems] == [6]


def test_two_parts_of_one_household_do_not_both_become_it() -> None:
    parts = [house(someone("x"), wife("a")), house(someone("y"), wife("b", 9))]
    recognised, problems = recognise(parts, {b"a": at(ONE), b"b": at(ONE)})
    assert [item.household_id for item in recognised] == [ONE]
    assert [problem.row for problem in problems] == [9]


def test_members_of_two_households_are_not_brought_together() -> None:
    recognised, problems = recognise([house(someone("a"), wife("b"))], {b"a": at(ONE), b"b": at(TWO)})
    assert recognised == []
    assert [(problem.code, problem.row, problem.cell) for problem in problems] == [
        ("registered-elsewhere", 6, None)
    ]


def test_a_household_of_another_village_is_not_moved() -> None:
    recognised, problems = recognise([house(someone("a"), village=NEXT_VILLAGE)], {b"a": at(ONE)})
    assert (recognised, len(problems)) == ([], 1)


def test_nothing_personal_shows_in_a_representation() -> None:
    shown = repr(house(someone("990101198001019991")))
    assert "990101198001019991" not in shown
    assert "王一" not in shown
