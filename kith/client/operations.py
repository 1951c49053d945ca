"""One method per operation of the gateway. Written by `make docs` from the OpenAPI document; the declarations in contracts/ and gateway/api are what to change."""

# ruff: noqa: PLR0913

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from kith.client import shapes as s
from kith.client.calling import Caller, Id, segment


class Operations(Caller):
    """All of them."""

    def accept_as_helper(self, match_id: Id, *, key: str | None = None) -> s.Done:
        """The helper's yes; an officer may record it for them (assisted)."""
        found_: s.Done = self.command("POST", f"/v1/matches/{segment(match_id)}/helper-acceptance", {}, key)
        return found_

    def accept_as_household(
        self,
        match_id: Id,
        *,
        rhythm: s.Rhythm | None = None,
        key: str | None = None,
    ) -> s.Done:
        """The household's yes, with the rhythm of visits it wishes, if any."""
        said_ = {
            "rhythm": rhythm,
        }
        found_: s.Done = self.command("POST", f"/v1/matches/{segment(match_id)}/household-acceptance", said_, key)
        return found_

    def activate_plan(
        self,
        plan_id: Id,
        *,
        version: int | None = None,
        lead_unit: s.UnitKind | None = None,
        implementing_units: Sequence[s.UnitKind] | None = None,
        deadline: date | str | None = None,
        budget_line: str | None = None,
        indicators: Sequence[s.PlannedIndicator] | None = None,
        key: str | None = None,
    ) -> s.Done:
        """Put a plan in force. What may be left out here is judged by the rules (ADM-01), not by the schema."""
        said_ = {
            "version": version,
            "lead_unit": lead_unit,
            "implementing_units": implementing_units,
            "deadline": deadline,
            "budget_line": budget_line,
            "indicators": indicators,
        }
        found_: s.Done = self.command("POST", f"/v1/plans/{segment(plan_id)}/activate", said_, key)
        return found_

    def alternatives(self, match_id: Id) -> s.AlternativesView:
        """Who else could be proposed, with the exact difference in cost."""
        found_: s.AlternativesView = self.ask(f"/v1/matches/{segment(match_id)}/alternatives", {})
        return found_

    def answer_consent(
        self,
        household_id: Id,
        *,
        purpose: s.ConsentPurpose,
        answer: s.ConsentAnswer,
        answered_on: date | str,
        key: str | None = None,
    ) -> s.Done:
        """Record a household's yes or no to one purpose."""
        said_ = {
            "purpose": purpose,
            "answer": answer,
            "answered_on": answered_on,
        }
        found_: s.Done = self.command("POST", f"/v1/households/{segment(household_id)}/consents", said_, key)
        return found_

    def approval(self, approval_id: Id) -> s.ApprovalFile:
        """Look at one of them before you decide, or at what came of it."""
        found_: s.ApprovalFile = self.ask(f"/v1/approvals/{segment(approval_id)}", {})
        return found_

    def approve(self, approval_id: Id, *, reason: str, key: str | None = None) -> s.ApprovalOutcome:
        """Agree, as somebody else, to what waits. It is judged anew and carried out, once, as whoever asked for it."""
        said_ = {
            "reason": reason,
        }
        found_: s.ApprovalOutcome = self.command("POST", f"/v1/approvals/{segment(approval_id)}/approve", said_, key)
        return found_

    def break_glass(
        self,
        *,
        reason: s.EmergencyReason,
        account: str,
        opened_area: str,
        hours: int | None = None,
        key: str | None = None,
    ) -> s.EmergencyOpened:
        """See files of another area at once, for at most four hours, because somebody is in danger. It alarms, every read is on record, and somebody else reviews it."""
        said_ = {
            "reason": reason,
            "account": account,
            "opened_area": opened_area,
            "hours": hours,
        }
        found_: s.EmergencyOpened = self.command("POST", "/v1/emergencies", said_, key)
        return found_

    def check_helpers(self, *, file_id: Id, key: str | None = None) -> s.Created:
        """Dry-run an uploaded helper register."""
        said_ = {
            "file_id": file_id,
        }
        found_: s.Created = self.command("POST", "/v1/helper-imports", said_, key)
        return found_

    def check_survey(self, *, file_id: Id, round_year: int, key: str | None = None) -> s.Created:
        """Dry-run an uploaded survey workbook: every problem is named and nothing is stored."""
        said_ = {
            "file_id": file_id,
            "round_year": round_year,
        }
        found_: s.Created = self.command("POST", "/v1/survey-imports", said_, key)
        return found_

    def close_account(self, account_id: Id, *, key: str | None = None) -> s.Done:
        """Close an account; its sessions end at once."""
        found_: s.Done = self.command("POST", f"/v1/accounts/{segment(account_id)}/close", {}, key)
        return found_

    def commit_helpers(self, import_id: Id, *, key: str | None = None) -> s.Done:
        """Register the valid helpers of a checked workbook."""
        found_: s.Done = self.command("POST", f"/v1/helper-imports/{segment(import_id)}/commit", {}, key)
        return found_

    def commit_survey(self, import_id: Id, *, key: str | None = None) -> s.Done:
        """Store the valid households of a checked survey workbook."""
        found_: s.Done = self.command("POST", f"/v1/survey-imports/{segment(import_id)}/commit", {}, key)
        return found_

    def create_account(
        self,
        *,
        username: str,
        password: str,
        roles: Sequence[s.Role],
        area_code: str,
        subject_id: Id | None = None,
        key: str | None = None,
    ) -> s.Created | s.ApprovalTicket:
        """Make an account; one that may look at files or reaches far, or whose role its maker holds, needs a second person. `subject_id` is the helper or household that a helper or family member is. Nobody is both operator and auditor."""
        said_ = {
            "username": username,
            "password": password,
            "roles": roles,
            "area_code": area_code,
            "subject_id": subject_id,
        }
        found_: s.Created | s.ApprovalTicket = self.command("POST", "/v1/accounts", said_, key)
        return found_

    def create_partner_key(
        self,
        *,
        account_id: Id,
        scopes: Sequence[str],
        area_code: str,
        valid_until: date | str,
        key: str | None = None,
    ) -> s.PartnerKeyMade:
        """Make a key for an account whose only role is partner: which operations it may call, in which area, until when."""
        said_ = {
            "account_id": account_id,
            "scopes": scopes,
            "area_code": area_code,
            "valid_until": valid_until,
        }
        found_: s.PartnerKeyMade = self.command("POST", "/v1/partner-keys", said_, key)
        return found_

    def decline_approval(self, approval_id: Id, *, reason: str, key: str | None = None) -> s.ApprovalOutcome:
        """Say no, as somebody else, to what waits; it is never carried out."""
        said_ = {
            "reason": reason,
        }
        found_: s.ApprovalOutcome = self.command("POST", f"/v1/approvals/{segment(approval_id)}/decline", said_, key)
        return found_

    def decline_match(
        self,
        match_id: Id,
        *,
        by: s.Side,
        reason: s.DeclineReason | None = None,
        key: str | None = None,
    ) -> s.Done:
        """One side's no. The next best is proposed."""
        said_ = {
            "by": by,
            "reason": reason,
        }
        found_: s.Done = self.command("POST", f"/v1/matches/{segment(match_id)}/decline", said_, key)
        return found_

    def delegate_roles(
        self,
        *,
        to_account_id: Id,
        roles: Sequence[s.Role],
        area_code: str,
        first_day: date | str,
        last_day: date | str,
        key: str | None = None,
    ) -> s.Created:
        """Let an account of your area stand in for you on these days, with roles and an area of yours. It sends Kith-Delegation with the id."""
        said_ = {
            "to_account_id": to_account_id,
            "roles": roles,
            "area_code": area_code,
            "first_day": first_day,
            "last_day": last_day,
        }
        found_: s.Created = self.command("POST", "/v1/delegations", said_, key)
        return found_

    def draft_plan(
        self,
        *,
        carrier: s.Carrier,
        area_code: str,
        year: int,
        title: str,
        key: str | None = None,
    ) -> s.Created:
        """Begin a plan for an area and a year under one of the carriers."""
        said_ = {
            "carrier": carrier,
            "area_code": area_code,
            "year": year,
            "title": title,
        }
        found_: s.Created = self.command("POST", "/v1/plans", said_, key)
        return found_

    def emergency(self, emergency_id: Id) -> s.EmergencyFile:
        """Read what happened in words, for its review. The read is on record."""
        found_: s.EmergencyFile = self.ask(f"/v1/emergencies/{segment(emergency_id)}", {})
        return found_

    def end_delegation(self, delegation_id: Id, *, key: str | None = None) -> s.Done:
        """End a delegation that you gave or were given; it counts no more at once."""
        found_: s.Done = self.command("POST", f"/v1/delegations/{segment(delegation_id)}/end", {}, key)
        return found_

    def end_emergency(self, emergency_id: Id, *, key: str | None = None) -> s.Done:
        """End an emergency before its time: your own, or that of somebody below you in your area."""
        found_: s.Done = self.command("POST", f"/v1/emergencies/{segment(emergency_id)}/end", {}, key)
        return found_

    def end_exemption(self, exemption_id: Id, *, key: str | None = None) -> s.Done:
        """Let the rule hold again before the exemption ends by itself."""
        found_: s.Done = self.command("POST", f"/v1/exemptions/{segment(exemption_id)}/end", {}, key)
        return found_

    def exempt_from_rule(
        self,
        rule_id: str,
        *,
        reason: str,
        until: date | str,
        area_code: str | None = None,
        entity_id: Id | None = None,
        key: str | None = None,
    ) -> s.Created:
        """Set one rule aside for an area, or for changes that name one id, through a day at most 90 days ahead."""
        said_ = {
            "reason": reason,
            "until": until,
            "area_code": area_code,
            "entity_id": entity_id,
        }
        found_: s.Created = self.command("POST", f"/v1/rules/{segment(rule_id)}/exemptions", said_, key)
        return found_

    def file_upload(self, content: Any) -> s.Uploaded:
        """Upload a file of at most 30 MiB, encrypted as it comes in."""
        found_: s.Uploaded = self.stream("POST", "/v1/files", content, "application/octet-stream")
        return found_

    def health_live(self) -> s.Live:
        """Whether this process lives."""
        found_: s.Live = self.ask("/health/live", {})
        return found_

    def health_ready(self) -> s.Ready:
        """What works now. 200 as long as care can be taken in (law L3), even with a service away."""
        found_: s.Ready = self.ask("/health/ready", {})
        return found_

    def helper_import(self, import_id: Id) -> s.HelperImportView:
        """One import with all its problems."""
        found_: s.HelperImportView = self.ask(f"/v1/helper-imports/{segment(import_id)}", {})
        return found_

    def household_file(self, household_id: Id) -> s.HouseholdFile:
        """Open a household's file. The read is on record."""
        found_: s.HouseholdFile = self.ask(f"/v1/households/{segment(household_id)}", {})
        return found_

    def import_areas(self, *, file_id: Id, key: str | None = None) -> s.AreasImported:
        """Register the areas of an uploaded `areas.csv` (code,name,level,parent_code)."""
        said_ = {
            "file_id": file_id,
        }
        found_: s.AreasImported = self.command("POST", "/v1/areas/import", said_, key)
        return found_

    def indicators_contributors(
        self,
        code: str,
        *,
        area_code: str | None = None,
        period: str | None = None,
        limit: int | None = None,
    ) -> Iterator[s.ContributorRow]:
        """The records behind a figure, as ids."""
        said_ = {
            "area_code": area_code,
            "period": period,
            "limit": limit,
        }
        return self.pages(f"/v1/indicators/{segment(code)}/contributors", said_)

    def indicators_get(
        self,
        code: str,
        *,
        area_code: str | None = None,
        period: str | None = None,
    ) -> s.IndicatorView:
        """One figure with its parts."""
        said_ = {
            "area_code": area_code,
            "period": period,
        }
        found_: s.IndicatorView = self.ask(f"/v1/indicators/{segment(code)}", said_)
        return found_

    def indicators_list(self, *, area_code: str | None = None) -> s.IndicatorList:
        """The catalogue with the figures of today."""
        said_ = {
            "area_code": area_code,
        }
        found_: s.IndicatorList = self.ask("/v1/indicators", said_)
        return found_

    def intake_status(self, intake_id: Id) -> s.IntakeStatus:
        """What became of a command that was taken in while its service was away. Your own only."""
        found_: s.IntakeStatus = self.ask(f"/v1/intake/{segment(intake_id)}", {})
        return found_

    def issue_card(self, account_id: Id, *, key: str | None = None) -> s.CardIssued:
        """Make a card with a PIN for a family of your area."""
        found_: s.CardIssued = self.command("POST", f"/v1/family-accounts/{segment(account_id)}/cards", {}, key)
        return found_

    def issue_code(self, account_id: Id, *, key: str | None = None) -> s.CodeIssued:
        """Make a one-time code for a family of your area, to hand over; the one before it ends."""
        found_: s.CodeIssued = self.command("POST", f"/v1/family-accounts/{segment(account_id)}/code", {}, key)
        return found_

    def link_identity(
        self,
        account_id: Id,
        *,
        issuer: str,
        subject: str,
        key: str | None = None,
    ) -> s.Created | s.ApprovalTicket:
        """Let somebody whom the identity provider knows sign in as this account. It opens an account: two operators agree."""
        said_ = {
            "issuer": issuer,
            "subject": subject,
        }
        found_: s.Created | s.ApprovalTicket = self.command("POST", f"/v1/accounts/{segment(account_id)}/identities", said_, key)
        return found_

    def list_accounts(self, *, area_code: str | None = None, limit: int | None = None) -> Iterator[s.AccountRow]:
        """The accounts in your own area."""
        said_ = {
            "area_code": area_code,
            "limit": limit,
        }
        return self.pages("/v1/accounts", said_)

    def list_approvals(
        self,
        *,
        area_code: str | None = None,
        limit: int | None = None,
        state: s.ApprovalState | None = None,
    ) -> Iterator[s.ApprovalRow]:
        """What you asked for yourself, and what waits in your area for somebody with a role of yours."""
        said_ = {
            "area_code": area_code,
            "limit": limit,
            "state": state,
        }
        return self.pages("/v1/approvals", said_)

    def list_areas(self, *, area_code: str | None = None, limit: int | None = None) -> Iterator[s.AreaView]:
        """The areas in your own area, by code."""
        said_ = {
            "area_code": area_code,
            "limit": limit,
        }
        return self.pages("/v1/areas", said_)

    def list_delegations(self) -> s.DelegationList:
        """The delegations that you gave and were given."""
        found_: s.DelegationList = self.ask("/v1/delegations", {})
        return found_

    def list_emergencies(
        self,
        *,
        area_code: str | None = None,
        limit: int | None = None,
        state: s.EmergencyState | None = None,
    ) -> Iterator[s.EmergencyRow]:
        """Your own, and for officers above, working group and auditors those of their area."""
        said_ = {
            "area_code": area_code,
            "limit": limit,
            "state": state,
        }
        return self.pages("/v1/emergencies", said_)

    def list_exemptions(
        self,
        *,
        area_code: str | None = None,
        limit: int | None = None,
        holding: bool | None = None,
    ) -> Iterator[s.ExemptionRow]:
        """The exemptions in your area, those that are over too unless only those that hold are asked for."""
        said_ = {
            "area_code": area_code,
            "limit": limit,
            "holding": holding,
        }
        return self.pages("/v1/exemptions", said_)

    def list_family_accounts(
        self,
        *,
        area_code: str | None = None,
        limit: int | None = None,
        household_id: Id | None = None,
    ) -> Iterator[s.FamilyAccountRow]:
        """The families of your area that can sign in."""
        said_ = {
            "area_code": area_code,
            "limit": limit,
            "household_id": household_id,
        }
        return self.pages("/v1/family-accounts", said_)

    def list_helpers(self, *, area_code: str | None = None, limit: int | None = None) -> Iterator[s.HelperRow]:
        """The helpers in your own area, by number."""
        said_ = {
            "area_code": area_code,
            "limit": limit,
        }
        return self.pages("/v1/helpers", said_)

    def list_households(
        self,
        *,
        area_code: str | None = None,
        limit: int | None = None,
        number: str | None = None,
    ) -> Iterator[s.HouseholdRow]:
        """The households in your own area, by number. There is no list by category here."""
        said_ = {
            "area_code": area_code,
            "limit": limit,
            "number": number,
        }
        return self.pages("/v1/households", said_)

    def list_identities(self, *, area_code: str | None = None, limit: int | None = None) -> Iterator[s.IdentityRow]:
        """The identities that may sign in as accounts of your own area."""
        said_ = {
            "area_code": area_code,
            "limit": limit,
        }
        return self.pages("/v1/identities", said_)

    def list_matches(
        self,
        *,
        area_code: str | None = None,
        limit: int | None = None,
        state: Literal["proposed", "helper_accepted", "active", "ended", "declined_by_helper", "declined_by_household", "withdrawn", "lapsed"] | None = None,
        household_id: Id | None = None,
        helper_id: Id | None = None,
    ) -> Iterator[s.MatchRow]:
        """The pairs in your own area; a helper or family member sees their own."""
        said_ = {
            "area_code": area_code,
            "limit": limit,
            "state": state,
            "household_id": household_id,
            "helper_id": helper_id,
        }
        return self.pages("/v1/matches", said_)

    def list_messages(
        self,
        *,
        area_code: str | None = None,
        limit: int | None = None,
        state: s.MessageState | None = None,
    ) -> Iterator[s.MessageRow]:
        """What was sent, withheld or failed, in your own area."""
        said_ = {
            "area_code": area_code,
            "limit": limit,
            "state": state,
        }
        return self.pages("/v1/messages", said_)

    def list_notices(self, *, area_code: str | None = None, limit: int | None = None) -> Iterator[s.NoticeView]:
        """Notices for you, or for your role in your area."""
        said_ = {
            "area_code": area_code,
            "limit": limit,
        }
        return self.pages("/v1/notices", said_)

    def list_omitted_verdicts(self, *, since: datetime | str, limit: int | None = None) -> s.OmittedList:
        """How many verdicts of your area's accounts, for the whole county of everybody who acts, were counted instead of kept."""
        said_ = {
            "since": since,
            "limit": limit,
        }
        found_: s.OmittedList = self.ask("/v1/verdicts/omitted", said_)
        return found_

    def list_partner_keys(
        self,
        *,
        area_code: str | None = None,
        limit: int | None = None,
    ) -> Iterator[s.PartnerKeyRow]:
        """The keys of partners in your own area, those that ended too."""
        said_ = {
            "area_code": area_code,
            "limit": limit,
        }
        return self.pages("/v1/partner-keys", said_)

    def list_plans(
        self,
        *,
        area_code: str | None = None,
        limit: int | None = None,
        year: int | None = None,
    ) -> Iterator[s.PlanView]:
        """The plans in your own area."""
        said_ = {
            "area_code": area_code,
            "limit": limit,
            "year": year,
        }
        return self.pages("/v1/plans", said_)

    def list_programmes(self) -> s.ProgrammeList:
        """The carriers of activity with their lead and implementing units."""
        found_: s.ProgrammeList = self.ask("/v1/programmes", {})
        return found_

    def list_visits(
        self,
        *,
        area_code: str | None = None,
        limit: int | None = None,
        household_id: Id | None = None,
    ) -> Iterator[s.VisitRow]:
        """The visits in your own area; a helper sees their own."""
        said_ = {
            "area_code": area_code,
            "limit": limit,
            "household_id": household_id,
        }
        return self.pages("/v1/visits", said_)

    def mark_notice_read(self, notice_id: Id, *, key: str | None = None) -> s.Done:
        """The reader has seen it."""
        found_: s.Done = self.command("POST", f"/v1/notices/{segment(notice_id)}/read", {}, key)
        return found_

    def match_round(self, round_id: Id) -> s.MatchRoundView:
        """One round of proposals."""
        found_: s.MatchRoundView = self.ask(f"/v1/match-rounds/{segment(round_id)}", {})
        return found_

    def metrics(self) -> str:
        """For Prometheus."""
        found_: str = self.ask("/metrics", {})
        return found_

    def oidc_callback(
        self,
        *,
        state: str,
        code: str | None = None,
        iss: str | None = None,
        error: str | None = None,
    ) -> s.ProviderSession:
        """Where the identity provider sends people back to."""
        said_ = {
            "state": state,
            "code": code,
            "iss": iss,
            "error": error,
        }
        found_: s.ProviderSession = self.ask("/v1/oidc/callback", said_)
        return found_

    def oidc_start(self) -> None:
        """Sign in at the county's own identity provider."""
        self.ask("/v1/oidc/start", {})

    def open_family_account(self, *, household_id: Id, area_code: str, key: str | None = None) -> s.Created:
        """Open the account of a household of your area, without a password; a household that has one keeps it."""
        said_ = {
            "household_id": household_id,
            "area_code": area_code,
        }
        found_: s.Created = self.command("POST", "/v1/family-accounts", said_, key)
        return found_

    def open_match_round(self, *, area_code: str, key: str | None = None) -> s.Created:
        """Propose pairs for every unpaired, consenting household of an area."""
        said_ = {
            "area_code": area_code,
        }
        found_: s.Created = self.command("POST", "/v1/match-rounds", said_, key)
        return found_

    def partner_key_own(self) -> s.OwnKey:
        """What the partner's key that you send is for."""
        found_: s.OwnKey = self.ask("/v1/partner-key", {})
        return found_

    def plan(self, plan_id: Id) -> s.PlanView:
        """One plan as it stands. Its version, or its ETag, makes an edit safe against another's."""
        found_: s.PlanView = self.ask(f"/v1/plans/{segment(plan_id)}", {})
        return found_

    def record_helper_leaving(
        self,
        helper_id: Id,
        *,
        left_on: date | str,
        reason: s.LeaveReason | None = None,
        key: str | None = None,
    ) -> s.Done:
        """A helper leaves; their pairs end and their households are matched anew."""
        said_ = {
            "left_on": left_on,
            "reason": reason,
        }
        found_: s.Done = self.command("POST", f"/v1/helpers/{segment(helper_id)}/leave", said_, key)
        return found_

    def record_own(self, *, limit: int | None = None) -> Iterator[s.OwnLine]:
        """Who looked at your own file: roles and purposes, no names."""
        said_ = {
            "limit": limit,
        }
        return self.pages("/v1/record/own", said_)

    def record_read(
        self,
        *,
        actor: str | None = None,
        about: Id | None = None,
        what: str | None = None,
        decision: Id | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        service: str | None = None,
        limit: int | None = None,
    ) -> Iterator[s.Line]:
        """Who read and changed what, for what purpose. In your area."""
        said_ = {
            "actor": actor,
            "about": about,
            "what": what,
            "decision": decision,
            "since": since,
            "until": until,
            "service": service,
            "limit": limit,
        }
        return self.pages("/v1/record", said_)

    def replay_verdict(self, verdict_id: Id) -> s.VerdictReplay:
        """Judge again, by the rules of then and the values that were kept, and compare."""
        found_: s.VerdictReplay = self.ask(f"/v1/verdicts/{segment(verdict_id)}/replay", {})
        return found_

    def replay_verdicts(self, *, since: datetime | str) -> s.VerdictReplays:
        """Judge all verdicts of your area again since a moment, the newest first, as many as two seconds allow."""
        said_ = {
            "since": since,
        }
        found_: s.VerdictReplays = self.ask("/v1/verdicts/replay", said_)
        return found_

    def report_visit(
        self,
        *,
        household_id: Id,
        visited_on: date | str,
        outcome: s.VisitOutcome,
        match_id: Id | None = None,
        channel: s.VisitChannel | None = None,
        needs_checked: bool | None = None,
        consent_ref: Id | None = None,
        note: str | None = None,
        key: str | None = None,
    ) -> s.Created:
        """Report a visit, also late and from a phone that was offline. The note is encrypted and never searched."""
        said_ = {
            "household_id": household_id,
            "visited_on": visited_on,
            "outcome": outcome,
            "match_id": match_id,
            "channel": channel,
            "needs_checked": needs_checked,
            "consent_ref": consent_ref,
            "note": note,
        }
        found_: s.Created = self.command("POST", "/v1/visits", said_, key)
        return found_

    def reset_second_factor(self, account_id: Id, *, key: str | None = None) -> s.Done | s.ApprovalTicket:
        """Take away the second factor of somebody who lost it, and all recovery codes; their sessions end. Two people agree."""
        found_: s.Done | s.ApprovalTicket = self.command("POST", f"/v1/accounts/{segment(account_id)}/second-factor/reset", {}, key)
        return found_

    def review_emergency(
        self,
        emergency_id: Id,
        *,
        finding: s.Finding,
        because: str,
        key: str | None = None,
    ) -> s.Done:
        """Say, as somebody else, whether an emergency that is over was justified. Once."""
        said_ = {
            "finding": finding,
            "because": because,
        }
        found_: s.Done = self.command("POST", f"/v1/emergencies/{segment(emergency_id)}/review", said_, key)
        return found_

    def revise_plan(
        self,
        plan_id: Id,
        *,
        version: int | None = None,
        title: str | None = None,
        lead_unit: s.UnitKind | None = None,
        implementing_units: Sequence[s.UnitKind] | None = None,
        deadline: date | str | None = None,
        budget_line: str | None = None,
        indicators: Sequence[s.PlannedIndicator] | None = None,
        key: str | None = None,
    ) -> s.PlanRevised:
        """Change a draft: what is left out stays as it is."""
        said_ = {
            "version": version,
            "title": title,
            "lead_unit": lead_unit,
            "implementing_units": implementing_units,
            "deadline": deadline,
            "budget_line": budget_line,
            "indicators": indicators,
        }
        found_: s.PlanRevised = self.command("PATCH", f"/v1/plans/{segment(plan_id)}", said_, key)
        return found_

    def revoke_card(self, card_id: Id, *, key: str | None = None) -> s.Done:
        """Let a card of a family of your area open nothing any more; the family's sessions end."""
        found_: s.Done = self.command("POST", f"/v1/cards/{segment(card_id)}/revoke", {}, key)
        return found_

    def revoke_code(self, account_id: Id, *, key: str | None = None) -> s.Done:
        """Take back the code of a family of your area that was not used yet."""
        found_: s.Done = self.command("POST", f"/v1/family-accounts/{segment(account_id)}/code/revoke", {}, key)
        return found_

    def revoke_partner_key(self, key_id: Id, *, key: str | None = None) -> s.Done:
        """End a key at once."""
        found_: s.Done = self.command("POST", f"/v1/partner-keys/{segment(key_id)}/revoke", {}, key)
        return found_

    def rotate_partner_key(
        self,
        key_id: Id,
        *,
        valid_until: date | str,
        hours_more: int | None = None,
        key: str | None = None,
    ) -> s.PartnerKeyMade:
        """Make a new key that may what this one may; this one counts for some hours more, so that a partner can change over."""
        said_ = {
            "valid_until": valid_until,
            "hours_more": hours_more,
        }
        found_: s.PartnerKeyMade = self.command("POST", f"/v1/partner-keys/{segment(key_id)}/rotate", said_, key)
        return found_

    def rule_history(self, rule_id: str) -> s.RuleHistory:
        """The modes that a rule was in."""
        found_: s.RuleHistory = self.ask(f"/v1/rules/{segment(rule_id)}/modes", {})
        return found_

    def rules_dry_run(
        self,
        command: Literal["activities.activate_plan", "activities.draft_plan", "activities.report_visit", "activities.revise_plan", "gateway.approve", "gateway.break_glass", "gateway.close_account", "gateway.create_account", "gateway.create_partner_key", "gateway.decline_approval", "gateway.delegate_roles", "gateway.end_delegation", "gateway.end_emergency", "gateway.end_exemption", "gateway.exempt_from_rule", "gateway.issue_card", "gateway.issue_code", "gateway.link_identity", "gateway.open_family_account", "gateway.reset_second_factor", "gateway.review_emergency", "gateway.revoke_card", "gateway.revoke_code", "gateway.revoke_partner_key", "gateway.rotate_partner_key", "gateway.set_rule_mode", "gateway.take_back_approval", "gateway.unlink_identity", "households.answer_consent", "households.check_survey", "households.commit_survey", "households.import_areas", "households.withdraw_consent", "notify.mark_notice_read", "pairing.accept_as_helper", "pairing.accept_as_household", "pairing.check_helpers", "pairing.commit_helpers", "pairing.decline_match", "pairing.open_match_round", "pairing.record_helper_leaving"],
        body: Mapping[str, Any],
        *,
        key: str | None = None,
    ) -> s.JudgementView:
        """What the rules would say of a command. Nothing is sent and nothing is kept."""
        found_: s.JudgementView = self.command("POST", f"/v1/dry-run/{segment(command)}", body, key)
        return found_

    def rules_list(self) -> s.RuleList:
        """The rules that changes are judged by."""
        found_: s.RuleList = self.ask("/v1/rules", {})
        return found_

    def rules_preview(self, *, file: str | None = None, rule_id: str | None = None) -> s.PreviewView:
        """What a rule would have refused in the last year. Nothing is changed and nothing is kept."""
        said_ = {
            "file": file,
            "rule_id": rule_id,
        }
        found_: s.PreviewView = self.tell("POST", "/v1/rules/preview", said_)
        return found_

    def session_begin_factor(self) -> s.Enrolment:
        """Begin to set up a second factor."""
        found_: s.Enrolment = self.tell("POST", "/v1/second-factor")
        return found_

    def session_change_password(self, *, current: str, new: str) -> None:
        """Change your password; your other sessions end."""
        said_ = {
            "current": current,
            "new": new,
        }
        self.tell("POST", "/v1/password", said_)

    def session_confirm_factor(self, *, code: str) -> s.Enrolled:
        """Confirm the second factor with a code; all sessions end, and a whole one is opened."""
        said_ = {
            "code": code,
        }
        found_: s.Enrolled = self.tell("POST", "/v1/second-factor/confirmation", said_)
        return found_

    def session_end(self) -> None:
        """Sign out."""
        self.tell("DELETE", "/v1/session")

    def session_end_all(self) -> None:
        """End all your sessions, this one too."""
        self.tell("DELETE", "/v1/sessions")

    def session_end_one(self, session_id: Id) -> None:
        """End one of your sessions."""
        self.tell("DELETE", f"/v1/sessions/{segment(session_id)}")

    def session_list(self) -> s.SessionList:
        """Your sessions that can still be used."""
        found_: s.SessionList = self.ask("/v1/sessions", {})
        return found_

    def session_me(self) -> s.Me:
        """Who is signed in."""
        found_: s.Me = self.ask("/v1/me", {})
        return found_

    def session_open(self, *, username: str, password: str) -> s.Session:
        """Sign in."""
        said_ = {
            "username": username,
            "password": password,
        }
        found_: s.Session = self.tell("POST", "/v1/session", said_)
        return found_

    def session_open_assisted(self, *, account_id: Id, family_present: Literal[True]) -> s.Session:
        """Open a session of a quarter of an hour for a family in your area, in its presence."""
        said_ = {
            "account_id": account_id,
            "family_present": family_present,
        }
        found_: s.Session = self.tell("POST", "/v1/session/assisted", said_)
        return found_

    def session_open_by_card(self, *, card: str, pin: str) -> s.Session:
        """Sign in as a family, with its card and PIN."""
        said_ = {
            "card": card,
            "pin": pin,
        }
        found_: s.Session = self.tell("POST", "/v1/session/card", said_)
        return found_

    def session_open_by_code(self, *, username: str, code: str) -> s.Session:
        """Sign in as a family, with the one-time code that it was given."""
        said_ = {
            "username": username,
            "code": code,
        }
        found_: s.Session = self.tell("POST", "/v1/session/code", said_)
        return found_

    def session_second_step(self, *, code: str) -> s.Session:
        """Finish signing in with a second factor; the token so far ends."""
        said_ = {
            "code": code,
        }
        found_: s.Session = self.tell("POST", "/v1/session/second-step", said_)
        return found_

    def set_rule_mode(
        self,
        rule_id: str,
        *,
        mode: s.RuleMode,
        reason: str,
        before_its_time: bool | None = None,
        key: str | None = None,
    ) -> s.Done | s.ApprovalTicket:
        """Put a rule in a mode, for the whole county. It is enforced after 14 days in audit; `before_its_time` asks a second person for less."""
        said_ = {
            "mode": mode,
            "reason": reason,
            "before_its_time": before_its_time,
        }
        found_: s.Done | s.ApprovalTicket = self.command("POST", f"/v1/rules/{segment(rule_id)}/mode", said_, key)
        return found_

    def survey_import(self, import_id: Id) -> s.SurveyImportView:
        """One import with all its problems."""
        found_: s.SurveyImportView = self.ask(f"/v1/survey-imports/{segment(import_id)}", {})
        return found_

    def take_back_approval(self, approval_id: Id, *, key: str | None = None) -> s.ApprovalOutcome:
        """Take back what you asked for yourself and nobody has agreed to yet."""
        found_: s.ApprovalOutcome = self.command("POST", f"/v1/approvals/{segment(approval_id)}/take-back", {}, key)
        return found_

    def unlink_identity(self, identity_id: Id, *, key: str | None = None) -> s.Done:
        """Forget an identity; the sessions of its account end at once."""
        found_: s.Done = self.command("POST", f"/v1/identities/{segment(identity_id)}/unlink", {}, key)
        return found_

    def unserved(self, *, area_code: str | None = None, limit: int | None = None) -> Iterator[s.UnservedRow]:
        """Consenting families of your own area that have nobody today, and why."""
        said_ = {
            "area_code": area_code,
            "limit": limit,
        }
        return self.pages("/v1/unserved", said_)

    def visit(self, visit_id: Id) -> s.VisitFile:
        """Read one visit and its note; a helper only what they reported. The read is on record."""
        found_: s.VisitFile = self.ask(f"/v1/visits/{segment(visit_id)}", {})
        return found_

    def withdraw_consent(self, household_id: Id, *, purpose: s.ConsentPurpose, key: str | None = None) -> s.Done:
        """Take a consent back. It is never refused for its timing and costs the family nothing."""
        said_ = {
            "purpose": purpose,
        }
        found_: s.Done = self.command("POST", f"/v1/households/{segment(household_id)}/consents/withdraw", said_, key)
        return found_
