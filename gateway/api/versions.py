"""Which version somebody saw: strong ETags on single resources, 304 for what is known, If-Match for what is edited."""

import hashlib
import json
import re
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from chassis.wording import refused, wrong
from contracts.messages import Command, Edit
from contracts.refusals import VERSION_CONFLICT, Refused
from gateway.api.refusals import CONDITION_NOT_TAKEN

TAG = re.compile(r'"([!#-~]*)"')
OF_VERSION = re.compile(r"([0-9]{1,9})-[0-9a-f]{32}")
ANY = "*"
C_ = TypeVar("C_", bound=Command)


def tagged(request: Request, response: Response) -> Response:
    """The answer with its ETag; 304 without a body to somebody who has it already."""
    if response.status_code != 200:
        return response
    tag = etag(bytes(response.body))
    kept = {"ETag": tag, "Vary": "Accept-Language"}
    if _known(tag, request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=kept)
    response.headers.update(kept)
    return response


def etag(body: bytes) -> str:
    """Another one for every byte that differs; begins with the version, where the resource has one."""
    digest = hashlib.sha256(body).hexdigest()[:32]
    found = json.loads(body) if b'"version":' in body else None
    version = found.get("version") if isinstance(found, dict) else None
    return f'"{version}-{digest}"' if isinstance(version, int) else f'"{digest}"'


def seen(request: Request, command: C_) -> C_:
    """The command with the version that its If-Match names. The service decides whether that is still the one.

    Refused at once where the command edits nothing, says another version in its body, or names no ETag of ours.
    """
    said = request.headers.get("if-match")
    if said is None:
        return command
    if not isinstance(command, Edit):
        raise Refused(CONDITION_NOT_TAKEN)
    if said.strip() == ANY:
        return command
    version = _version(said)
    if command.version not in (None, version):
        raise Refused(refused([wrong("/version", "version_differs")]))
    return command.model_copy(update={"version": version})


def _version(said: str) -> int:
    tag = TAG.fullmatch(said.strip())
    found = OF_VERSION.fullmatch(tag[1]) if tag else None
    if found is None:
        raise Refused(VERSION_CONFLICT)
    return int(found[1])


def _known(tag: str, said: str) -> bool:
    """RFC 9110, 13.1.2: compared weakly."""
    return said.strip() == ANY or tag in {f'"{one}"' for one in TAG.findall(said)}
