"""What a member's profile holds, for statements that are made for it."""

from collections.abc import Mapping
from dataclasses import dataclass

# Bits of a reach, as `access.scope_bit` has them.
ALL, TEAM, SHARED, UNMASKED = 1, 2, 32, 64


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A profile, by the name of its role. `reaches`: by "module:action", the scopes as a sum of bits.

    A profile never changes, so this may be kept. It shapes statements and grants nothing: policies decide.
    """

    name: str
    reaches: Mapping[str, int]

    def reach(self, module: str, action: str) -> int:
        """The scopes on which the action is held; 0 where it is not."""
        return self.reaches.get(f"{module}:{action}", 0)
