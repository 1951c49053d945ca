"""A message reaches its final state once, and says so."""

from chassis.work import Work
from contracts.codes import MessageState
from contracts.notify import MessageSettled
from services.notify import store
from services.notify.model import Message, Reason


def settle(
    work: Work, message: Message, state: MessageState, reason: Reason | None = None, channel: str | None = None
) -> None:
    """Write the final state and record it."""
    used = channel or message.channel
    store.settle(work, message, state, reason, used, within=work.scope)
    say_settled(work, message, state, used)


def say_settled(work: Work, message: Message, state: MessageState, channel: str) -> None:
    """Record that a message was settled."""
    work.record(
        MessageSettled(
            message_id=message.id,
            rule=message.rule,
            area_code=message.area_code,
            channel=channel,
            state=state,
            settled_on=work.today,
        )
    )
