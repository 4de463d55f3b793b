"""Progress bars for work that tells how far it is."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress as Bars, TaskID, TextColumn, TimeElapsedColumn

from cli.output import people


class Bar:
    """A bar for each task, as `importers.progress.Progress` has it."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def begin(self, task: str, total: int) -> None:
        """Show a bar."""
        self._tasks[task] = self._bars.add_task(task, total=total)

    def advance(self, task: str, by: int = 1) -> None:
        """Move it on."""
        self._bars.advance(self._tasks[task], by)

    def finish(self, task: str) -> None:
        """Fill it."""
        found = self._bars.tasks[self._tasks[task]]
        self._bars.update(found.id, completed=found.total or 0)


@contextmanager
def bars() -> Iterator[Bar]:
    """Draw bars on standard error while the block runs, if that is a terminal."""
    columns = (TextColumn("{task.description:>12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=people, disable=not people.is_terminal) as drawn:
        yield Bar(drawn)
