"""Which consenting families have nobody today, and why: counted from the register as it stands."""

from typing import Any, get_args

from contracts.actor import Actor, Role
from contracts.codes import ConsentAnswer, HelperKindCode
from contracts.pairing import ListUnserved, MatchStateCode
from services.pairing.model import MatchState
from tests.support.pairing_place import COUNTY, Place
from tests.support.service_calls import Speaker, answered, refused


def test_a_minor_among_uncleared_helpers_is_told_with_their_number_in_words(place: Place) -> None:
    place.register(place.a_row(1, cleared_on=None), place.a_row(2, cleared_on=None))
    with_minor = place.household(1, has_minor=True)
    place.household(2)
    minor, other = place.unserved()
    assert (minor["household_id"], minor["area_code"]) == (str(with_minor), place.village())
    assert minor["may_be_asked"] == 0
    (reason,) = minor["excluded"]
    assert (reason["code"], reason["helpers"]) == ("not_cleared", 2)
    assert "clearance" in reason["reason_en"]
    assert "从业查询" in reason["reason_zh"]
    assert (other["may_be_asked"], other["excluded"]) == (2, []), "the control arm: no minor lives here"


def test_a_family_is_listed_only_while_it_consents_and_has_nobody(place: Place) -> None:
    waiting = place.household(1)
    place.household(2, consent=None)
    place.household(3, consent=ConsentAnswer.NO)
    gone = place.household(4)
    assert [row["household_id"] for row in place.unserved()] == [str(waiting), str(gone)]
    place.withdraw(gone)
    assert [row["household_id"] for row in place.unserved()] == [str(waiting)]
    place.helper(1)
    place.open_round()
    assert place.unserved() == []
    place.decline(place.one_match())
    (again,) = place.unserved()
    assert reasons(again) == {"refused_before": 1}


def reasons(row: dict[str, Any]) -> dict[str, int]:
    return {each["code"]: each["helpers"] for each in row["excluded"]}


def test_a_family_that_is_not_enrolled_is_not_listed(place: Place) -> None:
    left, stays = place.household(1), place.household(2)
    assert len(place.unserved()) == 2
    unenrol = "update household_care set enrolled = false where household_id = :id returning household_id"
    assert place.speaker.rows(unenrol, id=left)
    assert [row["household_id"] for row in place.unserved()] == [str(stays)]


def test_where_everyone_suitable_is_full_the_reason_is_capacity(place: Place) -> None:
    place.helper(1)
    place.household(1)
    place.open_round()
    place.household(2)
    (left,) = place.unserved()
    assert (left["may_be_asked"], reasons(left)) == (0, {"no_slot_left": 1})
    place.helper(2)
    (left,) = place.unserved()
    assert (left["may_be_asked"], reasons(left)) == (1, {"no_slot_left": 1})


def test_without_any_helper_in_the_township_that_is_the_reason(place: Place) -> None:
    place.household(1)
    (left,) = place.unserved()
    assert reasons(left) == {"no_helper_near": 0}


def test_every_township_is_told_of_its_own_helpers(speaker: Speaker, place: Place) -> None:
    other = Place.new(speaker)
    place.helper(1, cleared_on=None)
    other.helper(1, kind=HelperKindCode.NEIGHBOUR, village=2)
    here, there = place.household(1, has_minor=True), other.household(1, has_minor=True)
    county = Actor(id="group", roles=frozenset({Role.COUNTY_OFFICER}), area=COUNTY)
    rows = {row["household_id"]: reasons(row) for row in place.unserved(county)}
    assert rows[str(here)] == {"not_cleared": 1}
    assert rows[str(there)] == {"other_village": 1}


def test_a_village_worker_sees_their_village_with_the_helpers_of_the_township(place: Place) -> None:
    place.helper(1, village=2)
    here = place.household(1, village=1)
    place.household(2, village=2)
    (row,) = place.unserved(place.worker(1))
    assert (row["household_id"], row["may_be_asked"]) == (str(here), 1)


def test_an_officer_of_another_township_and_a_helper_see_nothing(speaker: Speaker, place: Place) -> None:
    helper = place.helper(1)
    place.household(1)
    stranger = Place.new(speaker)
    assert stranger.unserved() == []
    assert refused(speaker.ask(stranger.officer, ListUnserved(area_code=place.code))) == (404, "out-of-area")
    assert refused(speaker.ask(place.as_helper(helper), ListUnserved())) == (403, "role-missing")
    assert len(place.unserved()) == 1, "the control arm: their own officer sees them"


def test_families_without_anybody_are_listed_page_by_page_without_loss(place: Place) -> None:
    wanted = [str(place.household(number)) for number in range(7)]
    found, cursor, sizes = [], None, []
    while True:
        page = answered(place.speaker.ask(place.officer, ListUnserved(limit=3, cursor=cursor)))
        found += [row["household_id"] for row in page["items"]]
        sizes.append(len(page["items"]))
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert (found, sizes) == (wanted, [3, 3, 1])
    assert refused(place.speaker.ask(place.officer, ListUnserved(cursor="nonsense"))) == (422, "body-invalid")


def test_pairs_can_be_asked_for_by_their_states_and_by_nothing_else(place: Place) -> None:
    assert get_args(MatchStateCode) == tuple(MatchState)
    place.helper(1)
    place.household(1)
    place.open_round()
    assert [len(place.matches(state=state)) for state in ("proposed", "active")] == [1, 0]
    asked = place.speaker._call(place.officer, "pairing.list_matches", {"state": "propsed"})
    assert refused(asked) == (422, "body-invalid")
