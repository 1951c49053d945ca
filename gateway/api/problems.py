"""Every refusal as problem details (RFC 9457), in the reader's language."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse

from chassis.tracing import child_of, trace_id
from contracts.refusals import Refusal
from gateway.api.language import negotiated, told

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5


class Problem(BaseModel):
    """Why a request was refused, and what to do next. Admission adds rule, version, decision_id and failures."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    pointers: tuple[str, ...]


def problem(refusal: Refusal, request: Request, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The refusal as an answer to this request."""
    language = negotiated(request.headers.get("accept-language"))
    own = _headers(refusal)
    return JSONResponse(
        details(refusal, language, traceparent(request)),
        refusal.status,
        {**own, "Content-Language": language, "Vary": "Accept-Language", **(headers or {})},
        MEDIA_TYPE,
    )


def details(refusal: Refusal, language: Any, trace: str) -> dict[str, Any]:
    """The members of a problem document; what the refusal adds never stands over them."""
    more = told(refusal.more, language)
    zh = language == "zh"
    return {
        **more,
        "type": f"urn:kith:problem:{refusal.code}",
        "title": refusal.title_zh if zh else refusal.title_en,
        "status": refusal.status,
        "detail": refusal.remedy_zh if zh else refusal.remedy_en,
        "instance": f"urn:kith:trace:{trace_id(trace)}",
        "code": refusal.code,
        "pointers": list(refusal.pointers),
    }


def traceparent(request: Request) -> str:
    """The trace that this request is a part of."""
    found = getattr(request.state, "traceparent", None)
    return found if isinstance(found, str) else child_of(None)


def _headers(refusal: Refusal) -> dict[str, str]:
    if refusal.status == 401:
        return {"WWW-Authenticate": 'Bearer realm="kith"'}
    if refusal.status in (429, 503):
        return {"Retry-After": str(refusal.more.get("retry_after", RETRY_SECONDS))}
    return {}
