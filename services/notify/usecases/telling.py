"""An event is told to whom the catalogue names: a notice in the app, and a message to people outside it."""

from uuid import UUID

from chassis.work import Work
from contracts.codes import ConsentPurpose, MessageState
from contracts.households import ConsentWithdrawn
from contracts.messages import Event
from services.notify import channels, store
from services.notify.catalogue import Rule, rules_for
from services.notify.model import Reason, Recipient, RecipientKind
from services.notify.rules import recipient_of
from services.notify.usecases.settling import say_settled, settle

SEND_MESSAGE = "send_message"


def tell(work: Work, event: Event) -> None:
    """Apply the catalogue to an event that came through the inbox: the event's id makes it once only."""
    event_id = UUID(work.causation)
    for rule in rules_for(event):
        recipient = recipient_of(rule.tells, event)
        store.add_notice(work, event_id, rule.code, recipient, getattr(event, rule.about), within=work.scope)
        if recipient.kind is not RecipientKind.OFFICE and rule.channels:
            _queue(work, event_id, rule, recipient)


def _queue(work: Work, event_id: UUID, rule: Rule, recipient: Recipient) -> None:
    """A message that a worker sends; where no channel is set up, the notice in the app has to do."""
    open_channels = channels.usable(work.runtime.settings, rule.channels)
    first = (*open_channels, *rule.channels)[0]
    message = store.add_message(work, event_id, rule.code, recipient, first, within=work.scope)
    if message is None:
        return
    if open_channels:
        work.enqueue(SEND_MESSAGE, message_id=str(message.id))
    else:
        settle(work, message, MessageState.WITHHELD, Reason.NO_CHANNEL)


def withhold_messages(work: Work, event: ConsentWithdrawn) -> None:
    """Consent to messages was taken back: what waits for that household stops at once (L1)."""
    if event.purpose is not ConsentPurpose.MESSAGES:
        return
    for message in store.withhold_waiting(work, event.household_id, within=work.scope):
        say_settled(work, message, MessageState.WITHHELD, message.channel)
