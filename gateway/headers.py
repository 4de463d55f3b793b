"""Headers: those that every answer carries, and those of a request, read once."""

from collections.abc import Iterable, Sequence

Lines = list[tuple[bytes, bytes]]

_ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
# Answers are one member's, and nothing in them is a page.
_UNLESS_GIVEN = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
_OVER_TLS = (b"strict-transport-security", b"max-age=31536000")


class RequestHeaders:
    """Headers of a request, for those who read several of them: names are in lower case."""

    __slots__ = ("_values",)

    def __init__(self, lines: Iterable[tuple[bytes, bytes]]) -> None:
        values: dict[bytes, list[bytes]] = {}
        for name, value in lines:
            if name in values:
                values[name].append(value)
            else:
                values[name] = [value]
        self._values = values

    def getlist(self, name: str) -> list[str]:
        """All values of a header."""
        found = self._values.get(name.encode())
        return [value.decode("latin-1") for value in found] if found else []

    def get(self, name: str) -> str | None:
        """The first value of a header."""
        found = self._values.get(name.encode())
        return found[0].decode("latin-1") if found else None


def secured(given: Iterable[tuple[bytes, bytes]], *, tls: bool) -> Lines:
    """Headers of an answer with what keeps a browser from guessing, framing, keeping or passing it on."""
    headers = list(given)
    names = {name.lower() for name, _ in headers}
    headers += _ALWAYS
    headers += [header for header in _UNLESS_GIVEN if header[0] not in names]
    if tls:
        headers.append(_OVER_TLS)
    return headers


def as_text(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Headers as they go over the wire."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])


_USUAL = {tls: as_text(secured((), tls=tls)) for tls in (False, True)}
_UNUSUAL = frozenset([b"connection", b"transfer-encoding", *(name for name, _ in _UNLESS_GIVEN)])


def secured_text(given: Sequence[tuple[bytes, bytes]], *, tls: bool) -> bytes | None:
    """`secured` as it goes over the wire; None where it takes a closer look.

    That is where the length is not given, or a header that would replace one of ours or concerns the connection, or a
    value that is more than a line.
    """
    names = {name for name, _ in given}
    if b"content-length" not in names or not names.isdisjoint(_UNUSUAL):
        return None
    lines = as_text(given)
    if lines.count(b"\n") != len(given) or lines.count(b"\r") != len(given) or b"\0" in lines:
        return None
    return lines + _USUAL[tls]
