"""What the command prints: answers to standard output, everything said to a person to standard error."""

import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson
from rich.console import Console

people = Console(stderr=True, highlight=False, soft_wrap=True)
answers = Console(highlight=False)

T = TypeVar("T")


def answer(text: str) -> None:
    """Print what a script takes, as it is."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def answer_json(value: Any) -> None:
    """Print a value as JSON."""
    answer(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2).decode())


def answer_each(found: Sequence[T], line: Callable[[T], str], *, json: bool) -> None:
    """Print a list: as JSON, or a line for each."""
    if json:
        answer_json(found)
    else:
        for each in found:
            answer(line(each))


def say(text: str) -> None:
    """Tell a person what happened."""
    people.print(text, markup=False)


def complain(text: str) -> None:
    """Tell a person what is wrong."""
    people.print("[bold red]error:[/] ", end="")
    people.print(text, markup=False)
