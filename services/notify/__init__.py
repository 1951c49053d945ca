"""Notify: who is told of what, through which channel, and whether it arrived."""
