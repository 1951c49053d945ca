"""How a client speaks: one key per command, the same on every retry; retries only of what is safe; refusals as one exception."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import tenacity

BUSY = (429, 503)
"""What may be tried again: the gateway says that it did nothing."""

TAKEN_IN = 202
LONGEST_PAUSE = 30.0
ASK_EVERY = 0.5
Id = UUID | str


class Problem(Exception):
    """The gateway said no. `remedy` is what to do next, in the client's language; `pointers` name wrong fields."""

    def __init__(self, response: httpx.Response) -> None:
        told = _object(response)
        self.response = response
        self.status = response.status_code
        self.code = str(told.get("code", f"http-{response.status_code}"))
        self.title = str(told.get("title", response.reason_phrase))
        self.remedy = str(told.get("detail", ""))
        self.pointers = tuple(map(str, told.get("pointers", ())))
        self.more: Mapping[str, Any] = told
        """All members of the problem document: rule, version, decision_id and the like."""

        super().__init__(f"{response.request.method} {response.request.url.path}: {self.status} {self.code}")

    @property
    def wait(self) -> float:
        """Seconds to wait before asking again; 0 if nothing was said."""
        said = self.response.headers.get("retry-after", "")
        return min(LONGEST_PAUSE, float(said)) if said.isdigit() else 0.0


class TakenIn(Exception):
    """The command is kept and will be carried out (law L3), but was not before patience ended. Ask `intake_status`."""

    def __init__(self, intake_id: str) -> None:
        super().__init__(f"kept as {intake_id}")
        self.intake_id = intake_id


@dataclass(frozen=True)
class Manner:
    """How patient a client is."""

    tries: int = 4
    """Of what is safe to send again; 1: never again."""

    pause: float = 0.2
    """Seconds before the second try; doubled each time, or as long as the gateway asks for."""

    follow: float = 0.0
    """Seconds to wait for what was only taken in; 0: TakenIn at once."""

    language: str = "en"
    """`en` or `zh`: in which words refusals come."""

    timeout: float = 60.0
    """Seconds for one try."""


@dataclass
class Caller:
    """A connection to one gateway as one account; `purpose` is stated with every request (law L5)."""

    http: httpx.Client
    token: str | None = None
    purpose: str | None = None
    manner: Manner = field(default_factory=Manner)

    @classmethod
    def at(cls, base_url: str, manner: Manner | None = None) -> Self:
        """Nobody yet, at this address."""
        how = manner or Manner()
        return cls(httpx.Client(base_url=base_url, timeout=how.timeout, trust_env=False), manner=how)

    def close(self) -> None:
        """Let go of the connection; the session stays open until `session_end`."""
        self.http.close()

    # --- what the generated operations are made of

    def ask(self, path: str, query: Mapping[str, Any]) -> Any:
        """A read: safe to repeat."""
        return _answer(self._patiently(lambda: self._request("GET", path, params=_said(query)), repeatable=True))

    def pages(self, path: str, query: Mapping[str, Any]) -> Iterator[Any]:
        """All items of a list, fetched page by page as they are taken."""
        cursor = None
        while True:
            page = self.ask(path, {**query, "cursor": cursor})
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def command(self, method: str, path: str, body: Mapping[str, Any], key: str | None) -> Any:
        """A change: one key for all tries, so that it is carried out once."""
        keyed = {"Idempotency-Key": key or str(uuid4())}

        def once() -> httpx.Response:
            return self._request(method, path, json=_said(body), headers=keyed)

        response = self._patiently(once, repeatable=True)
        found = _answer(response)
        if response.status_code == TAKEN_IN and "intake_id" in found:
            return self._followed(str(found["intake_id"]))
        return found

    def tell(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Anything without a key: sent once, unless it surely did not arrive or was not looked at."""
        sent = None if body is None else _said(body)
        return _answer(self._patiently(lambda: self._request(method, path, json=sent), repeatable=False))

    def stream(self, method: str, path: str, content: Any, media_type: str) -> Any:
        """A body that can be read once only, and so is sent once only."""
        return _answer(self._request(method, path, content=content, headers={"Content-Type": media_type}))

    # --- how

    def _request(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {**self._headers(), **more.pop("headers", {})}
        response = self.http.request(method, path, headers=headers, **more)
        if response.status_code >= 400 and _is_refusal(response):
            raise Problem(response)
        return response

    def _headers(self) -> dict[str, str]:
        headers = {"Accept-Language": self.manner.language}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.purpose:
            headers["Kith-Purpose"] = self.purpose
        return headers

    def _patiently(self, once: Callable[[], httpx.Response], *, repeatable: bool) -> httpx.Response:
        worth = _worth_repeating if repeatable else _surely_not_done
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(worth),
            stop=tenacity.stop_after_attempt(self.manner.tries),
            wait=self._pause,
            reraise=True,
        )(once)

    def _pause(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked_for = error.wait if isinstance(error, Problem) else 0.0
        doubled: float = self.manner.pause * 2.0 ** (state.attempt_number - 1)
        return max(asked_for, min(LONGEST_PAUSE, doubled))

    def _followed(self, intake_id: str) -> Any:
        """What became of a command that was taken in; TakenIn when patience ends, Problem if it came to nothing."""
        if not self.manner.follow:
            raise TakenIn(intake_id)
        asking = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda found: found["state"] == "waiting"),
            stop=tenacity.stop_after_delay(self.manner.follow),
            wait=tenacity.wait_fixed(ASK_EVERY),
        )
        try:
            found = asking(lambda: self.ask(f"/v1/intake/{segment(intake_id)}", {}))
        except tenacity.RetryError:
            raise TakenIn(intake_id) from None
        if found["refusal"]:
            raise Problem(_as_answered(found["refusal"], intake_id))
        return found["answer"]


def segment(value: object) -> str:
    """A value as one segment of a path."""
    return quote(str(value), safe="")


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what was left out, in plain JSON values."""
    return {name: _plain(value) for name, value in values.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple | set | frozenset) else value


def _worth_repeating(error: BaseException) -> bool:
    return isinstance(error, httpx.TransportError) or (isinstance(error, Problem) and error.status in BUSY)


def _surely_not_done(error: BaseException) -> bool:
    return isinstance(error, httpx.ConnectError) or (isinstance(error, Problem) and error.status == BUSY[0])


def _is_refusal(response: httpx.Response) -> bool:
    """An answer such as that of /health/ready is one, whatever its status."""
    kind: str = response.headers.get("content-type", "")
    return kind != "application/json"


def _answer(response: httpx.Response) -> Any:
    if not response.content:
        return None
    return response.json() if "json" in response.headers.get("content-type", "") else response.text


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _as_answered(refusal: Mapping[str, Any], intake_id: str) -> httpx.Response:
    """The refusal of a kept command as if it had been answered at once."""
    asked = httpx.Request("GET", f"http://gateway/v1/intake/{intake_id}")
    return httpx.Response(int(refusal["status"]), json=refusal, request=asked)
