"""Notices in the app: everyone reads their own, offices by role and area."""

from collections.abc import Sequence
from uuid import UUID

from chassis.ids import new_id
from contracts.actor import Actor, Role
from contracts.notify import ListNotices, MarkNoticeRead
from services.notify.catalogue import BY_CODE
from tests.support.notify import (
    COUNTY,
    OTHER_TOWNSHIP,
    OTHER_VILLAGE,
    TOWNSHIP,
    VILLAGE,
    Helper,
    Pair,
    one_of_each,
)
from tests.support.service_calls import Speaker, answered, refused


def an_officer(area: str = TOWNSHIP, role: Role = Role.TOWNSHIP_OFFICER, id: str = "a") -> Actor:
    return Actor(id=f"{role}-{area}-{id}", roles=frozenset({role}), area=area)


def read(speaker: Speaker, actor: Actor, about: Sequence[UUID]) -> list[dict[str, object]]:
    """The actor's notices about these."""
    wanted = {str(id) for id in about}
    found = answered(speaker.ask(actor, ListNotices(limit=500)))["items"]
    return [item for item in found if item["about"] in wanted]


def codes(speaker: Speaker, actor: Actor, *about: UUID) -> list[object]:
    return [item["rule"] for item in read(speaker, actor, about)]


def test_each_side_of_a_pair_is_told_its_own_part(speaker: Speaker) -> None:
    pair = Pair()
    speaker.tell(pair.proposed(), pair.accepted(), pair.activated(), pair.ended())
    helper = Helper(id=pair.helper_id).signed_in()
    assert sorted(codes(speaker, helper, pair.match_id)) == ["helper-asked", "helper-both-agreed"]  # type: ignore[type-var]
    assert sorted(codes(speaker, pair.member_signed_in(), pair.match_id)) == [  # type: ignore[type-var]
        "household-asked",
        "household-both-agreed",
        "household-ended",
    ]


def test_a_notice_is_put_into_words_in_both_languages(speaker: Speaker) -> None:
    helper = Helper()
    speaker.tell(helper.registered())
    (notice,) = read(speaker, helper.signed_in(), [helper.id])
    text = BY_CODE["helper-welcome"].text
    assert (notice["text_en"], notice["text_zh"], notice["read_at"]) == (text.en, text.zh, None)


def test_a_stranger_reads_nothing_of_it(speaker: Speaker) -> None:
    pair, other = Pair(), Pair()
    speaker.tell(pair.proposed(), pair.accepted(), pair.activated())
    for actor in (
        Helper().signed_in(),
        other.member_signed_in(),
        an_officer(),
        an_officer(COUNTY, Role.COUNTY_OFFICER),
    ):
        assert codes(speaker, actor, pair.match_id) == []


def test_a_helper_with_the_id_of_a_household_reads_none_of_its_notices(speaker: Speaker) -> None:
    pair = Pair()
    speaker.tell(pair.accepted())
    assert codes(speaker, Helper(id=pair.household_id).signed_in(), pair.match_id) == []


def test_the_township_hears_of_a_helper_who_left_and_the_next_township_does_not(speaker: Speaker) -> None:
    helper = Helper()
    speaker.tell(helper.left())
    assert codes(speaker, an_officer(), helper.id) == ["officers-helper-left"]
    assert codes(speaker, an_officer(OTHER_TOWNSHIP), helper.id) == []
    assert codes(speaker, an_officer(VILLAGE, Role.VILLAGE_WORKER), helper.id) == []


def test_a_report_of_need_reaches_the_township_and_the_village(speaker: Speaker) -> None:
    visited = Pair().visited()
    speaker.tell(visited)
    assert codes(speaker, an_officer(), visited.visit_id) == ["officers-attention"]
    assert codes(speaker, an_officer(VILLAGE, Role.VILLAGE_WORKER), visited.visit_id) == ["village-attention"]
    assert codes(speaker, an_officer(OTHER_VILLAGE, Role.VILLAGE_WORKER), visited.visit_id) == []


def test_a_notice_that_one_officer_read_is_still_new_to_the_other(speaker: Speaker) -> None:
    helper = Helper()
    speaker.tell(helper.left())
    first, second = an_officer(id="a"), an_officer(id="b")
    (notice,) = read(speaker, first, [helper.id])
    command = MarkNoticeRead(notice_id=UUID(str(notice["notice_id"])))
    answered(speaker.do(first, command))
    seen = read(speaker, first, [helper.id])[0]["read_at"]
    assert seen is not None
    answered(speaker.do(first, command))
    assert read(speaker, first, [helper.id])[0]["read_at"] == seen
    assert read(speaker, second, [helper.id])[0]["read_at"] is None


def test_nobody_marks_the_notice_of_another(speaker: Speaker) -> None:
    helper = Helper()
    speaker.tell(helper.registered())
    (notice,) = read(speaker, helper.signed_in(), [helper.id])
    command = MarkNoticeRead(notice_id=UUID(str(notice["notice_id"])))
    for actor in (Helper().signed_in(), an_officer(), Pair().member_signed_in()):
        assert refused(speaker.do(actor, command)) == (404, "not-found")
    assert refused(speaker.do(helper.signed_in(), MarkNoticeRead(notice_id=new_id()))) == (404, "not-found")
    assert read(speaker, helper.signed_in(), [helper.id])[0]["read_at"] is None


def test_pages_of_notices_join_newest_first(speaker: Speaker) -> None:
    pair = Pair()
    speaker.tell(pair.accepted(), pair.activated(), pair.ended())
    member = pair.member_signed_in()
    first = answered(speaker.ask(member, ListNotices(limit=2)))
    rest = answered(speaker.ask(member, ListNotices(limit=2, cursor=first["next_cursor"])))
    ids = [item["notice_id"] for item in (*first["items"], *rest["items"])]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 3
    assert rest["next_cursor"] is None


def test_an_event_that_is_delivered_again_tells_nobody_twice(speaker: Speaker) -> None:
    count = "select (select count(*) from notice) + (select count(*) from message) as n"
    envelopes = speaker.tell(*one_of_each())
    before = speaker.rows(count)
    assert speaker.deliver(*envelopes) == 0
    assert speaker.rows(count) == before
