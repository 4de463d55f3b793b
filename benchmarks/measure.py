"""What processes used, from /proc, and how fast a core was meanwhile."""

import time
from contextlib import suppress
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Usage:
    """Seconds of CPU of a process with all below it, those that have ended included."""

    seconds: float

    @classmethod
    def of(cls, process: int) -> "Usage":
        """Now."""
        root = psutil.Process(process)
        while True:
            before = _with_ended(root)
            total = before + sum(_with_ended(child) for child in root.children(recursive=True))
            # Who ended meanwhile has moved from one account to the other: look again.
            if _with_ended(root) == before:
                return cls(total)

    def since(self, before: "Usage") -> float:
        """Seconds of CPU used since then."""
        return self.seconds - before.seconds


def _with_ended(process: psutil.Process) -> float:
    """Of a process and of those that ended below it, once they were waited for."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system + times.children_user + times.children_system


def memory(process: int) -> float:
    """MiB that a process and those below it hold for themselves, what they share divided among them (PSS)."""
    root = psutil.Process(process)
    return sum(each.memory_full_info().pss for each in (root, *root.children(recursive=True))) / 2**20


def pin(process: int, core: int, priority: int = 0) -> None:
    """Keep a process, those below it and those to come on one core, with this niceness."""
    root = psutil.Process(process)
    for each in (root, *root.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            each.cpu_affinity([core])
            if priority:
                each.nice(priority)


def spin(seconds: float = 0.2) -> float:
    """How many million steps of a fixed loop a second the core of this process made: the machine's noise."""
    steps, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        for _ in range(10_000):
            steps += 1
    return steps / (time.perf_counter() - started) / 1e6
