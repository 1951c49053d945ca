"""What the gateway is sent and answers, as plain dictionaries. Written by `make docs` from the OpenAPI document; the declarations in contracts/ and gateway/api are what to change."""

from typing import Any, Literal, NotRequired, TypedDict


class AccountPage(TypedDict):
    """A page of accounts in the order they were made."""

    items: "list[AccountRow]"
    next_cursor: str | None



class AccountRow(TypedDict):
    """One account."""

    account_id: str
    username: str
    roles: "list[Role]"
    area_code: str
    subject_id: str | None
    active: bool



class AlternativeView(TypedDict):
    """Another helper for the same household, and what choosing them would cost exactly."""

    helper_id: str
    helper_number: str
    helper_kind: "HelperKindCode"
    extra_cost: int
    reasons_en: list[str]
    reasons_zh: list[str]



class AlternativesView(TypedDict):
    """Who else could stand by the household of a match."""

    match_id: str
    alternatives: "list[AlternativeView]"
    excluded: "list[ExcludedView]"



class ApprovalFile(TypedDict):
    """All that the second person is shown: what the command says, of its personal fields those that one has to see to agree, and what came of it."""

    approval_id: str
    command: str
    state: "ApprovalState"
    asked_by: str
    asked_for: str | None
    area_code: str
    about: dict[str, str]
    reason: str | None
    since: str
    until: str
    yours: bool
    says: dict[str, Any]
    second_roles: "list[Role]"
    decided_by: str | None
    decided_at: str | None
    decided_because: str | None
    decision_id: str | None
    answer: dict[str, Any] | None
    refusal: dict[str, Any] | None



class ApprovalOutcome(TypedDict):
    """What came of it. While its service is away the state is `approved` and it is carried out later, once."""

    approval_id: str
    state: "ApprovalState"
    answer: NotRequired[dict[str, Any] | None]
    refusal: NotRequired[dict[str, Any] | None]



class ApprovalPage(TypedDict):
    """A page of them in the order they were asked for."""

    items: "list[ApprovalRow]"
    next_cursor: str | None



class ApprovalRow(TypedDict):
    """One command that asked for a second person. `about` are the ids in it, `reason` the one that it states itself."""

    approval_id: str
    command: str
    state: "ApprovalState"
    asked_by: str
    asked_for: str | None
    area_code: str
    about: dict[str, str]
    reason: str | None
    since: str
    until: str
    yours: bool


ApprovalState = Literal["waiting", "approved", "done", "refused", "declined", "taken_back", "expired"]
"""`approved` is on its way to its service; `done` and `refused` are what came of that."""


class ApprovalTicket(TypedDict):
    """The command is kept, sealed, until somebody else agrees; it ends by itself at `until`."""

    approval_id: str
    state: "ApprovalState"
    until: str


AreaLevel = Literal["county", "township", "village"]
"""The three levels that Kith knows."""


class AreaPage(TypedDict):
    """A page of areas."""

    items: "list[AreaView]"
    next_cursor: str | None



class AreaView(TypedDict):
    """One administrative area."""

    code: str
    name: str
    level: "AreaLevel"
    parent_code: str | None



class AreasImported(TypedDict):
    """How many areas are new; those that were there already changed nothing."""

    registered: int
    unchanged: int



class CardHeld(TypedDict):
    """A card that still opens an account, and which account handed it over when."""

    card_id: str
    issued_by: str
    issued_at: str



class CardIssued(TypedDict):
    """A card to print: `card` is what stands in the QR code (`qr` is SVG). The PIN is told apart from it."""

    card_id: str
    card: NotRequired[str | None]
    qr: NotRequired[str | None]
    pin: NotRequired[str | None]


CareCategoryCode = Literal["family_planning", "girl", "hardship", "elderly", "empty_nest", "temporarily_empty_nest", "disabled_only_child", "migrant", "left_behind_child", "left_behind_woman", "left_behind_elder", "restricted"]
"""Care categories as others may know them. The loss of a child travels only as `restricted`."""

Carrier = Literal["army_civilian", "neighbour_kinship", "caring_for_girls", "healthy_birth", "happy_family", "left_behind_care"]
"""The six carriers of activity."""


