"""`kith ops …`: tables for a person, `--json` for a machine."""

import json
from dataclasses import asdict

import typer

from kith.installed import here
from kith.ops.accounts import accounts
from kith.ops.dead import dead
from kith.ops.forgetting import forget
from kith.ops.gaps import gaps
from kith.ops.intake import intake
from kith.ops.outbox import outbox
from kith.ops.parked import parked
from kith.ops.record import record
from kith.ops.recovering import rebuild, restored
from kith.ops.rules import rules
from kith.ops.settling import settle
from kith.ops.showing import Json
from kith.ops.verdicts import verdict

ops = typer.Typer(no_args_is_help=True, help="Operators' tools.")
ops.add_typer(accounts, name="account")
ops.add_typer(parked, name="parked")
ops.add_typer(dead, name="dead")
ops.add_typer(outbox, name="outbox")
ops.add_typer(record, name="audit")
ops.add_typer(intake, name="intake")
ops.add_typer(rules, name="rules")
ops.add_typer(verdict, name="verdict")
ops.command()(gaps)
ops.command()(settle)
ops.command()(forget)
ops.command()(rebuild)
ops.command()(restored)


@ops.command()
def migrate() -> None:
    """Make roles and databases that are missing and bring them to the newest migration."""
    from kith import installing, waiting

    settings = here()
    waiting.for_database(waiting.server_url(settings))
    installing.install(settings)
    print("every database is at its newest migration")


@ops.command()
def status(as_json: Json = False) -> None:
    """Where every event and job stands."""
    from kith.ops import overview

    overview.tell(here(), as_json=as_json)


@ops.command()
def recompute(as_json: Json = False) -> None:
    """Compute every indicator anew from all facts and compare, cell by cell. Status 1 if any differs."""
    from kith.ops.measure import recomputed

    found = recomputed(here())
    if as_json:
        print(json.dumps({**asdict(found), "mismatches": [str(item) for item in found.mismatches]}))
    else:
        for item in found.mismatches:
            print(item)
        print(f"{found.entities} entities, {found.cells} cells, {len(found.mismatches)} mismatches")
    raise typer.Exit(1 if found.mismatches else 0)
