"""Which profile each member had last. By it statements are made, and by nothing are they judged."""

from collections.abc import Mapping

from resolvers.cache import Bounded
from resolvers.profile import Profile
from resolvers.session.options import Identity

_MEMBERS = 10_000
_PROFILES = 1_000


class Profiles:
    """Profiles of the members who asked last."""

    def __init__(self) -> None:
        self._of: Bounded[Identity, Profile] = Bounded(_MEMBERS)
        self._by_name: Bounded[str, Profile] = Bounded(_PROFILES)

    def of(self, identity: Identity) -> Profile | None:
        """The profile that the member had last, if that is known."""
        return self._of.get(identity)

    def learn(self, identity: Identity, name: str, reaches: Mapping[str, int]) -> Profile:
        """Keep the member's profile; members of one profile share it."""
        profile = self._by_name.get(name)
        if profile is None:
            profile = Profile(name, reaches)
            self._by_name.put(name, profile)
        self._of.put(identity, profile)
        return profile

    def forget(self, identity: Identity) -> None:
        """The member has another one now."""
        self._of.drop(identity)
