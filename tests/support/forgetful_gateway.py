"""The gateway, broken on purpose: what it kept, it delivers under a new idempotency key each time."""

import sys

from chassis.ids import new_id
from gateway.api.intake import Intake
from gateway.api.intake_store import Kept
from gateway.api.order import Order
from kith.cli import main

kept_open = Intake.open


def open_anew(self: Intake, kept: Kept) -> Order:
    return kept_open(self, kept).model_copy(update={"idempotency_key": str(new_id())})


if __name__ == "__main__":
    Intake.open = open_anew  # type: ignore[method-assign]
    sys.argv = ["kith", "gateway"]
    main()
