"""Operators' tools: what they read straight from an installation's databases."""
