"""One attempt to send a message: consent and number are asked for at that moment and kept nowhere (N4)."""

from dataclasses import dataclass
from uuid import UUID

from chassis.surroundings import PeerAway
from chassis.work import Work
from contracts.actor import Purpose
from contracts.codes import MessageState
from contracts.households import ContactView, GetHouseholdContact
from contracts.pairing import GetHelperContact
from contracts.refusals import NOT_FOUND
from services.notify import channels, store
from services.notify.catalogue import BY_CODE, Rule
from services.notify.model import Letter, Message, Reason, RecipientKind
from services.notify.rules import why_withhold, words_for
from services.notify.usecases.settling import settle

NOBODY = ContactView(allowed=True, phone=None, language="zh")


@dataclass(frozen=True)
class Attempt:
    """A letter in hand, and the message as it stands while it is."""

    message: Message
    letter: Letter
    channels: tuple[str, ...]


def take_in_hand(work: Work, message_id: UUID) -> Attempt | None:
    """The letter to send now, or None if there is nothing to send any more. PeerAway if its owner does not answer.

    Only a message that waits is taken; a withdrawal that comes first settles it, one that comes later was not
    given yet when consent was asked for.
    """
    message = store.message_of(work, message_id, within=work.scope)
    if message is None or message.state is not MessageState.QUEUED:
        return None
    rule = BY_CODE[message.rule]
    if refused := _hopeless(work, message, rule):
        settle(work, message, *refused)
        return None
    contact = _contact(work, message)
    if reason := why_withhold(contact):
        settle(work, message, MessageState.WITHHELD, reason)
        return None
    store.take(work, message, within=work.scope)
    letter = Letter(message.id, str(contact.phone), words_for(rule.text, contact.language))
    return Attempt(message, letter, rule.channels)


def _hopeless(work: Work, message: Message, rule: Rule) -> tuple[MessageState, Reason] | None:
    if work.now > message.created_at + rule.within:
        return MessageState.FAILED, Reason.TOO_LATE
    if not channels.usable(work.runtime.settings, rule.channels):
        return MessageState.WITHHELD, Reason.NO_CHANNEL
    return None


def _contact(work: Work, message: Message) -> ContactView:
    """Where the message may go; whoever is not there any more has no number."""
    query = (
        GetHouseholdContact(household_id=message.recipient_id)
        if message.recipient_kind is RecipientKind.HOUSEHOLD
        else GetHelperContact(helper_id=message.recipient_id)
    )
    try:
        return ContactView.model_validate(work.ask(query, purpose=Purpose.MESSAGES))
    except PeerAway as away:
        if str(away) != NOT_FOUND.code:
            raise
        return NOBODY


def note_delivered(work: Work, attempt: Attempt, channel: str) -> None:
    """The channel accepted it."""
    settle(work, _as_taken(work, attempt), MessageState.DELIVERED, channel=channel)


def put_back(work: Work, attempt: Attempt) -> None:
    """No channel accepted it; it waits, and may be withheld, until the next try."""
    store.put_back(work, _as_taken(work, attempt), within=work.scope)


def give_up(work: Work, attempt: Attempt) -> None:
    """No channel accepted it, and this was the last try."""
    settle(work, _as_taken(work, attempt), MessageState.FAILED, Reason.NOT_ACCEPTED)


def _as_taken(work: Work, attempt: Attempt) -> Message:
    """The message as `take_in_hand` left it."""
    found = store.message_of(work, attempt.message.id, within=work.scope)
    if found is None or found.version != attempt.message.version + 1:
        raise NotInHand(str(attempt.message.id))
    return found


class NotInHand(RuntimeError):
    """Somebody settled a message while it was being sent: that must not happen."""
