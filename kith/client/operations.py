"""One method per operation of the gateway. Written by `make docs` from the OpenAPI document; the declarations in contracts/ and gateway/api are what to change."""

# ruff: noqa: PLR0913

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
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
        lead_unit: s.UnitKind | None = None,
        implementing_units: Sequence[s.UnitKind] | None = None,
        deadline: date | str | None = None,
        budget_line: str | None = None,
        indicators: Sequence[s.PlannedIndicator] | None = None,
        key: str | None = None,
    ) -> s.Done:
        """Put a plan in force. What may be left out here is judged by the rules (ADM-01), not by the schema."""
        said_ = {
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
    ) -> s.Created:
        """Make an account. `subject_id` is the helper or household that a helper or family member is. Nobody is both operator and auditor."""
        said_ = {
            "username": username,
            "password": password,
            "roles": roles,
            "area_code": area_code,
            "subject_id": subject_id,
        }
        found_: s.Created = self.command("POST", "/v1/accounts", said_, key)
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

    def link_identity(self, account_id: Id, *, issuer: str, subject: str, key: str | None = None) -> s.Created:
        """Let somebody whom the identity provider knows sign in as this account. It opens an account: two operators agree."""
        said_ = {
            "issuer": issuer,
            "subject": subject,
        }
        found_: s.Created = self.command("POST", f"/v1/accounts/{segment(account_id)}/identities", said_, key)
        return found_

    def list_accounts(self, *, area_code: str | None = None, limit: int | None = None) -> Iterator[s.AccountRow]:
        """The accounts in your own area."""
        said_ = {
            "area_code": area_code,
            "limit": limit,
        }
        return self.pages("/v1/accounts", said_)

    def list_areas(self, *, area_code: str | None = None, limit: int | None = None) -> Iterator[s.AreaView]:
        """The areas in your own area, by code."""
        said_ = {
            "area_code": area_code,
            "limit": limit,
        }
        return self.pages("/v1/areas", said_)

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

    def open_match_round(self, *, area_code: str, key: str | None = None) -> s.Created:
        """Propose pairs for every unpaired, consenting household of an area."""
        said_ = {
            "area_code": area_code,
        }
        found_: s.Created = self.command("POST", "/v1/match-rounds", said_, key)
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

    def rules_dry_run(
        self,
        command: Literal["activities.activate_plan", "activities.draft_plan", "activities.report_visit", "gateway.close_account", "gateway.create_account", "gateway.create_partner_key", "gateway.link_identity", "gateway.revoke_partner_key", "gateway.rotate_partner_key", "gateway.unlink_identity", "households.answer_consent", "households.check_survey", "households.commit_survey", "households.import_areas", "households.withdraw_consent", "notify.mark_notice_read", "pairing.accept_as_helper", "pairing.accept_as_household", "pairing.check_helpers", "pairing.commit_helpers", "pairing.decline_match", "pairing.open_match_round", "pairing.record_helper_leaving"],
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

    def session_end(self) -> None:
        """Sign out."""
        self.tell("DELETE", "/v1/session")

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

    def survey_import(self, import_id: Id) -> s.SurveyImportView:
        """One import with all its problems."""
        found_: s.SurveyImportView = self.ask(f"/v1/survey-imports/{segment(import_id)}", {})
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