class CodeIssued(TypedDict):
    """A one-time code: with it and the user name the family signs in once, within a quarter of an hour."""

    code_id: str
    expires_at: str
    username: NotRequired[str | None]
    code: NotRequired[str | None]


ConsentAnswer = Literal["yes", "no"]
"""A family's answer. No is as good an answer as yes."""

ConsentPurpose = Literal["pairing", "visits", "referral", "address_confirmation", "messages", "publicity"]
"""What a family may consent to, each on its own."""


class ConsentView(TypedDict):
    """The current answer to one purpose; a later answer has another id."""

    consent_id: str
    purpose: "ConsentPurpose"
    answer: "ConsentAnswer"
    answered_on: str
    withdrawn_on: str | None
    guardian_verified: bool



class ContributorPage(TypedDict):
    """A page of records."""

    items: "list[ContributorRow]"
    next_cursor: str | None



class ContributorRow(TypedDict):
    """One record behind a figure: an id, never more."""

    entity: str
    area_code: str
    counted: bool



class Created(TypedDict):
    """The id of what now exists."""

    id: str


DeclineReason = Literal["not_now", "too_far", "wishes_someone_else", "no_longer_wished", "not_said"]
"""Why a proposal was declined; giving none is fine."""


class DelegationList(TypedDict):
    """The newest first."""

    items: "list[DelegationRow]"



class DelegationRow(TypedDict):
    """One delegation."""

    delegation_id: str
    from_account_id: str
    to_account_id: str
    roles: "list[Role]"
    area_code: str
    first_day: str
    last_day: str
    ended_at: str | None



class Done(TypedDict):
    """It was done; nothing more to say."""




class EmergencyFile(TypedDict):
    """With what happened in words, and why the review found what it found."""

    emergency_id: str
    account_id: str
    reason: "EmergencyReason"
    area_code: str
    opened_area: str
    began_at: str
    until: str
    ended_at: str | None
    state: "EmergencyState"
    review_until: str
    finding: "Finding | None"
    reviewed_by: str | None
    reviewed_at: str | None
    yours: bool
    account: str
    reviewed_because: str | None



class EmergencyOpened(TypedDict):
    """It has begun. Until then reads with the header `Kith-Purpose: emergency` see the opened area."""

    emergency_id: str
    until: str



class EmergencyPage(TypedDict):
    """A page of them in the order they began."""

    items: "list[EmergencyRow]"
    next_cursor: str | None


EmergencyReason = Literal["danger_to_life", "child_in_danger", "missing_person", "disaster"]
"""Why somebody opened more than their work needs."""


class EmergencyRow(TypedDict):
    """One emergency: who, why by its code, where, when, and where its review stands."""

    emergency_id: str
    account_id: str
    reason: "EmergencyReason"
    area_code: str
    opened_area: str
    began_at: str
    until: str
    ended_at: str | None
    state: "EmergencyState"
    review_until: str
    finding: "Finding | None"
    reviewed_by: str | None
    reviewed_at: str | None
    yours: bool


EmergencyState = Literal["open", "over", "overdue", "reviewed"]
"""`overdue`: over, and nobody has reviewed it in time."""


class Enrolled(TypedDict):
    """A whole session, and the ten codes that each count once instead of the authenticator's. Shown once."""

    token: str
    expires_at: str
    account_id: str
    stage: "Stage"
    recovery_codes: list[str]



class Enrolment(TypedDict):
    """What an authenticator reads, as text and as a QR code in SVG. Shown once; it counts once a code confirms it."""

    uri: str
    qr: str



class ExcludedView(TypedDict):
    """How many helpers a hard rule excludes, in plain words."""

    code: str
    helpers: int
    reason_en: str
    reason_zh: str



class ExemptionPage(TypedDict):
    """A page of them in the order they were made."""

    items: "list[ExemptionRow]"
    next_cursor: str | None



class ExemptionRow(TypedDict):
    """One exemption; `holds`: today it does."""

    exemption_id: str
    rule_id: str
    area_code: str
    entity_id: str | None
    reason: str
    until: str
    made_on: str
    made_by: str
    ended_on: str | None
    ended_by: str | None
    holds: bool



