"""Values of parameters as PostgreSQL reads them: in text, whatever their type is."""

import datetime as dt
from typing import Any
from uuid import UUID

import asyncpg


def encoded(value: Any) -> bytes | None:
    """A parameter in text format; None is null.

    CharacterNotInRepertoireError for a text that no text of the database can be, TypeError for what no statement of
    ours takes.
    """
    if value is None:
        return None
    if type(value) is UUID:
        return b"%032x" % value.int
    if isinstance(value, str):
        return _text(value)
    # Before int, of which it is one.
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, int | UUID):
        return str(value).encode()
    if isinstance(value, bytes):
        return b"\\x" + value.hex().encode()
    if isinstance(value, dt.date):
        return value.isoformat().encode()
    if isinstance(value, list | tuple):
        return b"{" + b",".join(map(_element, value)) + b"}"
    raise TypeError(f"no parameter is a {type(value).__name__}")


def _text(value: str) -> bytes:
    # libpq would take U+0000 for the end of the text.
    if "\0" in value:
        raise asyncpg.CharacterNotInRepertoireError("a text holds U+0000")
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise asyncpg.CharacterNotInRepertoireError("a text is not Unicode") from None


def _element(value: Any) -> bytes:
    """An element of an array: quoted, so that no text is taken for null or for a part of the array."""
    text = encoded(value)
    if text is None:
        return b"NULL"
    if isinstance(value, list | tuple):
        return text
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
