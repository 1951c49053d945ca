"""What the office does."""

from gateway.office.usecases.accounts import close_account, create_account

__all__ = ["close_account", "create_account"]