class FailureView(TypedDict):
    """What one rule has against a change."""

    rule: str
    version: int
    mode: str
    effect: str
    code: str
    pointers: list[str]
    title: str
    remedy: str



class FamilyAccountPage(TypedDict):
    """A page of families' accounts in the order they were made."""

    items: "list[FamilyAccountRow]"
    next_cursor: str | None



class FamilyAccountRow(TypedDict):
    """A family's account, and its cards that still open it."""

    account_id: str
    household_id: str
    username: str
    area_code: str
    cards: "list[CardHeld]"



class FigureView(TypedDict):
    """One figure. `den` is null for a count; `permille` is null where there is no ratio."""

    period: str
    area_code: str
    breakdown: str
    num: int
    den: int | None
    permille: int | None


Finding = Literal["justified", "not_justified"]
"""What a review found."""


class HelperImportView(TypedDict):
    """Where a helper import stands and what it found."""

    import_id: str
    state: "ImportState"
    refused_code: str | None
    refused_fix_en: str | None
    refused_fix_zh: str | None
    rows: int
    valid: int
    slots: int
    stored: int
    unchanged: int
    problems: "list[ProblemView]"


HelperKindCode = Literal["service_member", "youth_league", "neighbour", "well_off_leader", "volunteer", "volunteer_mother", "department_contact"]
"""The kinds of helper."""


class HelperPage(TypedDict):
    """A page of helpers by number."""

    items: "list[HelperRow]"
    next_cursor: str | None



class HelperRow(TypedDict):
    """One helper of a list: no names."""

    helper_id: str
    number: str
    kind: "HelperKindCode"
    area_code: str
    capacity: int
    in_use: int
    active: bool
    cleared_until: str | None



class HistoryEntry(TypedDict):
    """One line of the file's history."""

    at: str
    what: str
    actor_id: str



class HouseholdFile(TypedDict):
    """A household's case file."""

    household_id: str
    number: str
    area_code: str
    declared: "list[CareCategoryCode]"
    derived: "list[CareCategoryCode]"
    surveyed_on: str | None
    archive_complete: bool
    missing: list[str]
    helper_id: str | None
    last_visited_on: str | None
    persons: "list[PersonView]"
    consents: "list[ConsentView]"
    history: "list[HistoryEntry]"



class HouseholdPage(TypedDict):
    """A page of households by number."""

    items: "list[HouseholdRow]"
    next_cursor: str | None



class HouseholdRow(TypedDict):
    """One line of a list: no names."""

    household_id: str
    number: str
    area_code: str
    categories: "list[CareCategoryCode]"
    members: int
    surveyed_on: str | None



class IdentityPage(TypedDict):
    """A page of identities in the order they were linked."""

    items: "list[IdentityRow]"
    next_cursor: str | None



class IdentityRow(TypedDict):
    """One identity."""

    identity_id: str
    account_id: str
    issuer: str
    subject: str
    linked_at: str



class ImpactView(TypedDict):
    """What one rule would have found, were it enforced. `unknown`: a value that it asks for was not kept. `holds_back` is false over care: there it could only have warned."""

    rule: str
    resource: str
    action: str
    holds_back: bool
    seen: int
    passed: int
    failed: int
    already_refused: int
    error: int
    unknown: int
    by_command: dict[str, int]
    by_area: dict[str, int]
    by_month: dict[str, int]
    first: list[str]


ImportState = Literal["reading", "checked", "committing", "committed", "refused", "failed"]
"""Where an import stands: nothing is stored before it is committed."""


class IndicatorList(TypedDict):
    """All indicators, as of the county's day."""

    as_of: str
    items: "list[IndicatorRow]"



class IndicatorRow(TypedDict):
    """An indicator with its figure."""

    period: str
    area_code: str
    breakdown: str
    num: int
    den: int | None
    permille: int | None
    code: str
    name_en: str
    name_zh: str
    target: str



class IndicatorView(TypedDict):
    """An indicator with its figure as of the county's day, its breakdowns, the areas below, and earlier periods."""

    period: str
    area_code: str
    breakdown: str
    num: int
    den: int | None
    permille: int | None
    code: str
    name_en: str
    name_zh: str
    target: str
    as_of: str
    definition_en: str
    definition_zh: str
    breakdowns: "list[FigureView]"
    parts: "list[FigureView]"
    earlier: "list[FigureView]"



