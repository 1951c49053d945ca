"""Background work: reading the register, solving, looking for someone new, and what falls due by itself."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from chassis.jobs import WAITS, JobPostponed, JobRun
from chassis.surroundings import PeerAway, Surroundings
from chassis.work import Work, transact
from contracts.codes import ImportState, JobState
from services.pairing.usecases import imports, leaving, rematching, rounds, stopping
from services.pairing.usecases.register_file import NotReadable, read_register
from services.pairing.workbook import HelperReading

PEER_AWAY_SECONDS = 5.0


def check_helpers(run: JobRun) -> None:
    """Dry-run a register."""
    _with_reading(run, imports.CHECK_JOB, imports.note_checked)


def commit_helpers(run: JobRun) -> None:
    """Store a register's valid helpers; read anew, for villages may have changed since the check."""
    _with_reading(run, imports.COMMIT_JOB, imports.register_helpers)


def _with_reading(run: JobRun, job: str, then: Callable[[Work, UUID, HelperReading], None]) -> None:
    import_id = UUID(run.args["import_id"])
    found = run.transact(lambda work: imports.import_for(work, job, import_id))
    if found is None:
        return
    try:
        villages = run.transact(imports.villages_of_county)
        reading = read_register(run.runtime.files, found.file_id, villages, within=run.actor.scope)
        run.transact(lambda work: then(work, import_id, reading))
    except PeerAway as away:
        raise JobPostponed(PEER_AWAY_SECONDS) from away
    except NotReadable as refused:
        code, problem = str(refused), refused.problem
        run.transact(lambda work: imports.note_stopped(work, import_id, ImportState.REFUSED, code, problem))
    except Exception:
        if _is_last(run):
            run.transact(lambda work: imports.note_stopped(work, import_id, ImportState.FAILED, "internal"))
        raise
    else:
        if job == imports.CHECK_JOB:
            return
    run.runtime.files.remove(found.file_id)  # it holds remarks that are never to be stored


def solve_round(run: JobRun) -> None:
    """Compute a round's proposals."""
    round_id = UUID(run.args["round_id"])
    _as_county(run, lambda work: rounds.note_round(work, round_id, JobState.RUNNING))
    try:
        _as_county(run, lambda work: rounds.solve_round(work, round_id))
    except Exception:
        if _is_last(run):
            _as_county(run, lambda work: rounds.note_round(work, round_id, JobState.FAILED))
        raise


def propose_next(run: JobRun) -> None:
    """After a no: the next best."""
    _find_someone_new(run, "next_best")


def rematch(run: JobRun) -> None:
    """After an end: someone new."""
    _find_someone_new(run, "rematch")


def _find_someone_new(run: JobRun, kind: str) -> None:
    over = [UUID(match_id) for match_id in run.args["match_ids"]]
    _as_county(run, lambda work: rematching.find_someone_new(work, kind, over))


def carry_out_leaving(runtime: Surroundings) -> None:
    """Timer: helpers whose announced day has come, each in a transaction of their own."""
    for helper_id in transact(runtime, runtime.system, leaving.leaving_today):
        transact(runtime, runtime.system, partial(leaving.carry_out_leaving, helper_id=helper_id))


def end_lapsed_clearances(runtime: Surroundings) -> None:
    """Timer: pairs with a minor whose helper's clearance is over."""
    transact(runtime, runtime.system, stopping.stop_lapsed)


def _as_county(run: JobRun, do: Callable[[Work], None]) -> None:
    """What the service computes itself sees the whole county, whoever's command led to it."""
    context = {"causation": run.causation, "decision": run.decision, "traceparent": run.traceparent}
    transact(run.runtime, run.runtime.system, do, **context)


def _is_last(run: JobRun) -> bool:
    return run.attempts > len(WAITS)
