"""The error that is the user's to mend: commands print its message and exit non-zero, without a traceback."""


class UserError(ValueError):
    """Bad input, with a message that says where, what was found, what was expected and what to do."""
