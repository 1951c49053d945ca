"""The front door, and the keeper of measurement: API, admission, measure, partners, console."""
