"""What an operator can put right."""


class Problem(Exception):
    """Something outside of the program is not as it needs to be.

    The message is one sentence that says what to do. The command line prints it and exits with 1; nothing was changed.
    """
