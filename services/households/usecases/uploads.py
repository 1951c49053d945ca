"""Files that people uploaded."""

from uuid import UUID

from chassis.files import FileMissing
from chassis.sealing import SealBroken
from chassis.surroundings import Surroundings
from contracts.refusals import Refusal, Refused

FILE_MISSING = Refusal(
    "file-missing",
    422,
    "There is no such upload",
    "没有此上传文件",
    "Upload the file again and use the id that you get.",
    "请重新上传文件并使用返回的编号。",
)
FILE_DAMAGED = Refusal(
    "file-damaged",
    422,
    "The upload was altered after it came in",
    "上传文件已被改动",
    "Upload the file again.",
    "请重新上传文件。",
)


def upload(runtime: Surroundings, file_id: UUID) -> bytes:
    """The bytes of an upload; Refused if it is gone or was altered."""
    try:
        return runtime.files.read(file_id)
    except FileMissing:
        raise Refused(FILE_MISSING.at("/file_id")) from None
    except SealBroken:
        raise Refused(FILE_DAMAGED.at("/file_id")) from None
