"""What notify does, one verb each; none of them commits or publishes."""

from services.notify.usecases.notices import mark_notice_read
from services.notify.usecases.sending import Attempt, give_up, note_delivered, put_back, take_in_hand
from services.notify.usecases.telling import tell, withhold_messages

__all__ = [
    "Attempt",
    "give_up",
    "mark_notice_read",
    "note_delivered",
    "put_back",
    "take_in_hand",
    "tell",
    "withhold_messages",
]
