"""Messages leave once, with consent, to a number that is asked for at that moment and kept nowhere."""

import json
import logging
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from chassis.jobs import WAITS, JobRun
from chassis.schema import job
from chassis.work import transact
from contracts.actor import Actor, Role
from contracts.codes import ConsentPurpose, MessageState
from contracts.notify import ListMessages, MessageSettled
from services.notify import channels, usecases
from services.notify.catalogue import BY_CODE, IN_TIME, SOON
from services.notify.jobs import send_message
from tests.support.notify import OTHER_TOWNSHIP, TOWNSHIP, Bridge, Helper, Owners, Pair, one_of_each
from tests.support.service_calls import Speaker, answered

WorkOff = Callable[[], int]
PHONES = iter(range(13_800_000_000, 13_900_000_000))
OFFICER = Actor(id="officer", roles=frozenset({Role.TOWNSHIP_OFFICER}), area=TOWNSHIP)


def a_phone() -> str:
    return str(next(PHONES))


def message_to(speaker: Speaker, recipient: UUID, rule: str) -> dict[str, object]:
    (found,) = speaker.rows(
        "select * from message where recipient_id = :id and rule = :rule", id=recipient, rule=rule
    )
    return found


def state_of(speaker: Speaker, recipient: UUID, rule: str) -> tuple[object, object]:
    found = message_to(speaker, recipient, rule)
    return found["state"], found["reason"]


def settled(speaker: Speaker, recipient: UUID, rule: str) -> list[MessageState]:
    """The final states that were said of a message."""
    id = message_to(speaker, recipient, rule)["message_id"]
    return [event.state for event in speaker.said(MessageSettled) if event.message_id == id]


def test_both_sides_of_a_pair_get_their_words_on_their_number(
    speaker: Speaker, bridge: Bridge, owners: Owners, work_off: WorkOff
) -> None:
    pair, helpers_phone, families_phone = Pair(), a_phone(), a_phone()
    owners.knows(pair.helper_id, helpers_phone)
    owners.knows(pair.household_id, families_phone, language="en")
    speaker.tell(pair.activated())
    work_off()
    assert bridge.to(helpers_phone) == [BY_CODE["helper-both-agreed"].text.zh]
    assert bridge.to(families_phone) == [BY_CODE["household-both-agreed"].text.en]
    assert bridge.wrong == []
    for id, rule in ((pair.helper_id, "helper-both-agreed"), (pair.household_id, "household-both-agreed")):
        assert state_of(speaker, id, rule) == ("delivered", None)
        assert settled(speaker, id, rule) == [MessageState.DELIVERED]


def test_an_event_that_is_delivered_twice_sends_one_message(
    speaker: Speaker, bridge: Bridge, owners: Owners, work_off: WorkOff
) -> None:
    helper, phone = Helper(), a_phone()
    owners.knows(helper.id, phone)
    envelopes = speaker.tell(helper.registered())
    speaker.deliver(*envelopes)
    transact(
        speaker.runtime,
        speaker.runtime.system,
        lambda work: usecases.tell(work, helper.registered()),
        causation=str(envelopes[0].id),
    )
    work_off()
    assert len(bridge.to(phone)) == 1
    assert work_off() == 0


def test_without_consent_nothing_is_sent(
    speaker: Speaker, bridge: Bridge, owners: Owners, work_off: WorkOff
) -> None:
    pair, phone = Pair(), a_phone()
    owners.knows(pair.household_id, phone, allowed=False)
    speaker.tell(pair.accepted())
    work_off()
    assert bridge.to(phone) == []
    assert state_of(speaker, pair.household_id, "household-asked") == ("withheld", "consent-missing")
    assert settled(speaker, pair.household_id, "household-asked") == [MessageState.WITHHELD]


