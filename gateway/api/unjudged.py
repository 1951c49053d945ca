"""The operations that change something, or look like it, and are no commands: none is judged by a rule, and why not.

Everything else that is not a question is a command of contracts, and no command gets past the rules. A test walks the
document and holds both.
"""

from collections.abc import Mapping
from typing import Final

OWN: Final = (
    "one's own way in and out: there is nobody yet to judge, or it touches nothing but one's own session and proofs"
)

UNJUDGED: Final[Mapping[str, str]] = {
    "session.open": OWN,
    "session.second_step": OWN,
    "session.open_by_code": OWN,
    "session.open_by_card": OWN,
    "session.open_assisted": OWN,
    "session.end": OWN,
    "session.end_one": OWN,
    "session.end_all": OWN,
    "session.begin_factor": OWN,
    "session.confirm_factor": OWN,
    "session.change_password": OWN,
    "file.upload": "a file alone does nothing: the command that names it is judged",
    "rules.dry_run": "asks what the rules would say; nothing is sent and nothing is kept",
    "rules.preview": "asks what a rule would have said; nothing is changed and nothing is kept",
}
