"""How long work tells how far it is, without knowing who watches."""

from typing import Protocol


class Progress(Protocol):
    """Whoever watches: a bar in a terminal, or nobody."""

    def begin(self, task: str, total: int) -> None:
        """A task starts; `total` is its size in whatever unit `advance` counts."""

    def advance(self, task: str, by: int = 1) -> None:
        """`by` more units of the task are done."""

    def finish(self, task: str) -> None:
        """The task is done, whatever was counted."""


class Silent:
    """Nobody watches."""

    def begin(self, task: str, total: int) -> None:
        """Say nothing."""

    def advance(self, task: str, by: int = 1) -> None:
        """Say nothing."""

    def finish(self, task: str) -> None:
        """Say nothing."""


SILENT = Silent()
