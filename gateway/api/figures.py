"""Indicators over HTTP: the catalogue with its figures, one figure with its parts, and the records behind it."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, TypeVar

import sqlalchemy as sa
from pydantic import Field, StringConstraints
from starlette.responses import JSONResponse, Response

from contracts.actor import OFFICERS, Role
from contracts.area import AreaCode, AreaLevel, AreaScope, level_of
from contracts.messages import Message, View
from gateway.api.messages import from_query
from gateway.api.operation import ASKS, Operation, Visit
from gateway.measure import queries
from gateway.measure.indicators import BY_CODE

READERS = OFFICERS | {Role.UNIT_OFFICER, Role.WORKING_GROUP, Role.AUDITOR}
BELOW = {AreaLevel.COUNTY: AreaLevel.TOWNSHIP, AreaLevel.TOWNSHIP: AreaLevel.VILLAGE}
PeriodCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2]))?$")]
IndicatorCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]+-[0-9]{2}$")]
T = TypeVar("T")


class ListIndicators(Message):
    """Every indicator's figure for the period that runs today."""

    area_code: AreaCode | None = None


class GetIndicator(Message):
    """One indicator, for a period and an area: what runs today and your own area unless said otherwise."""

    code: IndicatorCode
    area_code: AreaCode | None = None
    period: PeriodCode | None = None


class ListContributors(GetIndicator):
    """Who stands behind a figure."""

    cursor: Annotated[str, StringConstraints(pattern=r"^[0-9]{6,12}/[a-z]+:[0-9a-f-]{1,40}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class FigureView(View):
    """One figure. `den` is null for a count; `permille` is null where there is no ratio."""

    period: str
    area_code: str
    breakdown: str
    num: int
    den: int | None
    permille: int | None


class IndicatorRow(FigureView):
    """An indicator with its figure."""

    code: str
    name_en: str
    name_zh: str
    target: str


class IndicatorList(View):
    """All indicators, as of the county's day."""

    as_of: date
    items: tuple[IndicatorRow, ...]


class IndicatorView(IndicatorRow):
    """An indicator with its figure as of the county's day, its breakdowns, the areas below, and earlier periods."""

    as_of: date
    definition_en: str
    definition_zh: str
    breakdowns: tuple[FigureView, ...]
    parts: tuple[FigureView, ...]
    earlier: tuple[FigureView, ...]


class ContributorRow(View):
    """One record behind a figure: an id, never more."""

    entity: str
    area_code: str
    counted: bool


class ContributorPage(View):
    """A page of records."""

    items: tuple[ContributorRow, ...]
    next_cursor: str | None


def operations() -> list[Operation]:
    """The three reads."""
    tag = "measure"
    return [
        Operation("indicators.list", "GET", "/v1/indicators", 200, "The catalogue with the figures of today.",
                  tag, _list, ASKS, READERS, message=ListIndicators, answer=IndicatorList),
        Operation("indicators.get", "GET", "/v1/indicators/{code}", 200, "One figure with its parts.",
                  tag, _get, ASKS, READERS, message=GetIndicator, answer=IndicatorView),
        Operation("indicators.contributors", "GET", "/v1/indicators/{code}/contributors", 200,
                  "The records behind a figure, as ids.", tag, _contributors, ASKS, OFFICERS | {Role.AUDITOR},
                  message=ListContributors, answer=ContributorPage),
    ]  # fmt: skip


async def _list(visit: Visit) -> Response:
    asked, today = from_query(visit, ListIndicators), visit.doors.clock.today()
    scope = AreaScope(visit.actor.area)
    found = await _read(
        visit, lambda c: queries.indicator_values(c, within=scope, as_of=today, area=asked.area_code)
    )
    return _shown(IndicatorList(as_of=today, items=tuple(map(_row, found))))


async def _get(visit: Visit) -> Response:
    asked, scope = from_query(visit, GetIndicator), AreaScope(visit.actor.area)
    today = visit.doors.clock.today()
    period = asked.period or queries.current_period(asked.code, today)
    level = level_of(asked.area_code or scope.code)
    below = BELOW.get(level) if level else None
    where = {"within": scope, "area": asked.area_code}

    def read(connection: sa.Connection) -> IndicatorView:
        value = queries.indicator_value(connection, asked.code, period, within=scope, area=asked.area_code)
        breakdowns = queries.by_breakdown(connection, asked.code, period, within=scope, area=asked.area_code)
        earlier = queries.by_period(connection, asked.code, within=scope, area=asked.area_code)
        parts = queries.by_area(connection, asked.code, period, below, **where) if below else []  # type: ignore[arg-type]
        declared = BY_CODE[asked.code]
        return IndicatorView(
            **dict(_row(value)),
            as_of=today,
            definition_en=declared.definition_en,
            definition_zh=declared.definition_zh,
            breakdowns=tuple(_figure(one) for one in breakdowns if one.breakdown),
            parts=tuple(map(_figure, parts)),
            earlier=tuple(_figure(one) for one in earlier if one.period < period),
        )

    return _shown(await _read(visit, read))


async def _contributors(visit: Visit) -> Response:
    asked, scope = from_query(visit, ListContributors), AreaScope(visit.actor.area)
    period = asked.period or queries.current_period(asked.code, visit.doors.clock.today())
    area, _, entity = (asked.cursor or "").partition("/")
    after = queries.Contributor(entity, area, 0, None) if asked.cursor else None
    found = await _read(
        visit,
        lambda c: queries.contributors(
            c, asked.code, period, within=scope, area=asked.area_code, after=after, limit=asked.limit + 1
        ),
    )
    rows = tuple(
        ContributorRow(entity=one.entity, area_code=one.area_code, counted=one.counted)
        for one in found[: asked.limit]
    )
    more = f"{rows[-1].area_code}/{rows[-1].entity}" if len(found) > asked.limit else None
    return _shown(ContributorPage(items=rows, next_cursor=more))


async def _read(visit: Visit, do: Callable[[sa.Connection], T]) -> T:
    return await visit.doors.transact(do, area=visit.actor.area)


def _figure(figure: queries.Figure) -> FigureView:
    return FigureView(
        period=figure.period,
        area_code=figure.area_code,
        breakdown=figure.breakdown,
        num=figure.num,
        den=figure.den,
        permille=figure.permille,
    )


def _row(figure: queries.Figure) -> IndicatorRow:
    declared = BY_CODE[figure.indicator]
    return IndicatorRow(
        **dict(_figure(figure)),
        code=declared.code,
        name_en=declared.name_en,
        name_zh=declared.name_zh,
        target=declared.target,
    )


def _shown(view: View) -> Response:
    return JSONResponse(view.model_dump(mode="json"))
