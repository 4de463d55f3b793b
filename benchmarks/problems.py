"""What ends a benchmark with a sentence instead of a traceback."""


class BenchmarkError(Exception):
    """The message says what is missing, or what went wrong."""
