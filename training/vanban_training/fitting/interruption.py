"""What a run raises when the user stopped it."""


class Interrupted(Exception):
    """Training was stopped by the user; the message says where it stood. The last step is saved."""
