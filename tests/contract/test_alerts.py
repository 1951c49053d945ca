"""Every alert asks for a metric that exists, has its own test, and leads to a page that says what to do."""

import ast
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "prometheus"
GROUPS: list[dict[str, Any]] = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
RULES: list[dict[str, Any]] = [rule for group in GROUPS for rule in group["rules"]]
TESTS: dict[str, Any] = yaml.safe_load((FOLDER / "alerts.test.yml").read_text())
OF_PROMETHEUS = {"up"}
OF_RABBITMQ = {
    "rabbitmq_alarms_memory_used_watermark",
    "rabbitmq_alarms_free_disk_space_watermark",
    "rabbitmq_detailed_queue_messages",
}
"""Held against a real broker in tests/integration/deploy."""

SUFFIXES = {"Counter": ("",), "Gauge": ("",), "Histogram": ("_bucket", "_count", "_sum")}
OPERATORS = {"by", "and", "or", "unless", "offset", "sum", "max", "without", "on", "ignoring"}


def declared() -> dict[str, set[str]]:
    """Series that our processes expose -> their labels, as declared in the modules of metrics."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "chassis" / "metrics.py", ROOT / "gateway" / "api" / "metrics.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SUFFIXES:
                name, labels = ast.literal_eval(node.args[0]), node.args[2:3]
                for suffix in SUFFIXES[node.func.id]:
                    extra = {"le"} if suffix == "_bucket" else set()
                    found[name + suffix] = set(ast.literal_eval(labels[0])) | extra if labels else extra
    return found


def metrics_of(expression: str) -> set[str]:
    """The metric names in a PromQL expression."""
    plain = re.sub(r"\b(by|without|on|ignoring)\s*\([^)]*\)", " ", expression)
    plain = re.sub(r"\{[^}]*\}|\[[^]]*\]|\boffset\s+\S+", " ", plain)
    return set(re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*\b(?!\s*\()", plain)) - OPERATORS


def unknown_metrics(expression: str) -> set[str]:
    return metrics_of(expression) - set(declared()) - OF_PROMETHEUS - OF_RABBITMQ


def labels_of(expression: str) -> set[str]:
    """The labels that an expression matches or groups by."""
    grouped = re.findall(r"\bby\s*\(([^)]*)\)", expression)
    matched = re.findall(r"[{,]\s*([a-z_]+)\s*[=!]", expression)
    return {label.strip() for group in grouped for label in group.split(",")} | set(matched)


def ill_formed(rule: dict[str, Any]) -> list[str]:
    """What Prometheus, or we, would miss in a rule."""
    annotations = rule.get("annotations", {})
    found = [key for key in rule if key not in ("alert", "expr", "for", "labels", "annotations")]
    found += [key for key in ("alert", "expr") if not isinstance(rule.get(key), str)]
    found += ["for"] if not re.fullmatch(r"\d+[smh]", rule.get("for", "1m")) else []
    found += ["severity"] if rule.get("labels", {}).get("severity") not in ("page", "ticket") else []
    return found + [key for key in ("summary", "runbook") if not annotations.get(key)]


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}


def leads_nowhere(runbook: str) -> bool:
    page, _, anchor = runbook.partition("#")
    return not (ROOT / page).is_file() or anchor not in anchors(ROOT / page)


by_name = pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))


@by_name
def test_an_alert_asks_only_for_metrics_that_exist(rule: dict[str, Any]) -> None:
    assert metrics_of(rule["expr"])
    assert unknown_metrics(rule["expr"]) == set()


@by_name
def test_an_alert_tells_apart_only_by_labels_that_its_metrics_have(rule: dict[str, Any]) -> None:
    ours = [declared()[name] for name in metrics_of(rule["expr"]) if name in declared()]
    if ours:
        assert labels_of(rule["expr"]) <= set.union(*ours)


def test_control_an_alert_on_a_metric_or_label_that_nobody_exposes_is_found() -> None:
    assert unknown_metrics('sum by (service) (rate(kith_outbox_lost_total{kind="x"}[5m])) > 0') == {
        "kith_outbox_lost_total"
    }
    assert unknown_metrics("kith_event_lag_seconds > 1") == {"kith_event_lag_seconds"}, (
        "a histogram has no such series"
    )
    assert labels_of('sum by (consumer, le) (x{person="1"})') == {"consumer", "le", "person"}


@by_name
def test_an_alert_has_the_shape_that_prometheus_reads(rule: dict[str, Any]) -> None:
    assert ill_formed(rule) == []


def test_control_a_rule_with_a_misspelt_key_or_no_severity_is_found() -> None:
    assert ill_formed({**RULES[0], "fro": "1m"}) == ["fro"]
    assert ill_formed({**RULES[0], "labels": {}}) == ["severity"]
    assert ill_formed({**RULES[0], "for": "soon"}) == ["for"]


@by_name
def test_an_alert_leads_to_its_runbook(rule: dict[str, Any]) -> None:
    assert not leads_nowhere(rule["annotations"]["runbook"])


def test_control_a_runbook_that_nobody_wrote_is_found() -> None:
    assert leads_nowhere("docs/operations/runbooks.md#nobody-wrote-this")


def test_no_runbook_is_without_its_alert() -> None:
    linked = {rule["annotations"]["runbook"].partition("#")[2] for rule in RULES}
    assert anchors(ROOT / "docs" / "operations" / "runbooks.md") - linked == {"when-an-alert-comes"}


def test_names_are_given_once() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(names) == len(set(names))


@by_name
def test_an_alert_has_a_test_in_which_it_comes_and_one_in_which_it_does_not(rule: dict[str, Any]) -> None:
    cases = [
        case for test in TESTS["tests"] for case in test["alert_rule_test"] if case["alertname"] == rule["alert"]
    ]
    assert sorted(bool(case["exp_alerts"]) for case in cases) == [False, True]


def test_promtool_takes_the_rules_and_every_alert_comes_when_it_should() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool here (apt-get install prometheus): names and shapes are held by the tests above")
    for arguments in (["check", "config", "prometheus.yml"], ["test", "rules", "alerts.test.yml"]):
        found = subprocess.run([promtool, *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stdout + found.stderr


def test_control_promtool_refuses_alerts_that_never_come(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool here (apt-get install prometheus)")
    deaf = (FOLDER / "alerts.yml").read_text().replace("> 60", "> 60000")
    (tmp_path / "alerts.yml").write_text(deaf)
    shutil.copy(FOLDER / "alerts.test.yml", tmp_path)
    found = subprocess.run(
        [promtool, "test", "rules", "alerts.test.yml"], cwd=tmp_path, capture_output=True, check=False
    )
    assert found.returncode != 0
