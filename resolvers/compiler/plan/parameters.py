"""Values that come with a request, and what may be missing."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Param:
    """A value that comes with the request: number `index` of those that the arguments at `site` bring.

    With `member`, the value is JSON, and what is meant is the member of that name.
    """

    site: int
    index: int
    type: str
    member: str | None = None


class Denial(NamedTuple):
    """What would have been needed for a part of a statement, and is not held."""

    module: str
    action: str