class IntakeStatus(TypedDict):
    """Where a command that was taken in stands; `refusal` is a problem document."""

    intake_id: str
    command: str
    state: str
    created_at: str
    attempts: int
    answer: dict[str, Any] | None
    refusal: dict[str, Any] | None


JobState = Literal["queued", "running", "done", "failed"]
"""Where a piece of background work stands."""


class JudgementView(TypedDict):
    """What the rules would say: `allow`, `warn`, `deny` or `unavailable`; and whether somebody else would have to agree."""

    outcome: str
    failures: "list[FailureView]"
    ruleset_version: str
    needs_second_person: bool


LeaveReason = Literal["moved", "transferred", "illness", "personal", "not_said"]
"""Why a helper leaves."""


class Line(TypedDict):
    """One line of a service's record. `number` is its place in that service's chain."""

    service: str
    number: int
    at: str
    actor_id: str | None
    on_behalf_of: str | None
    assisted_by: str | None
    roles: list[str]
    area_code: str | None
    purpose: str | None
    what: str
    about: str | None
    outcome: str
    decision_id: str | None



class Lines(TypedDict):
    """A page of the record, the newest first."""

    items: "list[Line]"
    next_cursor: str | None



class Live(TypedDict):
    """This process answers."""

    state: str



class MatchPage(TypedDict):
    """A page of pairs by household number."""

    items: "list[MatchRow]"
    next_cursor: str | None



class MatchRoundView(TypedDict):
    """Where a match round stands. `cost` is the exact optimum of the assignment, without unit."""

    round_id: str
    state: "JobState"
    kind: str
    area_code: str
    proposed: int
    unserved: int
    cost: int



class MatchRow(TypedDict):
    """One pair, proposed or standing: ids and codes."""

    match_id: str
    household_id: str
    household_number: str
    helper_id: str
    helper_number: str
    helper_kind: "HelperKindCode"
    area_code: str
    state: str
    cost: int
    reasons: list[str]
    replaces: str | None
    rhythm: "Rhythm | None"
    proposed_on: str
    started_on: str | None
    ended_on: str | None



class Me(TypedDict):
    """Who is signed in, and what they may see; for whom they stand in, and who is beside them."""

    account_id: str
    roles: "list[Role]"
    area_code: str
    subject_id: str | None
    on_behalf_of: str | None
    assisted_by: str | None
    second_factor: bool



class MessagePage(TypedDict):
    """A page of messages, newest first."""

    items: "list[MessageRow]"
    next_cursor: str | None



class MessageRow(TypedDict):
    """One message that was to be sent: never where to, never what it said."""

    message_id: str
    rule: str
    channel: str
    state: "MessageState"
    reason: str | None
    attempts: int
    created_at: str


MessageState = Literal["queued", "delivered", "withheld", "failed"]
"""The final state of a message, or that it still waits."""


class NoticePage(TypedDict):
    """A page of notices, newest first."""

    items: "list[NoticeView]"
    next_cursor: str | None



class NoticeView(TypedDict):
    """One notice in the app: a code and ids, put into words by language."""

    notice_id: str
    rule: str
    text_en: str
    text_zh: str
    about: str | None
    created_at: str
    read_at: str | None



class OmittedList(TypedDict):
    """The newest first."""

    items: "list[OmittedRow]"



class OmittedRow(TypedDict):
    """Verdicts that were not kept one by one, because the same actor had many refused in that minute."""

    actor_id: str
    minute: str
    command: str
    outcome: str
    count: int


Origin = Literal["password", "code", "card", "assisted", "provider"]
"""How somebody signed in."""


class OwnKey(TypedDict):
    """What the key that was sent is for. Whoever needs more than `scopes` should not go on, but ask the operator."""

    prefix: str
    scopes: list[str]
    area_code: str
    valid_until: str
    ends_at: str | None



class OwnLine(TypedDict):
    """Somebody looked at your file or changed it: in which role, and for what."""

    service: str
    at: str
    roles: list[str]
    purpose: str | None
    what: str
    outcome: str



