"""Directories for servers of tests."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

AS_ROOT = os.geteuid() == 0


@contextmanager
def place() -> Iterator[Path]:
    """Make a directory that everybody may pass through, as a checkout usually lies in one; pytest's own is private."""
    directory = Path(tempfile.mkdtemp(prefix="cloison-test-"))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)
