"""All SQL of the office."""
