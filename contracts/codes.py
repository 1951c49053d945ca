"""Closed vocabularies that more than one part speaks: the only words that events may carry beside ids."""

from enum import StrEnum


class CareCategoryCode(StrEnum):
    """Care categories as others may know them. The loss of a child travels only as `restricted`."""

    FAMILY_PLANNING = "family_planning"
    GIRL = "girl"
    HARDSHIP = "hardship"
    ELDERLY = "elderly"
    EMPTY_NEST = "empty_nest"
    TEMPORARILY_EMPTY_NEST = "temporarily_empty_nest"
    DISABLED_ONLY_CHILD = "disabled_only_child"
    MIGRANT = "migrant"
    LEFT_BEHIND_CHILD = "left_behind_child"
    LEFT_BEHIND_WOMAN = "left_behind_woman"
    LEFT_BEHIND_ELDER = "left_behind_elder"
    RESTRICTED = "restricted"


class ConsentPurpose(StrEnum):
    """What a family may consent to, each on its own."""

    PAIRING = "pairing"
    VISITS = "visits"
    REFERRAL = "referral"
    ADDRESS_CONFIRMATION = "address_confirmation"
    MESSAGES = "messages"
    PUBLICITY = "publicity"


class ConsentAnswer(StrEnum):
    """A family's answer. No is as good an answer as yes."""

    YES = "yes"
    NO = "no"


class HelperKindCode(StrEnum):
    """The kinds of helper."""

    SERVICE_MEMBER = "service_member"
    YOUTH_LEAGUE = "youth_league"
    NEIGHBOUR = "neighbour"
    WELL_OFF_LEADER = "well_off_leader"
    VOLUNTEER = "volunteer"
    VOLUNTEER_MOTHER = "volunteer_mother"
    DEPARTMENT_CONTACT = "department_contact"


class Rhythm(StrEnum):
    """How often a household chose to be visited."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


class Side(StrEnum):
    """The two sides of a pair."""

    HELPER = "helper"
    HOUSEHOLD = "household"


class DeclineReason(StrEnum):
    """Why a proposal was declined; giving none is fine."""

    NOT_NOW = "not_now"
    TOO_FAR = "too_far"
    WISHES_SOMEONE_ELSE = "wishes_someone_else"
    NO_LONGER_WISHED = "no_longer_wished"
    NOT_SAID = "not_said"


class EndReason(StrEnum):
    """Why a pair ended."""

    HELPER_LEFT = "helper_left"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    NO_LONGER_WISHED = "no_longer_wished"
    NO_LONGER_ELIGIBLE = "no_longer_eligible"


class LeaveReason(StrEnum):
    """Why a helper leaves."""

    MOVED = "moved"
    TRANSFERRED = "transferred"
    ILLNESS = "illness"
    PERSONAL = "personal"
    NOT_SAID = "not_said"


class VisitChannel(StrEnum):
    """How a visit was made."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    VIDEO = "video"


class VisitOutcome(StrEnum):
    """What a visit found, in one word."""

    ALL_WELL = "all_well"
    NEEDS_HELP = "needs_help"
    NOT_HOME = "not_home"


class UnitKind(StrEnum):
    """Kinds of unit that lead or carry out a programme."""

    FAMILY_PLANNING_ASSOCIATION = "family_planning_association"
    FAMILY_PLANNING_OFFICE = "family_planning_office"
    HEALTH_CENTRE = "health_centre"
    POLICE_STATION = "police_station"
    RADIO_STATION = "radio_station"
    VILLAGE_STATION = "village_station"
    VILLAGE_ASSOCIATION = "village_association"
    COMPREHENSIVE_GOVERNANCE = "comprehensive_governance"


class Carrier(StrEnum):
    """The six carriers of activity."""

    ARMY_CIVILIAN = "army_civilian"
    NEIGHBOUR_KINSHIP = "neighbour_kinship"
    CARING_FOR_GIRLS = "caring_for_girls"
    HEALTHY_BIRTH = "healthy_birth"
    HAPPY_FAMILY = "happy_family"
    LEFT_BEHIND_CARE = "left_behind_care"


class EmergencyReason(StrEnum):
    """Why somebody opened more than their work needs."""

    DANGER_TO_LIFE = "danger_to_life"
    CHILD_IN_DANGER = "child_in_danger"
    MISSING_PERSON = "missing_person"
    DISASTER = "disaster"


class JobState(StrEnum):
    """Where a piece of background work stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ImportState(StrEnum):
    """Where an import stands: nothing is stored before it is committed."""

    READING = "reading"
    CHECKED = "checked"
    COMMITTING = "committing"
    COMMITTED = "committed"
    REFUSED = "refused"
    FAILED = "failed"


class MessageState(StrEnum):
    """The final state of a message, or that it still waits."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    WITHHELD = "withheld"
    FAILED = "failed"
