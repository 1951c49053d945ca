"""The front door's own record."""

from contracts.messages import query
from contracts.record import READ_FOR, READERS, ReadRecord, RecordPage


@query("gateway.read_record", answer=RecordPage, roles=READERS, purposes=READ_FOR)
class ReadGatewayRecord(ReadRecord):
    """Who signed in, was let in or turned away, and what was changed at the front door."""