def test_control_with_consent_the_same_message_is_sent(
    speaker: Speaker, bridge: Bridge, owners: Owners, work_off: WorkOff
) -> None:
    pair, phone = Pair(), a_phone()
    owners.knows(pair.household_id, phone, allowed=True)
    speaker.tell(pair.accepted())
    work_off()
    assert bridge.to(phone) == [BY_CODE["household-asked"].text.zh]


@pytest.mark.parametrize("phone", [None, ""])
def test_somebody_without_a_phone_gets_no_message(
    speaker: Speaker, owners: Owners, bridge: Bridge, work_off: WorkOff, phone: str | None
) -> None:
    helper = Helper()
    owners.knows(helper.id, phone)
    speaker.tell(helper.registered())
    before = bridge.calls
    work_off()
    assert bridge.calls == before
    assert state_of(speaker, helper.id, "helper-welcome") == ("withheld", "no-contact")


def test_somebody_who_is_not_there_any_more_gets_no_message(speaker: Speaker, work_off: WorkOff) -> None:
    helper = Helper()
    speaker.tell(helper.registered())
    work_off()
    assert state_of(speaker, helper.id, "helper-welcome") == ("withheld", "no-contact")
    assert work_off() == 0


def test_a_withdrawal_stops_what_waits_at_once_and_asks_nobody(
    speaker: Speaker, bridge: Bridge, owners: Owners, work_off: WorkOff
) -> None:
    pair, phone = Pair(), a_phone()
    owners.knows(pair.household_id, phone, allowed=True)
    speaker.tell(pair.accepted(), pair.withdrawal())
    assert state_of(speaker, pair.household_id, "household-asked") == ("withheld", "consent-withdrawn")
    assert settled(speaker, pair.household_id, "household-asked") == [MessageState.WITHHELD]
    work_off()
    assert bridge.to(phone) == []
    assert owners.asked[pair.household_id] == 0


def test_control_a_withdrawal_of_something_else_or_by_somebody_else_stops_nothing(
    speaker: Speaker, bridge: Bridge, owners: Owners, work_off: WorkOff
) -> None:
    pair, phone = Pair(), a_phone()
    owners.knows(pair.household_id, phone)
    speaker.tell(pair.accepted(), pair.withdrawal(ConsentPurpose.VISITS), Pair().withdrawal())
    work_off()
    assert len(bridge.to(phone)) == 1


def test_a_withdrawal_while_the_bridge_is_down_stops_the_next_try(
    speaker: Speaker, bridge: Bridge, owners: Owners, work_off: WorkOff
) -> None:
    pair, phone = Pair(), a_phone()
    owners.knows(pair.household_id, phone)
    speaker.tell(pair.accepted())
    bridge.down = True
    work_off()
    assert state_of(speaker, pair.household_id, "household-asked") == ("queued", None)
    speaker.tell(pair.withdrawal())
    bridge.down = False
    work_off()
    assert bridge.to(phone) == []
    assert settled(speaker, pair.household_id, "household-asked") == [MessageState.WITHHELD]


