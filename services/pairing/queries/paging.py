"""Where a page of pairs ended: by household number, then id."""

from uuid import UUID

from chassis.wording import refused, wrong
from contracts.refusals import Refused


def cursor_after(number: str, id_: UUID) -> str:
    """Where a page ended."""
    return f"{number}:{id_}"


def read_cursor(cursor: str | None) -> tuple[str, UUID] | None:
    """Where to go on; Refused if it is no cursor of ours."""
    if cursor is None:
        return None
    number, _, id_ = cursor.rpartition(":")
    try:
        return number, UUID(id_)
    except ValueError as error:
        raise Refused(refused([wrong("/cursor", "cursor")])) from error
