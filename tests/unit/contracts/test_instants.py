"""Any offset is read, and what no calendar holds is refused rather than failed on."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from contracts.instants import Instant

READ = TypeAdapter[datetime](Instant)


def test_a_moment_is_the_same_moment_whatever_its_offset() -> None:
    at = READ.validate_python("2026-04-15T21:53:00+21:53")
    assert (at, at.tzinfo) == (datetime(2026, 4, 15, tzinfo=UTC), UTC)


@pytest.mark.parametrize("said", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "2026-04-15T08:00:00"])
def test_what_is_no_moment_is_refused(said: str) -> None:
    with pytest.raises(ValidationError):
        READ.validate_python(said)
