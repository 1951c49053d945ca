"""The front door: one HTTP API in front of all services, made from what contracts declare."""
