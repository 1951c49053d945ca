"""From the bytes of the wire to an envelope."""

from pydantic import ValidationError

from contracts.envelope import Envelope


class Undecodable(ValueError):
    """Bytes that are no event of ours: for the dead-letter queue."""


def decode(body: bytes | str) -> Envelope:
    """An envelope from the wire; Undecodable if it is none."""
    try:
        return Envelope.model_validate_json(body)
    except ValidationError as error:
        raise Undecodable(error.errors()[0]["type"]) from error
