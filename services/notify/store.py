"""All SQL of notify; nothing is read or written outside `within`."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.database import ConcurrentChange
from chassis.ids import new_id
from chassis.work import Work
from contracts.actor import Actor, Role
from contracts.area import AreaScope
from contracts.codes import MessageState
from contracts.notify import MessageRow
from contracts.refusals import OUT_OF_AREA, Refused
from services.notify.model import Message, Notice, Reason, Recipient, RecipientKind
from services.notify.tables import message, notice, notice_reading

PERSON = {Role.HELPER: RecipientKind.HELPER, Role.FAMILY_MEMBER: RecipientKind.HOUSEHOLD}


def _inside(table: sa.Table, within: AreaScope) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.area_code >= within.code, table.c.area_code < within.upper)


def _covered(area_code: str, within: AreaScope) -> str:
    """The area of a row to be written; Refused outside `within`, before row security would have to say so."""
    if not within.covers(area_code):
        raise Refused(OUT_OF_AREA)
    return area_code


# --- notices


def add_notice(
    work: Work, event_id: UUID, rule: str, to: Recipient, about: UUID | None, *, within: AreaScope
) -> None:
    """Tell the recipient in the app, once per event and rule."""
    work.connection.execute(
        insert(notice)
        .values(
            notice_id=new_id(),
            event_id=event_id,
            rule=rule,
            recipient_kind=to.kind,
            recipient_key=to.key,
            recipient_id=to.id,
            recipient_role=to.role,
            area_code=_covered(to.area_code, within),
            about=about,
            created_at=work.happened_at or work.now,
        )
        .on_conflict_do_nothing()
    )


def _own(reader: Actor, within: AreaScope) -> sa.ColumnElement[bool]:
    """Notices to the reader in person, or to an office that the reader holds."""
    kinds = [kind for role, kind in PERSON.items() if reader.has(role)]
    in_person = sa.and_(
        notice.c.recipient_kind.in_(kinds),
        notice.c.recipient_id == reader.subject_id if reader.subject_id else sa.false(),
    )
    in_office = sa.and_(
        notice.c.recipient_kind == RecipientKind.OFFICE, notice.c.recipient_role.in_(sorted(reader.roles))
    )
    return sa.and_(_inside(notice, within), sa.or_(in_person, in_office))


def notices(work: Work, reader: Actor, before: UUID | None, limit: int, *, within: AreaScope) -> list[Notice]:
    """The reader's notices, newest first."""
    mine = sa.and_(notice_reading.c.notice_id == notice.c.notice_id, notice_reading.c.reader_id == reader.id)
    wanted = (
        sa.select(notice.c.notice_id, notice.c.rule, notice.c.about, notice.c.created_at, notice_reading.c.read_at)
        .outerjoin_from(notice, notice_reading, mine)
        .where(_own(reader, within))
        .order_by(notice.c.notice_id.desc())
        .limit(limit)
    )
    if before is not None:
        wanted = wanted.where(notice.c.notice_id < before)
    return [Notice(**row._mapping) for row in work.connection.execute(wanted)]


def mark_read(work: Work, reader: Actor, notice_id: UUID, *, within: AreaScope) -> bool:
    """The reader has seen it, from the first time on; False if it is no notice of theirs."""
    found = work.connection.execute(
        sa.select(notice.c.area_code).where(notice.c.notice_id == notice_id, _own(reader, within))
    ).first()
    if found is None:
        return False
    work.connection.execute(
        insert(notice_reading)
        .values(notice_id=notice_id, reader_id=reader.id, read_at=work.now, area_code=found.area_code)
        .on_conflict_do_nothing()
    )
    return True


# --- messages


def add_message(
    work: Work, event_id: UUID, rule: str, to: Recipient, channel: str, *, within: AreaScope
) -> Message | None:
    """A message that waits; None if this recipient was told by this rule of this event already."""
    row = work.connection.execute(
        insert(message)
        .values(
            message_id=new_id(),
            event_id=event_id,
            rule=rule,
            recipient_kind=to.kind,
            recipient_id=to.id,
            area_code=_covered(to.area_code, within),
            channel=channel,
            created_at=work.happened_at or work.now,
        )
        .on_conflict_do_nothing()
        .returning(message)
    ).first()
    return _message(row) if row else None


def message_of(work: Work, message_id: UUID, *, within: AreaScope) -> Message | None:
    """One message as it stands."""
    row = work.connection.execute(
        sa.select(message).where(message.c.message_id == message_id, _inside(message, within))
    ).first()
    return _message(row) if row else None


def _message(row: sa.Row[Any]) -> Message:
    return Message(
        id=row.message_id,
        rule=row.rule,
        recipient_kind=RecipientKind(row.recipient_kind),
        recipient_id=row.recipient_id,
        area_code=row.area_code,
        channel=row.channel,
        state=MessageState(row.state),
        attempts=row.attempts,
        created_at=row.created_at,
        version=row.version,
    )


def take(work: Work, found: Message, *, within: AreaScope) -> None:
    """A worker sends it now; ConcurrentChange if it was settled meanwhile."""
    _write(work, found, within, in_hand=True, attempts=message.c.attempts + 1)


def put_back(work: Work, found: Message, *, within: AreaScope) -> None:
    """It was not accepted and waits for the next try."""
    _write(work, found, within, in_hand=False)


def settle(
    work: Work, found: Message, state: MessageState, reason: Reason | None, channel: str, *, within: AreaScope
) -> None:
    """Its final state; ConcurrentChange if it has one already."""
    _write(work, found, within, in_hand=False, state=state, reason=reason, channel=channel, settled_on=work.today)


def _write(work: Work, found: Message, within: AreaScope, **values: Any) -> None:
    changed = work.connection.execute(
        sa.update(message)
        .where(
            message.c.message_id == found.id,
            message.c.version == found.version,
            message.c.state == MessageState.QUEUED,
            _inside(message, within),
        )
        .values(version=message.c.version + 1, **values)
    )
    if changed.rowcount != 1:
        raise ConcurrentChange


def withhold_waiting(work: Work, household_id: UUID, *, within: AreaScope) -> list[Message]:
    """Withhold every message to a household that waits and is not being sent this moment; those withheld."""
    rows = work.connection.execute(
        sa.update(message)
        .where(
            message.c.recipient_kind == RecipientKind.HOUSEHOLD,
            message.c.recipient_id == household_id,
            message.c.state == MessageState.QUEUED,
            message.c.in_hand.is_(False),
            _inside(message, within),
        )
        .values(
            state=MessageState.WITHHELD,
            reason=Reason.CONSENT_WITHDRAWN,
            settled_on=work.today,
            version=message.c.version + 1,
        )
        .returning(message)
    )
    return [_message(row) for row in rows]


def messages(
    work: Work, state: MessageState | None, before: UUID | None, limit: int, *, within: AreaScope
) -> list[MessageRow]:
    """Messages, newest first."""
    wanted = sa.select(message).where(_inside(message, within)).order_by(message.c.message_id.desc()).limit(limit)
    if state is not None:
        wanted = wanted.where(message.c.state == state)
    if before is not None:
        wanted = wanted.where(message.c.message_id < before)
    return [MessageRow.model_validate(row._mapping) for row in work.connection.execute(wanted)]
