"""Directories that nobody else reads."""

import os
from pathlib import Path

from gateway.problems import Problem


def make_private(directory: Path) -> None:
    """Make `directory` for its owner alone; root's can be passed through, for its server's sake, but not read."""
    try:
        if not directory.exists():
            directory.parent.mkdir(parents=True, exist_ok=True)
            directory.mkdir(mode=0o700, exist_ok=True)
            directory.chmod(0o711 if os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise Problem(
            f"The data directory {directory} cannot be made ({error.strerror}): set CLOISON_DATA_DIR to another one."
        ) from None
    if not directory.is_dir():
        raise Problem(f"The data directory {directory} is not a directory: set CLOISON_DATA_DIR to another one.")
    if not os.access(directory, os.W_OK | os.X_OK):
        raise Problem(f"The data directory {directory} cannot be written to: set CLOISON_DATA_DIR to another one.")
