"""The page at /explorer: any operation tried in the browser. Three files of our own; no other host is asked for anything."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

ASSETS = Path(__file__).parent / "assets"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'"
)


@dataclass(frozen=True)
class Asset:
    """One file, at which address, as what."""

    path: str
    file: str
    media_type: str

    def endpoint(self) -> Callable[[Request], Awaitable[Response]]:
        """Answers with the file as it was when the gateway started."""
        content = (ASSETS / self.file).read_bytes()

        async def answer(request: Request) -> Response:
            return Response(content, media_type=self.media_type, headers={"Content-Security-Policy": POLICY})

        return answer


FILES = (
    Asset("/explorer", "explorer.html", "text/html"),
    Asset("/explorer.js", "explorer.js", "text/javascript"),
    Asset("/explorer.css", "explorer.css", "text/css"),
)
