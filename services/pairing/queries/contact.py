"""Where a helper may be reached, for the notify service alone."""

from chassis.work import Work
from contracts.households import ContactView
from contracts.pairing import GetHelperContact
from contracts.refusals import NOT_FOUND, Refusal
from services.pairing.store import register
from services.pairing.store.vault import Vault

LANGUAGE = "zh"
NOBODY = ContactView(allowed=False, phone=None, language=LANGUAGE)


def get_helper_contact(work: Work, query: GetHelperContact) -> ContactView | Refusal:
    """Helpers agreed to be reached by registering; after leaving, or once erased, they are left in peace."""
    row = register.contact_of(work, query.helper_id, within=work.scope)
    if row is None:
        return NOT_FOUND
    if not row.active or row.wrapped is None:
        return NOBODY
    return ContactView(allowed=True, phone=Vault(work.runtime).phone(row), language=LANGUAGE)
