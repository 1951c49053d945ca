"""Puts the front door together: operations, the document about them, refusals, and the loops beside it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Match

from contracts.refusals import BODY_INVALID, INTERNAL, ROLE_MISSING, Refused
from gateway.api import (
    commands,
    deprecating,
    entry,
    explorer,
    figures,
    health,
    home,
    oidc,
    own_sign_in,
    partner_access,
    previewing,
    questions,
    record,
    record_reading,
    rule_watch,
    ruling,
    uploads,
    versions,
)
from gateway.api.approving import Watch
from gateway.api.delivery import Delivery
from gateway.api.doors import Doors
from gateway.api.metrics import DEPRECATED
from gateway.api.openapi import document
from gateway.api.operation import Operation, Visit
from gateway.api.problems import problem
from gateway.api.refusals import BODY_TOO_LARGE, UNKNOWN_ADDRESS, WRONG_MEDIA_TYPE, WRONG_METHOD
from gateway.api.replicas import Presence
from gateway.api.sessions import NOT_IN
from gateway.api.shell import Shell

REFUSALS = {404: UNKNOWN_ADDRESS, 405: WRONG_METHOD, 413: BODY_TOO_LARGE, 415: WRONG_MEDIA_TYPE}
ROOMS = (
    entry,
    own_sign_in,
    oidc,
    partner_access,
    uploads,
    commands,
    questions,
    figures,
    ruling,
    previewing,
    record_reading,
    health,
)


def operations() -> tuple[Operation, ...]:
    """Every operation that is served. A new room adds one word to ROOMS."""
    return tuple(operation for room in ROOMS for operation in room.operations())


def described() -> dict[str, Any]:
    """The OpenAPI document of all operations."""
    return document(operations(), _version())


def create_app(doors: Doors) -> FastAPI:
    """The application. Whoever made `doors` closes its database; its services are closed with the application."""
    served = operations()
    told = document(served, _version())

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        work = (Delivery(doors).run(), rule_watch.watch(doors), Watch(doors).run(), Presence(doors).run())
        loops = [asyncio.create_task(each) for each in work]
        try:
            yield
        finally:
            for loop in loops:
                loop.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await loop
            await doors.services.close()

    app = FastAPI(lifespan=life, docs_url=None, redoc_url=None, openapi_url="/openapi.json", redirect_slashes=False)
    app.openapi = lambda: told  # type: ignore[method-assign]
    for operation in served:
        app.add_route(operation.path, _endpoint(doors, operation), [operation.method], operation.id)
    app.add_api_route("/", _home(home.page(told)), methods=["GET"])
    for asset in explorer.FILES:
        app.add_route(asset.path, asset.endpoint(), ["GET"])
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(HTTPException, _framework)
    app.add_middleware(Shell)
    return app


def _endpoint(doors: Doors, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        request.state.operation = operation.id
        if operation.deprecated:
            request.state.told = deprecating.headers(operation.deprecated)
            DEPRECATED.labels(operation.id).inc()
        visit = Visit(
            doors, request, None if operation.open else await partner_access.who(doors, request, operation.id)
        )
        if visit.caller and visit.caller.stage not in operation.stages:
            raise Refused(NOT_IN[visit.caller.stage])
        if operation.roles and not visit.actor.has(*operation.roles):
            await record.refused(doors, visit.actor, operation.id, ROLE_MISSING)
            raise Refused(ROLE_MISSING)
        response = await operation.endpoint(visit)
        return versions.tagged(request, response) if operation.single else response

    return answer


def _home(page: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return HTMLResponse(page, headers={"Content-Security-Policy": home.POLICY})

    return answer


async def _refused(request: Request, error: Exception) -> Response:
    return problem(error.refusal if isinstance(error, Refused) else INTERNAL, request)


async def _framework(request: Request, error: Exception) -> Response:
    """What the framework itself refuses, in our own form."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = {"Allow": ", ".join(_methods(request))} if status == 405 else None
    refusal = REFUSALS.get(status, INTERNAL if status >= 500 else BODY_INVALID)
    return problem(refusal, request, headers)


def _methods(request: Request) -> Sequence[str]:
    """All methods that this path takes."""
    found: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    return sorted(found)


def _version() -> str:
    try:
        return version("kith")
    except PackageNotFoundError:
        return "0"
