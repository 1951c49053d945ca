"""What the user of the command line got wrong."""


class BadInput(Exception):
    """One line that says what to do; the command ends with status 2."""
