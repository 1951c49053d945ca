"""A county's identity provider for tests: a real one (npm oidc-provider) behind a wire that a test can meddle with."""

import fcntl
import hashlib
import http.client
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urljoin

import httpx
import pytest

HERE = Path(__file__).parent / "oidc_provider"
BUILD = Path(__file__).parents[2] / "build" / "oidc-provider"
HOW = "to run the tests of the identity provider, install node 20 or newer with npm, which fetches oidc-provider"
CLIENT, SECRET = "kith", "known to the provider and to us"
REDIRECT_BASE = "http://127.0.0.1:1"
"""Nobody listens there: tests take the address that a browser would be sent to, and go where the gateway is."""

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


def installed() -> Path:
    """The folder of node's modules, fetched once per lock file; skips the test, in CI fails it, where that cannot be."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        _missing("no node or no npm")
    files = [HERE / "package.json", HERE / "package-lock.json"]
    wanted = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = BUILD / "installed"
        if not stamp.exists() or stamp.read_text() != wanted:
            for file in files:
                shutil.copy(file, BUILD)
            fetch = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            found = subprocess.run(fetch, cwd=BUILD, capture_output=True, text=True, timeout=150, check=False)
            if found.returncode:
                _missing(f"npm ci failed: {found.stderr[-300:]}")
            stamp.write_text(wanted)
    return BUILD / "node_modules"


def _missing(why: str) -> NoReturn:
    if os.environ.get("CI", "").lower() in ("", "0", "false"):
        pytest.skip(f"{why}: {HOW}")
    pytest.fail(f"{why}: {HOW}")


@dataclass
class Answer:
    """What the provider answered, or what a test makes of it."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    def tell(self, **changed: Any) -> None:
        """Change members of the JSON in the body."""
        self.body = json.dumps({**self.told, **changed}).encode()


Meddle = Callable[[str, Answer], None]


@dataclass
class CountyProvider:
    """The provider at `issuer`. `meddle` may change what it answers; `asked` are the paths that were asked for."""

    issuer: str
    process: "subprocess.Popen[str]"
    meddle: Meddle | None = None
    asked: list[str] = field(default_factory=list)

    def tell(self, line: str) -> None:
        """Rotate the keys, remove somebody, take them back."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        json.loads(self.process.stdout.readline())

    @contextmanager
    def meddling(self, path: str, change: Callable[[Answer], None]) -> Iterator[None]:
        """Change every answer of one path."""
        self.meddle = lambda asked, answer: change(answer) if asked == path else None
        try:
            yield
        finally:
            self.meddle = None


class _Wire(BaseHTTPRequestHandler):
    provider: CountyProvider
    port: int

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        upstream = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        upstream.request(self.command, self.path, self.rfile.read(length), dict(self.headers))
        found = upstream.getresponse()
        path = self.path.partition("?")[0]
        answer = Answer(found.status, {}, found.read())
        self.provider.asked.append(path)
        if self.provider.meddle:
            self.provider.meddle(path, answer)
        self.send_response_only(answer.status)
        kept = [(name, value) for name, value in found.getheaders() if name.lower() not in HOP]
        replaced = {name.lower() for name in answer.headers}
        for name, value in [pair for pair in kept if pair[0].lower() not in replaced] + list(
            answer.headers.items()
        ):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
        upstream.close()

    do_POST = do_GET  # noqa: N815 - the name that the server calls

    def log_message(self, *_: object) -> None:
        """Tests say enough."""


@contextmanager
def county_provider() -> Iterator[CountyProvider]:
    """A provider that runs as long as the `with`."""
    modules = installed()

    class Wire(_Wire):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Wire)
    issuer = f"http://127.0.0.1:{server.server_port}"
    process = subprocess.Popen(
        ["node", str(HERE / "serve.mjs"), issuer, str(modules), CLIENT, SECRET, REDIRECT_BASE],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout
        Wire.port = json.loads(process.stdout.readline())["port"]
        Wire.provider = CountyProvider(issuer, process)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Wire.provider
        server.shutdown()
    finally:
        server.server_close()
        process.terminate()
        process.wait(timeout=10)


class Browser:
    """Somebody at the gateway and at the provider, with their cookies."""

    def __init__(self, gateway: str) -> None:
        self.gateway = httpx.Client(base_url=gateway, timeout=30, trust_env=False)
        self.there = httpx.Client(timeout=30, trust_env=False)

    def start(self) -> str:
        """Where the gateway sends them."""
        answer = self.gateway.get("/v1/oidc/start")
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def sign_in_there(self, where: str, name: str) -> str:
        """Fill in the provider's own forms until it sends them back; the query that comes back."""
        answer = self.there.get(where)
        for _ in range(12):
            if answer.is_redirect:
                where = urljoin(str(answer.url), answer.headers["Location"])
                if where.startswith(REDIRECT_BASE):
                    return where.partition("?")[2]
                answer = self.there.get(where)
                continue
            assert answer.status_code == 200, answer.text
            action, fields = _form(answer, name)
            answer = self.there.post(action, data=fields)
        raise AssertionError("the provider never sent them back")

    def come_back(self, query: str) -> httpx.Response:
        """Go where the provider sends them, with this browser's cookies."""
        return self.gateway.get(f"/v1/oidc/callback?{query}")

    def sign_in(self, name: str) -> httpx.Response:
        """The whole way."""
        return self.come_back(self.sign_in_there(self.start(), name))


def _form(answer: httpx.Response, name: str) -> tuple[str, dict[str, str]]:
    """Where the page's form goes, and what somebody fills in."""
    action = re.search(r'action="([^"]+)"', answer.text)
    assert action, answer.text
    fields = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', answer.text))
    fields |= {"login": name, "password": "any"} if 'name="login"' in answer.text else {}
    return urljoin(str(answer.url), unescape(action[1])), fields
