"""Rows as column arrays for `unnest`, and the check that what is written lies in the area of whoever writes."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from contracts.area import AreaScope
from contracts.refusals import OUT_OF_AREA, Refused

Row = sa.Row[*tuple[Any, ...]]


def columns(rows: Sequence[tuple[Any, ...]], *names: str) -> dict[str, list[Any]]:
    """The rows turned round: one list per name."""
    turned = zip(*rows, strict=True) if rows else [() for _ in names]
    return {name: list(column) for name, column in zip(names, turned, strict=True)}


def bounds(within: AreaScope) -> dict[str, str]:
    """An area as the half-open range that statements compare codes with."""
    return {"lower": within.code, "upper": within.upper}


def demand(codes: Iterable[str], within: AreaScope) -> None:
    """Refused unless all codes lie within; row security beneath would stop them as well."""
    if not all(within.covers(code) for code in codes):
        raise Refused(OUT_OF_AREA)
