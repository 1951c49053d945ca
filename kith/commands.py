"""The verbs of the `kith` command: each a few lines that call the room which does the work."""

import signal
import sys
import threading
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from chassis.fingerprint import DatabaseRestored
from chassis.keys import SecretTooWeak
from chassis.settings import Settings, SettingsUnfit
from kith.ops.commands import ops
from kith.refusing import BadInput

UsageError: type[typer.BadParameter] = typer.BadParameter.__mro__[1]
"""What typer raises for any wrong command line; it exports only this one kind of it."""

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Kith runs a county's family-care programme.",
                  pretty_exceptions_enable=False)  # fmt: skip
app.add_typer(ops, name="ops")


def run() -> int:
    """Run the command line; what the user got wrong is one line and status 2."""
    try:
        result = app(standalone_mode=False)
        return result if isinstance(result, int) else 0
    except (BadInput, SecretTooWeak, SettingsUnfit, DatabaseRestored) as error:
        return _say(str(error))
    except ValidationError as error:
        first = error.errors()[0]
        return _say(f"setting KITH_{'_'.join(map(str, first['loc'])).upper()}: {first['msg']}")
    except UsageError as error:
        return _say(error.format_message())
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:
        if line := unreachable(error):
            return _say(line)
        raise


def unreachable(error: Exception) -> str | None:
    """What to tell when a server does not answer; None for any other error, which is ours."""
    import httpx
    import sqlalchemy as sa

    if isinstance(error, sa.exc.OperationalError):
        why = str(error.orig).strip().splitlines()[0]
        return f"PostgreSQL does not let us in ({why}); start the installation with `kith up`, or name its server"
    if isinstance(error, httpx.TransportError):
        return f"the gateway does not answer at {error.request.url.copy_with(path='/')}"
    return None


def _say(line: str) -> int:
    print(f"kith: {line}", file=sys.stderr)
    return 2


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and Ctrl-C set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


@app.command()
def serve(service: str) -> None:
    """Host one service (or `measure`) on the broker."""
    from kith import hosting

    hosting.serve(service, Settings(), stop_on_signals())


@app.command()
def relay(services: list[str]) -> None:
    """Take the outboxes of services to the broker."""
    from kith import hosting

    hosting.relay(services, Settings(), stop_on_signals())


@app.command()
def work(service: str) -> None:
    """Do one service's background jobs."""
    from kith import hosting

    hosting.work(service, Settings(), stop_on_signals())


@app.command()
def gateway() -> None:
    """Serve the HTTP gateway."""
    from kith import hosting

    hosting.gateway(Settings(), stop_on_signals())


@app.command()
def up(
    mode: Annotated[str, typer.Option(help="embedded (no server needed) or broker")] = "embedded",
    seed: Annotated[bool, typer.Option(help="load the small sample county into an empty installation")] = True,
) -> None:
    """Start everything, on this machine, until Ctrl-C."""
    from kith import starting

    starting.up(mode, seed=seed, stop=stop_on_signals())


@app.command()
def seed(url: Annotated[str, typer.Option(help="the gateway")] = "http://127.0.0.1:8080") -> None:
    """Load the small sample county through a running gateway."""
    from kith import installed, seeding

    seeding.seed_command(url, installed.here())


@app.command()
def story(
    mode: Annotated[str, typer.Option(help="embedded or broker")] = "embedded",
    areas: Annotated[Path | None, typer.Option(help="areas.csv; default: the sample")] = None,
    survey: Annotated[Path | None, typer.Option(help="survey workbook; default: the sample")] = None,
    helpers: Annotated[Path | None, typer.Option(help="helper register; default: the sample")] = None,
    today: Annotated[str, typer.Option(help="the county's day")] = "2026-04-15",
    out: Annotated[Path, typer.Option(help="where the figures go")] = Path("build/story.json"),
) -> None:
    """Run the programme's main job from end to end through HTTP and report it."""
    from kith.story import telling
    from kith.story.files import Files

    try:
        day = date.fromisoformat(today)
    except ValueError:
        raise BadInput(f"TODAY is a date such as 2026-04-15, not {today!r}") from None
    raise SystemExit(telling.run(mode, Files.of(areas, survey, helpers), day, out))


@app.command()
def docs(
    folder: Annotated[Path, typer.Option(help="where to write")] = Path("docs"),
    check: Annotated[bool, typer.Option(help="only say whether they are up to date")] = False,
) -> None:
    """Write the generated catalogues: events, AsyncAPI, schemas, indicators, rules."""
    from kith import documenting

    raise SystemExit(documenting.write(folder, check=check))
