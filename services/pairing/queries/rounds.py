"""Where a match round stands."""

from chassis.work import Work
from contracts.codes import JobState
from contracts.pairing import GetMatchRound, MatchRoundView
from contracts.refusals import NOT_FOUND, Refusal
from services.pairing.store import rounds


def get_match_round(work: Work, query: GetMatchRound) -> MatchRoundView | Refusal:
    """One round of proposals."""
    row = rounds.find_round(work, query.round_id, within=work.scope)
    if row is None:
        return NOT_FOUND
    return MatchRoundView(
        round_id=row.id,
        state=JobState(row.state),
        kind=row.kind,
        area_code=row.area_code,
        proposed=row.proposed,
        unserved=row.unserved,
        cost=int(row.cost),
    )