def test_a_withdrawal_during_the_sending_leaves_the_truth_on_record(
    speaker: Speaker, bridge: Bridge, owners: Owners, work_off: WorkOff, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair, phone = Pair(), a_phone()
    owners.knows(pair.household_id, phone)
    speaker.tell(pair.accepted())
    really = channels.deliver

    def deliver(*args: object) -> str | None:
        speaker.tell(pair.withdrawal())
        return really(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(channels, "deliver", deliver)
    work_off()
    assert len(bridge.to(phone)) == 1
    assert state_of(speaker, pair.household_id, "household-asked") == ("delivered", None)
    assert settled(speaker, pair.household_id, "household-asked") == [MessageState.DELIVERED]


def test_a_bridge_that_was_down_and_comes_back_gets_the_message_once(
    speaker: Speaker, bridge: Bridge, owners: Owners, work_off: WorkOff
) -> None:
    helper, phone = Helper(), a_phone()
    owners.knows(helper.id, phone)
    speaker.tell(helper.registered())
    bridge.down = True
    for _ in range(2):
        assert work_off() == 1
    assert state_of(speaker, helper.id, "helper-welcome") == ("queued", None)
    assert settled(speaker, helper.id, "helper-welcome") == []
    bridge.down = False
    assert work_off() == 1
    assert work_off() == 0
    assert len(bridge.to(phone)) == 1
    assert message_to(speaker, helper.id, "helper-welcome")["attempts"] == 3
    assert settled(speaker, helper.id, "helper-welcome") == [MessageState.DELIVERED]


def test_after_the_last_try_a_message_has_failed(
    speaker: Speaker, bridge: Bridge, owners: Owners, work_off: WorkOff
) -> None:
    helper, phone = Helper(), a_phone()
    owners.knows(helper.id, phone)
    speaker.tell(helper.registered())
    bridge.down = True
    attempts = 0
    while work_off():
        attempts += 1
    assert attempts == len(WAITS) + 1
    assert state_of(speaker, helper.id, "helper-welcome") == ("failed", "not-accepted")
    assert settled(speaker, helper.id, "helper-welcome") == [MessageState.FAILED]
    bridge.down = False
    assert work_off() == 0
    assert bridge.to(phone) == []


def test_an_owner_that_is_away_costs_no_attempt(
    speaker: Speaker, bridge: Bridge, owners: Owners, work_off: WorkOff, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper, phone = Helper(), a_phone()
    owners.knows(helper.id, phone)
    speaker.tell(helper.registered())
    peers = speaker.runtime.peers
    monkeypatch.setattr(peers, "executors", {})
    for _ in range(len(WAITS) + 3):
        assert work_off() == 1
    assert state_of(speaker, helper.id, "helper-welcome") == ("queued", None)
    monkeypatch.undo()
    work_off()
    assert len(bridge.to(phone)) == 1
    assert message_to(speaker, helper.id, "helper-welcome")["attempts"] == 1


@pytest.mark.parametrize(("age", "state"), [(IN_TIME - timedelta(hours=1), "delivered"), (IN_TIME, "failed")])
def test_what_comes_too_late_is_not_sent(
    speaker: Speaker, owners: Owners, bridge: Bridge, work_off: WorkOff, age: timedelta, state: str
) -> None:
    helper, phone = Helper(), a_phone()
    owners.knows(helper.id, phone)
    speaker.tell(helper.registered())
    speaker.rows(
        "update message set created_at = created_at - :age where recipient_id = :id returning message_id",
        age=age,
        id=helper.id,
    )
    work_off()
    assert state_of(speaker, helper.id, "helper-welcome")[0] == state
    assert len(bridge.to(phone)) == (state == "delivered")
    assert SOON < IN_TIME


def test_a_worker_that_died_after_sending_sends_the_same_id_again(
    speaker: Speaker, bridge: Bridge, owners: Owners, work_off: WorkOff, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper, phone = Helper(), a_phone()
    owners.knows(helper.id, phone)
    speaker.tell(helper.registered())

    def die(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr("services.notify.jobs.note_delivered", die)
    with pytest.raises(SystemExit):
        work_off()
    monkeypatch.undo()
    with speaker.runtime.database.begin() as connection:
        run = connection.execute(sa.select(job)).one()
    send_message(
        JobRun(
            speaker.runtime,
            run.id,
            run.args,
            Actor.model_validate(run.actor),
            run.causation,
            None,
            None,
            run.attempts,
        )
    )
    assert len(bridge.to(phone)) == 1
    assert bridge.repeated[str(message_to(speaker, helper.id, "helper-welcome")["message_id"])] == 1
    assert settled(speaker, helper.id, "helper-welcome") == [MessageState.DELIVERED]


def test_without_a_channel_the_notice_in_the_app_has_to_do(
    speaker: Speaker, work_off: WorkOff, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = Helper()
    without = speaker.runtime.settings.model_copy(update={"webhook_url": ""})
    monkeypatch.setitem(vars(speaker.runtime), "settings", without)
    speaker.tell(helper.registered())
    assert state_of(speaker, helper.id, "helper-welcome") == ("withheld", "no-channel")
    assert settled(speaker, helper.id, "helper-welcome") == [MessageState.WITHHELD]
    assert work_off() == 0


def test_no_number_and_no_text_stays_in_database_events_or_log(
    speaker: Speaker,
    bridge: Bridge,
    owners: Owners,
    work_off: WorkOff,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    canary, helper, pair = a_phone(), Helper(), Pair()
    for id in (helper.id, pair.helper_id, pair.household_id):
        owners.knows(id, canary)
    caplog.set_level(logging.DEBUG)
    speaker.tell(helper.registered(), pair.proposed(), pair.accepted(), pair.activated(), pair.ended())
    bridge.down = True
    work_off()
    bridge.down = False
    work_off()
    assert len(bridge.to(canary)) == 6
    told = capfd.readouterr()
    everything = speaker.everything_kept() + caplog.text + told.out + told.err
    assert str(helper.id) in everything
    assert canary not in everything
    assert not any(text in everything for text in bridge.to(canary))


def test_control_apprise_would_have_logged_the_number_at_debug_level(
    speaker: Speaker,
    bridge: Bridge,
    owners: Owners,
    work_off: WorkOff,
    caplog: pytest.LogCaptureFixture,
) -> None:
    canary, helper = a_phone(), Helper()
    owners.knows(helper.id, canary)
    speaker.tell(helper.registered())
    with caplog.at_level(logging.DEBUG, "apprise"):
        work_off()
    assert canary in caplog.text


def test_officers_see_what_became_of_messages_in_their_area_and_no_number(
    speaker: Speaker, owners: Owners, work_off: WorkOff
) -> None:
    helper, phone = Helper(), a_phone()
    owners.knows(helper.id, phone)
    speaker.tell(helper.registered())
    work_off()
    id = str(message_to(speaker, helper.id, "helper-welcome")["message_id"])
    page = answered(speaker.ask(OFFICER, ListMessages(state=MessageState.DELIVERED, limit=500)))
    row = next(row for row in page["items"] if row["message_id"] == id)
    assert (row["rule"], row["channel"], row["attempts"]) == ("helper-welcome", "webhook", 1)
    assert phone not in json.dumps(page)
    failed = answered(speaker.ask(OFFICER, ListMessages(state=MessageState.FAILED, limit=500)))["items"]
    assert id not in {row["message_id"] for row in failed}
    stranger = OFFICER.model_copy(update={"area": OTHER_TOWNSHIP})
    assert answered(speaker.ask(stranger, ListMessages()))["items"] == []


def test_every_rule_that_names_a_channel_sends_words_that_the_bridge_takes(
    speaker: Speaker, bridge: Bridge, owners: Owners, work_off: WorkOff
) -> None:
    phone, events = a_phone(), one_of_each()
    for event in events:
        for name in ("helper_id", "household_id"):
            if id := getattr(event, name, None):
                owners.knows(id, phone)
    speaker.tell(*events)
    work_off()
    assert sorted(bridge.to(phone)) == sorted(rule.text.zh for rule in BY_CODE.values() if rule.channels)
    assert bridge.wrong == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"to": "老王"}, "number"),
        ({"message": "您的低保申请已通过"}, "text"),
        ({"id": "other"}, "id"),
        ({"title": "家庭"}, "fields"),
    ],
)
def test_control_the_bridge_refuses_a_wrong_message(bridge: Bridge, change: dict[str, str], reason: str) -> None:
    right = {"to": "13812345678", "message": BY_CODE["helper-welcome"].text.zh, "id": "m1"}
    request = urllib.request.Request(
        bridge.url,
        json.dumps(right | change).encode(),
        {"Content-Type": "application/json", "Idempotency-Key": "m1"},
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=5)
    refused.value.close()
    assert refused.value.code == 422
    assert bridge.wrong.pop() == reason
