"""Who is told of what: one entry per event and audience (N1). A new entry adds no code anywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from contracts.activities import VisitReported
from contracts.codes import VisitOutcome
from contracts.messages import Event
from contracts.pairing import (
    HelperAccepted,
    HelperLeft,
    HelperRegistered,
    MatchActivated,
    MatchDeclined,
    MatchEnded,
    MatchProposed,
)
from services.notify.model import Audience, Text

SOON: Final = timedelta(days=1)
IN_TIME: Final = timedelta(days=3)
WEBHOOK: Final = ("webhook",)
IN_THE_APP: Final[tuple[str, ...]] = ()


def always(_event: Any) -> bool:
    """Every event of the class is told."""
    return True


@dataclass(frozen=True)
class Rule:
    """Of which event who is told, in which words, through which channels in order, within how long.

    `about`: the event's field that the notice points at. What is not sent within `within` is given up.
    """

    code: str
    event: type[Event]
    tells: Audience
    about: str
    text: Text
    channels: tuple[str, ...]
    within: timedelta
    only_if: Callable[[Any], bool] = always


RULES: Final = (
    Rule(
        "helper-welcome",
        HelperRegistered,
        Audience.HELPER,
        "helper_id",
        Text(
            "Thank you for standing ready. You will be asked before anything begins.",
            "感谢您愿意出一份力。任何安排都会先征求您的意见。",
        ),
        WEBHOOK,
        IN_TIME,
    ),
    Rule(
        "helper-asked",
        MatchProposed,
        Audience.HELPER,
        "match_id",
        Text(
            "A question is waiting for your answer in the app or at the village office. Saying no is fine.",
            "有一项询问等您答复，请打开应用或到村委会。不方便可以不答应。",
        ),
        WEBHOOK,
        SOON,
    ),
    Rule(
        "household-asked",
        HelperAccepted,
        Audience.HOUSEHOLD,
        "match_id",
        Text(
            "A question is waiting for your answer in the app or at the village office. Saying no costs you nothing.",
            "有一项询问等您答复，请打开应用或到村委会。不同意不影响任何事情。",
        ),
        WEBHOOK,
        SOON,
    ),
    Rule(
        "helper-both-agreed",
        MatchActivated,
        Audience.HELPER,
        "match_id",
        Text("Both sides have said yes. The app shows what comes next.", "双方都已同意。接下来的安排请看应用。"),
        WEBHOOK,
        SOON,
    ),
    Rule(
        "household-both-agreed",
        MatchActivated,
        Audience.HOUSEHOLD,
        "match_id",
        Text(
            "Both sides have said yes. You may change your mind at any time.",
            "双方都已同意。您随时可以改变主意。",
        ),
        WEBHOOK,
        SOON,
    ),
    Rule(
        "household-ended",
        MatchEnded,
        Audience.HOUSEHOLD,
        "match_id",
        Text(
            "What was agreed with you has come to an end. If you wish, you will hear from us again.",
            "与您的约定已经结束。如您愿意，我们会再与您联系。",
        ),
        WEBHOOK,
        SOON,
        only_if=lambda event: event.was_active,
    ),
    Rule(
        "officers-helper-left",
        HelperLeft,
        Audience.OFFICERS,
        "helper_id",
        Text(
            "Somebody has left. Please see whom that concerns and what is asked for next.",
            "有人离开了。请查看涉及谁，以及下一步的安排。",
        ),
        IN_THE_APP,
        SOON,
    ),
    Rule(
        "officers-declined",
        MatchDeclined,
        Audience.OFFICERS,
        "match_id",
        Text(
            "A proposal was declined, which is fine. The next is looked for.",
            "一项提议未被接受，这没有关系。正在寻找下一个。",
        ),
        IN_THE_APP,
        IN_TIME,
    ),
    Rule(
        "officers-attention",
        VisitReported,
        Audience.OFFICERS,
        "visit_id",
        Text("A report asks for your attention today.", "有一份报告请您今天查看。"),
        IN_THE_APP,
        SOON,
        only_if=lambda event: event.outcome is VisitOutcome.NEEDS_HELP,
    ),
    Rule(
        "village-attention",
        VisitReported,
        Audience.VILLAGE_WORKERS,
        "visit_id",
        Text("A report asks for your attention today.", "有一份报告请您今天查看。"),
        IN_THE_APP,
        SOON,
        only_if=lambda event: event.outcome is VisitOutcome.NEEDS_HELP,
    ),
)

BY_CODE: Final = MappingProxyType({rule.code: rule for rule in RULES})
EVENTS: Final = tuple(dict.fromkeys(rule.event for rule in RULES))


def rules_for(event: Event) -> tuple[Rule, ...]:
    """The rules that speak of this event."""
    return tuple(rule for rule in RULES if rule.event is type(event) and rule.only_if(event))
