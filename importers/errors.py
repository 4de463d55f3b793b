"""What stops an import as a whole, in one sentence for whoever runs it. A bad line stops nothing: see `verdicts`."""


class ImportFailed(Exception):
    """The import cannot be done; nothing was changed."""


class MappingError(ImportFailed):
    """The mapping file says something that cannot be followed; `problems` name the key and what is wrong with it."""

    def __init__(self, name: str, problems: list[str]) -> None:
        self.name = name
        self.problems = tuple(problems)
        super().__init__(f"{name}: " + "; ".join(problems) + ".")


class Refused(Exception):
    """A value cannot be taken; the message is the reason of a line's verdict."""
