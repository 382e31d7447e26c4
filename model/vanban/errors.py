"""The errors that are the user's to mend: commands print their message and exit non-zero, without a traceback."""


class UserError(ValueError):
    """Bad input, with a message that says where, what was found, what was expected and what to do."""


def cause_of(error: OSError) -> str:
    """Return what could not be read or written, standard output where no file is named, and why."""
    return f"{error.filename or 'standard output'}: {error.strerror or error}"
