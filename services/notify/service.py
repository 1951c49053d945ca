"""The notify service, as a table of contents."""

from chassis import audit_reading, log
from chassis.service import Service
from contracts.notify import ListMessages, ListNotices, MarkNoticeRead, ReadNotifyRecord, ReadNotifyStream
from services.notify import jobs, queries, reactions, usecases

SERVICE = Service(
    name="notify",
    commands={MarkNoticeRead: usecases.mark_notice_read},
    queries={
        ListNotices: queries.list_notices,
        ListMessages: queries.list_messages,
        ReadNotifyStream: log.read_stream,
        ReadNotifyRecord: audit_reading.read_record,
    },
    reactions=(reactions.tell, reactions.withhold_messages),
    jobs={"send_message": jobs.send_message},
)