class OwnLines(TypedDict):
    """A page of what was done about yourself, the newest first."""

    items: "list[OwnLine]"
    next_cursor: str | None



class PartnerKeyMade(TypedDict):
    """A new key with what was granted. `key` is told this once: a repeated idempotency key is answered without it."""

    key_id: str
    prefix: str
    scopes: list[str]
    area_code: str
    valid_until: str
    key: NotRequired[str | None]



class PartnerKeyPage(TypedDict):
    """A page of keys in the order they were made."""

    items: "list[PartnerKeyRow]"
    next_cursor: str | None



class PartnerKeyRow(TypedDict):
    """One key, known by its prefix. `used_at` is true to the minute; `ends_at`: revoked or replaced from then on."""

    key_id: str
    account_id: str
    prefix: str
    scopes: list[str]
    area_code: str
    valid_until: str
    made_at: str
    used_at: str | None
    ends_at: str | None



class PersonView(TypedDict):
    """A member as the file shows it: masked unless a reason was given and recorded."""

    person_id: str
    name_masked: str
    relation: str
    sex: str
    birth_year: int | None
    id_number_masked: str



class PlanPage(TypedDict):
    """A page of plans."""

    items: "list[PlanView]"
    next_cursor: str | None



class PlanRevised(TypedDict):
    """The version that the plan has now."""

    version: int



class PlanView(TypedDict):
    """One plan."""

    plan_id: str
    carrier: "Carrier"
    area_code: str
    year: int
    title: str
    state: str
    lead_unit: "UnitKind | None"
    implementing_units: "list[UnitKind]"
    deadline: str | None
    budget_line: str | None
    indicators: "list[PlannedIndicator]"
    activated_on: str | None
    version: int



class PlannedIndicator(TypedDict):
    """What a plan promises: an indicator of the catalogue, from where, to where, by when."""

    code: NotRequired[str | None]
    baseline: NotRequired[int | None]
    target: NotRequired[int | None]
    due: NotRequired[str | None]



class PreviewView(TypedDict):
    """The rules one by one. Not `complete`: only the newest verdicts, back to `since`, were looked at."""

    since: str
    complete: bool
    items: "list[ImpactView]"



class ProblemView(TypedDict):
    """One problem of an import: where it stands and what to do; never the cell's content."""

    sheet: str
    row: int
    column: str
    cell: str
    field: str
    code: str
    first: NotRequired[str | None]
    fix_en: str
    fix_zh: str



class ProgrammeList(TypedDict):
    """All carriers."""

    items: "list[ProgrammeView]"



class ProgrammeView(TypedDict):
    """One carrier with its strands and units."""

    programme_id: str
    carrier: "Carrier"
    name_en: str
    name_zh: str
    strands: "NotRequired[list[Strand]]"
    lead_unit: "UnitKind"
    implementing_units: "list[UnitKind]"



class ProviderSession(TypedDict):
    """As POST /v1/session answers; `sign_out_url` is where to sign out at the provider, too, after DELETE /v1/session."""

    token: str
    expires_at: str
    account_id: str
    stage: "Stage"
    sign_out_url: str | None



class Ready(TypedDict):
    """`ready`: all works; `degraded`: what is never blocked is taken in; `away`: not even that. Parts: `up` or `away`."""

    state: str
    parts: dict[str, str]


Rhythm = Literal["weekly", "fortnightly", "monthly", "quarterly"]
"""How often a household chose to be visited."""

Role = Literal["family_member", "village_worker", "helper", "unit_officer", "township_officer", "county_officer", "working_group", "auditor", "operator", "partner", "system"]
"""The roles of requirement G2, and `system` for what a service does itself."""


class RuleChange(TypedDict):
    """One decision about a rule's mode. `current`: it is about what the rule judges by today."""

    number: int
    mode: "RuleMode"
    since: str
    decided_by: str
    reason: str
    current: bool



class RuleCompared(TypedDict):
    """What one rule said then and says now; null where it did not judge."""

    rule: str
    was: str | None
    now: str | None



class RuleHistory(TypedDict):
    """What was decided about a rule, the newest first, and how many days it was watched."""

    rule_id: str
    mode: "RuleMode"
    wished_mode: "RuleMode"
    audited_days: int
    items: "list[RuleChange]"



