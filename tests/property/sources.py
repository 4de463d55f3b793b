"""From where random worlds take their choices: Hypothesis, which shrinks them, or a generator, which is fast."""

from collections.abc import Sequence
from random import Random
from typing import Protocol, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

T = TypeVar("T")


class Source(Protocol):
    """Chooses."""

    def pick(self, choices: Sequence[T]) -> T:
        """One of these."""

    def number(self, least: int, most: int) -> int:
        """A number of these, both of them included."""


class Drawn:
    """Choices of Hypothesis."""

    def __init__(self, draw: DrawFn) -> None:
        self._draw = draw

    def pick(self, choices: Sequence[T]) -> T:
        """One of these."""
        return self._draw(st.sampled_from(choices))

    def number(self, least: int, most: int) -> int:
        """A number of these, both of them included."""
        return self._draw(st.integers(least, most))


class Seeded:
    """Choices that follow from a seed."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)

    def pick(self, choices: Sequence[T]) -> T:
        """One of these."""
        return self._random.choice(choices)

    def number(self, least: int, most: int) -> int:
        """A number of these, both of them included."""
        return self._random.randint(least, most)


def some(source: Source, choices: Sequence[T], most: int) -> list[T]:
    """Up to so many of these, each once."""
    left = list(choices)
    return [left.pop(source.number(0, len(left) - 1)) for _ in range(source.number(0, min(most, len(left))))]


def once_in(source: Source, times: int) -> bool:
    """True once in so many times."""
    return source.number(1, times) == times
