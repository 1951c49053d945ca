"""The generated catalogues: written from the declarations, so they cannot be wrong for long."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from prometheus_client.metrics import MetricWrapperBase
from pydantic import SecretStr, TypeAdapter
from rich.console import Console

from chassis.settings import Settings
from contracts.actor import Role
from contracts.catalogue import COMMANDS, EVENTS, SOURCES, owner
from contracts.envelope import Envelope
from contracts.messages import Event

STARTING_OVER = """## Where things lie, and how to start over

`make up` keeps its database, files and secret in `.kith/` of the checkout; as root, for PostgreSQL refuses to run as
root, below `/var/lib/kith/`. `make up MODE=broker` uses the databases `kith_…` of the server in `KITH_DATABASE_URL` and
the queues `kith.…` of the broker in `KITH_BROKER_URL` (`kith` is `KITH_NAMESPACE`); its secret and files lie in
`~/.local/state/kith/`.

`.venv/bin/kith ops forget` removes the installation that runs from this folder, or the one of this namespace, with all
that is in it, after asking."""
OPERATIONS = "operations.tsv"
RULES_SAID = """# Monitoring-and-evaluation rules

The mode here is the one that the file wishes for: a new installation begins with it, one that runs already begins a rule
that is new to it in audit. `GET /v1/rules` and `kith ops rules list` tell the modes in force. How a rule is written:
[decision 17](decisions/0017-rules-while-people-work.md) and `gateway/admission/schema.py`.

| rule | wished mode | on error | judges | what |
|---|---|---|---|---|"""
say = Console(highlight=False).print
GENERATED = "<!-- Written by `make docs` from the declarations in contracts/ and services/. Change those. -->\n"


def pages() -> dict[str, Callable[[], str]]:
    """File below docs/ -> what stands in it."""
    from gateway.admission.evaluate import RuleSet
    from gateway.measure.catalogue import render_markdown

    found: dict[str, Callable[[], str]] = {
        "events.md": events_page,
        "asyncapi.yaml": asyncapi,
        "indicators.md": render_markdown,
        "settings.md": settings_page,
        "operations/metrics.md": metrics_page,
        "rules.md": lambda: rules_page(RuleSet.load()),
    }
    for name, event in EVENTS.items():
        found[f"schemas/{name}.json"] = lambda e=event: schema_of(e)  # type: ignore[misc]
    return found


def write(folder: Path, *, check: bool) -> int:
    """Write the pages, or with `check` say which differ from what would be written (status 1)."""
    wanted = {folder / name: render() for name, render in pages().items()} | client_of(folder.parent)
    listed = folder / OPERATIONS
    wanted[listed] = operations_list(listed.read_text() if listed.exists() else "")
    stray = [path for path in (folder / "schemas").glob("*.json") if path not in wanted]
    changed = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if check:
        for path in [*changed, *stray]:
            say(f"{path} is not what the declarations say: run `make docs`")
        return 1 if changed or stray else 0
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path])
    for path in stray:
        path.unlink()
    say(f"{len(wanted)} pages, {len(changed)} changed")
    return 0


def operations_list(before: str) -> str:
    """Every operation that is or was served, one a line: what stood here stays, so that nothing goes without a word.

    A line is taken out by hand once its sunset has passed and the operation is gone (docs/api.md).
    """
    from gateway.api.app import operations

    lines = {line.split("\t")[0]: line for line in before.splitlines()[1:]}
    for one in operations():
        sunset = one.deprecated.sunset.isoformat() if one.deprecated else ""
        lines[one.id] = f"{one.id}\t{one.method}\t{one.path}\t{sunset}"
    return "\n".join(["operation\tmethod\tpath\tsunset", *(lines[name] for name in sorted(lines))]) + "\n"


def client_of(root: Path) -> dict[Path, str]:
    """The written modules of the client below the checkout's root."""
    from gateway.api.app import described
    from kith.clienting import modules

    return {root / "kith" / "client" / name: text for name, text in modules(described())}


