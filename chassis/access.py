"""Who may do what: role, stated purpose and area, checked the same way for every command and query."""

from contracts.actor import Actor, Purpose, Role, purposes_of
from contracts.messages import Command, CommandSpec, Query, QuerySpec
from contracts.refusals import OUT_OF_AREA, PURPOSE_MISSING, ROLE_MISSING, Refusal


def refuse(message: Command | Query, actor: Actor) -> Refusal | None:
    """Why this actor may not send this message, or None. Objects are checked by `within=` in the store."""
    return refuse_role(message.spec, actor) or _refuse_area(message, actor)


def refuse_role(spec: CommandSpec | QuerySpec, actor: Actor) -> Refusal | None:
    """Role and purpose alone, before the body is even read."""
    if not actor.is_system and not actor.has(*spec.roles):
        return ROLE_MISSING
    if not isinstance(spec, QuerySpec) or not spec.purposes:
        return None
    theirs = spec.purposes & purposes_of(actor.roles & (spec.roles | {Role.SYSTEM}))
    if theirs and actor.emergency and actor.purpose is Purpose.EMERGENCY:
        return None
    return None if actor.purpose in theirs else PURPOSE_MISSING.with_more(purposes=sorted(theirs))


def _refuse_area(message: Command | Query, actor: Actor) -> Refusal | None:
    named = getattr(message, "area_code", None)
    if isinstance(named, str) and not actor.scope.covers(named):
        return OUT_OF_AREA.at("/area_code")
    return None
