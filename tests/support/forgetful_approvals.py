"""The gateway, broken on purpose: what two people agreed to, it sends under a new idempotency key each time."""

import sys

from chassis.ids import new_id
from gateway.api.approvals import Approvals
from gateway.api.order import Order
from gateway.office.store.approvals import Approval
from kith.cli import main

kept_open = Approvals.open


def open_anew(self: Approvals, one: Approval) -> Order:
    return kept_open(self, one).model_copy(update={"idempotency_key": str(new_id())})


if __name__ == "__main__":
    Approvals.open = open_anew  # type: ignore[method-assign]
    sys.argv = ["kith", "gateway"]
    main()