def schema_of(event: type[Event]) -> str:
    """An event's JSON Schema (2020-12)."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": event.type,
        **event.model_json_schema(),
    }
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def consumers_of(event: type[Event]) -> list[str]:
    """Who reacts to an event; that a stream begins anew is heeded by every listener's inbox."""
    from chassis.restoring import RESTORED_TYPES
    from kith.registry import CONSUMERS, listeners

    if event.type in RESTORED_TYPES:
        return listeners(owner(event.type))
    return [name for name, consumer in CONSUMERS.items() if event.type in consumer.reactions_to()]


def events_page() -> str:
    """All events by source, with fields and who reacts."""
    lines = [GENERATED, "# Events\n", "Facts that services tell each other: ids and codes only. "
             "Each travels in a CloudEvents 1.0 envelope, in order per subject, once.\n"]  # fmt: skip
    for source in SOURCES:
        lines.append(f"## {source}\n")
        for name, event in EVENTS.items():
            if owner(name) == source:
                lines.extend(_event_lines(name, event))
    return "\n".join(lines) + "\n"


def _event_lines(name: str, event: type[Event]) -> list[str]:
    heard = ", ".join(consumers_of(event)) or "–"
    public = " · public" if event.public else ""
    lines = [
        f"### `{name}`\n",
        f"{event.__doc__}\n",
        f"Subject `{event.subject_field}` · heard by {heard}{public}\n",
    ]
    lines += ["| field | what |", "|---|---|"]
    lines += [f"| `{field}` | {_words(info.annotation)} |" for field, info in event.model_fields.items()]
    return [*lines, ""]


def _words(annotation: Any) -> str:
    schema = TypeAdapter(annotation).json_schema()
    return _schema_words(schema, schema.get("$defs", {}))


def _schema_words(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    if "$ref" in schema:
        return _schema_words(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    if "anyOf" in schema:
        return " or ".join(_schema_words(part, definitions) for part in schema["anyOf"])
    if "enum" in schema:
        return " ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_schema_words(schema['items'], definitions)}"
    return str(schema.get("format") or ("null" if schema.get("type") == "null" else schema.get("type")))


def asyncapi() -> str:
    """AsyncAPI 3.0: one channel per event type, a receive operation per consumer."""
    channels, operations, messages, schemas = {}, {}, {}, {}
    for name, event in EVENTS.items():
        key = name.replace(".", "_")
        schemas[event.__name__] = event.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schemas[event.__name__].pop("$defs", {}))
        messages[event.__name__] = {
            "name": name,
            "summary": event.__doc__,
            "contentType": "application/cloudevents+json",
            "payload": {
                "allOf": [
                    {"$ref": "#/components/schemas/Envelope"},
                    {"properties": {"data": {"$ref": f"#/components/schemas/{event.__name__}"}}},
                ]
            },
        }
        channels[key] = {
            "address": name,
            "messages": {event.__name__: {"$ref": f"#/components/messages/{event.__name__}"}},
        }
        told = {
            "channel": {"$ref": f"#/channels/{key}"},
            "messages": [{"$ref": f"#/channels/{key}/messages/{event.__name__}"}],
        }
        operations[f"{owner(name)}_sends_{key}"] = {"action": "send", **told}
        for consumer in consumers_of(event):
            operations[f"{consumer}_receives_{key}"] = {"action": "receive", **told}
    schemas["Envelope"] = Envelope.model_json_schema()
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Kith events", "version": "1.0.0", "description": "The event backbone of Kith.",
                 "license": {"name": "Apache-2.0"}},
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }  # fmt: skip
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def settings_page() -> str:
    """Every setting with what it is for and what it is unless set."""
    lines = [GENERATED, "# Settings\n", "Environment variables; in a container also files below `/run/secrets`. "
             "For example: `KITH_PORT=8090 make up`.\n",
             "| variable | unless set | what |", "|---|---|---|"]  # fmt: skip
    for name, field in Settings.model_fields.items():
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        shown = "" if default in (None, "") else f"`{default}`"
        lines.append(f"| `KITH_{name.upper()}` | {shown} | {' '.join((field.description or '').split())} |")
    return "\n".join([*lines, "", STARTING_OVER]) + "\n"


