"""What the front door tells Prometheus. No label ever names a person, a household or an account."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Histogram(
    "kith_http_request_seconds",
    "Requests at the front door, by operation and status",
    ["operation", "status"],
    buckets=(0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 10),
)
VERDICTS = Counter("kith_verdicts_total", "Changes judged, by outcome", ["resource", "action", "outcome"])
SIGN_INS = Counter("kith_sign_ins_total", "Sign-ins tried, by outcome", ["outcome"])
PARTNER_KEYS = Counter("kith_partner_key_uses_total", "Requests with a partner's key, by outcome", ["outcome"])
LIMITED = Counter("kith_rate_limited_total", "Requests refused for their number", ["what"])
INTAKE = Counter("kith_intake_total", "Commands kept for later, by what came of them", ["state"])
INTAKE_WAITING = Gauge("kith_intake_waiting", "Commands that wait for their service")
INTAKE_OLDEST = Gauge("kith_intake_oldest_age_seconds", "Age of the oldest command that waits for its service")
