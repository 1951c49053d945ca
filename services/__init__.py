"""The four services: each owns its database; they are strangers to one another."""
