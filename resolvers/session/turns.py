"""Turns: how many transactions of one user are open at a time."""

from uuid import UUID

from resolvers.errors import LimitExceeded
from resolvers.session.places import Places


class Turn:
    """Leave for one more transaction of a user."""

    __slots__ = ("_places", "_turns", "_user")

    def __init__(self, turns: "Turns", user: UUID) -> None:
        self._turns = turns
        self._user = user
        self._places: Places | None = None

    async def take(self) -> None:
        """Wait for it; LimitExceeded when it does not come in time."""
        places = self._places = self._turns.places(self._user)
        if not places.take_free():
            try:
                await places.wait(self._turns.timeout)
            except BaseException as error:
                self._turns.forget(self._user, places)
                if isinstance(error, TimeoutError):
                    raise LimitExceeded("open_requests", self._turns.most) from None
                raise

    def give(self) -> None:
        """Let another transaction have it."""
        if self._places is not None:
            self._places.give()
            self._turns.forget(self._user, self._places)


class Turns:
    """The turns of all users; `most` at a time for each, within `timeout` seconds."""

    def __init__(self, most: int, timeout: float) -> None:
        self.most = most
        self.timeout = timeout
        # Of users who have one.
        self._places: dict[UUID, Places] = {}

    def of(self, user: UUID) -> Turn:
        """The next turn of a user."""
        return Turn(self, user)

    def places(self, user: UUID) -> Places:
        """The places of a user."""
        places = self._places.get(user)
        if places is None:
            places = self._places[user] = Places(self.most)
        return places

    def forget(self, user: UUID, places: Places) -> None:
        """Let go of the places of a user, if nobody has any."""
        if places.unused and self._places.get(user) is places:
            del self._places[user]
