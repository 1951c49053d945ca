"""A token says which session it is of, for as long as it lasts."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from gateway.api.tokens import Bearer, TokenRefused, Tokens

NOW = datetime(2026, 4, 15, 8, tzinfo=UTC)
TOKENS = Tokens(b"k" * 32, "kith:test:990101")
BEARER = Bearer(uuid4(), uuid4(), NOW, NOW + timedelta(hours=1))


def test_what_was_issued_is_read_back() -> None:
    assert TOKENS.read(TOKENS.issue(BEARER), NOW + timedelta(minutes=59)) == (BEARER.jti, BEARER.account_id)


def test_it_counts_no_longer_when_it_is_over() -> None:
    with pytest.raises(TokenRefused):
        TOKENS.read(TOKENS.issue(BEARER), BEARER.expires_at + timedelta(seconds=1))


@pytest.mark.parametrize("other", [Tokens(b"o" * 32, "kith:test:990101"), Tokens(b"k" * 32, "kith:test:990102")])
def test_it_counts_nowhere_else(other: Tokens) -> None:
    with pytest.raises(TokenRefused):
        other.read(TOKENS.issue(BEARER), NOW)


def test_one_letter_changed_is_refused() -> None:
    token = TOKENS.issue(BEARER)
    for place in (3, len(token) // 2, len(token) - 5):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(TokenRefused):
            TOKENS.read(changed, NOW)
