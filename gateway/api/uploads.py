"""Files come in as a raw stream and are sealed piece by piece; commands carry their id."""

from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import anyio
import anyio.from_thread
import anyio.to_thread
from starlette.responses import JSONResponse, Response

from chassis.files import FileMissing, Files, FileTooLarge
from chassis.sealing import SealBroken
from contracts.catalogue import COMMANDS
from contracts.messages import Answer, Command
from contracts.refusals import NOT_FOUND, Refusal, Refused
from gateway.api.operation import CHANGES, Operation, Visit
from gateway.api.reading import media_type
from gateway.api.refusals import BODY_TOO_LARGE, WRONG_MEDIA_TYPE

MOST_BYTES = 30 * 1024 * 1024
MEDIA_TYPE = "application/octet-stream"
AT_ONCE = 8
UPLOADERS = frozenset(
    role for kind in COMMANDS.values() if "file_id" in kind.model_fields for role in kind.spec.roles
)
"""Whoever may send a command that carries a file."""


class Uploaded(Answer):
    """The id to name in a command."""

    file_id: UUID


def operations() -> list[Operation]:
    """The upload."""
    body = {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}
    seats = anyio.CapacityLimiter(AT_ONCE)

    async def upload(visit: Visit) -> Response:
        return await _upload(visit, seats)

    return [
        Operation("file.upload", "POST", "/v1/files", 201, "Upload a file of at most 30 MiB, encrypted as it comes in.",
                  "gateway", upload, CHANGES - {404, 409}, UPLOADERS, answer=Uploaded, takes=body),
    ]  # fmt: skip


async def _upload(visit: Visit, seats: anyio.CapacityLimiter) -> Response:
    if media_type(visit.request) != MEDIA_TYPE:
        raise Refused(WRONG_MEDIA_TYPE.with_more(expected=MEDIA_TYPE))
    announced = visit.request.headers.get("content-length", "0")
    too_large = BODY_TOO_LARGE.with_more(limit=MOST_BYTES)
    if int(announced) > MOST_BYTES:
        raise Refused(too_large)
    try:
        file_id = await anyio.to_thread.run_sync(
            _write, visit.doors.files, visit.request.stream(), visit.actor.id, limiter=seats
        )
    except FileTooLarge:
        raise Refused(too_large) from None
    return JSONResponse(Uploaded(file_id=file_id).model_dump(mode="json"), 201)


def _write(files: Files, stream: AsyncIterator[bytes], owner: str) -> UUID:
    """In a thread: fetch one piece at a time from the event loop, so that memory holds no more than that."""

    def pieces() -> Iterator[bytes]:
        while (piece := anyio.from_thread.run(_next, stream)) is not None:
            yield piece

    return files.write(pieces(), limit=MOST_BYTES, owner=owner)


async def refuse_foreign(visit: Visit, command: Command) -> Refusal | None:
    """Why the command may not name this file: somebody else uploaded it. None for a file that is not there any more."""
    file_id = getattr(command, "file_id", None)
    if not isinstance(file_id, UUID):
        return None
    try:
        owner = await anyio.to_thread.run_sync(visit.doors.files.owner, file_id)
    except (FileMissing, SealBroken):
        return None
    return None if owner == visit.actor.id else NOT_FOUND.at("/file_id")


async def _next(stream: AsyncIterator[bytes]) -> bytes | None:
    return await anext(stream, None)
