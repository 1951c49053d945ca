"""Where the webhook channel sends, as an installation configures it."""

import pytest

from chassis.settings import Settings
from services.notify.channels import usable, webhook_address


def settings(url: str) -> Settings:
    return Settings(webhook_url=url)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:9/sms", "json://127.0.0.1:9/sms"),
        ("https://bridge.example/sms", "jsons://bridge.example/sms"),
        ("json://bridge.example", "json://bridge.example"),
        ("jsons://user:pass@bridge.example/a?+X-Key=1", "jsons://user:pass@bridge.example/a?+X-Key=1"),
        ("", ""),
        ("file:///etc/passwd", ""),
        ("bridge.example", ""),
    ],
)
def test_the_address_is_read_in_either_notation(url: str, address: str) -> None:
    assert webhook_address(settings(url)) == address


def test_a_channel_that_is_not_set_up_is_not_used() -> None:
    assert usable(settings(""), ("webhook",)) == ()
    assert usable(settings("https://bridge.example"), ("webhook",)) == ("webhook",)
    assert usable(settings("https://bridge.example"), ()) == ()
