"""Sends what waits: the only place from which anything leaves towards a person."""

from uuid import UUID

from chassis.jobs import WAITS, JobPostponed, JobRun
from chassis.surroundings import PeerAway
from services.notify import channels
from services.notify.usecases import Attempt, give_up, note_delivered, put_back, take_in_hand

ASK_AGAIN_SECONDS = 5.0


class NotAccepted(Exception):
    """No channel accepted a message; the job is tried again."""


def send_message(run: JobRun) -> None:
    """One attempt at one message. It may be run again after a crash: the bridge then sees the same message id."""
    message_id = UUID(run.args["message_id"])
    try:
        attempt = run.transact(lambda work: take_in_hand(work, message_id))
    except PeerAway as away:
        raise JobPostponed(ASK_AGAIN_SECONDS) from away
    if attempt is not None:
        _send(run, attempt)


def _send(run: JobRun, attempt: Attempt) -> None:
    channel = channels.deliver(run.runtime.settings, attempt.channels, attempt.letter)
    if channel:
        run.transact(lambda work: note_delivered(work, attempt, channel))
    elif run.attempts > len(WAITS):
        run.transact(lambda work: give_up(work, attempt))
    else:
        run.transact(lambda work: put_back(work, attempt))
        raise NotAccepted
