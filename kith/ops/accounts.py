"""Accounts made from the command line: how a new installation gets its first operator."""

import sys
from typing import Annotated
from uuid import UUID

import typer
from pydantic import ValidationError

from contracts.actor import Role
from contracts.gateway import CreateAccount
from contracts.refusals import Refused
from gateway.office import running
from kith.installed import here
from kith.refusing import BadInput

accounts = typer.Typer(no_args_is_help=True, help="Who may sign in.")


@accounts.command()
def create(
    username: str,
    role: Annotated[list[Role], typer.Option(help="once for each role")],
    area: Annotated[str, typer.Option(help="area code; default: the county")] = "",
    subject: Annotated[UUID | None, typer.Option(help="the helper or household that this person is")] = None,
    password_stdin: Annotated[bool, typer.Option(help="read the password from standard input")] = False,
) -> None:
    """Make an account. It goes on the record as made from the console."""
    settings = here()
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        new = CreateAccount(
            username=username,
            password=password,
            roles=frozenset(role),
            area_code=area or settings.county,
            subject_id=subject,
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    try:
        print(running.create_account(settings, new))
    except Refused as refused:
        raise BadInput(f"{refused.refusal.title_en}. {refused.refusal.remedy_en}") from None


@accounts.command()
def reset_second_factor(username: str) -> None:
    """Take away the second factor of somebody who lost it and all recovery codes; their sessions end. For when no second
    operator is there to agree at the gateway: it goes on the record as done from the console.
    """
    if not running.reset_second_factor(here(), username):
        raise BadInput(f"there is no account {username!r} with a second factor")
    print("done; they set up a new one when they sign in")
