"""Secrets that are made on first use and kept in a file that its owner alone can read."""

import json
import os
import secrets
import stat
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from gateway.locks import exclusive
from gateway.private import make_private
from gateway.problems import Problem

NAME = "secrets.json"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What must not be guessed: each 256 random bits."""

    jwt_secret: str
    cursor_secret: str
    gateway_password: str

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Read the secrets kept in `directory`, or make them. Raises Problem if others could have read them."""
        path = directory / NAME
        try:
            make_private(directory)
            with exclusive(directory / "secrets.lock"):
                return cls._read(path) if path.exists() else cls._make(path)
        except OSError as error:
            raise Problem(
                f"The secrets file {path} cannot be used ({error.strerror}): "
                "set CLOISON_DATA_DIR to a directory that you may write to."
            ) from None

    @classmethod
    def _read(cls, path: Path) -> Self:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise Problem(
                f"Others may read the secrets in {path} (mode {mode:o}): remove the file, "
                "and new secrets are made; tokens and cursors given out so far lose their validity."
            )
        try:
            return cls(**json.loads(path.read_text()))
        except (ValueError, TypeError):
            raise Problem(f"The secrets file {path} is damaged: remove it, and new secrets are made.") from None

    @classmethod
    def _make(cls, path: Path) -> Self:
        made = cls(*(secrets.token_urlsafe(32) for _ in range(3)))
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(made), file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        return made