class RuleList(TypedDict):
    """All rules in force."""

    ruleset_version: str
    items: "list[RuleView]"


RuleMode = Literal["disabled", "audit", "warn", "enforce"]
"""How seriously a rule is taken: not at all, on record only, with a warning, or so that it holds a change back."""


class RuleView(TypedDict):
    """One rule: what it judges and how seriously; `wished_mode` is what its file asks for."""

    rule_id: str
    version: int
    title: str
    remedy: str
    resource: str
    action: str
    mode: str
    wished_mode: str
    on_error: str



class Session(TypedDict):
    """The token to send as `Authorization: Bearer`, until when it counts, and what for. `stage` is `open`, or the step that has to be done first: `second_step` or `enrolment`."""

    token: str
    expires_at: str
    account_id: str
    stage: "Stage"



class SessionList(TypedDict):
    """The newest first."""

    items: "list[SessionRow]"



class SessionRow(TypedDict):
    """One session that can still be used. `current` is the one that asks."""

    session_id: str
    origin: "Origin"
    issued_at: str
    seen_at: str
    expires_at: str
    assisted_by: str | None
    current: bool


Side = Literal["helper", "household"]
"""The two sides of a pair."""

Stage = Literal["open", "second_step", "enrolment"]
"""What a session may be used for: everything, or only the step that its name says."""


class Strand(TypedDict):
    """One strand of a carrier, by name."""

    name_en: str
    name_zh: str



class SurveyImportView(TypedDict):
    """Where a survey import stands and what it found."""

    import_id: str
    state: "ImportState"
    refused_code: str | None
    refused_fix_en: str | None
    refused_fix_zh: str | None
    rows: int
    persons: int
    households_valid: int
    households_invalid: int
    households_stored: int
    persons_stored: int
    unchanged: int
    problems: "list[ProblemView]"


UnitKind = Literal["family_planning_association", "family_planning_office", "health_centre", "police_station", "radio_station", "village_station", "village_association", "comprehensive_governance"]
"""Kinds of unit that lead or carry out a programme."""


class UnservedPage(TypedDict):
    """A page of unserved households by number."""

    items: "list[UnservedRow]"
    next_cursor: str | None



class UnservedRow(TypedDict):
    """A household that nobody stands by or is asked about today. `may_be_asked` helpers could be, in a new round."""

    household_id: str
    household_number: str
    area_code: str
    may_be_asked: int
    excluded: "list[ExcludedView]"



class Uploaded(TypedDict):
    """The id to name in a command."""

    file_id: str



class VerdictReplay(TypedDict):
    """A verdict judged again. `standing`: `same`, `differs`, or that the rules of then are `rules-unknown` or `rules-altered`."""

    verdict_id: str
    command: str
    area_code: str
    at: str
    ruleset_version: str
    outcome: str
    replayed_outcome: str | None
    standing: str
    rules: "list[RuleCompared]"



class VerdictReplays(TypedDict):
    """How many stand how, and the first that are not the same. Not `complete`: only the newest were judged again."""

    counted: dict[str, int]
    since: str
    complete: bool
    items: "list[VerdictReplay]"


VisitChannel = Literal["in_person", "phone", "video"]
"""How a visit was made."""


class VisitFile(TypedDict):
    """One visit with its note: `flags` ask somebody to look, `reported_by` is the id of who reported it."""

    visit_id: str
    household_id: str
    match_id: str | None
    area_code: str
    visited_on: str
    reported_on: str
    channel: "VisitChannel | None"
    outcome: "VisitOutcome"
    needs_checked: bool | None
    consent_ref: str | None
    flags: list[str]
    reported_by: str
    note: str | None


VisitOutcome = Literal["all_well", "needs_help", "not_home"]
"""What a visit found, in one word."""


class VisitPage(TypedDict):
    """A page of visits."""

    items: "list[VisitRow]"
    next_cursor: str | None



class VisitRow(TypedDict):
    """One visit, without its note."""

    visit_id: str
    household_id: str
    match_id: str | None
    area_code: str
    visited_on: str
    reported_on: str
    channel: "VisitChannel | None"
    outcome: "VisitOutcome"
