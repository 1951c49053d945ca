"""The front door's own service: who may sign in, and what two people decide. It runs in the gateway's process.

Its commands go the way of all others, through sign-in, scope, admission, idempotency and record; only no broker lies between.
"""
