"""The catalogue holds together: real events, both languages, known channels, and not a word too much."""

from datetime import timedelta

import pytest

from contracts.activities import VisitReported
from contracts.catalogue import EVENTS
from contracts.codes import VisitOutcome
from contracts.messages import Event
from contracts.pairing import (
    HelperAccepted,
    HelperLeft,
    HelperRegistered,
    MatchActivated,
    MatchDeclined,
    MatchEnded,
    MatchProposed,
)
from services.notify.catalogue import RULES, Rule, rules_for
from services.notify.channels import CHANNELS
from services.notify.model import Audience, RecipientKind, Text
from services.notify.reactions import tell
from services.notify.rules import recipient_of
from tests.support.notify import Pair, one_of_each

FORBIDDEN_EN = (
    "famil", "plan", "girl", "hardship", "poor", "poverty", "elder", "old", "empty", "nest", "disab", "lost", "loss",
    "child", "migrant", "left-behind", "left behind", "women", "infertil", "fertil", "birth", "pregnan", "health",
    "clinic", "hospital", "doctor", "care", "allowance", "subsid", "grant", "benefit", "insurance", "visit", "pair",
    "match", "counsel", "referral", "volunteer", "helper", "household", "programme", "police",
)  # fmt: skip
FORBIDDEN_ZH = (
    "计生", "计划生育", "家庭", "女孩", "困难", "贫", "低保", "老", "空巢", "残", "失独", "独生", "孩", "儿童", "妇",
    "流动", "留守", "不孕", "不育", "生育", "怀孕", "孕", "产", "健康", "卫生", "医", "病", "补贴", "补助", "津贴", "奖励",
    "扶助", "救助", "帮扶", "走访", "探访", "慰问", "结对", "结亲", "亲戚", "关爱", "爱心", "志愿", "转介", "咨询", "警",
    "派出所",
)  # fmt: skip


def revealing_words(text: Text) -> list[str]:
    """What a text would give away to whoever looks over a shoulder (N3)."""
    english = [word for word in FORBIDDEN_EN if word in text.en.lower()]
    return english + [word for word in FORBIDDEN_ZH if word in text.zh]


def by_code(rule: Rule) -> str:
    return rule.code


@pytest.mark.parametrize("rule", RULES, ids=by_code)
def test_a_text_reveals_neither_category_nor_service(rule: Rule) -> None:
    assert revealing_words(rule.text) == []


@pytest.mark.parametrize(
    "text",
    [
        Text("Your allowance for empty-nest families was granted.", "好。"),
        Text("Fine.", "您的留守儿童帮扶申请已通过。"),
        Text("Fine.", "计生协会通知"),
    ],
)
def test_control_a_text_that_gives_something_away_is_found(text: Text) -> None:
    assert revealing_words(text) != []


@pytest.mark.parametrize("rule", RULES, ids=by_code)
def test_a_text_is_there_in_both_languages_and_fits_one_short_message(rule: Rule) -> None:
    assert rule.text.en.isascii()
    assert len(rule.text.en) <= 160
    assert any("\u4e00" <= sign <= "\u9fff" for sign in rule.text.zh)
    assert len(rule.text.zh) <= 70


@pytest.mark.parametrize("rule", RULES, ids=by_code)
def test_a_rule_speaks_of_an_event_that_exists_and_of_fields_that_it_has(rule: Rule) -> None:
    assert EVENTS[rule.event.type] is rule.event
    needed = {rule.about, "area_code"} | {
        Audience.HELPER: {"helper_id"},
        Audience.HOUSEHOLD: {"household_id"},
    }.get(rule.tells, set())
    assert needed <= set(rule.event.model_fields)


@pytest.mark.parametrize("rule", RULES, ids=by_code)
def test_a_rule_names_channels_that_exist_and_a_bound(rule: Rule) -> None:
    assert set(rule.channels) <= set(CHANNELS)
    assert len(set(rule.channels)) == len(rule.channels)
    assert timedelta(hours=2) <= rule.within <= timedelta(days=7)


def test_codes_are_unique() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)


def test_the_one_reaction_listens_to_every_event_of_the_catalogue() -> None:
    assert set(tell.listens_to) == {rule.event for rule in RULES}  # type: ignore[attr-defined]


def test_people_are_told_outside_the_app_and_offices_in_it() -> None:
    for event in one_of_each():
        for rule in rules_for(event):
            in_an_office = recipient_of(rule.tells, event).kind is RecipientKind.OFFICE
            assert in_an_office is not bool(rule.channels), rule.code


def test_the_builders_know_an_event_for_every_rule() -> None:
    assert {rule.code for event in one_of_each() for rule in rules_for(event)} == {rule.code for rule in RULES}


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (HelperRegistered, {Audience.HELPER}),
        (MatchProposed, {Audience.HELPER}),
        (HelperAccepted, {Audience.HOUSEHOLD}),
        (MatchActivated, {Audience.HELPER, Audience.HOUSEHOLD}),
        (MatchEnded, {Audience.HOUSEHOLD}),
        (HelperLeft, {Audience.OFFICERS}),
        (MatchDeclined, {Audience.OFFICERS}),
        (VisitReported, {Audience.OFFICERS, Audience.VILLAGE_WORKERS}),
    ],
)
def test_who_is_told_of_what(event: type[Event], told: set[Audience]) -> None:
    assert {rule.tells for rule in RULES if rule.event is event} == told


def test_a_household_hears_of_an_end_only_if_the_pair_stood() -> None:
    pair = Pair()
    assert [rule.code for rule in rules_for(pair.ended())] == ["household-ended"]
    assert rules_for(pair.ended(was_active=False)) == ()


@pytest.mark.parametrize("outcome", [VisitOutcome.ALL_WELL, VisitOutcome.NOT_HOME])
def test_a_visit_that_found_no_need_troubles_nobody(outcome: VisitOutcome) -> None:
    assert rules_for(Pair().visited(outcome)) == ()
