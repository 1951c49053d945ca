"""A reader has seen a notice."""

from chassis.work import Work
from contracts.messages import Done
from contracts.notify import MarkNoticeRead
from contracts.refusals import NOT_FOUND, Refusal
from services.notify import store


def mark_notice_read(work: Work, command: MarkNoticeRead) -> Done | Refusal:
    """Own notices only; reading twice changes nothing."""
    if not store.mark_read(work, work.actor, command.notice_id, within=work.scope):
        return NOT_FOUND
    return Done()
