"""Every message of Kith, by name. A new contracts module adds one line to MODULES."""

from collections.abc import Callable
from types import MappingProxyType, ModuleType
from typing import Any

from contracts import activities, gateway, households, notify, pairing
from contracts.messages import Command, Event, Query

MODULES: dict[str, ModuleType] = {
    "households": households,
    "pairing": pairing,
    "activities": activities,
    "notify": notify,
    "gateway": gateway,
}
SOURCES = tuple(name for name, module in MODULES.items() if module.EVENTS)
"""Who says something that others listen to."""

EVENTS: MappingProxyType[str, type[Event]] = MappingProxyType(
    {event.type: event for module in MODULES.values() for event in module.EVENTS}
)
COMMANDS: MappingProxyType[str, type[Command]] = MappingProxyType(
    {command.spec.name: command for module in MODULES.values() for command in module.COMMANDS}
)
QUERIES: MappingProxyType[str, type[Query]] = MappingProxyType(
    {query.spec.name: query for module in MODULES.values() for query in module.QUERIES}
)


def owner(name: str) -> str:
    """The service that owns a message: the part of its name before the first dot."""
    return name.split(".", 1)[0]


UPCASTERS: dict[str, Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]] = {}
"""Old event type -> function from its data to the next version's type and data. Runs before any reaction."""
