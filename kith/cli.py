"""The `kith` command. `kith serve` lets eventlet patch the process before anything else is imported."""

import sys


def main() -> None:
    """Entry point; bad input ends with status 2 and one line."""
    if sys.argv[1:2] == ["serve"]:
        import warnings

        warnings.filterwarnings("ignore", message="\\s*Eventlet is deprecated", category=Warning)
        import eventlet

        eventlet.monkey_patch()
    from kith.commands import run

    sys.exit(run())
