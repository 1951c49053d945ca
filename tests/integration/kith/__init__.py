"""The kith command against real servers."""
