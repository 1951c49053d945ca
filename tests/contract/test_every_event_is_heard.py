"""An event nobody reacts to is either marked public or a mistake."""

from chassis.restoring import RESTORED_TYPES
from chassis.service import Service
from contracts.catalogue import EVENTS
from kith.registry import CONSUMERS


def unheard(consumers: dict[str, Service]) -> list[str]:
    heard = {name for consumer in consumers.values() for name in consumer.reactions_to()}
    heard |= RESTORED_TYPES if consumers else set()
    return [name for name, kind in EVENTS.items() if name not in heard and not kind.public]


def test_every_event_that_is_not_public_has_somebody_who_reacts() -> None:
    assert unheard(CONSUMERS) == []


def test_control_without_the_reactions_every_private_event_is_reported() -> None:
    assert len(unheard({})) == sum(not kind.public for kind in EVENTS.values())


def test_an_event_is_said_by_the_service_its_type_names() -> None:
    from contracts.catalogue import MODULES, owner

    for source, module in MODULES.items():
        for kind in module.EVENTS:
            assert owner(kind.type) == source
            assert kind.subject_field in kind.model_fields
