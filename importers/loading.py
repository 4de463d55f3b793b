"""From a mapping file to a checked mapping, or to every problem in it."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from importers.checks import located, problems
from importers.errors import MappingError
from importers.mapping import Mapping


def load(path: Path) -> Mapping:
    """Read and check the mapping file at `path`; MappingError names every key that is wrong."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MappingError(str(path), [f"cannot be read: {error.strerror}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(str(path), [f"is not TOML: {error}"]) from None
    return parse(document, str(path))


def parse(document: dict[str, Any], name: str) -> Mapping:
    """Check a mapping that was read already; `name` is what messages call it."""
    try:
        mapping = Mapping.model_validate(document)
    except ValidationError as error:
        issues = [f"{located(*issue['loc'])}: {_sentence(issue['msg'])}" for issue in error.errors()]
        raise MappingError(name, issues) from None
    if found := list(problems(mapping)):
        raise MappingError(name, found)
    return mapping


def _sentence(message: str) -> str:
    known = message.removeprefix("Value error, ")
    return known.replace("Extra inputs are not permitted", "is not a key that mappings have")
