"""The deployment files against real servers."""
