"""What the front door tells Prometheus. No label ever names a person, a household or an account."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Histogram(
    "kith_http_request_seconds",
    "Requests at the front door, by operation and status",
    ["operation", "status"],
    buckets=(0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 10),
)
VERDICTS = Counter("kith_verdicts_total", "Changes judged, by outcome", ["resource", "action", "outcome"])
OMITTED = Counter(
    "kith_verdicts_omitted_total",
    "Verdicts counted instead of kept: one actor had many refused in a minute",
    ["outcome"],
)
EXEMPTED = Counter("kith_rule_exempted_total", "Failures of a rule that an exemption set aside", ["rule"])
EXEMPTIONS = Gauge("kith_rule_exemptions", "Exemptions from rules that hold")
RULE_MODE = Gauge("kith_rule_mode", "1 for the mode that a rule is in", ["rule", "mode"])
SIGN_INS = Counter("kith_sign_ins_total", "Sign-ins tried, by outcome", ["outcome"])
PARTNER_KEYS = Counter("kith_partner_key_uses_total", "Requests with a partner's key, by outcome", ["outcome"])
REPLICAS = Gauge("kith_gateway_replicas", "Front doors that live, as this one sees it")
LIMITED = Counter("kith_rate_limited_total", "Requests refused for their number", ["what"])
DEPRECATED = Counter("kith_deprecated_requests_total", "Requests for what goes away one day", ["operation"])
INTAKE = Counter("kith_intake_total", "Commands kept for later, by what came of them", ["state"])
INTAKE_WAITING = Gauge("kith_intake_waiting", "Commands that wait for their service")
APPROVALS = Counter(
    "kith_approvals_total", "Commands that asked for a second person, by what came of them", ["state"]
)
APPROVALS_WAITING = Gauge(
    "kith_approvals_waiting", "Commands that wait for a second person, or were approved", ["state"]
)
EMERGENCIES_OPEN = Gauge("kith_emergencies_open", "Emergencies by which somebody sees another area now")
EMERGENCIES_OVERDUE = Gauge("kith_emergencies_overdue", "Emergencies that are over and were not reviewed in time")
EMERGENCY_READS = Counter("kith_emergency_reads_total", "Reads made in an emergency")
INTAKE_OLDEST = Gauge("kith_intake_oldest_age_seconds", "Age of the oldest command that waits for its service")