METRICS = """Each process shows its own at `/metrics` of `KITH_METRICS_HOST` and `KITH_METRICS_PORT`; the gateway does so beside its API.
Names that begin with `messaging` are those of OpenTelemetry's
[semantic conventions](https://opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics/) (status: development),
dots written as underscores; an `error_type` that is empty means that nothing failed. No label ever names a person, a
household or an account. What to do when one of them raises an alert stands in [runbooks](runbooks.md).
"""
WORTH_ASKING = """
## Worth asking

| question | PromQL |
|---|---|
| How late are events, for 99 of 100? | `histogram_quantile(0.99, sum by (consumer, le) (rate(kith_event_lag_seconds_bucket[5m])))` |
| Which reaction takes the machine's time? | `topk(5, sum by (messaging_destination_name) (rate(messaging_process_duration_seconds_sum[5m])))` |
| How many events leave each service a second? | `sum by (service) (rate(messaging_client_sent_messages_total{error_type=""}[5m]))` |
| How many of those delivered had been applied before? | `sum by (consumer) (rate(kith_inbox_duplicates_total[5m]))` |
| Is anything missing on the way? | `max by (consumer) (kith_inbox_oldest_gap_seconds) > 60` |
"""


def metrics_page() -> str:
    """Every metric with its labels, by who shows it."""
    from chassis import metrics
    from gateway.api import metrics as front_door
    from gateway.measure import gauges

    lines = [GENERATED, "# Metrics\n", METRICS]
    shown = (("Events, calls and jobs", metrics), ("The front door", front_door), ("Figures", gauges))
    for title, module in shown:
        lines += [f"## {title}\n", "| metric | kind | labels | what |", "|---|---|---|---|"]
        lines += [_metric_line(each) for each in vars(module).values() if isinstance(each, MetricWrapperBase)]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n" + WORTH_ASKING


def _metric_line(metric: MetricWrapperBase) -> str:
    described = next(iter(metric.describe()))
    name = f"{described.name}_total" if described.type == "counter" else described.name
    labels = ", ".join(f"`{label}`" for label in metric._labelnames)
    return f"| `{name}` | {described.type} | {labels or '–'} | {described.documentation} |"


SECOND = """Somebody else, with one of these roles and in whose area it lies, agrees before it is carried out; some only where the
command's own words say so. A dry run tells.
"""


def _words_of(roles: frozenset[Role]) -> str:
    return ", ".join(sorted(roles))


def rules_page(rules: Any) -> str:
    """The rules with the modes that they wish for, what nothing ever blocks, and what is not judged."""
    from gateway.api.unjudged import UNJUDGED

    lines = [GENERATED, RULES_SAID]
    for source in sorted(rules.sources, key=lambda found: str(found.rule.id)):
        rule = source.rule
        where = f"{rule.subject.resource} / {rule.subject.action}"
        lines.append(
            f"| {rule.id} v{rule.version} | {rule.mode} | {rule.on_error} | {where} | {rule.title.en} · {rule.title.zh} |"
        )
    lines += ["", "## Never blocked (law L3)\n"]
    lines += [f"- `{name}`" for name, command in sorted(COMMANDS.items()) if command.spec.never_blocked]
    lines += [
        "",
        "## Waits for a second person\n",
        SECOND,
        "| command | asked of | agreed to by |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{name}` | {_words_of(command.spec.roles)} | {_words_of(second.roles)} |"
        for name, command in sorted(COMMANDS.items())
        if (second := command.spec.second)
    ]
    lines += ["", "## Not judged\n", "Every other operation that changes something is a command, and judged.\n"]
    lines += [f"- `{name}`: {reason}" for name, reason in UNJUDGED.items()]
    return "\n".join(lines) + "\n"
