"""Asks the identity provider over HTTP: bounded in time and size, where it may be asked, and nowhere else."""

import ssl
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx

from contracts.refusals import Refused
from gateway.api.reading import parsed

WHOLE_WITHIN = 10.0
EACH_WITHIN = 5.0
MOST_BYTES = 256 * 1024
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class ProviderAway(Exception):
    """The provider does not answer, or not as one; `what` is a word for the log."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def safe(address: str, home: str) -> bool:
    """Whether an address may be asked: https; this machine itself only for a provider that lies on it, plainly too."""
    try:
        parts, local = urlsplit(address), urlsplit(home).hostname in LOOPBACK
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None or parts.fragment:
        return False
    here = parts.hostname in LOOPBACK
    return (parts.scheme == "https" and (local or not here)) or (parts.scheme == "http" and here and local)


async def asked(
    method: str, address: str, *, form: dict[str, str] | None = None, auth: httpx.BasicAuth | None = None
) -> tuple[int, dict[str, Any]]:
    """(status, JSON object) of one request. ProviderAway beyond time or size, and at a redirect."""
    try:
        with anyio.fail_after(WHOLE_WITHIN):
            status, raw = await _bytes(httpx.Request(method, address, data=form, headers=HEADERS), auth)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise ProviderAway(type(error).__name__) from None
    try:
        return status, parsed(raw)
    except Refused:
        raise ProviderAway("body") from None


HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}


async def _bytes(request: httpx.Request, auth: httpx.BasicAuth | None) -> tuple[int, bytes]:
    raw = bytearray()
    async with httpx.AsyncClient(verify=_trusted(), timeout=EACH_WITHIN, trust_env=False) as http:
        answer = await http.send(request, auth=auth, stream=True, follow_redirects=False)
        try:
            if answer.is_redirect:
                raise ProviderAway("redirect")
            async for piece in answer.aiter_raw():
                raw += piece
                if len(raw) > MOST_BYTES:
                    raise ProviderAway("size")
            return answer.status_code, bytes(raw)
        finally:
            await answer.aclose()


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()
