"""What activities does, one verb each; none of them commits or publishes."""

from services.activities.usecases.knowing import (
    answer_visit_consent,
    end_known_match,
    end_visit_consent,
    know_household,
    know_match,
)
from services.activities.usecases.plans import activate_plan, draft_plan, revise_plan
from services.activities.usecases.programmes import preset_programmes
from services.activities.usecases.visits import report_visit

__all__ = [
    "activate_plan",
    "answer_visit_consent",
    "draft_plan",
    "end_known_match",
    "end_visit_consent",
    "know_household",
    "know_match",
    "preset_programmes",
    "report_visit",
    "revise_plan",
]
