"""The `kith` command and what it ships."""
