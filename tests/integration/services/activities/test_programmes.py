"""The carriers are stored once, and everybody sees them."""

from chassis.work import transact
from contracts.activities import ListProgrammes, ProgrammeRegistered
from contracts.codes import Carrier
from services.activities.usecases import preset_programmes
from tests.support.activities import VILLAGE, a_helper_signed_in, an_officer
from tests.support.service_calls import Speaker, answered


def test_a_second_start_registers_nothing_anew(speaker: Speaker) -> None:
    before = speaker.said(ProgrammeRegistered)
    transact(speaker.runtime, speaker.runtime.system, preset_programmes)
    assert speaker.said(ProgrammeRegistered) == before
    assert sorted(event.carrier for event in before) == sorted(Carrier)
    assert speaker.rows("select count(*) as n from programme") == [{"n": len(Carrier)}]


def test_a_village_worker_and_a_helper_see_all_carriers_in_their_order(speaker: Speaker) -> None:
    for actor in (an_officer(VILLAGE), a_helper_signed_in(None, VILLAGE)):
        items = answered(speaker.ask(actor, ListProgrammes()))["items"]
        assert [item["carrier"] for item in items] == list(Carrier)
    assert items[0]["name_zh"] == "军民共建"
    assert [strand["name_zh"] for strand in items[0]["strands"]] == [
        "结国策亲戚·暖孤独之心",
        "携手同行",
        "双管双助",
    ]
