"""CSV files to rows, driven by a mapping file. `load` reads one, `run` follows it."""

from importers.errors import ImportFailed, MappingError
from importers.loading import load
from importers.mapping import Mapping
from importers.run import run
from importers.summary import Summary

__all__ = ["ImportFailed", "Mapping", "MappingError", "Summary", "load", "run"]
