"""Where a service's database is, and as whom to connect to it."""

from sqlalchemy.engine import URL, make_url

from chassis.namespace import Namespace
from chassis.settings import Settings


def app_url(settings: Settings, service: str) -> URL:
    """Where a service connects to, as the role that owns nothing."""
    names = Namespace(settings.namespace)
    return _url(settings, names.app_role, settings.app_password.get_secret_value(), names.database(service))


def owner_url(settings: Settings, service: str) -> URL:
    """Where migrations connect to, as the owner of the tables."""
    names = Namespace(settings.namespace)
    return _url(settings, names.owner_role, settings.owner_password.get_secret_value(), names.database(service))


def _url(settings: Settings, user: str, password: str, database: str) -> URL:
    return make_url(settings.database_url.get_secret_value()).set(
        username=user, password=password or None, database=database
    )
